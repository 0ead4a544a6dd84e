"""Typed stubs: calls as awaitables and async iterators, on top of the callbacks.

The generated ``…Stub`` classes hold one of the four callables below per rpc. Metadata goes in as (name, value) pairs:
text as ``str``, the values of ``-bin`` fields as ``bytes``. Every call may raise ``GrpcError``. A call that the server
provably never looked at is repeated once on a fresh connection, as gRPC's transparent retry does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from dapr_core.rpc.grpc.client import Channel, ChannelOptions, ClientConnection
from dapr_core.rpc.grpc.client_stream import ClientStream, ResponseListener
from dapr_core.rpc.grpc.retries import PREVIOUS_ATTEMPTS, TRANSPARENT
from dapr_core.rpc.grpc.service import MessageQueue, wire_fields
from dapr_core.rpc.grpc.status import Code, GrpcError, Status
from dapr_core.rpc.grpc.timeouts import next_deadline
from dapr_core.rpc.messages import Headers

__all__ = ["Call", "Channel", "StreamStream", "StreamUnary", "UnaryStream", "UnaryUnary"]

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Metadata = Iterable[tuple[str, str | bytes]]


class _Answer(ResponseListener):
    """Gathers an answer of one message for an awaiting coroutine."""

    __slots__ = ("begun", "done", "headers", "message", "messages")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.begun = False
        self.headers: Headers = []
        self.message = b""
        self.messages = 0
        self.done: asyncio.Future[Status] = loop.create_future()

    def on_headers(self, fields: Headers) -> None:
        self.begun = True
        self.headers = fields

    def on_message(self, message: bytes) -> None:
        self.message = message
        self.messages += 1

    def on_close(self, status: Status) -> None:
        if not self.done.done():
            self.done.set_result(status)


class _Method(Generic[Request, Response]):
    """What the four kinds share: where to call, and how to read an answer."""

    __slots__ = ("channel", "path", "response_type")

    def __init__(self, channel: Channel, path: str, response_type: type[Response]) -> None:
        self.channel = channel
        self.path = path
        self.response_type = response_type

    def _parse(self, message: bytes) -> Response:
        try:
            return self.response_type.FromString(message)
        except DecodeError as error:
            raise GrpcError(Code.INTERNAL, f"grpc: failed to unmarshal the received message: {error}") from error


class UnaryUnary(_Method[Request, Response]):
    """``await stub.method(request, timeout=seconds, metadata=pairs)``."""

    __slots__ = ()

    async def _attempt(
        self, loop: asyncio.AbstractEventLoop, message: bytes, fields: Headers, deadline: float | None
    ) -> tuple[_Answer, Status]:
        """One attempt of a call. Raises GrpcError when its time is over before it has begun."""
        answer = _Answer(loop)
        try:
            connection = await _connection(self.channel, deadline)
            left = None if deadline is None else deadline - loop.time()
            stream = connection.start(self.path, fields, answer, left)
        except GrpcError as error:
            if error.code is not Code.UNAVAILABLE or self.channel.options.retry is None:
                raise
            return answer, Status(error.code, error.message)
        if self.channel.options.gzip:
            stream.send_compressed(message, end=True)
        else:
            stream.send_message(message, end=True)
        try:
            return answer, await answer.done
        except asyncio.CancelledError:
            stream.cancel()
            raise

    async def __call__(self, request: Request, *, timeout: float | None = None, metadata: Metadata = ()) -> Response:
        response, _, _ = await self.with_call(request, timeout=timeout, metadata=metadata)
        return response

    async def with_call(
        self, request: Request, *, timeout: float | None = None, metadata: Metadata = ()
    ) -> tuple[Response, Headers, Headers]:
        """The answer with its initial metadata and its trailers, as raw fields in wire order."""
        loop = asyncio.get_running_loop()
        deadline = next_deadline(timeout, loop.time())
        message = request.SerializeToString()
        options = self.channel.options
        fields = _fields(metadata, options)
        policy = options.retry or TRANSPARENT
        made = seen = 0
        while True:
            sent = [*fields, (PREVIOUS_ATTEMPTS, b"%d" % seen)] if seen else fields
            answer, status = await self._attempt(loop, message, sent, deadline)
            made += 1
            seen += not status.unprocessed
            if status.ok:
                break
            delay = None if answer.begun else policy.delay(status, made, options.random)
            if delay is None or (deadline is not None and loop.time() + delay >= deadline):
                raise GrpcError.of(status)
            await asyncio.sleep(delay)
        if answer.messages != 1:
            raise GrpcError(Code.INTERNAL, f"{answer.messages} messages in the answer of a unary call")
        return self._parse(answer.message), answer.headers, status.trailers


def _fields(metadata: Metadata, options: ChannelOptions) -> Headers:
    fields = wire_fields(metadata)
    return [*fields, (b"grpc-encoding", b"gzip")] if options.gzip else fields


async def _connection(channel: Channel, deadline: float | None) -> ClientConnection:
    """A ready connection before the deadline. Raises GrpcError."""
    if (connection := channel.connection) is not None:
        return connection
    try:
        async with asyncio.timeout_at(deadline):
            return await channel.connect()
    except TimeoutError as error:
        text = "context deadline exceeded while waiting for a connection"
        raise GrpcError(Code.DEADLINE_EXCEEDED, text) from error


class Call(ResponseListener, Generic[Request, Response]):
    """A call with a streaming side.

    ``async for`` yields the answers and raises ``GrpcError`` at a bad end; ``send`` and ``end`` feed it; ``response``
    waits for the single answer of a client-streaming call; ``cancel`` gives it up. As a context manager it cancels
    what is not finished when the block is left.
    """

    def __init__(self, method: _Method[Request, Response], timeout: float | None, metadata: Metadata) -> None:
        self._method = method
        self._loop = asyncio.get_running_loop()
        self._deadline = next_deadline(timeout, self._loop.time())
        self._fields = _fields(metadata, method.channel.options)
        self._gzip = method.channel.options.gzip
        self._queue = MessageQueue(self._pause, self._resume)
        self._stream: ClientStream | None = None
        self._starting: asyncio.Lock = asyncio.Lock()
        self._headers: asyncio.Future[Headers] = self._loop.create_future()
        self._drained: asyncio.Future[None] | None = None
        self._cancelled = False
        self.status: Status | None = None
        """How the call ended; None while it runs."""

    async def start(self) -> ClientStream:
        """Begin the call unless it has begun. Raises GrpcError when there is no connection."""
        async with self._starting:
            if self._stream is None:
                if self._cancelled:
                    raise GrpcError(Code.CANCELLED, "context canceled")
                connection = await _connection(self._method.channel, self._deadline)
                left = None if self._deadline is None else self._deadline - self._loop.time()
                self._stream = connection.start(self._method.path, self._fields, self, left)
            return self._stream

    async def send(self, request: Request) -> None:
        """Send a message; waits while the peer takes no more. Raises GrpcError once the call has failed."""
        stream = await self.start()
        if self.status is not None:
            if self.status.ok:
                raise GrpcError(Code.INTERNAL, "the server has already finished this call")
            raise GrpcError.of(self.status)
        (stream.send_compressed if self._gzip else stream.send_message)(request.SerializeToString())
        if not stream.writable:
            self._drained = self._loop.create_future()
            await self._drained
            self._drained = None

    async def end(self) -> None:
        """Send nothing more."""
        (await self.start()).end()

    async def headers(self) -> Headers:
        """The initial metadata, as raw fields in wire order; empty when the server sent trailers only."""
        await self.start()
        return await asyncio.shield(self._headers)

    async def response(self) -> Response:
        """The only answer of a client-streaming call. Raises GrpcError."""
        answers = [answer async for answer in self]
        if len(answers) != 1:
            raise GrpcError(Code.INTERNAL, f"{len(answers)} messages in the answer of a client-streaming call")
        return answers[0]

    def cancel(self) -> None:
        """Give the call up. Ignored when it is over."""
        self._cancelled = True
        if self._stream is not None:
            self._stream.cancel()

    async def __aiter__(self) -> AsyncIterator[Response]:
        await self.start()
        try:
            while (message := await self._queue.get()) is not None:
                yield self._method._parse(message)  # the method is this module's
        finally:
            self._left()

    def _left(self) -> None:
        """Nobody reads on for now; a call that is fed as well may be read in several goes."""

    async def __aenter__(self) -> Call[Request, Response]:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    def on_headers(self, fields: Headers) -> None:
        if not self._headers.done():
            self._headers.set_result(fields)

    def on_message(self, message: bytes) -> None:
        self._queue.put(message)

    def on_close(self, status: Status) -> None:
        self.status = status
        if not self._headers.done():
            self._headers.set_result([])
        self._queue.end(None if status.ok else GrpcError.of(status))
        self.on_writable()

    def on_writable(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def _pause(self) -> None:
        if self._stream is not None:
            self._stream.pause()

    def _resume(self) -> None:
        if self._stream is not None:
            self._stream.resume()


class UnaryStream(_Method[Request, Response]):
    """``async for answer in stub.method(request)``; leaving the loop early cancels the call."""

    __slots__ = ()

    def __call__(
        self, request: Request, *, timeout: float | None = None, metadata: Metadata = ()
    ) -> Call[Request, Response]:
        return _UnaryStreamCall(self, request, timeout, metadata)


class _UnaryStreamCall(Call[Request, Response]):
    """Sends its one request as soon as it begins."""

    def __init__(
        self, method: _Method[Request, Response], request: Request, timeout: float | None, metadata: Metadata
    ) -> None:
        super().__init__(method, timeout, metadata)
        self._request = request.SerializeToString()

    async def start(self) -> ClientStream:
        begun = self._stream is not None
        stream = await super().start()
        if not begun:
            (stream.send_compressed if self._gzip else stream.send_message)(self._request, end=True)
        return stream

    def _left(self) -> None:
        # Whoever leaves the loop early is not told of the rest: the server must not go on sending it.
        self.cancel()


class StreamUnary(_Method[Request, Response]):
    """``call = stub.method()``, then ``send`` …, ``end``, and ``await call.response()``."""

    __slots__ = ()

    def __call__(self, *, timeout: float | None = None, metadata: Metadata = ()) -> Call[Request, Response]:
        return Call(self, timeout, metadata)


class StreamStream(_Method[Request, Response]):
    """``async with stub.method() as call``: ``send`` and ``async for`` side by side."""

    __slots__ = ()

    def __call__(self, *, timeout: float | None = None, metadata: Metadata = ()) -> Call[Request, Response]:
        return Call(self, timeout, metadata)
