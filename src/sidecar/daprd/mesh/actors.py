"""Actors behind other sidecars: ``CallActor`` and ``CallActorReminder`` on the pooled connections (§3.5).

A call is callbacks on its HTTP/2 stream, and its outcome is told. Calls that come together are encoded, sent and read
one kind of work after the other, as those of service invocation are (``client``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Generic, TypeAlias, TypeVar

from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.rpc.deferred import Deferred, Detour, detoured
from dapr_core.rpc.grpc.client import ClientConnection
from dapr_core.rpc.grpc.client_stream import ClientStream, encode_metadata
from dapr_core.rpc.grpc.status import GrpcError, Status, encode_binary
from dapr_core.rpc.messages import Headers
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.mesh import codec
from daprd.mesh.client import MeshClient, Target
from daprd.mesh.codec.actors import decode_answer, encode_call
from daprd.mesh.errors import INTERNAL, RpcError

CALL: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallActor"
REMIND: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallActorReminder"
_UNKNOWN: Final = 2
_TRACEPARENT: Final = b"traceparent"
_BINARY: Final = b"grpc-trace-bin"
_NO_CONTEXT: Final = encode_metadata(
    [(_TRACEPARENT, NO_SPAN.traceparent), (_BINARY, encode_binary(tracecontext.encode_binary(NO_SPAN)))]
)

T = TypeVar("T")

Head: TypeAlias = tuple[bytes, bytes]
"""What calls of equal headers have in common: the encoded request without body and actor, and the call's metadata."""
Prepare: TypeAlias = Callable[[], tuple[bytes, bytes]]
"""Gives the whole message and the call's metadata."""
Read: TypeAlias = Callable[[bytes], T]
"""Makes a value of the answer's message."""


def encode_head(
    method: str,
    headers: Headers,
    query: bytes,
    content_type: bytes,
    spelling: Mapping[bytes, bytes] | None = None,
) -> Head:
    """The head of a call. ``spelling`` are names that shall not go out canonically.

    Raises:
        HeaderError: a header is not UTF-8.
    """
    plain, spelt = headers, b""
    if spelling:
        plain = [pair for pair in headers if pair[0] not in spelling]
        spelt = _spelt(headers, spelling)
    request = codec.encode_request(
        method.encode(), codec.VERBS["PUT"], plain, query=query, content_type=content_type, extra=spelt
    )
    return request, _context(headers)


class ActorPeers:
    """Calls other sidecars. ``namespace`` is this application's: actors of another are not reached."""

    def __init__(self, mesh: MeshClient, namespace: str) -> None:
        self._mesh = mesh
        self._namespace = namespace
        self._due: list[tuple[ClientConnection, _Call[Any], Target]] = []
        self._answered: list[_Call[Any]] = []

    def call(
        self,
        address: str,
        app_id: str,
        actor: tuple[str, str],
        data: bytes,
        head: Callable[[], Head],
        read: Callable[[codec.ResponseMessage, bytes], T],
    ) -> Deferred[T]:
        """Call an actor. ``head`` and ``read`` are asked when it is their turn; the outcome may be an ``RpcError``."""
        return self._begin(CALL, address, app_id, partial(_message, head, data, actor), partial(_answer, read))

    def remind(self, address: str, app_id: str, reminder: Reminder) -> Deferred[None]:
        """Tell an actor of a timer or reminder. The outcome may be an ``RpcError``."""
        return self._begin(REMIND, address, app_id, lambda: (reminder.SerializeToString(), _NO_CONTEXT), _nothing)

    def _begin(self, path: str, address: str, app_id: str, prepare: Prepare, read: Read[T]) -> Deferred[T]:
        target = (app_id, self._namespace)
        call = _Call(self, path, address, prepare, read)
        connection = self._mesh.ready(address, target)
        if connection is None:
            return detoured(self._connected(call, target))
        if not self._due:
            connection.loop.call_soon(self._send_due)
        self._due.append((connection, call, target))
        return call

    async def _connected(self, call: _Call[T], target: Target) -> T:
        """Make a call once there is a connection."""
        connection = await self._mesh.connection(call.address, target)
        try:
            call.prepared = call.prepare()
            call.start(connection)
        except GrpcError as error:
            raise RpcError(error.code, error.message) from error
        return await call

    def _send_due(self) -> None:
        """Send what this turn of the loop has begun."""
        due, self._due = self._due, []
        ready: list[tuple[ClientConnection, _Call[Any], Target]] = []
        for item in due:
            call = item[1]
            if call.settled:
                continue  # nobody wants it any more
            try:
                call.prepared = call.prepare()
            except Exception as error:  # noqa: BLE001 - the other calls are to be sent whatever is wrong with one
                call.settle(None, error)
            else:
                ready.append(item)
        corked: set[ClientConnection] = set()
        try:
            for connection, call, target in ready:
                connection.cork()
                corked.add(connection)
                try:
                    call.start(connection)
                except GrpcError:
                    # It takes no new calls since a moment ago.
                    again = _Call(self, call.path, call.address, call.prepare, call.read)
                    call.settle(None, Detour(self._connected(again, target)))
        finally:
            for connection in corked:
                connection.uncork()

    def answered(self, call: _Call[Any]) -> None:
        """A call is over: its outcome is told at the end of this turn of the loop, with those of the others."""
        if not self._answered:
            asyncio.get_running_loop().call_soon(self._deliver)
        self._answered.append(call)

    def _deliver(self) -> None:
        answered, self._answered = self._answered, []
        outcomes = [(call, *call.outcome()) for call in answered if not call.settled]
        for call, value, error in outcomes:
            try:
                call.settle(value, error)
            except Exception as failure:  # noqa: BLE001 - whoever fails to take an answer must not cost others theirs
                call.failed(failure)


