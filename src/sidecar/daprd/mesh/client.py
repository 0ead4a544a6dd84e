"""Calling another sidecar: one ``CallLocalStream`` on the pooled connection of its address (api.md §3.6).

A call is callbacks on its HTTP/2 stream, and its outcome is told or awaited. An answer that is complete by the end of
the turn in which it began is given whole; any other as a body that arrives. A peer that does not know the streaming
call is asked with the unary one, if the body is still at hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, TypeAlias

from dapr_core.rpc.deferred import Deferred, Detour
from dapr_core.rpc.grpc.client import Channel, ChannelOptions, ClientConnection
from dapr_core.rpc.grpc.client_stream import ClientStream, ResponseListener
from dapr_core.rpc.grpc.messages import DEFAULT_MESSAGE_LIMIT
from dapr_core.rpc.grpc.pool import ChannelPool
from dapr_core.rpc.grpc.status import GrpcError, Status
from dapr_core.rpc.messages import Body, BodyBrokenError, BodyStream, Headers, Response
from daprd.grpcapp import GrpcAnswer
from daprd.mesh import codec
from daprd.mesh.bodies import MessageBody
from daprd.mesh.errors import INTERNAL, UNIMPLEMENTED, RpcError
from daprd.mesh.keepalive import CALLING

STREAM: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream"
UNARY: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallLocal"

LEADING_BYTES: Final = 2048
"""How much of a body goes with the first message."""
CHUNK_BYTES: Final = 64 * 1024
"""The most that a later message carries."""
_REMEMBERED: Final = 1024

Target: TypeAlias = tuple[str, str]
"""Whose sidecar is called: app id and namespace."""
Secure: TypeAlias = Callable[[ChannelOptions, Target], ChannelOptions]
"""Gives the options by which only the target's own sidecar is connected to; equal ones for equal targets."""

_NOBODY: Final[Target] = ("", "")
Prepare: TypeAlias = Callable[[], tuple[bytes, bytes]]
"""Encodes a request without its body, and the call's metadata."""
_Outgoing: TypeAlias = tuple[str, bytes, Body, bytes | Iterable[tuple[bytes, bytes]], Target, float | None]
"""Address, request, body, metadata, target and deadline of a call."""


