"""One subscription: reads new entries, claims abandoned ones, keeps its own from being claimed, hands both to workers.

Three loops share the set of entries that this process holds (queued, or in a handler):

- the reader blocks in XREADGROUP on a connection of its own and queues what comes;
- the reclaimer looks, at start and every ``redeliverInterval``, for pending entries that nobody has touched for
  ``processingTimeout``, and queues those it does not hold;
- the keeper touches the held ones, so that waiting in the queue never looks like a dead consumer.

A handler that fails leaves its entry pending: it comes again once it is old enough. While nothing but failures come in
a row (an application that is down), the reader slows down, so that a backlog is not run through in vain. Closing wakes
the reader (CLIENT UNBLOCK), lets running handlers finish, and gives queued entries back aged, so that the next
subscriber takes them at once instead of after a whole ``processingTimeout``.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING

from dapr_components.common.redis import RedisClient, RedisError, RedisReplyError
from dapr_components.pubsub.contract import Message, MessageHandler, Subscription
from dapr_components.pubsub.redis.acks import Acknowledger
from dapr_components.pubsub.redis.entries import Entry, EntryId, after, parse_entry, parse_pending, parse_read

if TYPE_CHECKING:
    from dapr_components.pubsub.redis.broker import RedisPubSub

BLOCK = 10.0
"""Seconds that one read waits. The original waits without end and so never notices a peer that silently went away."""
READ_MARGIN = 5.0
MAX_PAUSE = 1.0
TOLERATED = 10
"""Failures in a row that do not slow reading down."""
LOOKS = 4
"""How often within a ``processingTimeout`` held entries are touched and handlers checked."""
FLUSH_LIMIT = 2.0
UNBLOCK_LIMIT = 2.0


class RedisSubscription(Subscription):
    """The stream of one topic, read for one group. Made and started by the broker."""

    def __init__(self, broker: RedisPubSub, topic: str, handler: MessageHandler) -> None:
        self.topic = topic
        self._broker = broker
        self._settings = broker.settings
        self._client = broker.client
        self._group = broker.settings.consumer_id
        self._handler = handler
        self._log = broker.context.logger
        # No retries inside: a reader that lost its connection must learn the new one's id.
        self._reader = RedisClient(
            dataclasses.replace(broker.client.settings, max_retries=0), read_timeout=BLOCK + READ_MARGIN
        )
        self._reader_id: int | None = None
        self._held: set[EntryId] = set()
        self._acks = Acknowledger(broker.client, topic, self._group, self._held.discard)
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._running: dict[asyncio.Task[None], float] = {}
        self._failures = 0
        self._overdue: set[asyncio.Task[None]] = set()
        self._time = asyncio.get_running_loop().time
        self._close_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Create the group where it is missing, then run. Raises ``RedisError`` when the server cannot be reached."""
        await self._create_group()
        self._spawn("reader", self._read_loop)
        if self._settings.redelivers:
            self._spawn("reclaimer", self._reclaim_loop)
            self._spawn("keeper", self._keep_loop)

    async def close(self) -> None:
        """Stop taking entries, wait for running handlers, give the rest back. Safe to call twice."""
        if self._close_task is None:
            self._close_task = asyncio.create_task(self._close(), name=f"pubsub.redis close {self.topic}")
        await asyncio.shield(self._close_task)

    # -- handling, called by the broker's workers

    async def process(self, entry: Entry, worker: asyncio.Task[None]) -> None:
        """Run the handler on one entry, in a worker's task, and acknowledge the entry if it returned."""
        if self._closing.is_set():
            return  # it is still held, so that closing gives it back
        self._running[worker] = self._time()
        self._idle.clear()
        done = False
        try:
            done = await self._handle(entry, worker)
        finally:
            if done:
                self._failures = 0
                self._acks.add(entry.id)
            else:
                self._failures += 1
                self._held.discard(entry.id)
            del self._running[worker]
            if not self._running:
                self._idle.set()

    async def _handle(self, entry: Entry, worker: asyncio.Task[None]) -> bool:
        """Whether the entry is done with."""
        cause: object = "the handler took longer than processingTimeout"
        try:
            await self._handler(Message(self.topic, entry.data, entry.metadata))
        except asyncio.CancelledError:
            if worker not in self._overdue:
                raise
        except Exception as error:  # noqa: BLE001 - any failure asks for the message again
            cause = error
        else:
            return True
        finally:
            if worker in self._overdue:
                self._overdue.discard(worker)
                worker.uncancel()
        self._log.error("Error processing Redis message %s: %s", entry.id.decode(), cause)
        return not self._settings.redelivers  # without redelivery nobody would ever look at it again

    # -- reading

    async def _read_loop(self) -> None:
        pause = 0.0
        while not await _wait(self._closing, self._slack()):
            try:
                entries = await self._read()
            except RedisError as error:
                pause = await self._recover(error, pause)
                continue
            pause = 0.0
            await self._queue(entries)

    def _slack(self) -> float:
        """Seconds to hold back before the next read: none, until failures have come in a row."""
        surplus = self._failures - TOLERATED
        return 0.0 if surplus < 0 else min(MAX_PAUSE, 0.01 * 2.0 ** min(surplus, 10))

    async def _read(self) -> list[Entry]:
        if self._reader_id is None:
            self._reader_id = await self._reader.execute(b"CLIENT", b"ID")
            if self._closing.is_set():
                return []
        depth, block = self._settings.queue_depth, int(BLOCK * 1000)
        return parse_read(
            await self._reader.execute(
                b"XREADGROUP", b"GROUP", self._group, self._group, b"COUNT", depth, b"BLOCK", block,
                b"STREAMS", self.topic, b">",
            )
        )  # fmt: skip

    async def _recover(self, error: RedisError, pause: float) -> float:
        """Wait after a failed read; make the group again where the stream was lost. Answers the next pause."""
        self._reader_id = None
        if self._closing.is_set():
            return pause
        self._log.error("redis streams: error reading from stream %s: %s", self.topic, error)
        await _wait(self._closing, pause)
        if isinstance(error, RedisReplyError) and error.code == "NOGROUP":
            try:
                await self._create_group()
            except RedisError as failure:
                self._log.error("redis streams: error creating the group for stream %s: %s", self.topic, failure)
        return min(MAX_PAUSE, pause * 2 or 0.05)

    async def _create_group(self) -> None:
        try:
            await self._client.execute(b"XGROUP", b"CREATE", self.topic, self._group, b"0", b"MKSTREAM")
        except RedisReplyError as error:
            if error.code != "BUSYGROUP":
                raise

    async def _queue(self, entries: Sequence[Entry]) -> None:
        self._held.update(entry.id for entry in entries)
        for entry in entries:
            if self._closing.is_set():
                return
            await self._broker.enqueue(self, entry, self._closing)

    # -- claiming what others left

    async def _reclaim_loop(self) -> None:
        while not self._closing.is_set():
            try:
                await self._reclaim()
            except RedisError as error:
                self._log.error("redis streams: error reclaiming messages of stream %s: %s", self.topic, error)
            await _wait(self._closing, self._settings.redeliver_interval)

    async def _reclaim(self) -> None:
        """Walk the pending list page by page, and claim what is old enough."""
        start, depth = b"-", self._settings.queue_depth
        while not self._closing.is_set():
            page = parse_pending(await self._client.execute(b"XPENDING", self.topic, self._group, start, b"+", depth))
            least = self._settings.processing_timeout_ms
            old = [line.id for line in page if line.idle >= least and line.id not in self._held]
            if old:
                await self._claim(old, least)
            if len(page) < depth:
                return
            start = after(page[-1].id)

    async def _claim(self, ids: Sequence[EntryId], least: int) -> None:
        reply = await self._client.execute(b"XCLAIM", self.topic, self._group, self._group, least, *ids)
        claimed = [entry for raw in reply if (entry := parse_entry(raw)) is not None]
        await self._queue(claimed)
        await self._forget_deleted(set(ids).difference(entry.id for entry in claimed))

    async def _forget_deleted(self, ids: set[EntryId]) -> None:
        """Acknowledge pending entries that were deleted from the stream; newer servers do so while claiming."""
        for entry_id in ids:
            if not await self._client.execute(b"XRANGE", self.topic, entry_id, entry_id):
                self._acks.add(entry_id)

    # -- keeping what we hold

    async def _keep_loop(self) -> None:
        """Touch what is held, and end handlers that take too long: one look for all instead of a timer for each."""
        interval = self._settings.processing_timeout / LOOKS
        while not await _wait(self._ended, interval):
            self._end_overdue()
            try:
                await self._touch(list(self._held))
            except RedisError as error:
                self._log.debug("redis streams: error keeping messages of stream %s: %s", self.topic, error)

    def _end_overdue(self) -> None:
        latest = self._time() - self._settings.processing_timeout
        for worker, started in self._running.items():
            if started <= latest and worker not in self._overdue:
                self._overdue.add(worker)
                worker.cancel()

    async def _touch(self, ids: Sequence[EntryId], *, idle_ms: int = 0) -> None:
        """Set the idle time of entries in our pending list, without counting that as a delivery."""
        if ids:
            await self._client.execute(
                b"XCLAIM", self.topic, self._group, self._group, 0, *ids, b"IDLE", idle_ms, b"JUSTID"
            )

    # -- ending

    async def _close(self) -> None:
        self._closing.set()
        await self._end_reader()
        await self._idle.wait()
        self._ended.set()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._acks.flush(FLUSH_LIMIT)
        await self._give_back()
        self._broker.forget(self)
        await self._reader.close()

    async def _give_back(self) -> None:
        """Age what was read and not handled, so that the next look at the pending list finds it."""
        if self._held and self._settings.redelivers:
            try:
                await self._touch(list(self._held), idle_ms=self._settings.processing_timeout_ms)
            except RedisError as error:
                self._log.debug("redis streams: error giving back messages of stream %s: %s", self.topic, error)
        self._held.clear()

    async def _end_reader(self) -> None:
        """Wake the reader without losing what the server may just be sending it."""
        reader = self._tasks[0] if self._tasks else None
        if reader is None or reader.done():
            return
        if self._reader_id is not None:
            try:
                await asyncio.wait_for(self._client.execute(b"CLIENT", b"UNBLOCK", self._reader_id), UNBLOCK_LIMIT)
            except (RedisError, TimeoutError) as error:
                self._log.debug("redis streams: error waking the reader of stream %s: %s", self.topic, error)
        _, running = await asyncio.wait([reader], timeout=UNBLOCK_LIMIT)
        if running:
            await self._reader.close()  # its read fails, and the loop sees that it shall end

    def _spawn(self, name: str, loop: Callable[[], Coroutine[None, None, None]]) -> None:
        self._tasks.append(asyncio.create_task(loop(), name=f"pubsub.redis {name} {self.topic}"))


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Sleep, but wake when the event is set; whether it is."""
    if seconds <= 0:
        return event.is_set()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True
