"""Recorders of the runtime itself: component starts, service invocation, resiliency, error codes (§5, §8)."""

from __future__ import annotations

from typing import Final

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.telemetry.metrics import CounterChild, HistogramChild
from daprd.metrics.declaring import Declared
from daprd.metrics.families import POLICY_LABELS

BREAKER_STATES: Final = ("closed", "half-open", "open", "unknown")
_REMEMBERED: Final = 4_096


class RuntimeRecorder:
    """Starts of components, as the processor's observer."""

    def __init__(self, declared: Declared) -> None:
        self._app_id = declared.app_id
        self._loaded = declared.counter(
            "dapr_runtime_component_loaded", "The number of successfully loaded components.", ("app_id",)
        )
        self._init = declared.counter(
            "dapr_runtime_component_init_total", "The number of initialized components.", ("app_id", "component")
        )
        self._failed = declared.counter(
            "dapr_runtime_component_init_fail_total",
            "The number of component initialization failures.",
            ("app_id", "component", "componentName", "reason"),
        )

    def component_loaded(self) -> None:
        """One more manifest was loaded."""
        self._loaded.labels(self._app_id).inc()

    def component_init(self, component_type: str, failure: str = "", name: str = "") -> None:
        """A start ended; ``failure`` is ``creation`` or ``init`` when it failed."""
        if failure:
            self._failed.labels(self._app_id, component_type, name, failure).inc()
        else:
            self._init.labels(self._app_id, component_type).inc()


class InvocationRecorder:
    """Calls from application to application, at both ends."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        self._app_id = declared.app_id
        counter, prefix = declared.counter, "dapr_runtime_service_invocation"
        self._req_sent = counter(
            f"{prefix}_req_sent_total",
            "The number of requests sent via service invocation.",
            ("app_id", "dst_app_id", "type"),
        )
        self._req_recv = counter(
            f"{prefix}_req_recv_total",
            "The number of requests received via service invocation.",
            ("app_id", "src_app_id"),
        )
        self._res_sent = counter(
            f"{prefix}_res_sent_total",
            "The number of responses sent via service invocation.",
            ("app_id", "dst_app_id", "status"),
        )
        self._res_recv = counter(
            f"{prefix}_res_recv_total",
            "The number of responses received via service invocation.",
            ("app_id", "src_app_id", "status", "type"),
        )
        self._latency = declared.histogram(
            f"{prefix}_res_recv_latency_ms",
            "The latency of service invocation response.",
            ("app_id", "src_app_id", "status"),
            settings.latency_buckets,
        )
        self._children: dict[tuple[str, ...], CounterChild] = {}
        self._answers: dict[tuple[str, int, str], tuple[CounterChild, HistogramChild]] = {}

    def request_sent(self, target: str, kind: str = "unary") -> None:
        """A request left for another application (or endpoint); ``kind`` is ``unary`` or ``streaming``."""
        key = ("sent", target, kind)
        child = self._children.get(key)
        if child is None:
            child = self._remember(key, self._req_sent.labels(self._app_id, target, kind))
        child.inc()

    def request_received(self, source: str) -> None:
        """A request of another application arrived."""
        key = ("received", source)
        child = self._children.get(key)
        if child is None:
            child = self._remember(key, self._req_recv.labels(self._app_id, source))
        child.inc()

    def response_sent(self, destination: str, status: int) -> None:
        """The answer to a request of another application was sent."""
        key = ("answered", destination, str(status))
        child = self._children.get(key)
        if child is None:
            child = self._remember(key, self._res_sent.labels(self._app_id, destination, str(status)))
        child.inc()

    def response_received(self, source: str, status: int, elapsed_ms: float, kind: str = "unary") -> None:
        """Another application answered."""
        key = (source, status, kind)
        row = self._answers.get(key)
        if row is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            shown = str(status)
            row = self._answers[key] = (
                self._res_recv.labels(self._app_id, source, shown, kind),
                self._latency.labels(self._app_id, source, shown),
            )
        row[0].inc()
        row[1].observe(elapsed_ms)

    def _remember(self, key: tuple[str, ...], child: CounterChild) -> CounterChild:
        if len(self._children) >= _REMEMBERED:
            self._children.clear()
        self._children[key] = child
        return child


class ResiliencyRecorder:
    """Policies loaded, applied and activated, and the state of circuit breakers.

    ``target`` is ``app_<id>``, ``actor_<type>`` or ``<kind>_<name>``; ``policy`` is ``timeout``, ``retry`` or
    ``circuitbreaker``; ``status`` is the breaker's state and empty for the others.
    """

    def __init__(self, declared: Declared) -> None:
        self._app_id = declared.app_id
        self._loaded = declared.counter(
            "dapr_resiliency_loaded", "Number of resiliency policies loaded.", ("app_id", "name", "namespace")
        )
        self._count = declared.counter(
            "dapr_resiliency_count",
            "Number of times a resiliency policyKey has been applied to a building block.",
            POLICY_LABELS,
        )
        self._activations = declared.counter(
            "dapr_resiliency_activations_total",
            "Number of times a resiliency policyKey has been activated in a building block after a failure or after"
            " a state change.",
            POLICY_LABELS,
        )
        self._state = declared.gauge(
            "dapr_resiliency_cb_state",
            "A resiliency policy's current CircuitBreakerState state. 0 is closed, 1 is half-open, 2 is open, and -1 is"
            " unknown.",
            POLICY_LABELS,
        )

    def loaded(self, name: str, namespace: str) -> None:
        """A Resiliency resource was loaded."""
        self._loaded.labels(self._app_id, name, namespace).inc()

    def applied(self, name: str, namespace: str, policy: str, direction: str, target: str, status: str = "") -> None:
        """A policy was put around a call."""
        self._count.labels(self._app_id, direction, name, namespace, policy, status, target).inc()
        if policy == "circuitbreaker":
            self.breaker(name, namespace, direction, target, status)

    def breaker(self, name: str, namespace: str, direction: str, target: str, status: str) -> None:
        """A circuit breaker is in this state now."""
        for state in BREAKER_STATES:
            gauge = self._state.labels(self._app_id, direction, name, namespace, "circuitbreaker", state, target)
            gauge.set(1 if state == status else 0)

    def activated(self, name: str, namespace: str, policy: str, direction: str, target: str, status: str = "") -> None:
        """A policy acted: a time-out or retry fired, or a breaker changed its state."""
        self._activations.labels(self._app_id, direction, name, namespace, policy, status, target).inc()


class ErrorCodeRecorder:
    """Error codes that clients got, when ``recordErrorCodes`` asks for it."""

    def __init__(self, declared: Declared, settings: MetricSettings) -> None:
        self._app_id = declared.app_id
        self._count = (
            declared.counter(
                "dapr_error_code_total",
                "Number of times an error with a specific errorcode was encountered.",
                ("app_id", "category", "error_code"),
            )
            if settings.record_error_codes
            else None
        )

    @property
    def wanted(self) -> bool:
        """Whether the Configuration asks for it."""
        return self._count is not None

    def record(self, category: str, code: str) -> None:
        """A client got this error."""
        if self._count is not None:
            self._count.labels(self._app_id, category, code).inc()
