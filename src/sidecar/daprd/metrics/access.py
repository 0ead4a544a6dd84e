"""Recorder of access decisions (observability.md §5): who was let through or not, and by whose action."""

from __future__ import annotations

from typing import Final

from dapr_core.identity.spiffe import Workload
from dapr_core.telemetry.metrics import CounterChild
from daprd.metrics.declaring import Declared

_LABELS: Final = ("app_id", "namespace", "trustDomain")


class AccessRecorder:
    """The four counters. Their ``app_id`` is the caller's; a caller without identity has empty labels."""

    def __init__(self, declared: Declared) -> None:
        self._families = {
            (by_app, allowed): declared.counter(
                f"dapr_runtime_acl_{'app' if by_app else 'global'}_policy_action_"
                f"{'allowed' if allowed else 'blocked'}_total",
                f"The number of requests {'allowed' if allowed else 'blocked'} by the "
                f"{'app' if by_app else 'global'} action specified in the access control policy.",
                _LABELS,
            )
            for by_app in (True, False)
            for allowed in (True, False)
        }

    def child(self, caller: Workload | None, *, by_app: bool, allowed: bool) -> CounterChild:
        """The counter of one kind of decision about one caller."""
        family = self._families[by_app, allowed]
        if caller is None:
            return family.labels("", "", "")
        return family.labels(caller.app_id, caller.namespace, caller.trust_domain.name)
