"""``SubscribeActorEventsAlpha1``: an application hosts actors over a stream of its own (actors-placement.md §3.10).

Thin: its first message becomes the same configuration as that of an HTTP application, requests become messages in the
order in which the stream takes them, and answers find whoever waits for them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf import wrappers_pb2

from dapr_core.errors import DaprError
from dapr_core.proto.gen.runtime.v1 import actors_pb2 as pb
from dapr_core.rpc.fields import canonical, is_field_value, is_token
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Headers
from dapr_core.timing.duration import SECOND, format_nanoseconds
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import Rpc, StreamCall, Streaming
from daprd.blocks.actors.host import ERROR_HEADER, REENTRANCY, ActorAnswer, ActorCall, Firing
from daprd.blocks.actors.settings import InvalidSettingsError
from daprd.blocks.actors.streams import Answer, Departed, Fired, HostRequest, HostStreams, Refused, StreamHost
from daprd.blocks.invoke.headers import CALLER_APP_ID, CALLER_NAMESPACE, answer_headers
from daprd.catalogue import actors as rows

_log = logging.getLogger("dapr.runtime.actors.streams")

_HTTP_APP: Final = "actor callback streaming requires a gRPC app channel"
_NOT_INITIAL: Final = "first message must be SubscribeActorEventsRequestInitialAlpha1"
_EOF: Final = "EOF"
_CONTENT_TYPE: Final = b"content-type"
_LONGEST: Final = 2**63 - 1
"""Nanoseconds: what a longer time means."""
_AS_THEY_ARE: Final = frozenset((CALLER_APP_ID, CALLER_NAMESPACE))
"""Names that the original spells in lower case, whatever the protocol."""


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The method of streams that host actors."""
    block = blocks.actors

    async def subscribe(call: StreamCall) -> None:
        if not block.enabled:
            raise DaprError(rows.NO_PLACEMENT)
        streams = block.streams
        if streams is None:
            raise GrpcError(Code.FAILED_PRECONDITION, _HTTP_APP)
        await _host(call, streams, configuration_of(_initial(await call.receive())))

    return {"SubscribeActorEventsAlpha1": Streaming(pb.SubscribeActorEventsRequestAlpha1, subscribe)}


async def _host(call: StreamCall, streams: HostStreams, configuration: Mapping[str, Any]) -> None:
    """Host actors until either side ends. Raises ``GrpcError``."""
    try:
        host = streams.host(configuration)
    except InvalidSettingsError as error:
        raise GrpcError(Code.INTERNAL, f"failed to register hosted actors: {error}") from None
    try:
        await streams.open(host)
        await call.send(pb.SubscribeActorEventsResponseAlpha1(initial_response=_INITIAL))
        await _first_end(_read(call, host), _write(call, host), host.ended.wait())
    finally:
        await streams.close(host)


