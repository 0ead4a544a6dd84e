"""Calls of other sidecars to actors that live here (actors-placement.md §3.5 and the recorded wire).

Thin, like ``internal``: messages are decoded, the router calls the actor, its answer is encoded. Where actors are off
the rpcs answer so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from google.protobuf import wrappers_pb2
from google.protobuf.message import DecodeError

from dapr_core.errors import DaprError
from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream
from dapr_core.rpc.grpc.status import encode_binary
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.blocks.actors.host import REENTRANCY, ActorAnswer, ActorCall, Firing
from daprd.blocks.actors.routing import MovedError, NoHostError, Router, StatusError
from daprd.mesh import codec
from daprd.mesh.actors import actor_of
from daprd.mesh.errors import INTERNAL, INVALID_ARGUMENT, UNAVAILABLE, UNKNOWN

_log = logging.getLogger("dapr.runtime.grpc.internal")

_INVALID: Final = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
_REMOTE: Final = (b"x-dapr-remote", b"true")
_CONTEXT: Final = [(b"grpc-trace-bin", encode_binary(tracecontext.encode_binary(NO_SPAN)))]
_MOVED: Final = "error invoke actor method: remote actor moved"

Serve = Callable[[bytes], Awaitable[bytes]]


class _RefusedError(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class ActorService:
    """The rpcs of actors. Without a ``router`` they answer as a sidecar without placement does."""

    def __init__(self, router: Router | None) -> None:
        self._router = router

    def methods(self) -> dict[str, MethodFactory]:
        """The rpcs by their names."""
        return {
            "CallActor": lambda stream: _Call(stream, self._invoke),
            "CallActorReminder": lambda stream: _Call(stream, self._remind),
            # Only workflows stream from actors; the original says this of every other.
            "CallActorStream": lambda stream: _Call(stream, self._stream),
        }

    def _on(self) -> Router:
        if self._router is None:
            raise _RefusedError(UNAVAILABLE, "placement service is not configured")
        return self._router

    async def _invoke(self, message: bytes) -> bytes:
        try:
            request, actor = codec.decode_request(message), actor_of(message)
        except codec.HeaderError as error:
            raise _RefusedError(INVALID_ARGUMENT, f"parsing InternalInvokeRequest error: {error}") from None
        router = self._on()
        headers = [
            (name, value) for name, values, _ in request.entries for value in values if name != b"content-length"
        ]
        reentrancy = next((value for name, value in headers if name == REENTRANCY), b"")
        if request.content_type and not any(name == b"content-type" for name, _ in headers):
            headers.append((b"content-type", request.content_type))
        headers.append(_REMOTE)
        call = ActorCall(
            actor[0], actor[1], request.method, request.data, request.content_type, headers, request.query,
            reentrancy.decode("latin-1"), {name: spelt for name, _, spelt in request.entries},
        )  # fmt: skip
        try:
            return _encoded(await router.invoke_for_peer(call))
        except MovedError:
            raise _RefusedError(INTERNAL, _MOVED) from None

    async def _remind(self, message: bytes) -> bytes:
        try:
            reminder = Reminder.FromString(message)
        except DecodeError:
            raise codec.CodecError(_INVALID) from None
        try:
            await self._on().fire_for_peer(firing_of(reminder))
        except MovedError:
            raise _RefusedError(INTERNAL, _MOVED) from None
        except NoHostError as error:
            raise _RefusedError(error.code, error.reason) from None
        return b""

    async def _stream(self, message: bytes) -> bytes:
        raise _RefusedError(UNKNOWN, "not implemented")


def firing_of(reminder: Reminder) -> Firing:
    """A timer or reminder as another sidecar tells it."""
    return Firing(
        reminder.actor_type,
        reminder.actor_id,
        reminder.name,
        unpacked(reminder),
        reminder.due_time,
        reminder.period,
        is_timer=reminder.is_timer,
    )


def unpacked(reminder: Reminder) -> bytes | None:
    """The JSON text that a reminder carries; whatever is no ``BytesValue`` is taken as it is."""
    if not reminder.HasField("data"):
        return None
    value = wrappers_pb2.BytesValue()
    data = reminder.data
    if data.Is(wrappers_pb2.BytesValue.DESCRIPTOR) and data.Unpack(value):
        return value.value or None
    return data.value or None


def _encoded(answer: ActorAnswer) -> bytes:
    return codec.encode_response(200, answer.headers, content_type=answer.content_type, data=answer.data)


class _Call(CallListener):
    """One call: one message, then a task that waits for the actor."""

    __slots__ = ("_message", "_serve", "_stream", "_task")

    def __init__(self, stream: ServerStream, serve: Serve) -> None:
        self._stream = stream
        self._serve = serve
        self._message: bytes | None = None
        self._task: asyncio.Task[None] | None = None

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_end(self) -> None:
        if self._message is None:
            self._stream.finish(INTERNAL, "received no message for a unary request")
            return
        self._task = self._stream.server.loop.create_task(self._answer(self._message))

    def on_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _answer(self, message: bytes) -> None:
        stream = self._stream
        try:
            answer = await self._serve(message)
        except asyncio.CancelledError:
            stream.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - the edge: the peer gets a status, the log the cause
            stream.send_metadata(_CONTEXT)
            stream.finish(*_status(error))
        else:
            stream.send_metadata(_CONTEXT)
            stream.send_message(answer)
            stream.finish()


def _status(error: Exception) -> tuple[int, str]:
    match error:
        case _RefusedError():
            return error.code, str(error)
        case StatusError():
            return error.code, error.text
        case DaprError():
            return error.row.grpc_code, error.message("grpc")
        case codec.CodecError():
            return INTERNAL, _INVALID
        case _:
            _log.error("a call of another sidecar to an actor failed unexpectedly", exc_info=error)
            return UNKNOWN, "internal error in the sidecar"
