"""The operator's metrics (control-plane.md §4.6)."""

from __future__ import annotations

from dapr_core.telemetry.metrics import Registry


class OperatorMetrics:
    """Counts what was written."""

    def __init__(self, registry: Registry) -> None:
        self._created = registry.counter(
            "dapr_operator_service_created_total", "The total number of dapr services created.", ("app_id",)
        )
        self._updated = registry.counter(
            "dapr_operator_service_updated_total", "The total number of dapr services updated.", ("app_id",)
        )

    def service_created(self, app_id: str) -> None:
        """A Service was made."""
        self._created.labels(app_id).inc()

    def service_updated(self, app_id: str) -> None:
        """A Service was brought up to date."""
        self._updated.labels(app_id).inc()
