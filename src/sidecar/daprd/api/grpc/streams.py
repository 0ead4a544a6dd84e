"""``SubscribeTopicEventsAlpha1``: a client takes the messages of a topic over its stream (api.md §4).

Messages go out as the broker gives them, several at a time; the client says of each what became of it, in any order.
What it has not answered when the stream ends comes again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from dapr_core.proto.gen.runtime.v1 import pubsub_pb2 as pb
from dapr_core.rpc.grpc.status import Code, GrpcError
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import Rpc, StreamCall, Streaming
from daprd.app.contract import AppChannelError, Rule, SubscriptionSpec, TopicEvent, Verdict
from daprd.app.grpc_events import topic_event_request, verdict_of
from daprd.blocks.pubsub.streaming import StreamingSubscription, StreamRefusedError

_EOF = "EOF"


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The method of streaming subscriptions."""
    streams = blocks.pubsub.streams

    async def subscribe(call: StreamCall) -> None:
        spec = _spec(await call.receive())
        mailbox = _Mailbox(call)
        try:
            stream = await streams.open(spec, mailbox)
        except StreamRefusedError as error:
            raise GrpcError(Code.UNKNOWN, str(error)) from error
        try:
            await call.send(_started())
            mailbox.open()
            await _serve(call, stream, mailbox)
        finally:
            mailbox.close()
            await streams.close(stream)

    return {"SubscribeTopicEventsAlpha1": Streaming(pb.SubscribeTopicEventsRequestAlpha1, subscribe)}


def _started() -> pb.SubscribeTopicEventsResponseAlpha1:
    answer = pb.SubscribeTopicEventsResponseAlpha1()
    answer.initial_response.SetInParent()
    return answer


def _spec(first: pb.SubscribeTopicEventsRequestAlpha1 | None) -> SubscriptionSpec:
    """The subscription that the first message asks for. Raises ``GrpcError``."""
    if first is None:
        raise GrpcError(Code.UNKNOWN, _EOF)
    if first.WhichOneof("subscribe_topic_events_request_type") != "initial_request":
        raise GrpcError(Code.UNKNOWN, "initial request is required")
    asked = first.initial_request
    if not asked.pubsub_name:
        raise GrpcError(Code.UNKNOWN, "pubsubName is required")
    if not asked.topic:
        raise GrpcError(Code.UNKNOWN, "topic is required")
    return SubscriptionSpec(
        asked.pubsub_name,
        asked.topic,
        (Rule("", "/"),),
        dead_letter_topic=asked.dead_letter_topic,
        metadata=dict(asked.metadata),
        kind="STREAMING",
    )


async def _serve(call: StreamCall, stream: StreamingSubscription, mailbox: _Mailbox) -> None:
    """Take the client's answers until either side ends. Raises ``GrpcError``: there is no successful end."""
    reading = asyncio.ensure_future(_read(call, mailbox))
    ends: list[asyncio.Future[Any]] = [reading, stream.ended]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
        raise GrpcError(Code.UNAVAILABLE, stream.ended.result())
    finally:
        reading.cancel()
        await asyncio.wait([reading])


async def _read(call: StreamCall, mailbox: _Mailbox) -> None:
    while True:
        message = await call.receive()
        if message is None:
            raise GrpcError(Code.UNKNOWN, _EOF)
        kind = message.WhichOneof("subscribe_topic_events_request_type")
        if kind == "initial_request":
            raise GrpcError(Code.UNKNOWN, "duplicate initial request received")
        if kind == "event_processed":
            mailbox.answer(message.event_processed.id, verdict_of(message.event_processed.status.status))


class _Mailbox:
    """Events on their way to the client, by their ids; one id may be under way more than once."""

    def __init__(self, call: StreamCall) -> None:
        self._call = call
        self._opened = asyncio.Event()
        self._closed = False
        self._waiting: dict[str, deque[asyncio.Future[Verdict]]] = {}

    def open(self) -> None:
        """The client has been told that its subscription runs: events may follow."""
        self._opened.set()

    async def topic_event(self, event: TopicEvent) -> Verdict:
        """Send an event and wait for the client's word. Raises ``AppChannelError`` when the stream ends first."""
        await self._opened.wait()
        if self._closed:
            raise AppChannelError("stream closed")
        request = topic_event_request(event)
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(request.id, deque())
        waiting.append(verdict)
        try:
            await self._call.send(pb.SubscribeTopicEventsResponseAlpha1(event_message=request))
            return await verdict
        finally:
            if verdict in waiting:
                waiting.remove(verdict)
            if not waiting:
                self._waiting.pop(request.id, None)

    def answer(self, event_id: str, verdict: Verdict) -> None:
        """The client's word on an event; of one that is not under way it means nothing."""
        waiting = self._waiting.get(event_id)
        while waiting:
            first = waiting.popleft()
            if not first.done():
                first.set_result(verdict)
                return

    def close(self) -> None:
        """The stream is over: nothing more is sent, and no more answers come."""
        self._closed = True
        self._opened.set()
        for waiting in self._waiting.values():
            for verdict in waiting:
                if not verdict.done():
                    verdict.set_exception(AppChannelError("stream closed"))