def _message(head: Callable[[], Head], data: bytes, actor: tuple[str, str]) -> tuple[bytes, bytes]:
    request, metadata = head()
    return encode_call(request, data, *actor), metadata


def _answer(read: Callable[[codec.ResponseMessage, bytes], T], message: bytes) -> T:
    return read(*decode_answer(message))


def _nothing(message: bytes) -> None:
    return None


def _spelt(headers: Headers, spelling: Mapping[bytes, bytes]) -> bytes:
    """Metadata entries under the names that a client of gRPC wrote, which its application may look for."""
    return b"".join(
        codec.field(b"\x12", codec.header_entry(spelling[name], (value,)))
        for name, value in headers
        if name in spelling
    )


def _context(headers: Headers) -> bytes:
    """The trace context of a call, as its gRPC metadata."""
    for name, value in headers:
        if name == _TRACEPARENT:
            span = tracecontext.parse_traceparent(value)
            if span is not None:
                binary = encode_binary(tracecontext.encode_binary(span))
                return encode_metadata([(_TRACEPARENT, value), (_BINARY, binary)])
    return _NO_CONTEXT


class _Call(Deferred[T], Generic[T]):
    """A call, and its outcome."""

    __slots__ = ("_message", "_peers", "_status", "_stream", "address", "path", "prepare", "prepared", "read")

    def __init__(self, peers: ActorPeers, path: str, address: str, prepare: Prepare, read: Read[T]) -> None:
        super().__init__()
        self._peers = peers
        self.path = path
        self.address = address
        self.prepare = prepare
        self.read = read
        self.prepared = (b"", b"")
        self._stream: ClientStream | None = None
        self._message = b""
        self._status: Status | None = None

    def start(self, connection: ClientConnection) -> None:
        """Send what was prepared. Raises ``GrpcError`` when the connection takes no more calls."""
        message, metadata = self.prepared
        self._stream = stream = connection.start(self.path, metadata, self, None)
        self.prepared = (b"", b"")
        stream.send_message(message, True)

    def on_headers(self, fields: Headers) -> None:
        """The message tells all."""

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_writable(self) -> None:
        """One message was sent, in one go."""

    def on_close(self, status: Status) -> None:
        if not self.settled:
            self._status = status
            self._peers.answered(self)

    def outcome(self) -> tuple[T | None, Exception | None]:
        """What has become of it, once it is over."""
        status = self._status
        if status is None or not status.ok:
            code, text = (_UNKNOWN, "") if status is None else (status.code or _UNKNOWN, status.message)
            return None, RpcError(code, text)
        try:
            return self.read(self._message), None
        except (codec.CodecError, codec.HeaderError) as error:
            return None, RpcError(INTERNAL, str(error))

    def failed(self, error: Exception) -> None:
        """Whoever was told the outcome could not take it."""
        if self._stream is not None:
            self._stream.owner.stream_failed(error)

    def abandoned(self) -> None:
        """Nobody wants the answer."""
        if self._stream is not None:
            self._stream.cancel()
