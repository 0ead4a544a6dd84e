"""Actors of an HTTP application, and actors behind other sidecars, as the block of actors knows them.

Thin: what the block says in its own words is said here in those of the application and of the wire.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from google.protobuf import wrappers_pb2

from dapr_core import jsonx
from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.ring import RingHost
from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.messages import Headers, Response
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.app.actors import ActorAnswerError, HttpActors
from daprd.app.shared import SharedHeaders
from daprd.blocks.actors.host import (
    DEACTIVATION,
    ERROR_HEADER,
    ActorAnswer,
    ActorCall,
    ActorHost,
    Firing,
    HostError,
    PermanentHostError,
)
from daprd.blocks.actors.kept import KeptHeaders
from daprd.blocks.actors.refusals import ActorStatusError
from daprd.blocks.actors.routing import Emit
from daprd.blocks.invoke.headers import CALLER_APP_ID
from daprd.catalogue.invoke import grpc_name
from daprd.mesh.actors import ActorPeers, Head, encode_head
from daprd.mesh.actorstreams import StreamPeers
from daprd.mesh.codec import ResponseMessage
from daprd.mesh.errors import RpcError

TRACEPARENT: Final = b"traceparent"
_DROPPED: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})


class HttpHost(ActorHost):
    """Actors in an HTTP application.

    Args:
        actors: its callbacks.
        identity: whom the application is told the call comes from, where the caller has not said so.
    """

    def __init__(self, actors: HttpActors, identity: Headers) -> None:
        self._actors = actors
        self._identity = identity

    def begin(self, call: ActorCall) -> Deferred[ActorAnswer]:
        try:
            begun = self._actors.call(
                call.actor_type, call.actor_id, call.method, call.query, self._headers(call.headers), call.data
            )
        except ActorAnswerError as error:
            raise _host_error(error) from None
        return begun.turned(_outcome)

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        return await self.begin(call)

    def _headers(self, given: Headers) -> Headers:
        """What the application is told; the same list for calls with the same headers."""
        if type(given) is not KeptHeaders:
            return self._completed(given)
        known: SharedHeaders | None = given.note(self)
        if known is None:
            known = SharedHeaders(self._completed(given))
            given.keep(self, known)
        return known

    def _completed(self, headers: Headers) -> Headers:
        names = {name for name, _ in headers}
        if CALLER_APP_ID not in names:
            headers = [*headers, *self._identity]
        if TRACEPARENT not in names:
            headers = [*headers, (TRACEPARENT, NO_SPAN.traceparent)]
        return headers

    async def fire(self, firing: Firing) -> bool:
        try:
            return await self._actors.fire(firing.actor_type, firing.actor_id, firing.turn_name, body_of(firing))
        except ActorAnswerError as error:
            raise _host_error(error) from None

    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        try:
            async with asyncio.timeout(DEACTIVATION):
                await self._actors.deactivate(actor_type, actor_id)
        except TimeoutError:
            raise HostError(f"the application did not answer within {DEACTIVATION:g} s") from None
        except ActorAnswerError as error:
            raise _host_error(error) from None


def _host_error(error: ActorAnswerError) -> HostError:
    kind = PermanentHostError if error.permanent else HostError
    return kind(str(error), error.reason)


def _outcome(response: Response | None, error: BaseException | None) -> ActorAnswer:
    """The step behind a call of the application."""
    if response is not None:
        return answer_of(response)
    assert error is not None
    raise _host_error(error) if isinstance(error, ActorAnswerError) else error


def answer_of(response: Response) -> ActorAnswer:
    """An application's answer."""
    assert isinstance(response.body, bytes)
    kind = response.header(b"content-type") or b""
    headers = [pair for pair in response.headers if pair[0] not in _DROPPED]
    return ActorAnswer(response.body, kind, headers, _failed(headers))


def _failed(headers: Headers) -> bool:
    """Whether the application says that the call failed."""
    for name, _ in headers:  # noqa: SIM110 - a generator would cost more than all of it, with every call
        if name == ERROR_HEADER:
            return True
    return False


