"""Recorders of what components did (observability.md §6): one object that fits every block's observer protocol.

A series is found by one dictionary look-up on the values that vary; a latency is recorded only when time has passed,
as in the original, in fractional milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.telemetry.metrics import MAX_SERIES, CounterChild, HistogramChild
from daprd.metrics.declaring import Declared, Ruled
from daprd.metrics.families import (
    BULK_INGRESS_LABELS,
    EGRESS_LABELS,
    INGRESS_LABELS,
    OPERATION_LABELS,
    SUCCESS_LABELS,
)

_BOOLS: Final = {True: "true", False: "false"}

Pair = tuple[CounterChild, HistogramChild]


class _Operations:
    """A pair of families, count and latencies, and the children met so far by their varying values."""

    __slots__ = ("_arrange", "_counts", "_latencies", "_rows")

    def __init__(
        self,
        counts: Ruled[CounterChild],
        latencies: Ruled[HistogramChild],
        arrange: Callable[..., tuple[str, ...]],
    ) -> None:
        self._counts = counts
        self._latencies = latencies
        self._arrange = arrange
        self._rows: dict[tuple[object, ...], Pair] = {}

    def record(self, key: tuple[object, ...], elapsed_ms: float) -> None:
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) >= MAX_SERIES:
                self._rows.clear()
            values = self._arrange(*key)
            row = self._rows[key] = (self._counts.labels(*values), self._latencies.labels(*values))
        row[0].inc()
        if elapsed_ms > 0:
            row[1].observe(elapsed_ms)


class ComponentRecorder:
    """State, secrets, configuration, crypto, bindings and pub/sub, by component."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        self._declared = declared
        self._buckets = settings.latency_buckets
        app, space = declared.app_id, declared.namespace

        def with_operation(component: str, operation: str, success: bool) -> tuple[str, ...]:
            return (app, component, space, operation, _BOOLS[success])

        def with_success(component: str, success: bool) -> tuple[str, ...]:
            return (app, component, space, _BOOLS[success])

        def with_topic(component: str, topic: str, success: bool) -> tuple[str, ...]:
            return (app, component, space, _BOOLS[success], topic)

        def delivered(component: str, topic: str, processing: str, status: str) -> tuple[str, ...]:
            return (app, component, space, processing, status, topic)

        self._by_kind = {
            kind: self._pair(
                kind,
                f"The number of operations performed on the {kind} component.",
                f"The latency of the response from the {kind} component.",
                OPERATION_LABELS,
                with_operation,
            )
            for kind in ("state", "secret", "configuration", "crypto")
        }
        self._output = self._pair(
            "output_binding",
            "The number of operations invoked on the output binding component.",
            "The latency of the response from the output binding component.",
            OPERATION_LABELS,
            with_operation,
        )
        self._input = self._pair(
            "input_binding",
            "The number of incoming events arriving from the input binding component.",
            "The triggered app event processing latency.",
            SUCCESS_LABELS,
            with_success,
        )
        self._egress = self._pair(
            "pubsub_egress",
            "The number of outgoing messages published to the pub/sub component.",
            "The latency of the response from the pub/sub component.",
            EGRESS_LABELS,
            with_topic,
        )
        self._bulk_egress = self._pair(
            "pubsub_egress_bulk",
            "The number of bulk publish calls to the pub/sub component.",
            "The latency of the response for the bulk publish call from the pub/sub component.",
            EGRESS_LABELS,
            with_topic,
        )
        self._ingress = self._pair(
            "pubsub_ingress",
            "The number of incoming messages arriving from the pub/sub component.",
            "The consuming app event processing latency.",
            INGRESS_LABELS,
            delivered,
        )
        self._declare_bulk_ingress()

    def state(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        """An operation of a state store ended."""
        self._by_kind["state"].record((component, operation, success), elapsed_ms)

    def secret(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        """A secret store answered ``get`` or ``bulk_get``, or failed."""
        self._by_kind["secret"].record((component, operation, success), elapsed_ms)

    def configuration(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        """A configuration store answered ``get``, ``subscribe`` or ``unsubscribe``, or failed."""
        self._by_kind["configuration"].record((component, operation, success), elapsed_ms)

    def crypto(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        """A crypto provider answered ``crypto_op`` or ``get``, or failed."""
        self._by_kind["crypto"].record((component, operation, success), elapsed_ms)

    def output(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        """An output binding was called, or could not be."""
        self._output.record((component, operation, success), elapsed_ms)

    def input(self, component: str, success: bool, elapsed_ms: float) -> None:
        """An event of an input binding was offered to the application."""
        self._input.record((component, success), elapsed_ms)

    def egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        """One message was published, or not."""
        self._egress.record((component, topic, success), elapsed_ms)

    def bulk_egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        """A bulk publish ended."""
        self._bulk_egress.record((component, topic, success), elapsed_ms)

    def ingress(self, component: str, topic: str, processing: str, status: str, elapsed_ms: float) -> None:
        """One message was delivered. Without a ``status`` of its own it is ``processing``."""
        self._ingress.record((component, topic, processing, status or processing), elapsed_ms)

    def bulk_ingress(self, component: str, topic: str, processing: str, events: int, elapsed_ms: float) -> None:
        """``events`` messages of a batch shared this fate. Counts calls and messages."""
        values = (self._declared.app_id, component, self._declared.namespace, processing, topic)
        self._bulk_count.labels(*values).inc()
        self._bulk_events.labels(*values).inc(events)
        if elapsed_ms > 0:
            self._bulk_latencies.labels(*values).observe(elapsed_ms)

    def _pair(
        self,
        name: str,
        count_help: str,
        latency_help: str,
        labels: tuple[str, ...],
        arrange: Callable[..., tuple[str, ...]],
    ) -> _Operations:
        return _Operations(
            self._declared.counter(f"dapr_component_{name}_count", count_help, labels),
            self._declared.histogram(f"dapr_component_{name}_latencies", latency_help, labels, self._buckets),
            arrange,
        )

    def _declare_bulk_ingress(self) -> None:
        declared, prefix = self._declared, "dapr_component_pubsub_ingress_bulk"
        self._bulk_count = declared.counter(
            f"{prefix}_count",
            "The number of incoming bulk subscribe calls arriving from the bulk pub/sub component.",
            BULK_INGRESS_LABELS,
        )
        self._bulk_events = declared.counter(
            f"{prefix}_event_count",
            "Total number of incoming messages arriving from the bulk pub/sub component via Bulk Subscribe.",
            BULK_INGRESS_LABELS,
        )
        self._bulk_latencies = declared.histogram(
            f"{prefix}_latencies",
            "The consuming app event processing latency for the bulk pub/sub component.",
            BULK_INGRESS_LABELS,
            self._buckets,
        )
