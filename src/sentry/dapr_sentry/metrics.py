"""Sentry's metrics (control-plane.md §1.11)."""

from __future__ import annotations

from dapr_core.telemetry.metrics import Registry


class SentryMetrics:
    """What is counted of requests, and when the issuer ends."""

    def __init__(self, registry: Registry) -> None:
        self.requests = registry.counter(
            "dapr_sentry_cert_sign_request_received_total", "The number of CSRs received."
        ).labels()
        self.signed = registry.counter(
            "dapr_sentry_cert_sign_success_total", "The number of certificates issuances that have succeeded."
        ).labels()
        self.failed = registry.counter(
            "dapr_sentry_cert_sign_failure_total", "The number of errors occurred when signing the CSR.", ("reason",)
        ).labels("sign")
        self._not_issued = registry.counter(
            "dapr_sentry_servercert_issue_failed_total", "The number of server TLS certificate failures.", ("reason",)
        )
        self.issuer_changed = registry.counter(
            "dapr_sentry_issuercert_changed_total",
            "The number of issuer cert updates, when issuer cert or key is changed",
        ).labels()
        self.issuer_expires = registry.gauge(
            "dapr_sentry_issuercert_expiry_timestamp",
            "The unix timestamp, in seconds, when issuer/root cert will expire.",
        ).labels()

    def not_issued(self, reason: str) -> None:
        """No certificate came of a request: ``invalid_csr`` or ``ca_error``."""
        self._not_issued.labels(reason).inc()
