"""Typed services: methods as coroutines with messages in and out, on top of the callbacks.

A generated ``…Base`` class lists its methods; ``listener_factory`` turns one of them into what a server registers. Each
call runs in a task of its own, which is cancelled when the caller gives up or its deadline passes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError, Message

from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, RequestHead, ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError, decode_binary, encode_binary
from dapr_core.rpc.grpc.timeouts import CALL_DEADLINE
from dapr_core.rpc.messages import Headers, Peer

QUEUE_LIMIT = 262_144
"""Octets of received, unread messages above which the peer gets no more window."""


class Method(NamedTuple):
    """One rpc of a service: its name on the wire, the bound method, its message types, and which sides stream."""

    name: str
    call: Callable[..., Any]
    request_type: type[Message]
    response_type: type[Message]
    client_streaming: bool
    server_streaming: bool


class Service:
    """Base of every generated service."""

    SERVICE: str
    """Full name: ``package.Service``."""

    def methods(self) -> tuple[Method, ...]:
        """The rpcs, bound to this object."""
        raise NotImplementedError


def unimplemented(name: str) -> GrpcError:
    """What a method that nobody has overridden raises (grpc-go's text)."""
    return GrpcError(Code.UNIMPLEMENTED, f"method {name} not implemented")


class ServerContext:
    """What a typed method may know and say beside its messages."""

    __slots__ = ("_stream", "gzip", "trailers")

    def __init__(self, stream: ServerStream) -> None:
        self._stream = stream
        self.gzip = False
        """Set it before the first answer to send answers by gzip, where the caller takes that."""
        self.trailers: list[tuple[bytes, bytes]] = []
        """Fields for the trailers of an answer that succeeds; a GrpcError carries its own."""

    @property
    def head(self) -> RequestHead:
        """The request's headers."""
        return self._stream.head

    @property
    def metadata(self) -> Headers:
        """Every field of the request in wire order, ``-bin`` values still in base64."""
        return self._stream.head.fields

    @property
    def peer(self) -> Peer:
        """Who called."""
        return self._stream.peer

    def get(self, name: str) -> str | None:
        """The first value of a text field, or None."""
        value = self._stream.head.get(name.encode())
        return None if value is None else value.decode("latin-1")

    def get_binary(self, name: str) -> bytes | None:
        """The first value of a ``-bin`` field, or None. Raises ValueError for malformed base64."""
        value = self._stream.head.get(name.encode())
        return None if value is None else decode_binary(value)

    def time_remaining(self) -> float | None:
        """Seconds until the caller gives up; None when it set no timeout."""
        deadline = self._stream.deadline
        return None if deadline is None else max(0.0, deadline - self._stream.server.loop.time())

    def send_metadata(self, fields: Iterable[tuple[str, str | bytes]]) -> None:
        """Send the initial metadata now; once, and before the first message."""
        self._stream.send_metadata(wire_fields(fields))

    def set_trailers(self, fields: Iterable[tuple[str, str | bytes]]) -> None:
        """Replace the fields that a successful answer ends with."""
        self.trailers = wire_fields(fields)


def wire_fields(fields: Iterable[tuple[str, str | bytes]]) -> list[tuple[bytes, bytes]]:
    """Metadata as it goes on the wire: lower-case names, ``-bin`` values in base64."""
    out = []
    for name, value in fields:
        key = name.lower().encode("ascii")
        raw = value if isinstance(value, bytes) else value.encode("utf-8")
        out.append((key, encode_binary(raw) if key.endswith(b"-bin") else raw))
    return out


class MessageQueue:
    """Messages between the loop's callbacks and one reading coroutine. A full queue pauses its stream."""

    __slots__ = ("_done", "_error", "_messages", "_pause", "_paused", "_resume", "_size", "_waiter")

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._messages: deque[bytes] = deque()
        self._size = 0
        self._done = False
        self._error: GrpcError | None = None
        self._paused = False
        self._pause = pause
        self._resume = resume
        self._waiter: asyncio.Future[None] | None = None

    def put(self, message: bytes) -> None:
        """Add a message."""
        self._messages.append(message)
        self._size += len(message)
        if self._size > QUEUE_LIMIT and not self._paused:
            self._paused = True
            self._pause()
        self._wake()

    def end(self, error: GrpcError | None = None) -> None:
        """No more will come; readers get the error, if any, after what is queued."""
        self._done = True
        self._error = error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> bytes | None:
        """The next message, or None after the last. Raises the error the queue ended with."""
        while not self._messages:
            if self._done:
                if self._error is not None:
                    raise self._error
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        message = self._messages.popleft()
        self._size -= len(message)
        if self._paused and self._size <= QUEUE_LIMIT // 2:
            self._paused = False
            self._resume()
        return message


def decode(kind: type[Message], message: bytes) -> Any:
    """Parse a request. Raises GrpcError (INTERNAL, worded as grpc-go words it)."""
    try:
        return kind.FromString(message)
    except DecodeError as error:
        text = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
        raise GrpcError(Code.INTERNAL, text) from error


class _CallTask(CallListener):
    """A call that is served by a task."""

    __slots__ = ("_drained", "_method", "_stream", "_task")

    def __init__(self, method: Method, stream: ServerStream) -> None:
        self._method = method
        self._stream = stream
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    def _start(self, argument: Any) -> None:
        loop = self._stream.server.loop
        self._task = loop.create_task(self._run(argument), name=self._method.name)

    def on_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def on_writable(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def _run(self, argument: Any) -> None:
        stream = self._stream
        context = ServerContext(stream)
        if stream.deadline is not None:
            CALL_DEADLINE.set(stream.deadline)  # of this task only: a task has a context of its own
        try:
            if self._method.server_streaming:
                await self._answer_many(self._method.call(argument, context), context)
            else:
                answer = (await self._method.call(argument, context)).SerializeToString()
                (stream.send_compressed if context.gzip else stream.send_message)(answer)
            stream.finish(trailers=context.trailers)
        except GrpcError as error:
            stream.fail(error)
        except asyncio.CancelledError:
            stream.finish(Code.CANCELLED, "context canceled")
            raise
        except Exception as error:  # noqa: BLE001  # a method's mistake becomes its call's status
            stream.server.stream_failed(error)
            stream.finish(Code.UNKNOWN, "internal error in the handler")

    async def _answer_many(self, answers: AsyncIterator[Message], context: ServerContext) -> None:
        stream = self._stream
        try:
            async for answer in answers:
                (stream.send_compressed if context.gzip else stream.send_message)(answer.SerializeToString())
                if not stream.writable:
                    self._drained = stream.server.loop.create_future()
                    await self._drained
                    self._drained = None
        finally:
            # A generator left in the middle must run its own cleaning-up now, not when it is collected.
            if (close := getattr(answers, "aclose", None)) is not None:
                await close()


class _UnaryRequest(_CallTask):
    """One message in: the task starts when it is complete."""

    __slots__ = ("_message",)

    def __init__(self, method: Method, stream: ServerStream) -> None:
        super().__init__(method, stream)
        self._message: bytes | None = None

    def on_message(self, message: bytes) -> None:
        if self._message is not None:
            raise GrpcError(Code.INTERNAL, "received more than one message for a unary request")
        self._message = message

    def on_end(self) -> None:
        if self._message is None:
            raise GrpcError(Code.INTERNAL, "received no message for a unary request")
        self._start(decode(self._method.request_type, self._message))


class _StreamRequest(_CallTask):
    """Many messages in: the task starts at once and reads them from a queue."""

    __slots__ = ("_queue",)

    def __init__(self, method: Method, stream: ServerStream) -> None:
        super().__init__(method, stream)
        self._queue = MessageQueue(stream.pause, stream.resume)
        self._start(self._requests())

    def on_message(self, message: bytes) -> None:
        self._queue.put(message)

    def on_end(self) -> None:
        self._queue.end()

    async def _requests(self) -> AsyncIterator[Any]:
        while (message := await self._queue.get()) is not None:
            yield decode(self._method.request_type, message)


def listener_factory(method: Method) -> MethodFactory:
    """What a server registers for a typed method."""
    kind = _StreamRequest if method.client_streaming else _UnaryRequest
    return lambda stream: kind(method, stream)


Handler = Callable[[Any, ServerContext], Awaitable[Message]]
"""The shape of a typed method with one answer."""
