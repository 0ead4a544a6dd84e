"""Recorders of the sidecar's gRPC API and of its gRPC calls to the application (observability.md §4)."""

from __future__ import annotations

from typing import Final

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.telemetry.metrics import CounterChild, HistogramChild
from daprd.catalogue.invoke import grpc_name
from daprd.metrics.declaring import Declared
from daprd.metrics.families import SIZE_BUCKETS

_REMEMBERED: Final = 1_024
"""Methods whose series are remembered; those of proxied services are named by clients, so there is a bound."""


class MethodRecorder:
    """The series of one method, by the code a call ended with."""

    __slots__ = ("_labels", "_owner", "_received", "_rows", "_sent")

    def __init__(self, owner: _Recorder, method: str, *, sizes: bool) -> None:
        self._owner = owner
        self._labels = (owner.app_id, method)
        self._rows: dict[int, tuple[CounterChild, HistogramChild]] = {}
        self._received = owner.received.labels(*self._labels) if sizes else None
        self._sent = owner.sent.labels(*self._labels) if sizes else None

    def done(self, code: int, elapsed_ms: float, received: int = 0, sent: int = 0) -> None:
        """Record one call that has ended; whole milliseconds count, sizes are bytes of messages."""
        row = self._rows.get(code)
        if row is None:
            labels = (*self._labels, grpc_name(code))
            row = self._rows[code] = (self._owner.completed.labels(*labels), self._owner.latency.labels(*labels))
        row[0].value += 1
        row[1].observe(int(elapsed_ms))
        if self._received is not None and self._sent is not None:
            self._received.observe(received)
            self._sent.observe(sent)


class _Recorder:
    """Calls of one side. ``side`` is ``server`` or ``client``."""

    def __init__(self, declared: Declared, settings: MetricSettings, side: str, latency: tuple[str, str]) -> None:
        prefix, method, status = f"dapr_grpc_io_{side}", f"grpc_{side}_method", f"grpc_{side}_status"
        self.app_id = declared.app_id
        self.completed = declared.counter(
            f"{prefix}_completed_rpcs", "Count of RPCs by method and status.", ("app_id", method, status)
        )
        self.latency = declared.histogram(
            f"{prefix}_{latency[0]}", latency[1], ("app_id", method, status), settings.latency_buckets
        )
        client = side == "client"
        self.received = declared.histogram(
            f"{prefix}_received_bytes_per_rpc",
            f"Total bytes received across all {'response ' if client else ''}messages per RPC.",
            ("app_id", method),
            SIZE_BUCKETS,
        )
        self.sent = declared.histogram(
            f"{prefix}_sent_bytes_per_rpc",
            "Total bytes sent across all request messages per RPC."
            if client
            else "Total bytes sent in across all response messages per RPC.",
            ("app_id", method),
            SIZE_BUCKETS,
        )
        self._methods: dict[tuple[str, bool], MethodRecorder] = {}

    def method(self, path: str, *, sizes: bool = True) -> MethodRecorder:
        """The recorder of a method by its full name; streams record no ``sizes``."""
        found = self._methods.get((path, sizes))
        if found is None:
            if len(self._methods) >= _REMEMBERED:
                self._methods.clear()
            found = self._methods[path, sizes] = MethodRecorder(self, path, sizes=sizes)
        return found


class GRPCServerRecorder(_Recorder):
    """Calls of the sidecar's API."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        text = "Time between first byte of request received to last byte of response sent, or terminal error."
        super().__init__(declared, settings, "server", ("server_latency", text))


class GRPCClientRecorder(_Recorder):
    """Calls of the application, and its health probes."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        text = "Time between first byte of request sent to last byte of response received, or terminal error."
        super().__init__(declared, settings, "client", ("roundtrip_latency", text))
        labels = ("app_id", "grpc_client_status")
        self._probes = declared.counter(
            "dapr_grpc_io_healthprobes_completed_count", "Count of completed health probes", labels
        )
        self._probe_latency = declared.histogram(
            "dapr_grpc_io_healthprobes_roundtrip_latency",
            "Time between first byte of health probes sent to last byte of response received, or terminal error",
            labels,
            settings.latency_buckets,
        )

    def record(self, path: str, code: int, elapsed_ms: float, sent: int, received: int) -> None:
        """Record one call; sizes are bytes of messages."""
        self.method(path).done(code, elapsed_ms, received, sent)

    def probe(self, code: int, elapsed_ms: float) -> None:
        """Record one health probe."""
        name = grpc_name(code)
        self._probes.labels(self.app_id, name).inc()
        self._probe_latency.labels(self.app_id, name).observe(int(elapsed_ms))
