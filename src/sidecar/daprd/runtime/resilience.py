"""The Resiliency resources in force, and their metrics."""

from __future__ import annotations

import logging

from dapr_core.resources.encoding import encode
from dapr_core.resources.loader import LoadedResources
from daprd.metrics.recorders import Metrics
from daprd.policy.breaker import State
from daprd.policy.contract import Direction
from daprd.policy.observing import PolicyKind
from daprd.policy.policies import ResiliencyPolicies
from daprd.policy.spec import PolicySet, ResiliencyError

log = logging.getLogger("dapr.runtime")


class PolicyMetrics:
    """Tells the recorder about policies under the name of the resource they come from."""

    def __init__(self, metrics: Metrics, name: str, namespace: str) -> None:
        self._recorder = metrics.resiliency
        self._name = name
        self._namespace = namespace

    def applied(self, policy: PolicyKind, direction: Direction, target: str, status: str) -> None:
        """A policy guards a call."""
        self._recorder.applied(self._name, self._namespace, policy, direction, target, status)

    def activated(self, policy: PolicyKind, direction: Direction, target: str, status: str) -> None:
        """A policy acted."""
        self._recorder.activated(self._name, self._namespace, policy, direction, target, status)

    def breaker(self, direction: Direction, target: str, state: State) -> None:
        """A breaker is in this state now."""
        self._recorder.breaker(self._name, self._namespace, direction, target, str(state))


def load_policies(resources: LoadedResources, metrics: Metrics, namespace: str) -> ResiliencyPolicies:
    """Merge the resources; one that is wrong is logged and left out whole (crds-helm-config.md §3.1)."""
    policies = PolicySet()
    names = []
    for resource in resources.resiliencies:
        try:
            policies.add(encode(resource.spec))
        except ResiliencyError as error:
            log.error("Resiliency %s is not in force: %s", resource.name, error)
            continue
        names.append(resource.name)
        metrics.resiliency.loaded(resource.name, namespace)
        log.info("Loading Resiliency configuration: %s", resource.name)
    for warning in policies.warnings:
        log.warning("Resiliency: %s", warning)
    observer = PolicyMetrics(metrics, names[0], namespace) if names else None
    return ResiliencyPolicies(policies, observer=observer)
