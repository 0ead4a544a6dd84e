"""Subscriptions that a client holds open over a stream (building-blocks.md §1.9).

Each stream has a subscription of its own, beside those of the application and whatever its health: the messages of a
topic are delivered into the stream, and its answers are their ends. A subscription starts with its stream or is
refused at once; it ends with the stream or with the sidecar. Its component may go meanwhile: the stream stays, and is
subscribed again when a component of that name comes.
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
    """One stream's subscription, running or waiting for its component.

    ``ended`` is done, with the reason, when it ended before its stream.
    """

    def __init__(self, spec: SubscriptionSpec, receiver: EventReceiver) -> None:
        self.spec = spec
        self.receiver = receiver
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._running: Subscription | None = None

    @property
    def waits(self) -> bool:
        """Whether no component gives it messages."""
        return self._running is None

    def run(self, running: Subscription) -> None:
        """A component gives it messages from now on."""
        self._running = running

    async def pause(self) -> None:
        """Take no more messages; what the stream has not answered comes again."""
        running, self._running = self._running, None
        if running is not None:
            await _close(running, self.spec)

    def end(self, reason: str) -> None:
        """Tell the stream that its subscription is over."""
        if not self.ended.done():
            self.ended.set_result(reason)


async def _close(running: Subscription, spec: SubscriptionSpec) -> None:
    closing = asyncio.ensure_future(running.close())
    done, _ = await asyncio.wait([closing], timeout=DRAIN_LIMIT)
    if not done:
        closing.cancel()
        await asyncio.wait([closing])
    if not closing.cancelled() and (error := closing.exception()) is not None:
        log.warning(
            "error ending a streaming subscription of pubsub %s and topic %s: %s", spec.pubsub, spec.topic, error
        )


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
        stream = StreamingSubscription(spec, receiver)
        await self._subscribe(stream)
        self._open.add(stream)
        return stream

    async def _subscribe(self, stream: StreamingSubscription) -> None:
        """Subscribe it with the component in service, or the next if that goes meanwhile. Raises as ``open`` does."""
        spec = stream.spec
        while True:
            service = self._in_service(spec.pubsub)
            if service is None:
                raise DaprError(rows.NOT_FOUND, name=spec.pubsub)
            if not service.scopes.may_subscribe(self._app_id, spec.topic):
                raise StreamRefusedError(
                    f"failed to create subscription for {spec.pubsub}: "
                    f"subscription to topic '{spec.topic}' on pubsub '{spec.pubsub}' is not allowed"
                )
            delivery = Delivery(spec, service, stream.receiver, self._desk)
            try:
                running = await service.component.subscribe(service.broker_topic(spec.topic), spec.metadata, delivery)
            except Exception as error:
                if self._in_service(spec.pubsub) is not service:
                    continue
                raise StreamRefusedError(f"failed to create subscription for {spec.pubsub}: {error}") from error
            if self._in_service(spec.pubsub) is service:
                stream.run(running)
                return
            await _close(running, spec)  # its component went while it was being subscribed

    def _in_service(self, name: str) -> PubSubService | None:
        service = self._registry.get(name)
        return None if service is None or service.leaving else service

    async def close(self, stream: StreamingSubscription) -> None:
        """The stream is over."""
        if stream in self._open:
            self._open.discard(stream)
            await stream.pause()

    async def component_removed(self, name: str) -> None:
        """A component goes out of service: its streams wait for another. To be called before it leaves the registry."""
        await asyncio.gather(*(stream.pause() for stream in self._open if stream.spec.pubsub == name))

    async def component_added(self, name: str) -> None:
        """A component came into service: what waited for it is subscribed."""
        waiting = [stream for stream in self._open if stream.spec.pubsub == name and stream.waits]
        await asyncio.gather(*(self._resume(stream) for stream in waiting))

    async def _resume(self, stream: StreamingSubscription) -> None:
        try:
            await self._subscribe(stream)
        except DaprError:
            return  # it is gone again
        except StreamRefusedError as error:
            log.warning("%s", error)
            stream.end(str(error))
            return
        if stream not in self._open:
            await stream.pause()

    async def end_all(self) -> None:
        """The sidecar ends."""
        await self._end(list(self._open), "api server closed")

    async def _end(self, streams: list[StreamingSubscription], reason: str) -> None:
        for stream in streams:
            stream.end(reason)
        await asyncio.gather(*(self.close(stream) for stream in streams))
