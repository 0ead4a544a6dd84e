"""Brokers in a process of their own: ``dapr.proto.components.v1.PubSub``.

A subscription is one stream: our first message names the topic, each further one acknowledges a message, with the error
of its handler if it failed. Messages of a topic are handled one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from dapr_components.contract import ComponentContext, ComponentError
from dapr_components.pluggable.connection import PluggableComponent
from dapr_components.pluggable.streams import Delivery
from dapr_components.pubsub.contract import (
    BulkEntry,
    Feature,
    Message,
    MessageHandler,
    PublishRequest,
    PubSub,
    Subscription,
)
from dapr_core.proto.gen.components.v1 import pubsub_pb2 as pb
from dapr_core.proto.gen.components.v1.common_pb2 import FeaturesRequest, MetadataRequest, PingRequest
from dapr_core.proto.gen.components.v1.pubsub_grpc import PubSubStub
from dapr_core.rpc.grpc.stub import Call

Pull = Call[pb.PullMessagesRequest, pb.PullMessagesResponse]
_SUPPORTED = (Feature.MESSAGE_TTL, Feature.SUBSCRIBE_WILDCARDS, Feature.BULK_PUBSUB)
"""What the protocol can carry; it has no batches to a subscriber."""


class PluggablePubSub(PluggableComponent, PubSub):
    """A broker behind a socket."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._stub = PubSubStub(self.connection.channel)
        self._open: set[_PullSubscription] = set()

    async def hello(self) -> None:
        metadata = MetadataRequest(properties=self.properties)
        await self.connection.raw(self._stub.init, pb.PubSubInitRequest(metadata=metadata))
        answer = await self.connection.raw(self._stub.features, FeaturesRequest())
        self.features = frozenset(each for each in _SUPPORTED if each in answer.features)  # type: ignore[misc]  # learnt, where other vendors know

    async def ping(self) -> None:
        await self._ping(self._stub.ping, PingRequest())

    async def close(self) -> None:
        await asyncio.gather(*(subscription.close() for subscription in list(self._open)))
        await super().close()

    async def publish(self, request: PublishRequest) -> None:
        message = pb.PublishRequest(
            data=request.data, pubsub_name=self.context.name, topic=request.topic, metadata=request.metadata or {},
            content_type=request.content_type or "",
        )  # fmt: skip
        await self.connection.call(self._stub.publish, message)

    async def bulk_publish(
        self, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, Exception]:
        if Feature.BULK_PUBSUB not in self.features:
            return await super().bulk_publish(topic, entries, metadata)
        sent = [
            pb.BulkMessageEntry(
                entry_id=entry.entry_id, event=entry.data, content_type=entry.content_type,
                metadata=entry.metadata or {},
            )
            for entry in entries
        ]  # fmt: skip
        request = pb.BulkPublishRequest(entries=sent, pubsub_name=self.context.name, topic=topic, metadata=metadata)
        answer = await self.connection.call(self._stub.bulk_publish, request)
        return {failed.entry_id: ComponentError(failed.error) for failed in answer.failed_entries}

    async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
        wanted = pb.PullMessagesRequest(topic=pb.Topic(name=topic, metadata=metadata))

        async def open_stream() -> Pull:
            call = await self.connection.stream(self._stub.pull_messages)
            await call.send(wanted)
            return call

        async def handle(message: pb.PullMessagesResponse) -> pb.PullMessagesRequest:
            return await self._handled(message, handler)

        label = f"subscription of {self.context.name} to topic {topic}"
        delivery = Delivery(label, open_stream, handle, at_once=1, logger=self.context.logger)
        await delivery.start()
        return _PullSubscription(delivery, self._open)

    async def _handled(self, message: pb.PullMessagesResponse, handler: MessageHandler) -> pb.PullMessagesRequest:
        delivered = Message(
            message.topic_name, message.data, dict(message.metadata) or None, message.content_type or None
        )
        try:
            await handler(delivered)
        except Exception as error:  # noqa: BLE001 - the component is told, and decides what becomes of the message
            self.context.logger.error("error when handling message on topic %s", message.topic_name)
            failed = pb.AckMessageError(message=str(error) or type(error).__name__)
            return pb.PullMessagesRequest(ack_message_id=message.id, ack_error=failed)
        return pb.PullMessagesRequest(ack_message_id=message.id)


class _PullSubscription(Subscription):
    """A topic's stream, known to its broker until it is closed."""

    def __init__(
        self, delivery: Delivery[pb.PullMessagesRequest, pb.PullMessagesResponse], known: set[_PullSubscription]
    ) -> None:
        self._delivery = delivery
        self._known = known
        known.add(self)

    async def close(self) -> None:
        await self._delivery.close()
        self._known.discard(self)
