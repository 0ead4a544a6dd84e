"""Actors of an HTTP application, and actors behind other sidecars, as the block of actors knows them.

Thin: what the block says in its own words is said here in those of the application and of the wire.
"""

from __future__ import annotations

import asyncio
from typing import Final

from google.protobuf import wrappers_pb2

from dapr_core import jsonx
from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.ring import RingHost
from dapr_core.rpc.messages import Headers, Response
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.app.actors import ActorAnswerError, HttpActors
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
from daprd.blocks.actors.routing import ActorStatusError, Remote
from daprd.blocks.invoke.headers import CALLER_APP_ID
from daprd.catalogue.invoke import grpc_name
from daprd.mesh.actors import ActorPeers
from daprd.mesh.errors import RpcError

TRACEPARENT: Final = b"traceparent"
_DROPPED: Final = (b"content-length", b"transfer-encoding", b"connection")


class HttpHost(ActorHost):
    """Actors in an HTTP application.

    Args:
        actors: its callbacks.
        identity: whom the application is told the call comes from, where the caller has not said so.
    """

    def __init__(self, actors: HttpActors, identity: Headers) -> None:
        self._actors = actors
        self._identity = identity

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        headers = call.headers
        names = {name for name, _ in headers}
        if CALLER_APP_ID not in names:
            headers = [*headers, *self._identity]
        if TRACEPARENT not in names:
            headers = [*headers, (TRACEPARENT, NO_SPAN.traceparent)]
        try:
            answer = await self._actors.call(
                call.actor_type, call.actor_id, call.method, call.query, headers, call.data
            )
        except ActorAnswerError as error:
            raise _host_error(error) from None
        return answer_of(answer)

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


def answer_of(response: Response) -> ActorAnswer:
    """An application's answer."""
    assert isinstance(response.body, bytes)
    kind = response.header(b"content-type") or b""
    headers = [pair for pair in response.headers if pair[0] not in _DROPPED]
    return ActorAnswer(response.body, kind, headers, failed=any(name == ERROR_HEADER for name, _ in headers))


def body_of(firing: Firing) -> bytes:
    """What an HTTP application is told of a timer or reminder, as the original writes it (§5.3 and the recordings)."""
    parts = [] if firing.data is None else [b'"data":' + firing.data]
    if firing.is_timer:
        parts.append(b'"callback":' + jsonx.dumps(firing.callback or ""))
    parts.append(b'"dueTime":' + jsonx.dumps(firing.due_time))
    parts.append(b'"period":' + jsonx.dumps(firing.period))
    return b"{" + b",".join(parts) + b"}"


class PeerActors(Remote):
    """Actors behind other sidecars."""

    def __init__(self, peers: ActorPeers) -> None:
        self._peers = peers

    async def invoke(self, owner: RingHost, call: ActorCall) -> ActorAnswer:
        try:
            answer = await self._peers.call(
                owner.name,
                owner.app_id,
                (call.actor_type, call.actor_id),
                call.method,
                call.headers,
                call.query,
                call.content_type,
                call.data,
                call.spelling,
            )
        except RpcError as error:
            raise ActorStatusError(error.code, grpc_name(error.code), error.text) from None
        headers = [(name, value) for name, values, _ in answer.entries for value in values]
        failed = any(name == ERROR_HEADER for name, _ in headers)
        return ActorAnswer(answer.data, answer.content_type, headers, failed)

    async def fire(self, owner: RingHost, firing: Firing) -> None:
        try:
            await self._peers.remind(owner.name, owner.app_id, reminder_of(firing))
        except RpcError as error:
            raise ActorStatusError(error.code, grpc_name(error.code), error.text) from None


def reminder_of(firing: Firing) -> Reminder:
    """A timer or reminder as sidecars tell it each other; a timer's callback has no field there."""
    reminder = Reminder(
        actor_id=firing.actor_id,
        actor_type=firing.actor_type,
        name=firing.name,
        period=firing.period,
        due_time=firing.due_time,
        is_timer=firing.is_timer,
    )
    if firing.data is not None:
        reminder.data.Pack(wrappers_pb2.BytesValue(value=firing.data))
    return reminder
