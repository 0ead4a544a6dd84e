"""Actors behind other sidecars: ``CallActor`` and ``CallActorReminder`` on the pooled connections (§3.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from google.protobuf.message import DecodeError

from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.proto.gen.internals.v1.service_invocation_pb2 import Actor
from dapr_core.rpc.grpc.client_stream import ClientStream, ResponseListener
from dapr_core.rpc.grpc.status import GrpcError, Status, encode_binary
from dapr_core.rpc.messages import Headers
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.mesh import codec
from daprd.mesh.client import MeshClient
from daprd.mesh.codec.fields import skip, span
from daprd.mesh.errors import RpcError

CALL: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallActor"
REMIND: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallActorReminder"
_ACTOR: Final = b"\x22"
_UNKNOWN: Final = 2
_TRACEPARENT: Final = b"traceparent"
_BINARY: Final = b"grpc-trace-bin"
_NO_CONTEXT: Final[Headers] = [
    (_TRACEPARENT, NO_SPAN.traceparent),
    (_BINARY, encode_binary(tracecontext.encode_binary(NO_SPAN))),
]


class ActorPeers:
    """Calls other sidecars. ``namespace`` is this application's: actors of another are not reached."""

    def __init__(self, mesh: MeshClient, namespace: str) -> None:
        self._mesh = mesh
        self._namespace = namespace

    async def call(
        self,
        address: str,
        app_id: str,
        actor: tuple[str, str],
        method: str,
        headers: Headers,
        query: bytes,
        content_type: bytes,
        data: bytes,
        spelling: Mapping[bytes, bytes] | None = None,
    ) -> codec.ResponseMessage:
        """Call an actor. ``spelling`` are names that shall not go out canonically. Raises ``RpcError``."""
        plain, spelt = headers, b""
        if spelling:
            plain = [pair for pair in headers if pair[0] not in spelling]
            spelt = _spelt(headers, spelling)
        head = codec.encode_request(
            method.encode(), codec.VERBS["PUT"], plain, query=query, content_type=content_type, extra=spelt
        )
        message = codec.with_data(head, data) + codec.field(_ACTOR, actor_field(*actor))
        context = _context(headers)
        return codec.decode_response(await self._unary(CALL, address, app_id, message, context))

    async def remind(self, address: str, app_id: str, reminder: Reminder) -> None:
        """Tell an actor of a timer or reminder. Raises ``RpcError``."""
        await self._unary(REMIND, address, app_id, reminder.SerializeToString(), _NO_CONTEXT)

    async def _unary(self, path: str, address: str, app_id: str, message: bytes, context: Headers) -> bytes:
        connection = await self._mesh.connection(address, (app_id, self._namespace))
        listener = _Answer(asyncio.get_running_loop())
        try:
            stream: ClientStream = connection.start(path, context, listener, None)
        except GrpcError as error:
            raise RpcError(error.code, error.message) from error
        stream.send_message(message, True)
        try:
            return await listener.future
        except asyncio.CancelledError:
            stream.cancel()
            raise


def _spelt(headers: Headers, spelling: Mapping[bytes, bytes]) -> bytes:
    """Metadata entries under the names that a client of gRPC wrote, which its application may look for."""
    return b"".join(
        codec.field(b"\x12", codec.header_entry(spelling[name], (value,)))
        for name, value in headers
        if name in spelling
    )


def _context(headers: Headers) -> Headers:
    """The trace context of a call, as its gRPC metadata."""
    for name, value in headers:
        if name == _TRACEPARENT:
            span = tracecontext.parse_traceparent(value)
            if span is not None:
                return [(_TRACEPARENT, value), (_BINARY, encode_binary(tracecontext.encode_binary(span)))]
    return _NO_CONTEXT


def actor_field(actor_type: str, actor_id: str) -> bytes:
    """An ``Actor`` message."""
    return codec.field(b"\x0a", actor_type.encode()) + codec.field(b"\x12", actor_id.encode())


def actor_of(message: bytes) -> tuple[str, str]:
    """Type and id of the actor that an ``InternalInvokeRequest`` is for; empty where it names none.

    Raises:
        CodecError: the bytes are no such message.
    """
    pos, end = 0, len(message)
    found = b""
    while pos < end:
        if message[pos] == _ACTOR[0]:
            start, pos = span(message, pos + 1, end)
            found = message[start:pos]
        else:
            pos = skip(message, pos, end)
    actor = Actor()
    try:
        actor.ParseFromString(found)
    except DecodeError as error:
        raise codec.CodecError(str(error)) from None
    return actor.actor_type, actor.actor_id


class _Answer(ResponseListener):
    """The one answer of a call."""

    __slots__ = ("_message", "future")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[bytes] = loop.create_future()
        self._message = b""

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_close(self, status: Status) -> None:
        if self.future.done():
            return
        if status.ok:
            self.future.set_result(self._message)
        else:
            self.future.set_exception(RpcError(status.code or _UNKNOWN, status.message))
