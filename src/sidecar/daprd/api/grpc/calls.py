"""One call of the gRPC API on its way through: admitted, decoded, handled, answered, counted.

A handler of a unary rpc is a plain function where its answer can be had at once: then the call costs no task. It gives
the serialized answer, now or when awaited. A handler of a streaming rpc is a coroutine that receives and sends.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.grpc.server_stream import CallListener, ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Headers
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from daprd.api.grpc.edge import Edge, context_fields
from daprd.api.grpc.render import grpc_error
from daprd.metrics.grpc import MethodRecorder

if TYPE_CHECKING:
    from google.protobuf.message import Message

INVALID: Final = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
_log = logging.getLogger("dapr.runtime.grpc.api")

EMPTY: Final = b""
"""The serialized ``google.protobuf.Empty``, and every other answer without content."""


@dataclass(frozen=True, slots=True)
class Unary:
    """An rpc with one request and one answer.

    ``tells_context`` False: initial metadata are left to the handler, and a failure has none.
    """

    request: type[Message]
    handle: Callable[[Any, UnaryCall], bytes | Awaitable[bytes]]
    tells_context: bool = True


@dataclass(frozen=True, slots=True)
class Streaming:
    """An rpc whose handler receives messages until None, and sends."""

    request: type[Message]
    handle: Callable[[StreamCall], Awaitable[None]]


Rpc: TypeAlias = Unary | Streaming


class ApiMethod:
    """One method of the API: what ``GrpcServer`` calls for each call of it.

    What serves it is found with the first call, so that a sidecar loads only what is used.
    """

    __slots__ = ("_find", "_rpc", "edge", "path", "recorder")

    def __init__(self, path: str, edge: Edge, find: Callable[[], Rpc]) -> None:
        self.path = path
        self.edge = edge
        self._find = find
        self._rpc: Rpc | None = None
        self.recorder: MethodRecorder | None = None

    def __call__(self, stream: ServerStream) -> CallListener:
        """The listener of a call. Raises ``GrpcError`` when it is refused."""
        admission = self.edge.admit(stream)
        rpc = self._rpc or self._load()
        kind = UnaryCall if type(rpc) is Unary else StreamCall
        return kind(self, rpc, stream, admission.span, admission.baggage, admission.started)  # type: ignore[arg-type]

    def _load(self) -> Rpc:
        rpc = self._rpc = self._find()
        if isinstance(rpc, Unary):
            self.recorder = self.edge.method(self.path)
        return rpc


class ApiCall(CallListener):
    """What both kinds of calls share.

    Attributes:
        span: the call's context; None with tracing off, ``NO_SPAN`` when there is none.
        headers: initial metadata that the answer has besides the context.
        trailers: fields of the trailers of an answer that succeeds.
        tells_context: whether the answer's initial metadata tell the context.
    """

    __slots__ = (
        "_baggage",
        "_method",
        "_started",
        "_task",
        "headers",
        "rpc",
        "span",
        "stream",
        "tells_context",
        "trailers",
    )

    def __init__(
        self,
        method: ApiMethod,
        rpc: Rpc,
        stream: ServerStream,
        span: SpanContext | None,
        bags: bytes | None,
        started: float,
    ) -> None:
        self._method = method
        self.rpc = rpc
        self.stream = stream
        self.span = span
        self._baggage = bags
        self._started = started
        self._task: asyncio.Task[None] | None = None
        self.headers: Headers = []
        self.trailers: Headers = []
        self.tells_context = True

    @property
    def metadata(self) -> Headers:
        """The request's fields, without the API's token."""
        return self._method.edge.passed_on(self.stream.head.fields)

    @property
    def parent(self) -> SpanContext | None:
        """The call's context, if there is one to pass on."""
        return None if self.span is NO_SPAN else self.span

    @property
    def own_span(self) -> bool:
        """Whether the call has a span of its own, which takes the place of its caller's."""
        return self._method.edge.spans

    def get(self, name: bytes) -> bytes | None:
        """The first value of a field of the request."""
        return self.stream.head.get(name)

    def tell_headers(self) -> None:
        """Send the initial metadata, if they have not been sent."""
        headers = self.headers
        if self.tells_context:
            headers = [*headers, *context_fields(self.span, self._baggage)]
        if headers or self.tells_context:
            self.stream.send_metadata(headers)

    def refuse(self, error: Exception) -> GrpcError:
        """End the call with a failure; what nobody foresaw is logged and not told."""
        if isinstance(error, DaprError):
            status = grpc_error(error)
        elif isinstance(error, GrpcError):
            status = error
        else:
            _log.error("%s failed unexpectedly", self._method.path, exc_info=error)
            status = GrpcError(Code.UNKNOWN, "internal error in the sidecar; its log has the cause")
        self.tell_headers()
        self.stream.fail(status)
        return status

    def _ended(self, code: int, received: int = 0, sent: int = 0) -> None:
        elapsed = (time.perf_counter() - self._started) * 1000
        recorder = self._method.recorder
        if recorder is not None:
            recorder.done(code, elapsed, received, sent)
        self._method.edge.ended(self.stream, code, elapsed)

    def on_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class UnaryCall(ApiCall):
    """A call with one request."""

    __slots__ = ("_deferred", "_message")

    def __init__(
        self,
        method: ApiMethod,
        rpc: Unary,
        stream: ServerStream,
        span: SpanContext | None,
        bags: bytes | None,
        started: float,
    ) -> None:
        super().__init__(method, rpc, stream, span, bags, started)
        self.tells_context = rpc.tells_context
        self._message: bytes | None = None
        self._deferred: Deferred[bytes] | None = None

    def on_message(self, message: bytes) -> None:
        if self._message is not None:
            raise GrpcError(Code.INTERNAL, "received more than one message for a unary request")
        self._message = message

    def on_end(self) -> None:
        message = self._message
        if message is None:
            raise GrpcError(Code.INTERNAL, "received no message for a unary request")
        rpc = self.rpc
        assert isinstance(rpc, Unary)
        request = _decoded(rpc.request, message)
        try:
            answer = rpc.handle(request, self)
        except Exception as error:  # noqa: BLE001 - the edge: every failure becomes a status
            self._refused(error)
            return
        if type(answer) is bytes:
            self._answer(answer)
        elif isinstance(answer, Deferred):
            self._deferred = answer
            answer.tell(self._told)
        else:
            self._task = self.stream.server.loop.create_task(self._later(answer))  # type: ignore[arg-type]

    def _told(self, body: bytes | None, error: BaseException | None) -> None:
        """What ``_later`` is for an answer that costs no task."""
        self._deferred = None
        if body is not None:
            self._answer(body)
        elif isinstance(error, Exception):
            self._refused(error)
        else:
            self._ended(Code.CANCELLED, len(self._message or b""))
            self.stream.finish(Code.CANCELLED, "context canceled")

    def on_cancel(self) -> None:
        super().on_cancel()
        if self._deferred is not None:
            self._deferred.cancel()

    async def _later(self, answer: Awaitable[bytes]) -> None:
        try:
            self._answer(await answer)
        except asyncio.CancelledError:
            self._ended(Code.CANCELLED, len(self._message or b""))
            self.stream.finish(Code.CANCELLED, "context canceled")
            raise
        except Exception as error:  # noqa: BLE001 - the edge: every failure becomes a status
            self._refused(error)

    def _answer(self, body: bytes) -> None:
        stream = self.stream
        self.tell_headers()
        stream.send_message(body)
        stream.finish(trailers=self.trailers)
        self._ended(0, len(self._message or b""), len(body))

    def _refused(self, error: Exception) -> None:
        status = self.refuse(error)
        self._ended(status.code, len(self._message or b""))


