"""Applications of 2020: ``daprclient.DaprClient``, or ``dapr.Dapr`` itself, as the book's Java server has it.

A channel turns to these forms where an application answers that it does not know the present method. Which one an
application answered to is remembered, so that it is asked once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from google.protobuf.message import DecodeError

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2
from dapr_core.proto.gen.v0 import dapr_pb2, daprclient_pb2
from dapr_core.rpc.grpc.status import Code
from dapr_core.rpc.messages import Headers
from daprd.app.contract import Rule, SubscriptionSpec, TopicEvent
from daprd.app.grpc_calls import AppCalls, Reply
from daprd.app.grpc_events import plain_metadata, topic_event_request

CLIENT: Final = "/daprclient.DaprClient/"
SERVICE: Final = "/dapr.Dapr/InvokeService"


class Edition2020:
    """One application's older methods. ``spoken`` is the path that it answers invocations at, once that is known."""

    def __init__(self, calls: AppCalls) -> None:
        self._calls = calls
        self.spoken = ""
        self.events = False
        """The application listed its topics by the older method, so it takes its events by it too."""

    async def invoke(self, message: bytes, metadata: Headers) -> Reply | None:
        """An invocation, its answer in the present form; None when the application does not know these methods."""
        for path in (self.spoken,) if self.spoken else (CLIENT + "OnInvoke", SERVICE):
            reply = await self._calls.call(path, _envelope(path, message, metadata), metadata)
            if reply.status.code != Code.UNIMPLEMENTED or self.spoken:
                self.spoken = path
                return _present(path, reply)
        return None

    async def topics(self) -> list[SubscriptionSpec] | None:
        """The topics that the application wants; None when it does not say."""
        reply = await self._calls.call(CLIENT + "GetTopicSubscriptions", b"", [])
        if not reply.status.ok:
            return None
        self.events = True
        listed = daprclient_pb2.GetTopicSubscriptionsEnvelope.FromString(reply.message)
        return [SubscriptionSpec("", topic, (Rule("", ""),)) for topic in listed.topics]

    async def topic_event(self, event: TopicEvent, metadata: Headers) -> Reply:
        """Deliver an event; any answer that is no failure takes it."""
        present = topic_event_request(event)
        message = daprclient_pb2.CloudEventEnvelope(
            id=present.id,
            source=present.source,
            type=present.type,
            specVersion=present.spec_version,
            dataContentType=present.data_content_type,
            topic=present.topic,
        )
        message.data.value = present.data
        return await self._calls.call(CLIENT + "OnTopicEvent", message.SerializeToString(), metadata)

    async def bindings(self) -> frozenset[str] | None:
        """The input bindings that the application wants; None when it does not say."""
        reply = await self._calls.call(CLIENT + "GetBindingsSubscriptions", b"", [])
        if not reply.status.ok:
            return None
        return frozenset(daprclient_pb2.GetBindingsSubscriptionsEnvelope.FromString(reply.message).bindings)

    async def binding_event(self, name: str, data: bytes, metadata: Mapping[str, str], fields: Headers) -> Reply:
        """Deliver a binding's event."""
        message = daprclient_pb2.BindingEventEnvelope(name=name, metadata=plain_metadata(metadata))
        message.data.value = data
        return await self._calls.call(CLIENT + "OnBindingEvent", message.SerializeToString(), fields)


def _envelope(path: str, message: bytes, metadata: Headers) -> bytes:
    """The older request for a serialized ``InvokeRequest``."""
    present = common_pb2.InvokeRequest.FromString(message)
    named = {name.decode(): value.decode("latin-1") for name, value in metadata if not name.endswith(b"-bin")}
    if path == SERVICE:
        older = dapr_pb2.InvokeServiceEnvelope(method=present.method, metadata=named)
        older.data.CopyFrom(present.data)
        return older.SerializeToString()
    envelope = daprclient_pb2.InvokeEnvelope(method=present.method, metadata=named)
    envelope.data.CopyFrom(present.data)
    return envelope.SerializeToString()


def _present(path: str, reply: Reply) -> Reply:
    """An older answer as an ``InvokeResponse``."""
    if not reply.status.ok:
        return reply
    answer = common_pb2.InvokeResponse()
    try:
        if path == SERVICE:
            answer.data.CopyFrom(dapr_pb2.InvokeServiceResponseEnvelope.FromString(reply.message).data)
        else:
            answer.data.CopyFrom(any_pb2.Any.FromString(reply.message))
    except DecodeError:
        return reply  # the channel says what is wrong with it
    reply.message = answer.SerializeToString()
    return reply