class MeshClient:
    """Calls sidecars by address. ``close`` it where it was used. Under mutual TLS (``secure``) a connection serves the
    calls of one target only, although another may have had the address before.

    A connection that cannot be made is tried again by whoever calls next: policies decide how often, so the channels'
    own back-off is short.
    """

    def __init__(
        self,
        options: ChannelOptions | None = None,
        *,
        idle: float = 180.0,
        message_limit: int = DEFAULT_MESSAGE_LIMIT,
        secure: Secure | None = None,
    ) -> None:
        chosen = options or ChannelOptions(
            backoff_base=0.2, backoff_max=0.5, message_limit=message_limit, keepalive=CALLING
        )
        self._pool = ChannelPool(chosen, idle=idle)
        self._secure = secure
        self._ready: dict[str | tuple[str, Target], ClientConnection] = {}
        self._unary_only: set[str] = set()
        self._calls = 0
        self._begun: list[_Answer] = []
        self._due: list[tuple[ClientConnection, _Answer, Prepare, str, bytes, Target, float | None]] = []

    async def call(
        self,
        address: str,
        request: bytes,
        body: Body,
        metadata: bytes | Iterable[tuple[bytes, bytes]] = b"",
        *,
        target: Target = _NOBODY,
        replayable: bool = True,
        deadline: float | None = None,
    ) -> Response:
        """Make a call and give the answer, its headers as the peer sent them.

        Args:
            target: who must be at the address.
            request: the encoded ``InternalInvokeRequest``, without the body.
            metadata: gRPC metadata (trace context).
            replayable: whether the body, if it has been read whole, may be sent again.
            deadline: when the caller gives up, in loop time; the peer is told.

        Raises:
            RpcError: the call failed; UNAVAILABLE when the peer could not be reached.
        """
        call = (address, request, body, metadata, target, deadline)
        if address in self._unary_only and isinstance(body, bytes):
            return await self._unary(call)
        connection = self.ready(address, target) or await self._connect(address, target)
        answer = _Answer(self)
        try:
            self._send(connection, answer, call)
            return await answer
        except RpcError as error:
            if not replayable or not isinstance(body, bytes) or answer.begun:
                raise
            again = self._again(connection, answer, error, call)
            if again is None:
                raise
        return await again

    def begin(
        self,
        address: str,
        prepare: Prepare,
        body: bytes,
        *,
        target: Target = _NOBODY,
        deadline: float | None = None,
    ) -> Deferred[Response] | None:
        """What ``call`` does, without a task, for a call that may be made again. None, and ``call`` must make it, when
        no connection is ready or the peer does not know the streaming call. What ``prepare`` raises is the outcome."""
        connection = self.ready(address, target)
        if connection is None or address in self._unary_only:
            return None
        answer = _Answer(self)
        if not self._due:
            connection.loop.call_soon(self._send_due)
        self._due.append((connection, answer, prepare, address, body, target, deadline))
        return answer

    def _send_due(self) -> None:
        """Send what this turn of the loop has begun. One kind of work for all calls, then the next for all, costs less
        than all kinds for one call after the other: what the processor has learnt of the code is still there."""
        due, self._due = self._due, []
        ready: list[tuple[ClientConnection, _Answer, _Outgoing]] = []
        for connection, answer, prepare, address, body, target, deadline in due:
            if answer.settled:
                continue  # nobody wants it any more
            try:
                request, metadata = prepare()
            except Exception as error:  # noqa: BLE001 - the other calls are to be sent whatever is wrong with one
                answer.settle(None, error)
            else:
                answer.call = call = (address, request, body, metadata, target, deadline)
                ready.append((connection, answer, call))
        corked: set[ClientConnection] = set()
        try:
            for connection, answer, outgoing in ready:
                connection.cork()
                corked.add(connection)
                try:
                    self._send(connection, answer, outgoing)
                except RpcError:
                    # It takes no new calls since a moment ago.
                    address, request, any_body, fields, target, deadline = outgoing
                    again = self.call(address, request, any_body, fields, target=target, deadline=deadline)
                    answer.settle(None, Detour(again))
        finally:
            for connection in corked:
                connection.uncork()

    def ready(self, address: str, target: Target = _NOBODY) -> ClientConnection | None:
        """The connection to a sidecar, if it is ready. The pool must hear of it now and then to keep its channel."""
        connection = self._ready.get(address if self._secure is None else (address, target))
        self._calls += 1
        if connection is None or not connection.usable:
            return None
        if not self._calls & 63 and self._channel(address, target)[1].connection is not connection:
            return None
        return connection

    def _send(self, connection: ClientConnection, answer: _Answer, call: _Outgoing) -> None:
        """Start a call. Raises ``RpcError`` when the connection takes no more."""
        _, request, body, metadata, _, deadline = call
        stream = _start(connection, STREAM, metadata, answer, deadline)
        answer.sent = True
        if not isinstance(body, bytes):
            answer.upload = asyncio.ensure_future(_upload(stream, answer, request, body))
        elif len(body) <= LEADING_BYTES:
            stream.send_message(codec.encode_chunk(request, body, 0), True)
        else:
            _send_whole(stream, request, body)

    def failed(self, answer: _Answer, error: RpcError) -> Exception:
        """What becomes of a call that failed: its error, or for one that was begun the way to its repetition."""
        if answer.call is None or answer.begun:
            return error
        again = self._again(answer.stream.owner, answer, error, answer.call)
        return error if again is None else Detour(again)

    def _again(
        self, connection: ClientConnection, answer: _Answer, error: RpcError, call: _Outgoing
    ) -> Coroutine[Any, Any, Response] | None:
        """How to repeat a call that failed before its answer began; None when the failure stands."""
        address, request, body, metadata, target, deadline = call
        if error.code == UNIMPLEMENTED:
            self._unary_only.add(address)
            return self._unary(call)
        if not answer.unprocessed:
            return None
        # The peer never looked at the call (it was going away): once more on a new connection.
        connection.channel.retire(connection)
        return self.call(address, request, body, metadata, target=target, replayable=False, deadline=deadline)

    async def connection(self, address: str, target: Target = _NOBODY) -> ClientConnection:
        """A connection to a sidecar, for calls that are not ours to encode. Raises ``RpcError``."""
        return self.ready(address, target) or await self._connect(address, target)

    async def _connect(self, address: str, target: Target) -> ClientConnection:
        """A connection from the pool. Raises ``RpcError``."""
        key, channel = self._channel(address, target)
        connection = channel.connection
        if connection is None:
            self._ready.pop(key, None)
            # Whoever answers there now may be newer than who did.
            self._unary_only.discard(address)
            try:
                connection = await channel.connect()
            except GrpcError as error:
                raise RpcError(error.code, error.message) from error
        if len(self._ready) >= _REMEMBERED:
            self._ready.clear()
        self._ready[key] = connection
        return connection

    def _channel(self, address: str, target: Target) -> tuple[str | tuple[str, Target], Channel]:
        if self._secure is None:
            return address, self._pool.get(address)
        return (address, target), self._pool.get(address, self._secure(self._pool.options, target))

    def begun(self, answer: _Answer) -> None:
        """An answer has begun: it is given at the end of this turn of the loop (see ``_send_due``). Most are whole by
        then; any other becomes a stream."""
        if not self._begun:
            answer.stream.owner.loop.call_soon(self._deliver)
        self._begun.append(answer)

    def _deliver(self) -> None:
        answers, self._begun = self._begun, []
        for begun in answers:
            try:
                begun.deliver()
            except Exception as error:  # noqa: BLE001 - whoever fails to take an answer must not cost others theirs
                begun.stream.owner.stream_failed(error)

    async def _unary(self, call: _Outgoing) -> Response:
        address, request, body, metadata, target, deadline = call
        assert isinstance(body, bytes)
        connection = await self._connect(address, target)
        listener = _UnaryAnswer(asyncio.get_running_loop())
        stream = _start(connection, UNARY, metadata, listener, deadline)
        stream.send_message(codec.with_data(request, body), True)
        try:
            return await listener.future
        except asyncio.CancelledError:
            stream.cancel()
            raise

    async def close(self, grace: float = 0.0) -> None:
        """Close the connections; calls under way get ``grace`` seconds."""
        await self._pool.close(grace)