def _decoded(kind: type[Message], message: bytes) -> Any:
    """A request. Raises ``GrpcError`` for bytes that are none."""
    try:
        return kind.FromString(message)
    except Exception as error:  # it raises DecodeError only, for whose name the start would have to load protobuf
        raise GrpcError(Code.INTERNAL, INVALID) from error


class StreamCall(ApiCall):
    """A call whose client sends, and is sent, any number of messages."""

    __slots__ = ("_drained", "_queue")

    def __init__(
        self,
        method: ApiMethod,
        rpc: Streaming,
        stream: ServerStream,
        span: SpanContext | None,
        bags: bytes | None,
        started: float,
    ) -> None:
        from dapr_core.rpc.grpc.service import MessageQueue  # it loads protobuf, which the start does without

        super().__init__(method, rpc, stream, span, bags, started)
        self._queue = MessageQueue(stream.pause, stream.resume)
        self._drained = asyncio.Event()
        self._task = stream.server.loop.create_task(self._run(rpc), name=method.path)

    async def receive(self) -> Any:
        """The next message, or None after the last. Raises ``GrpcError`` for one that cannot be read."""
        message = await self._queue.get()
        if message is None:
            return None
        return _decoded(self.rpc.request, message)

    async def send(self, message: Message) -> None:
        """Send a message; waits while the client takes no more."""
        stream = self.stream
        stream.send_message(message.SerializeToString())
        while not stream.writable and not stream.ended:
            self._drained.clear()
            await self._drained.wait()

    async def _run(self, rpc: Streaming) -> None:
        try:
            await rpc.handle(self)
        except asyncio.CancelledError:
            self._ended(Code.CANCELLED)
            self.stream.finish(Code.CANCELLED, "context canceled")
            raise
        except Exception as error:  # noqa: BLE001 - the edge: every failure becomes a status
            self._ended(self.refuse(error).code)
        else:
            self.tell_headers()
            self.stream.finish()
            self._ended(0)

    def on_message(self, message: bytes) -> None:
        self._queue.put(message)

    def on_end(self) -> None:
        self._queue.end()

    def on_writable(self) -> None:
        self._drained.set()

    def on_cancel(self) -> None:
        super().on_cancel()
        self.on_writable()
