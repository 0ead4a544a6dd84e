"""Subscriptions that a client holds open over a stream (building-blocks.md §1.9).

Each stream has a subscription of its own, beside those of the application and whatever its health: the messages of a
topic are delivered into the stream, and its answers are their ends. A subscription starts with its stream or is
refused at once; it ends with the stream, with its component, or with the sidecar.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from dapr_components.pubsub.contract import Subscription
from dapr_core.errors import DaprError
from daprd.app.contract import EventReceiver, SubscriptionSpec
from daprd.blocks.pubsub.delivery import Delivery, Desk
from daprd.blocks.pubsub.service import PubSubService
from daprd.catalogue import pubsub as rows

if TYPE_CHECKING:
    from daprd.blocks.registry import ComponentRegistry

log = logging.getLogger("dapr.runtime.processor.subscription")

DRAIN_LIMIT = 30.0
"""Seconds that deliveries in flight may take when a stream ends."""


class StreamRefusedError(Exception):
    """A stream's subscription cannot be started; the text says why."""


class StreamingSubscription:
    """One stream's subscription. ``ended`` is done, with the reason, when it ended before its stream."""

    def __init__(self, spec: SubscriptionSpec, running: Subscription) -> None:
        self.spec = spec
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._running = running

    async def close(self) -> None:
        """Take no more messages; what the stream has not answered comes again."""
        closing = asyncio.ensure_future(self._running.close())
        done, _ = await asyncio.wait([closing], timeout=DRAIN_LIMIT)
        if not done:
            closing.cancel()
            await asyncio.wait([closing])
        if not closing.cancelled() and (error := closing.exception()) is not None:
            log.warning(
                "error ending a streaming subscription of pubsub %s and topic %s: %s",
                self.spec.pubsub, self.spec.topic, error,
            )  # fmt: skip

    def end(self, reason: str) -> None:
        """Tell the stream that its subscription is over."""
        if not self.ended.done():
            self.ended.set_result(reason)


class StreamingSubscriptions:
    """The streams of one sidecar."""

    def __init__(self, registry: ComponentRegistry[PubSubService], desk: Desk, *, app_id: str) -> None:
        self._registry = registry
        self._desk = desk
        self._app_id = app_id
        self._open: set[StreamingSubscription] = set()

    def specs(self) -> list[SubscriptionSpec]:
        """What is subscribed, in the order metadata lists it."""
        return sorted((stream.spec for stream in self._open), key=lambda spec: (spec.pubsub, spec.topic))

    async def open(self, spec: SubscriptionSpec, receiver: EventReceiver) -> StreamingSubscription:
        """Start a subscription whose messages go to ``receiver``.

        Raises:
            DaprError: NOT_FOUND, for an unknown component.
            StreamRefusedError: scopes or the broker refuse.
        """
        service = self._registry.get(spec.pubsub)
        if service is None:
            raise DaprError(rows.NOT_FOUND, name=spec.pubsub)
        if not service.scopes.may_subscribe(self._app_id, spec.topic):
            raise StreamRefusedError(
                f"failed to create subscription for {spec.pubsub}: "
                f"subscription to topic '{spec.topic}' on pubsub '{spec.pubsub}' is not allowed"
            )
        delivery = Delivery(spec, service, receiver, self._desk)
        try:
            running = await service.component.subscribe(service.broker_topic(spec.topic), spec.metadata, delivery)
        except Exception as error:
            raise StreamRefusedError(f"failed to create subscription for {spec.pubsub}: {error}") from error
        stream = StreamingSubscription(spec, running)
        self._open.add(stream)
        return stream

    async def close(self, stream: StreamingSubscription) -> None:
        """The stream is over."""
        if stream in self._open:
            self._open.discard(stream)
            await stream.close()

    async def component_removed(self, name: str) -> None:
        """A component goes out of service: end its streams. To be called before it leaves the registry."""
        await self._end([stream for stream in self._open if stream.spec.pubsub == name], "stream closed")

    async def end_all(self) -> None:
        """The sidecar ends."""
        await self._end(list(self._open), "api server closed")

    async def _end(self, streams: list[StreamingSubscription], reason: str) -> None:
        for stream in streams:
            stream.end(reason)
        await asyncio.gather(*(self.close(stream) for stream in streams))