def _start(
    connection: ClientConnection,
    path: str,
    metadata: bytes | Iterable[tuple[bytes, bytes]],
    listener: _Answer | _UnaryAnswer,
    deadline: float | None,
) -> ClientStream:
    timeout = None if deadline is None else max(deadline - connection.loop.time(), 0.0)
    try:
        stream = connection.start(path, metadata, listener, timeout)
    except GrpcError as error:
        listener.unprocessed = error.unprocessed
        raise RpcError(error.code, error.message) from error
    listener.stream = stream
    return stream


def _send_whole(stream: ClientStream, request: bytes, body: bytes) -> None:
    stream.send_message(codec.encode_chunk(request, body[:LEADING_BYTES], 0))
    seq, at = 1, LEADING_BYTES
    while at < len(body):
        piece = body[at : at + CHUNK_BYTES]
        at += len(piece)
        stream.send_message(codec.encode_chunk(b"", piece, seq), at >= len(body))
        seq += 1


async def _upload(stream: ClientStream, listener: _Answer, request: bytes, body: BodyStream) -> None:
    """Send a body as it arrives; the request goes ahead of it at once."""
    seq = 0
    try:
        stream.send_message(codec.encode_chunk(request, b"", 0))
        async for piece in body:
            for at in range(0, len(piece), CHUNK_BYTES):
                stream.send_message(codec.encode_chunk(b"", piece[at : at + CHUNK_BYTES], seq))
                seq += 1
            if not stream.writable:
                await listener.drained(stream)
        stream.end()
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - what reading the caller's body raised ends the call
        listener.fail(error)