def body_of(firing: Firing) -> bytes:
    """What an HTTP application is told of a timer or reminder, as the original writes it (§5.3 and the recordings)."""
    parts = [] if firing.data is None else [b'"data":' + firing.data]
    if firing.is_timer:
        parts.append(b'"callback":' + jsonx.dumps(firing.callback or ""))
    parts.append(b'"dueTime":' + jsonx.dumps(firing.due_time))
    parts.append(b'"period":' + jsonx.dumps(firing.period))
    return b"{" + b",".join(parts) + b"}"


class PeerActors:
    """Actors behind other sidecars."""

    def __init__(self, peers: ActorPeers, streams: StreamPeers) -> None:
        self._peers = peers
        self._streams = streams

    def invoke(self, owner: RingHost, call: ActorCall) -> Deferred[ActorAnswer]:
        actor = call.actor_type, call.actor_id
        begun = self._peers.call(owner.name, owner.app_id, actor, call.data, partial(self._head, call), _told)
        begun.after(_refused)
        return begun

    def _head(self, call: ActorCall) -> Head:
        """What the wire is told of a call but its actor and body; made once for calls of the same headers."""
        headers = call.headers
        if type(headers) is not KeptHeaders or call.query or call.spelling:
            return encode_head(call.method, headers, call.query, call.content_type, call.spelling)
        key = self, call.method, call.content_type
        known: Head | None = headers.note(key)
        if known is None:
            known = encode_head(call.method, headers, b"", call.content_type)
            headers.keep(key, known)
        return known

    def fire(self, owner: RingHost, firing: Firing) -> Deferred[bool]:
        begun = self._peers.remind(owner.name, owner.app_id, reminder_of(firing))
        return begun.turned(_reminded)

    async def stream(self, owner: RingHost, call: ActorCall, emit: Emit) -> None:
        async def take(answer: ResponseMessage, data: bytes) -> None:
            await emit(_told(answer, data))

        actor = call.actor_type, call.actor_id
        try:
            await self._streams.stream(owner.name, owner.app_id, actor, self._head(call), call.data, take)
        except RpcError as error:
            raise _refusal(error) from None


def _refused(answer: ActorAnswer | None, error: BaseException | None) -> ActorAnswer:
    """The step behind a call of another sidecar: its refusal in the block's words."""
    if answer is not None:
        return answer
    assert error is not None
    raise _refusal(error)


def _reminded(nothing: None, error: BaseException | None) -> bool:
    """The same behind a timer or reminder; another sidecar does not tell whether more of them are asked for."""
    if error is not None:
        raise _refusal(error)
    return False


def _refusal(error: BaseException) -> BaseException:
    return ActorStatusError(error.code, grpc_name(error.code), error.text) if isinstance(error, RpcError) else error


class _Head:
    """What follows from the head of an answer; kept with it, since answers repeat themselves."""

    __slots__ = ("failed", "headers")

    def __init__(self, answer: ResponseMessage) -> None:
        self.headers: Headers = [(name, value) for name, values, _ in answer.entries for value in values]
        self.failed = _failed(self.headers)


def _told(answer: ResponseMessage, data: bytes) -> ActorAnswer:
    head = answer.derived
    if type(head) is not _Head:
        head = answer.derived = _Head(answer)
    headers = list(head.headers)
    return ActorAnswer(data, answer.content_type, headers, head.failed, answer.status, answer.type_url)


def reminder_of(firing: Firing) -> Reminder:
    """A timer or reminder as sidecars tell it each other; a timer's callback has no field there."""
    reminder = Reminder(
        actor_id=firing.actor_id,
        actor_type=firing.actor_type,
        name=firing.name,
        period=firing.period,
        due_time=firing.due_time,
        is_timer=firing.is_timer,
        skip_lock=firing.skip_lock,
    )
    if firing.data is not None:
        reminder.data.Pack(wrappers_pb2.BytesValue(value=firing.data))
    return reminder
