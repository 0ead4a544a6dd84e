"""No value of the chart is there for nothing: each, set to something else, changes what is rendered.

The few that change nothing are named with the reason; so a value that a template forgets is found here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from cluster.kube.helm import CHART, Helm, HelmError, nested

INERT = {
    "nameOverride": "no name follows from it, as in the public project's chart",
    "fullnameOverride": "no name follows from it, as in the public project's chart",
    "debug.enabled": "true is refused: there is no debugger for Go in these images",
    "debug.port": "the debugger cannot be enabled",
    "debug.initialDelaySeconds": "the debugger cannot be enabled",
    "dapr_sentry.mode": "a cluster has one mode",
    "dapr_sentry.tls.trustDomain": "global.mtls.controlPlaneTrustDomain counts, as in the public project's chart",
    "dapr_sentry.tls.root.certPEM": "needs the other two; see the test of an issuer that is given",
    "dapr_sentry.tls.issuer.certPEM": "needs the other two",
    "dapr_sentry.tls.issuer.keyPEM": "needs the other two",
    "dapr_placement.maxActorApiLevel": "placement takes every level",
    "dapr_placement.minActorApiLevel": "placement takes every level",
    "dapr_placement.cluster.forceInMemoryLog": "placement keeps no log",
    "dapr_placement.cluster.logStorePath": "placement keeps no log",
    "dapr_placement.volumeclaims.storageSize": "placement stores nothing",
    "dapr_config.dapr_config_chart_included": "tells other charts that this one is there",
    "ports.protocol": "gRPC goes over TCP",
    "global.actors.serviceName": "placement is the only actor service",
    "global.daprControlPlaneOs": "the images are for Linux",
    "component": "of the chart as a whole: no object but the hook's and the quota's has it",
}
"""By the whole path, or by the key in every subchart."""

NEEDED = {
    "global.ha.": nested(global__ha__enabled=True),
    "global.dnsSuffix": nested(global__ha__enabled=True),
    "global.operator.watchdogCanPatchPodLabels": nested(dapr_operator__watchInterval="1m"),
    "dapr_sentry.jwt.": nested(dapr_sentry__jwt__enabled=True),
    "dapr_sentry.oidc.": nested(dapr_sentry__oidc__enabled=True),
    "dapr_rbac.secretReader.namespace": nested(dapr_rbac__secretReader__enabled=True),
}
"""What must be set for a value to matter."""

OTHERS: dict[str, Any] = {
    "global.registry": "registry.example",
    "global.imagePullPolicy": "Never",
    "global.imagePullSecrets": "secret",
    "global.dnsSuffix": ".example",
    "global.seccompProfile": "Unconfined",
    "global.tolerations": [{"key": "a"}],
    "global.ha.podAntiAffinityPolicy": "requiredDuringSchedulingIgnoredDuringExecution",
    "global.ha.disruption.maximumUnavailable": "50%",
    "global.ha.disruption.minimumAvailable": 1,
    "global.priorityClassName": "system-node-critical",
    "global.issuerFilenames": {"ca": "a", "cert": "b", "key": "c"},
    "global.reminders.serviceName": "scheduler",
    "dapr_operator.watchInterval": "once",
    "dapr_sentry.jwt.signingAlgorithm": "ES256",
    "dapr_sentry.oidc.server.allowedHosts": ["a"],
    "dapr_sentry.extraArgs": ["--version"],
    "dapr_sidecar_injector.webhookFailurePolicy": "Fail",
    "dapr_sidecar_injector.sidecarImagePullPolicy": "Never",
    "dapr_sidecar_injector.objectSelector": {"matchLabels": {"a": "b"}},
    "dapr_sidecar_injector.namespaceSelector": {"matchLabels": {"a": "b"}},
}
"""Other values of those that take only certain ones."""

BY_SERVICE = ("extraVolumes", "extraVolumeMounts", "extraContainers", "initContainers")


def _defaults() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    for chart in sorted((CHART / "charts").iterdir()):
        values[chart.name] = yaml.safe_load((chart / "values.yaml").read_text())
    return values


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if path == "global.k8sLabels" or not isinstance(value, dict) or not value:
        yield path, value
        return
    for key, below in value.items():
        yield from _leaves(below, f"{path}.{key}" if path else key)


def _other(path: str, value: Any) -> Any:
    key = path.rpartition(".")[2]
    if path in OTHERS:
        return OTHERS[path]
    if key in BY_SERVICE:
        return {"sentry": [{"name": "more"}]}
    if key == "logLevel":
        return "debug"
    if key == "type":
        return "NodePort"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return "5s" if value[:1].isdigit() and value[-1:] in "smh" else "other"
    return ["other"] if isinstance(value, list) else {"other": "value"}


def _inert(path: str) -> bool:
    return path in INERT or any(path.endswith(f".{key}") and "." not in path.removesuffix(f".{key}") for key in INERT)


def _set(path: str, value: Any, base: dict[str, Any]) -> dict[str, Any]:
    whole = json.loads(json.dumps(base))
    *above, last = path.split(".")
    here = whole
    for key in above:
        here = here.setdefault(key, {})
    here[last] = value
    return dict(whole)


LEAVES = dict(_leaves(_defaults()))


def _base(path: str) -> dict[str, Any]:
    return next((values for start, values in NEEDED.items() if path.startswith(start)), {})


@pytest.mark.parametrize("path", [each for each in LEAVES if not _inert(each)])
def test_a_value_changes_what_is_rendered(helm: Helm, path: str) -> None:
    base = _base(path)
    if path in ("dapr_sentry.jwt.enabled", "dapr_sentry.oidc.enabled", "global.ha.enabled"):
        base = {}
    before = helm.render(base)
    after = helm.render(_set(path, _other(path, LEAVES[path]), base))
    assert before != after


def test_what_changes_nothing_is_there_and_documented() -> None:
    for key, reason in INERT.items():
        assert reason
        assert key in LEAVES or [each for each in LEAVES if each.endswith(f".{key}")], f"there is no value {key}"


@pytest.mark.parametrize(
    "wrong",
    [
        nested(global__ha__enabled="yes"),
        nested(global__imagePullPolicy="Sometimes"),
        nested(global__mtls__workloadCertTTL="a day"),
        nested(global__prometheus__port=0),
        nested(global__daprControlPlaneOs="windows"),
        nested(dapr_sentry__logLevel="chatty"),
        nested(dapr_operator__watchInterval="sometimes"),
        nested(dapr_sidecar_injector__webhookFailurePolicy="Retry"),
        nested(dapr_placement__replicationFactor=0),
    ],
    ids=json.dumps,
)
def test_a_value_that_cannot_be_is_refused_before_anything_is_rendered(helm: Helm, wrong: dict[str, Any]) -> None:
    with pytest.raises(HelmError, match="don't meet the specifications of the schema"):
        helm.render(wrong)


def test_values_for_services_that_are_not_in_the_chart_are_let_through(helm: Helm) -> None:
    """A file of values made for the public project's chart has them."""
    values = nested(dapr_scheduler__cluster__storageSize="16Gi", dapr_dashboard__enabled=True, global__unheard="of")
    assert helm.render(values) == helm.render()
