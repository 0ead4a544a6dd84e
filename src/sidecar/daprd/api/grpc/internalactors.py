"""Calls of other sidecars to actors that live here (actors-placement.md §3.5 and the recorded wire).

Thin, like ``internal``: messages are decoded, the router calls the actor, its answer is encoded. Calls that come
together are read, begun and answered one kind of work after the other (``mesh.client`` says why). Where actors are off
the rpcs answer so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from google.protobuf import wrappers_pb2
from google.protobuf.message import DecodeError

from dapr_core.errors import DaprError
from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream
from dapr_core.rpc.grpc.status import encode_binary
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.blocks.actors.host import REENTRANCY, ActorAnswer, ActorCall, Firing
from daprd.blocks.actors.kept import KeptHeaders
from daprd.blocks.actors.refusals import NoHostError, StatusError
from daprd.blocks.actors.routing import MovedError, Router
from daprd.mesh import codec
from daprd.mesh.codec.actors import decode_call, encode_answer
from daprd.mesh.errors import INTERNAL, INVALID_ARGUMENT, UNAVAILABLE, UNKNOWN

_log = logging.getLogger("dapr.runtime.grpc.internal")

T = TypeVar("T")

_INVALID: Final = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
_LENGTH: Final = b"content-length"
_REMOTE: Final = (b"x-dapr-remote", b"true")
CONTEXT: Final = [(b"grpc-trace-bin", encode_binary(tracecontext.encode_binary(NO_SPAN)))]
_MOVED: Final = "error invoke actor method: remote actor moved"

Begin: TypeAlias = Callable[[], Deferred[T]]
"""Begins a call that was read. What is wrong is raised at once, or is the outcome."""


class _Rpc(NamedTuple, Generic[T]):
    """How a call is served: reading its message may raise what is wrong with that."""

    read: Callable[[bytes], Begin[T]]
    encode: Callable[[T], bytes]


class RefusedError(Exception):
    """What the peer is told, as a status of gRPC."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class _Head:
    """What follows from the head of a call alone, made once for all calls that share it."""

    __slots__ = ("headers", "reentrancy", "spelling")

    def __init__(self, request: codec.RequestMessage) -> None:
        headers = [(name, value) for name, values, _ in request.entries for value in values if name != _LENGTH]
        reentrancy = next((value for name, value in headers if name == REENTRANCY), b"")
        if request.content_type and not any(name == b"content-type" for name, _ in headers):
            headers.append((b"content-type", request.content_type))
        headers.append(_REMOTE)
        self.headers = KeptHeaders(headers)
        self.reentrancy = reentrancy.decode("latin-1")
        self.spelling = {name: spelt for name, _, spelt in request.entries}


class ActorService:
    """The rpcs of actors. Without a ``router`` they answer as a sidecar without placement does."""

    def __init__(self, router: Router | None) -> None:
        self._router = router
        self._due: list[_Call[Any]] = []
        self._over: list[_Call[Any]] = []

    def methods(self) -> dict[str, MethodFactory]:
        """The rpcs by their names."""
        call, remind = _Rpc(self._invoke, answer_message), _Rpc(self._remind, _reminded)
        return {
            "CallActor": lambda stream: _Call(self, stream, call),
            "CallActorReminder": lambda stream: _Call(self, stream, remind),
        }

    # --- What comes together

    def arrived(self, call: _Call[Any]) -> None:
        """A call is whole: it is begun at the end of this turn of the loop, with the others."""
        if not self._due:
            call.stream.server.loop.call_soon(self._begin_due)
        self._due.append(call)

    def _begin_due(self) -> None:
        due, self._due = self._due, []
        for call, begin in [(call, call.read()) for call in due]:
            if begin is not None:
                call.begin(begin)

    def over(self, call: _Call[Any]) -> None:
        """A call has its outcome: it is answered at the end of this turn of the loop, with the others."""
        if not self._over:
            call.stream.server.loop.call_soon(self._answer)
        self._over.append(call)

    def _answer(self) -> None:
        over, self._over = self._over, []
        for call, answer in [(call, call.encoded()) for call in over]:
            call.answer(answer)

    # --- The rpcs

    def _on(self) -> Router:
        if self._router is None:
            raise RefusedError(UNAVAILABLE, "placement service is not configured")
        return self._router

    def _invoke(self, message: bytes) -> Begin[ActorAnswer]:
        return partial(self._on().invoke_for_peer, call_of(message))

    def _remind(self, message: bytes) -> Begin[bool]:
        try:
            reminder = Reminder.FromString(message)
        except DecodeError:
            raise codec.CodecError(_INVALID) from None
        router = self._on()

        def begin() -> Deferred[bool]:
            begun = router.fire_for_peer(firing_of(reminder))
            begun.after(_unhosted)
            return begun

        return begin


