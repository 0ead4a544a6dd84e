"""The component: publishing, and the workers that all its subscriptions share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

import hiredis

from dapr_components.common.redis import RedisClient, RedisReplyError, RedisSettings
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.pubsub.contract import BulkEntry, MessageHandler, PublishRequest, PubSub, Subscription
from dapr_components.pubsub.redis.consumer import RedisSubscription
from dapr_components.pubsub.redis.entries import Entry, xadd
from dapr_components.pubsub.redis.settings import StreamSettings


class RedisPubSub(PubSub):
    """Redis Streams. ``concurrency`` workers take entries from one queue of ``queueDepth`` places."""

    client: RedisClient
    settings: StreamSettings

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._opened = False
        self._closed = False
        self._queue: asyncio.Queue[tuple[RedisSubscription, Entry]] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []
        self._subscriptions: list[RedisSubscription] = []

    async def init(self, metadata: Metadata) -> None:
        """Read the manifest and reach the server.

        Raises:
            ComponentError: a field is wrong, or the server does not answer.
        """
        self.settings = StreamSettings.from_metadata(metadata, self.context.app_id, self.context.logger)
        self.client = RedisClient(RedisSettings.from_metadata(metadata))
        self._opened = True
        self._queue = asyncio.Queue(self.settings.queue_depth)
        try:
            await self.client.ping()
        except ComponentError as error:
            raise ComponentError(f"redis streams: error connecting to redis: {error}") from error

    async def ping(self) -> None:
        await self.client.ping()

    async def publish(self, request: PublishRequest) -> None:
        """Append to the topic's stream; returns once the server has the entry."""
        self._check_open()
        try:
            await self.client.execute(*xadd(request.topic, request.data, request.metadata, self.settings, time.time()))
        except ComponentError as error:
            raise ComponentError(f"redis streams: error from publish: {error}") from error

    async def bulk_publish(
        self, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, Exception]:
        """Append many side by side in one write; each entry has its own fate."""
        self._check_open()
        now = time.time()
        commands = [xadd(topic, entry.data, entry.metadata, self.settings, now) for entry in entries]
        try:
            replies = await self.client.pipeline(commands)
        except ComponentError as error:
            failure = ComponentError(f"redis streams: error from publish: {error}")
            return {entry.entry_id: failure for entry in entries}
        return {
            entry.entry_id: RedisReplyError(str(reply), context="redis streams: error from publish: ")
            for entry, reply in zip(entries, replies, strict=True)
            if isinstance(reply, hiredis.ReplyError)
        }

    async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
        """Create the group where it is missing and start delivering."""
        self._check_open()
        subscription = RedisSubscription(self, topic, handler)
        try:
            await subscription.start()
        except ComponentError as error:
            raise ComponentError(f"redis streams: error subscribing to topic {topic}: {error}") from error
        self._subscriptions.append(subscription)
        while len(self._workers) < self.settings.concurrency:
            self._workers.append(asyncio.create_task(self._work(), name=f"pubsub.redis worker {len(self._workers)}"))
        return subscription

    async def enqueue(self, subscription: RedisSubscription, entry: Entry, closing: asyncio.Event) -> None:
        """Give an entry to the workers; waits while the queue is full, but not beyond ``closing``."""
        try:
            self._queue.put_nowait((subscription, entry))
        except asyncio.QueueFull:
            waiting = [
                asyncio.ensure_future(self._queue.put((subscription, entry))),
                asyncio.ensure_future(closing.wait()),
            ]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for future in waiting:
                    future.cancel()

    def forget(self, subscription: RedisSubscription) -> None:
        """A subscription has closed."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    async def close(self) -> None:
        """Close every subscription, then the workers and the connection. Safe to call twice."""
        self._closed = True
        await asyncio.gather(*(subscription.close() for subscription in tuple(self._subscriptions)))
        for worker in self._workers:
            worker.cancel()
        if self._workers:
            await asyncio.wait(self._workers)
        self._workers.clear()
        if self._opened:
            await self.client.close()

    async def _work(self) -> None:
        worker = asyncio.current_task()
        assert worker is not None
        while True:
            subscription, entry = await self._queue.get()
            await subscription.process(entry, worker)

    def _check_open(self) -> None:
        if self._closed:
            raise ComponentError("component is closed")
