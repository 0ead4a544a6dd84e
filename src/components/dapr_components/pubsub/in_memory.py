"""``pubsub.in-memory``: a bus inside this process (components.md §2.3).

For one sidecar's own tests and demos: nothing is stored, nothing leaves the process, and a message that no
subscription wants is gone. Every subscription gets each matching message, in the order of publishing and one at a
time; a handler that fails is logged and its message is lost. There are no manifest fields.

A subscription's backlog is bounded: a publisher waits once ``BACKLOG`` messages lie before a slow handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.pubsub.contract import Feature, Message, MessageHandler, PublishRequest, PubSub, Subscription

BACKLOG = 1024
"""Messages that may wait for one subscription. The original waits after the first; a handler that publishes to its own
topic would then wait for itself."""


class InMemoryPubSub(PubSub):
    """The bus: a list of subscriptions, walked at every publish."""

    features: ClassVar[frozenset[Feature]] = frozenset({Feature.SUBSCRIBE_WILDCARDS})

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._subscriptions: list[_InMemorySubscription] = []
        self._closed = False

    async def init(self, metadata: Metadata) -> None:
        """Nothing to check: the component has no fields."""

    async def publish(self, request: PublishRequest) -> None:
        """Queue the message for every subscription that matches.

        Raises:
            ComponentError: the component is closed.
        """
        if self._closed:
            raise ComponentError("component is closed")
        message = Message(request.topic, request.data, request.metadata)
        for subscription in tuple(self._subscriptions):
            if subscription.matches(request.topic):
                await subscription.put(message)

    async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
        """Start a worker for ``topic``: a name, or a prefix followed by ``*``."""
        if self._closed:
            raise ComponentError("component is closed")
        subscription = _InMemorySubscription(self, topic, handler)
        self._subscriptions.append(subscription)
        return subscription

    def forget(self, subscription: _InMemorySubscription) -> None:
        """Take a closing subscription off the bus."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    async def close(self) -> None:
        """End every subscription; what a handler holds is finished, what waits is dropped."""
        self._closed = True
        await asyncio.gather(*(subscription.close() for subscription in tuple(self._subscriptions)))


class _InMemorySubscription(Subscription):
    """One handler, its backlog, and the task that feeds one to the other."""

    def __init__(self, bus: InMemoryPubSub, topic: str, handler: MessageHandler) -> None:
        self._bus = bus
        self._topic = topic
        self._prefix = topic[:-1] if topic.endswith("*") else None
        self._handler = handler
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(BACKLOG)
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"pubsub.in-memory {topic}")

    def matches(self, topic: str) -> bool:
        """Whether this subscription takes a topic. A wildcard does not take its bare prefix."""
        if self._prefix is None:
            return topic == self._topic
        return len(topic) > len(self._prefix) and topic.startswith(self._prefix)

    async def put(self, message: Message) -> None:
        """Add to the backlog; waits while it is full, unless the subscription closes meanwhile."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            waiting = [asyncio.ensure_future(self._queue.put(message)), asyncio.ensure_future(self._closing.wait())]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for future in waiting:
                    future.cancel()

    async def _run(self) -> None:
        logger = self._bus.context.logger
        while (message := await self._queue.get()) is not None and not self._closing.is_set():
            try:
                await self._handler(message)
            except Exception as error:  # noqa: BLE001 - the bus has no redelivery: log it and go on
                logger.error("%s", error)

    async def close(self) -> None:
        self._bus.forget(self)
        if not self._closing.is_set():
            self._closing.set()
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)
        if self._task is asyncio.current_task():
            return  # closed from inside its own handler: the loop ends once the handler returns
        try:
            await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self._task.cancel()
            raise
