"""What stands before every call of the gRPC API: allow and deny lists, the API token, trace context, metrics, the log.

The order is the original's (api.md §4, §6.3–6.5). Everything is decided from the request's headers, in one pass over
them; a call that is refused here gets nothing but its status.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dapr_core.rpc.grpc.server_stream import ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError, decode_binary, encode_binary
from dapr_core.rpc.messages import Headers
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.api.grpc.render import http_failure
from daprd.api.http import baggage
from daprd.api.http.access import ApiRule
from daprd.metrics.grpc import GRPCServerRecorder, MethodRecorder

TOKEN: Final = b"dapr-api-token"
TRACE: Final = b"grpc-trace-bin"
RESTRICTED: Final = "/dapr.proto.runtime."
"""Methods that allow and deny lists are about; proxied services are none of their business."""

_LOOKED_AT: Final = frozenset({TOKEN, TRACE, b"traceparent", b"tracestate", b"baggage"})
_NO_TRACE: Final = encode_binary(tracecontext.encode_binary(NO_SPAN))
_log = logging.getLogger("dapr.runtime.grpc.api-info")


class AccessList:
    """``spec.api.allowed`` and ``spec.api.denied`` for gRPC: rules are compared with a method's group, ``state.v1``."""

    def __init__(self, allowed: Iterable[ApiRule] = (), denied: Iterable[ApiRule] = ()) -> None:
        self._allowed = {f"{rule.name}.{rule.version}" for rule in allowed if rule.protocol == "grpc"}
        self._denied = {f"{rule.name}.{rule.version}" for rule in denied if rule.protocol == "grpc"}

    def permits(self, group: str) -> bool:
        """Whether methods of a group may be called; an empty group is that of methods nobody knows."""
        return group not in self._denied and (not self._allowed or group in self._allowed)


def not_available() -> GrpcError:
    """What a method answers that the lists refuse."""
    return http_failure(501, "requested endpoint is not available")


class ApiLog:
    """One line per call, at info level whatever the log level is."""

    def __init__(self) -> None:
        _log.setLevel(logging.INFO)

    def __call__(self, stream: ServerStream, code: int, elapsed_ms: float) -> None:
        head = stream.head
        fields = {
            "method": head.path.decode("utf-8", "replace"),
            "useragent": (head.get(b"user-agent") or b"").decode("latin-1"),
            "code": int(code),
            "duration": int(elapsed_ms),
        }
        _log.info("gRPC API Called", extra={"fields": fields})


@dataclass(slots=True)
class Admission:
    """What the headers of an admitted call say. ``span`` is None with tracing off."""

    span: SpanContext | None
    baggage: bytes | None
    started: float


class Edge:
    """The checks of one API.

    Args:
        token: the API token; empty for none.
        record: metrics, None when nobody shows them.
        log: the log of calls, None when it is not wanted.

    ``spans`` says whether each call has a span of its own.
    """

    def __init__(
        self,
        tracer: Tracer,
        *,
        token: str = "",
        record: GRPCServerRecorder | None = None,
        log: ApiLog | None = None,
    ) -> None:
        self._tracer = tracer
        self.spans = tracer.mode is TraceMode.SPANS
        self._token = token.encode()
        self.record = record
        self._log = log

    def admit(self, stream: ServerStream) -> Admission:
        """Check one call. Raises ``GrpcError``, which ends it."""
        token = binary = parent = state = bags = None
        for name, value in stream.head.fields:
            if name not in _LOOKED_AT:
                continue
            if name == TOKEN:
                token = value if token is None else token
            elif name == TRACE:
                binary = value
            elif name == b"traceparent":
                parent = value if parent is None else parent
            elif name == b"tracestate":
                state = value if state is None else state
            else:
                bags = value if bags is None else bags + b"," + value
        if self._token:
            self._check(token)
        tracer = self._tracer
        span: SpanContext | None = None
        if tracer.enabled:
            if bags is not None and (wrong := baggage.problems(bags.decode("latin-1"))):
                raise GrpcError(Code.INVALID_ARGUMENT, "invalid baggage header: " + "\n".join(wrong))
            if binary is None or binary == _NO_TRACE:
                span = tracer.start(parent, state)
            else:
                span = tracer.child(_parent(binary))
        return Admission(span, bags if tracer.enabled else None, time.perf_counter())

    def _check(self, given: bytes | None) -> None:
        if given is None:
            raise http_failure(401, "missing api token in request metadata")
        if not hmac.compare_digest(given, self._token):
            raise http_failure(401, "authentication error: api token mismatch")

    def passed_on(self, fields: Headers) -> Headers:
        """The request's fields for whoever works on it: without the token that was checked here."""
        if not self._token:
            return fields
        return [pair for pair in fields if pair[0] != TOKEN]

    def method(self, path: str, *, sizes: bool = True) -> MethodRecorder | None:
        """The metrics of one method."""
        return None if self.record is None else self.record.method(path, sizes=sizes)

    def watch(self, stream: ServerStream, path: str, started: float) -> Watch:
        """Tell its end to the result: that of a call whose messages are not looked at."""
        return Watch(self, stream, path, started)

    def ended(self, stream: ServerStream, code: int, elapsed_ms: float) -> None:
        """A call is over: write its line, if lines are wanted."""
        if self._log is not None:
            self._log(stream, code, elapsed_ms)


class Watch:
    """Counts a call when it is told the code that the call ended with."""

    __slots__ = ("_edge", "_path", "_started", "_stream")

    def __init__(self, edge: Edge, stream: ServerStream, path: str, started: float) -> None:
        self._edge = edge
        self._stream = stream
        self._path = path
        self._started = started

    def __call__(self, code: int) -> None:
        elapsed = (time.perf_counter() - self._started) * 1000
        recorder = self._edge.method(self._path, sizes=False)
        if recorder is not None:
            recorder.done(code, elapsed)
        self._edge.ended(self._stream, code, elapsed)


def _parent(binary: bytes) -> SpanContext | None:
    try:
        return tracecontext.decode_binary(decode_binary(binary))
    except ValueError:
        return None


def context_fields(span: SpanContext | None, bags: bytes | None) -> Headers:
    """What the initial metadata of an answer tell of its call's context."""
    fields: Headers = [] if bags is None else [(b"baggage", bags)]
    if span is not None:
        fields.append((TRACE, _NO_TRACE if span is NO_SPAN else binary_of(span)))
    return fields


def binary_of(span: SpanContext) -> bytes:
    """A context as the value of ``grpc-trace-bin``."""
    return encode_binary(tracecontext.encode_binary(span))
