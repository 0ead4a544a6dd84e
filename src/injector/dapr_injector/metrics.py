"""The injector's metrics (control-plane.md §5.1)."""

from __future__ import annotations

from typing import Final

from dapr_core.telemetry.metrics import Registry
from dapr_injector.review import Answer, Outcome

_FAILURES: Final = {Outcome.NOT_A_POD: "pod_patch", Outcome.NOT_ALLOWED: "pod_patch", Outcome.REFUSED: "patch"}
"""The reasons of the original, which counts callers that are not on the list with what is no pod."""


class InjectorMetrics:
    """Counts requests, and how those that asked for a sidecar ended."""

    def __init__(self, registry: Registry) -> None:
        self.requests = registry.counter(
            "dapr_injector_sidecar_injection_requests_total", "The total number of sidecar injection requests."
        ).labels()
        self._succeeded = registry.counter(
            "dapr_injector_sidecar_injection_succeeded_total",
            "The total number of successful sidecar injections.",
            ("app_id",),
        )
        self._failed = registry.counter(
            "dapr_injector_sidecar_injection_failed_total",
            "The total number of failed sidecar injections.",
            ("app_id", "reason"),
        )

    def ended(self, answer: Answer) -> None:
        """A review was answered."""
        if answer.outcome is Outcome.INJECTED:
            self._succeeded.labels(answer.app_id).inc()
        elif answer.outcome in _FAILURES:
            self._failed.labels(answer.app_id, _FAILURES[answer.outcome]).inc()
