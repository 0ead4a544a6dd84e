"""Recorders of the sidecar's HTTP API and of its calls to the application (observability.md §3)."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_to_bytes

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.rpc.messages import Request
from dapr_core.telemetry.metrics import CounterChild, HistogramChild
from daprd.metrics.declaring import Declared
from daprd.metrics.families import HTTP_LABELS, SIZE_BUCKETS
from daprd.metrics.paths import PathLabels

_METHODS: Final = frozenset({"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"})
_REMEMBERED: Final = 8_192
"""Raw paths whose series are remembered; when full, memory starts anew (a fold costs about 2 µs)."""


class _Labels:
    """``method`` and ``path`` labels under one Configuration."""

    def __init__(self, settings: MetricSettings) -> None:
        self._verbs = not settings.exclude_verbs
        self._paths = PathLabels(increased_cardinality=settings.increased_cardinality, patterns=settings.path_matching)

    def method(self, method: str) -> str:
        if not self._verbs:
            return ""
        return method if method in _METHODS else "UNKNOWN"

    def path(self, target: bytes) -> str:
        """The label of a request target (path and query, still encoded)."""
        path = target.partition(b"?")[0]
        if b"%" in path:
            path = unquote_to_bytes(path)
        return self._paths.label(path.decode("utf-8", "replace"))


class HTTPServerRecorder:
    """Requests to the sidecar's API. Also callable as the API server's hook."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        self._labels = _Labels(settings)
        self._app_id = declared.app_id
        counter, histogram = declared.counter, declared.histogram
        buckets = settings.latency_buckets
        self._requests = counter(
            "dapr_http_server_request_count", "Count of HTTP requests processed by the server.", HTTP_LABELS
        )
        self._responses = (
            counter("dapr_http_server_response_count", "The number of HTTP responses", HTTP_LABELS)
            if settings.increased_cardinality
            else None
        )
        self._latency = histogram(
            "dapr_http_server_latency", "HTTP request end-to-end latency in server.", HTTP_LABELS, buckets
        )
        self._received = histogram(
            "dapr_http_server_request_bytes",
            "HTTP request body size if set as ContentLength (uncompressed) in server.",
            ("app_id",),
            SIZE_BUCKETS,
        ).labels(declared.app_id)
        self._sent = histogram(
            "dapr_http_server_response_bytes",
            "HTTP response body size (uncompressed) in server.",
            ("app_id",),
            SIZE_BUCKETS,
        ).labels(declared.app_id)
        self._rows: dict[tuple[str, bytes, int], tuple[CounterChild, CounterChild | None, HistogramChild]] = {}

    def observe(self, method: str, target: bytes, status: int, elapsed_ms: float, received: int, sent: int) -> None:
        """Record one answered request. ``target`` as it came, sizes in bytes; whole milliseconds count."""
        key = (method, target, status)
        row = self._rows.get(key)
        if row is None:
            row = self._remember(key)
        requests, responses, latency = row
        requests.value += 1
        if responses is not None:
            responses.value += 1
        latency.observe(int(elapsed_ms))
        self._received.observe(received)
        self._sent.observe(sent)

    def __call__(self, request: Request, status: int, response_bytes: int, elapsed_ms: float) -> None:
        """Record from the API server's hook."""
        self.observe(request.method, request.target, status, elapsed_ms, request.length or 0, response_bytes)

    def _remember(self, key: tuple[str, bytes, int]) -> tuple[CounterChild, CounterChild | None, HistogramChild]:
        if len(self._rows) >= _REMEMBERED:
            self._rows.clear()
        method, target, status = key
        values = (self._app_id, self._labels.method(method), self._labels.path(target), str(status))
        row = (
            self._requests.labels(*values),
            self._responses.labels(*values) if self._responses is not None else None,
            self._latency.labels(*values),
        )
        self._rows[key] = row
        return row


class HTTPClientRecorder:
    """Requests of the sidecar to the application."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        self._labels = _Labels(settings)
        self._app_id = declared.app_id
        counter, histogram = declared.counter, declared.histogram
        self._completed = counter("dapr_http_client_completed_count", "Count of completed requests", HTTP_LABELS)
        self._latency = histogram(
            "dapr_http_client_roundtrip_latency",
            "Time between first byte of request headers sent to last byte of response received, or terminal error",
            HTTP_LABELS,
            settings.latency_buckets,
        )
        self._sent = histogram(
            "dapr_http_client_sent_bytes",
            "Total bytes sent in request body (not including headers)",
            HTTP_LABELS,
            SIZE_BUCKETS,
        )
        self._received = histogram(
            "dapr_http_client_received_bytes",
            "Total bytes received in response bodies (not including headers but including error responses with bodies)",
            ("app_id",),
            SIZE_BUCKETS,
        ).labels(declared.app_id)
        self._probes = counter(
            "dapr_http_healthprobes_completed_count", "Count of completed health probes", ("app_id", "status")
        )
        self._probe_latency = histogram(
            "dapr_http_healthprobes_roundtrip_latency",
            "Time between first byte of health probes headers sent to last byte of response received, or terminal"
            " error",
            ("app_id", "status"),
            settings.latency_buckets,
        )
        self._rows: dict[tuple[str, bytes, int], tuple[CounterChild, HistogramChild, HistogramChild]] = {}

    def observe(self, method: str, target: bytes, status: int, elapsed_ms: float, sent: int, received: int) -> None:
        """Record one call of the application that got an answer, or a failure shown as ``status``."""
        key = (method, target, status)
        row = self._rows.get(key)
        if row is None:
            row = self._remember(key)
        completed, latency, bytes_sent = row
        completed.inc()
        latency.observe(int(elapsed_ms))
        bytes_sent.observe(sent)
        self._received.observe(received)

    def probe(self, status: int, elapsed_ms: float) -> None:
        """Record one health probe; a failure counts as 500."""
        shown = str(status)
        self._probes.labels(self._app_id, shown).inc()
        self._probe_latency.labels(self._app_id, shown).observe(int(elapsed_ms))

    def _remember(self, key: tuple[str, bytes, int]) -> tuple[CounterChild, HistogramChild, HistogramChild]:
        if len(self._rows) >= _REMEMBERED:
            self._rows.clear()
        method, target, status = key
        verb, path = self._labels.method(method), self._labels.path(target)
        values = (self._app_id, verb, path, str(status))
        row = (
            self._completed.labels(*values),
            self._latency.labels(*values),
            self._sent.labels(self._app_id, verb, path, ""),
        )
        self._rows[key] = row
        return row