def call_of(message: bytes) -> ActorCall:
    """A call as another sidecar makes it. Raises ``RefusedError`` and ``CodecError``."""
    try:
        request, actor_type, actor_id, data = decode_call(message)
    except codec.HeaderError as error:
        raise RefusedError(INVALID_ARGUMENT, f"parsing InternalInvokeRequest error: {error}") from None
    head = request.derived
    if type(head) is not _Head:
        head = request.derived = _Head(request)
    return ActorCall(
        actor_type, actor_id, request.method, data, request.content_type, head.headers, request.query,
        head.reentrancy, head.spelling,
    )  # fmt: skip


def answer_message(answer: ActorAnswer) -> bytes:
    """An answer as sidecars tell it."""
    head = codec.encode_response(answer.status, answer.headers, content_type=answer.content_type)
    if answer.type_url:  # merged with what is there of the message already
        head += codec.field(b"\x22", codec.field(b"\x0a", codec.field(b"\x0a", answer.type_url)))
    return encode_answer(head, answer.data)


def _unhosted(cancelled: bool | None, error: BaseException | None) -> bool:
    """The step behind a timer or reminder: that nobody has the type is told in few words."""
    if isinstance(error, NoHostError):
        raise RefusedError(error.code, error.reason)
    if error is not None:
        raise error
    return bool(cancelled)


def _reminded(cancelled: bool) -> bytes:
    """The answer to a timer or reminder, which says nothing."""
    return b""


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
        skip_lock=reminder.skip_lock,
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


class _Call(CallListener, Generic[T]):
    """One call: one message, and its outcome, which no task waits for."""

    __slots__ = ("_error", "_message", "_outcome", "_rpc", "_service", "_value", "stream")

    def __init__(self, service: ActorService, stream: ServerStream, rpc: _Rpc[T]) -> None:
        self.stream = stream
        self._service = service
        self._rpc = rpc
        self._message: bytes | None = None
        self._outcome: Deferred[T] | None = None
        self._value: T | None = None
        self._error: BaseException | None = None

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_end(self) -> None:
        if self._message is None:
            self.stream.finish(INTERNAL, "received no message for a unary request")
        else:
            self._service.arrived(self)

    def on_cancel(self) -> None:
        if self._outcome is not None:
            self._outcome.cancel()

    def read(self) -> Begin[T] | None:
        """What begins the call; None if it is over."""
        message, self._message = self._message, None
        if message is None or self.stream.ended:
            return None
        try:
            return self._rpc.read(message)
        except Exception as error:  # noqa: BLE001 - the edge: the peer gets a status, the log the cause
            self._told(None, error)
            return None

    def begin(self, begin: Begin[T]) -> None:
        """Begin the call."""
        try:
            self._outcome = begin()
        except Exception as error:  # noqa: BLE001 - as above
            self._told(None, error)
        else:
            self._outcome.tell(self._told)

    def _told(self, value: T | None, error: BaseException | None) -> None:
        self._outcome = None  # it knows us, and what knows each other is left to the collector
        self._value, self._error = value, error
        self._service.over(self)

    def encoded(self) -> bytes:
        """The answer's message; empty where there is none."""
        if self._error is None:
            try:
                return self._rpc.encode(self._value)  # type: ignore[arg-type]  # without an error there is a value
            except Exception as error:  # noqa: BLE001 - as above
                self._error = error
        return b""

    def answer(self, message: bytes) -> None:
        """Send the answer, or why there is none."""
        stream, error = self.stream, self._error
        if isinstance(error, asyncio.CancelledError):
            stream.cancel()
            return
        stream.send_metadata(CONTEXT)
        if error is None:
            stream.send_message(message)
            stream.finish()
        else:
            stream.finish(*status_of(error))


def status_of(error: BaseException | None) -> tuple[int, str]:
    """What the peer is told of a failure."""
    match error:
        case MovedError():
            return INTERNAL, _MOVED
        case RefusedError():
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