class _Answer(Deferred[Response]):
    """One streamed answer."""

    __slots__ = (
        "_body",
        "_client",
        "_drained",
        "_head",
        "_parts",
        "_seq",
        "_status",
        "begun",
        "call",
        "sent",
        "stream",
        "unprocessed",
        "upload",
    )

    def __init__(self, client: MeshClient) -> None:
        super().__init__()
        self._client = client
        self.call: _Outgoing | None = None
        """What to repeat; None where whoever waits does that."""
        self.stream: ClientStream
        self.sent = False
        """There is a stream."""
        self.upload: asyncio.Future[None] | None = None
        self.begun = False
        self.unprocessed = False
        self._head: codec.ResponseMessage | None = None
        self._parts: list[bytes] = []
        self._seq = 0
        self._status: Status | None = None
        self._body: MessageBody | None = None
        self._drained: asyncio.Future[None] | None = None

    def on_headers(self, fields: Headers) -> None:
        """What the messages tell is enough."""

    def on_message(self, message: bytes) -> None:
        try:
            chunk = codec.decode_chunk(message)
            if self._head is None:
                self._begin(chunk)
            elif chunk.leading is not None:
                raise codec.CodecError("response metadata found in non-leading chunk")
            if chunk.has_payload:
                self._take(chunk)
        except (codec.CodecError, codec.HeaderError) as error:
            self.fail(RpcError(INTERNAL, str(error)))

    def _begin(self, chunk: codec.Chunk) -> None:
        if chunk.leading is None:
            raise codec.CodecError("response does not contain the required fields in the leading chunk")
        self._head = codec.decode_response(chunk.leading)
        self.begun = True
        self._client.begun(self)

    def _take(self, chunk: codec.Chunk) -> None:
        if chunk.seq != self._seq:
            raise codec.CodecError(f"invalid sequence number received: {chunk.seq} (expected: {self._seq})")
        self._seq += 1
        if self._body is not None:
            self._body.push(chunk.data)
        elif chunk.data:
            self._parts.append(chunk.data)

    def deliver(self) -> None:
        """Give the caller what has come, and the rest as it comes."""
        status, head, parts = self._status, self._head, self._parts
        if self.settled or head is None:
            return
        if status is None:
            body = MessageBody(self.stream.pause, self.stream.resume, self.abandoned)
            for part in parts:
                body.push(part)
            self._body = body
            self.settle(answer(head, body))
        elif status.ok:
            self.settle(answer(head, parts[0] if len(parts) == 1 else b"".join(parts)))
        else:
            self.settle(None, _error_of(status))

    def on_close(self, status: Status) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if self.upload is not None:
            self.upload.cancel()
        if self._body is not None:
            self._body.finish(None if status.ok else BodyBrokenError(f"the callee broke off: {status.message}"))
        elif self.begun:
            self._status = status  # ``deliver`` is due
        else:
            self.unprocessed = status.unprocessed
            self.settle(None, self._client.failed(self, _error_of(status)))

    def on_writable(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def drained(self, stream: ClientStream) -> None:
        """Wait until the stream takes more, or has ended."""
        while not stream.writable and stream.local_open:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained
            self._drained = None

    def fail(self, error: Exception) -> None:
        """End the call with an error of our own."""
        if self._body is not None:
            self._body.finish(error)
        else:
            self.settle(None, error)
        self.abandoned()

    def abandoned(self) -> None:
        """Nobody wants the rest."""
        if self.upload is not None:
            self.upload.cancel()
        if self.sent:
            self.stream.cancel()


class _UnaryAnswer(ResponseListener):
    """The answer to ``CallLocal``."""

    __slots__ = ("_head", "future", "stream", "unprocessed")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Response] = loop.create_future()
        self.stream: ClientStream
        self.unprocessed = False
        self._head: codec.ResponseMessage | None = None

    def on_message(self, message: bytes) -> None:
        try:
            self._head = codec.decode_response(message)
        except (codec.CodecError, codec.HeaderError) as error:
            if not self.future.done():
                self.future.set_exception(RpcError(INTERNAL, str(error)))

    def on_close(self, status: Status) -> None:
        if self.future.done():
            return
        if status.ok and self._head is not None:
            self.future.set_result(answer(self._head, self._head.data))
        else:
            self.future.set_exception(_error_of(status))


def answer(head: codec.ResponseMessage, body: Body) -> Response:
    """An application's answer: a status of 100 and more is one of HTTP, a smaller one a gRPC code (api.md §3.5)."""
    shown = head.derived
    if not isinstance(shown, _Shown):
        shown = head.derived = _Shown(head)
    if head.status >= 100:
        return Response(head.status, list(shown.headers), body)
    return GrpcAnswer(
        head.status,
        list(shown.headers),
        body,
        message=head.message,
        details=head.status_details,
        trailers=list(shown.trailers),
        content_type=head.content_type,
        type_url=head.type_url,
    )


class _Shown:
    """What follows from the head of an answer; kept with it, since answers repeat themselves."""

    __slots__ = ("headers", "trailers")

    def __init__(self, head: codec.ResponseMessage) -> None:
        self.headers = _fields(head.entries)
        self.trailers = _fields(head.trailers)
        if head.content_type and all(name != b"content-type" for name, _ in self.headers):
            self.headers.append((b"content-type", head.content_type))


def _fields(entries: Iterable[codec.Entry]) -> Headers:
    return [(name, value) for name, values, _ in entries for value in values]


def _error_of(status: Status) -> RpcError:
    if status.ok:
        return RpcError(INTERNAL, "the callee ended the call without an answer")
    return RpcError(int(status.code), status.message, status.details or b"")
