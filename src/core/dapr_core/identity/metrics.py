"""Metrics of a process's identity (control-plane.md §2.3; observability.md)."""

from __future__ import annotations

from dapr_core.telemetry.metrics import Registry


class IdentityMetrics:
    """Counts what happens to the identity of the process, and tells when it ends."""

    def __init__(self, registry: Registry, app_id: str) -> None:
        self._app_id = app_id
        self._started = registry.counter(
            "dapr_runtime_mtls_init_total", "The number of successful mTLS authenticator initialization.", ("app_id",)
        )
        self._start_failed = registry.counter(
            "dapr_runtime_mtls_init_fail_total",
            "The number of mTLS authenticator init failures.",
            ("app_id", "reason"),
        )
        self._rotated = registry.counter(
            "dapr_runtime_mtls_workload_cert_rotated_total",
            "The number of the successful workload certificate rotations.",
            ("app_id",),
        )
        self._rotation_failed = registry.counter(
            "dapr_runtime_mtls_workload_cert_rotated_fail_total",
            "The number of the failed workload certificate rotations.",
            ("app_id", "reason"),
        )
        self._expiry = registry.gauge(
            "dapr_runtime_mtls_workload_cert_expiry_timestamp",
            "Unix time at which the workload certificate ends.",
            ("app_id",),
        )

    def started(self, expires: float) -> None:
        """The first identity is here."""
        self._started.labels(self._app_id).inc()
        self._expiry.labels(self._app_id).set(expires)

    def start_failed(self, reason: str) -> None:
        """The first identity could not be had."""
        self._start_failed.labels(self._app_id, reason).inc()

    def rotated(self, expires: float) -> None:
        """A new identity is in force."""
        self._rotated.labels(self._app_id).inc()
        self._expiry.labels(self._app_id).set(expires)

    def rotation_failed(self, reason: str) -> None:
        """A renewal failed; the old identity stays."""
        self._rotation_failed.labels(self._app_id, reason).inc()