async def _first_end(*works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # the first end is the stream's, whatever follows from it


async def _read(call: StreamCall, host: StreamHost) -> None:
    """Hand on answers until the client ends its side."""
    while (message := await call.receive()) is not None:
        number, answer = answer_of(message)
        if answer is not None:
            host.deliver(number, answer)
        else:
            _log.warning("Dropping actor callback response without correlation id")


async def _write(call: StreamCall, host: StreamHost) -> None:
    while True:
        await call.send(message_of(await host.next()))


# --- The first message

_INITIAL: Final = pb.SubscribeActorEventsResponseInitialAlpha1()


def _initial(
    first: pb.SubscribeActorEventsRequestAlpha1 | None,
) -> pb.SubscribeActorEventsRequestInitialAlpha1:
    if first is None:
        raise GrpcError(Code.UNKNOWN, _EOF)
    if first.WhichOneof("request_type") != "initial_request":
        raise GrpcError(Code.INVALID_ARGUMENT, _NOT_INITIAL)
    return first.initial_request


def configuration_of(initial: pb.SubscribeActorEventsRequestInitialAlpha1) -> dict[str, Any]:
    """What a stream says of its types, as an HTTP application answers ``/dapr/config``; what is missing stays so."""
    found = _entry(initial)
    if initial.entities_config:
        found["entitiesConfig"] = [_entry(each) for each in initial.entities_config]
    return found


def _entry(source: pb.SubscribeActorEventsRequestInitialAlpha1 | pb.ActorEntityConfig) -> dict[str, Any]:
    found: dict[str, Any] = {"entities": list(source.entities)}
    if source.HasField("actor_idle_timeout"):
        found["actorIdleTimeout"] = _duration(source.actor_idle_timeout)
    if source.HasField("drain_ongoing_call_timeout"):
        found["drainOngoingCallTimeout"] = _duration(source.drain_ongoing_call_timeout)
    if source.HasField("drain_rebalanced_actors"):
        found["drainRebalancedActors"] = source.drain_rebalanced_actors
    if source.HasField("reentrancy"):
        reentrancy: dict[str, Any] = {"enabled": source.reentrancy.enabled}
        if source.reentrancy.HasField("max_stack_depth"):
            reentrancy["maxStackDepth"] = source.reentrancy.max_stack_depth
        found["reentrancy"] = reentrancy
    return found


def _duration(value: Any) -> str:
    nanoseconds = value.seconds * SECOND + value.nanos
    return format_nanoseconds(max(-_LONGEST, min(nanoseconds, _LONGEST)))


# --- Requests


def message_of(request: HostRequest) -> pb.SubscribeActorEventsResponseAlpha1:
    """A request as the application gets it."""
    work, number = request.work, request.number
    if isinstance(work, ActorCall):
        return pb.SubscribeActorEventsResponseAlpha1(
            invoke_request=pb.SubscribeActorEventsResponseInvokeRequestAlpha1(
                id=number,
                actor_type=work.actor_type,
                actor_id=work.actor_id,
                method=work.method,
                data=work.data,
                metadata=metadata_of(work),
            )
        )
    if isinstance(work, Firing):
        return _firing(number, work)
    return pb.SubscribeActorEventsResponseAlpha1(
        deactivate_request=pb.SubscribeActorEventsResponseDeactivateRequestAlpha1(
            id=number, actor_type=work.actor_type, actor_id=work.actor_id
        )
    )


def _firing(number: str, firing: Firing) -> pb.SubscribeActorEventsResponseAlpha1:
    message = pb.SubscribeActorEventsResponseAlpha1()
    told: pb.SubscribeActorEventsResponseTimerRequestAlpha1 | pb.SubscribeActorEventsResponseReminderRequestAlpha1
    if firing.is_timer:
        timer = told = message.timer_request
        timer.callback = firing.callback or ""
    else:
        told = message.reminder_request
    told.id = number
    told.actor_type = firing.actor_type
    told.actor_id = firing.actor_id
    told.name = firing.name
    told.due_time = firing.due_time
    told.period = firing.period
    if firing.data is not None:
        told.data.Pack(wrappers_pb2.BytesValue(value=firing.data))
    return message


def metadata_of(call: ActorCall) -> dict[str, str]:
    """A call's headers, the first value of each, spelt as the protocol of its caller spells names.

    A client of gRPC finds its own spelling again. Names of HTTP have none of their own; the application gets the
    canonical one, as from the original, and the length of the body, which came as a header.
    """
    spelling = call.spelling
    found: dict[str, str] = {}
    for name, value in call.headers:
        if name in _AS_THEY_ARE:
            spelt = name
        elif spelling is None or name == REENTRANCY:
            spelt = canonical(name)
        else:
            spelt = spelling.get(name) or canonical(name)
        found.setdefault(spelt.decode("latin-1"), _text(value))
    if spelling is None:
        found["Content-Length"] = str(len(call.data))
    return found


def _text(value: bytes) -> str:
    """UTF-8, as texts of protobuf have to be; a header that is none is taken as Latin-1 (RFC 9110 section 5.5)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


# --- Answers


def answer_of(message: pb.SubscribeActorEventsRequestAlpha1) -> tuple[str, Answer | None]:
    """An answer of the application and the number it names; None where a message is no answer."""
    kind = message.WhichOneof("request_type")
    if kind == "invoke_response":
        answer = message.invoke_response
        return answer.id, _invoked(answer)
    if kind == "timer_response":
        return message.timer_response.id, Fired(True, message.timer_response.cancel)
    if kind == "reminder_response":
        return message.reminder_response.id, Fired(False, message.reminder_response.cancel)
    if kind == "deactivate_response":
        return message.deactivate_response.id, Departed()
    if kind == "request_failed":
        failed = message.request_failed
        return failed.id, Refused(failed.code, failed.message)
    return "", None


def _invoked(answer: pb.SubscribeActorEventsRequestInvokeResponseAlpha1) -> ActorAnswer:
    headers = answer_headers(_fields(answer.metadata.items()))
    kind = next((value for name, value in headers if name == _CONTENT_TYPE), b"")
    if answer.error:
        headers.append((ERROR_HEADER, b"true"))
    return ActorAnswer(answer.data, kind, headers, answer.error)


def _fields(items: Iterable[tuple[str, str]]) -> Headers:
    """Metadata as header fields; what could be none is left out."""
    fields = [(name.lower().encode(), value.encode()) for name, value in items]
    return [(name, value) for name, value in fields if is_token(name) and is_field_value(value)]
