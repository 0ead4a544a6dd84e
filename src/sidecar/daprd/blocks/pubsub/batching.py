"""Gather single messages into batches, for brokers that deliver one at a time (building-blocks.md §1.14).

A message's handler returns when its batch has been handled, so the broker's own acknowledgement stays per message. A
batch goes out when it is full or when its first message has waited long enough. Brokers that hand over one message at
a time therefore make batches of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from dapr_components.pubsub.contract import BulkEntry, BulkHandler, BulkOptions, Message

_NO_METADATA: Mapping[str, str] = {}


class Batcher:
    """A ``MessageHandler`` before a ``BulkHandler``."""

    def __init__(
        self, handler: BulkHandler, options: BulkOptions, *, new_id: Callable[[], str], immediate: bool = False
    ) -> None:
        """``immediate``: every arrival flushes, the wait is not used."""
        self._handler = handler
        self._limit = max(1, options.max_messages)
        self._wait = 0.0 if immediate else max(0, options.max_await_ms) / 1000
        self._new_id = new_id
        self._waiting: dict[str, list[tuple[BulkEntry, asyncio.Future[None]]]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __call__(self, message: Message) -> None:
        """Join the batch of the message's topic and wait for its fate. Raises what the batch says of this message."""
        loop = asyncio.get_running_loop()
        entry = BulkEntry(self._new_id(), message.data, message.content_type or "", message.metadata)
        future: asyncio.Future[None] = loop.create_future()
        batch = self._waiting.setdefault(message.topic, [])
        batch.append((entry, future))
        if len(batch) >= self._limit or self._closing:
            self._flush(message.topic)
        elif message.topic not in self._timers:
            self._timers[message.topic] = loop.call_later(self._wait, self._flush, message.topic)
        await future

    def flush(self) -> None:
        """Send what waits now, and from now on whatever comes: the subscription is closing."""
        self._closing = True
        for topic in tuple(self._waiting):
            self._flush(topic)

    def _flush(self, topic: str) -> None:
        timer = self._timers.pop(topic, None)
        if timer is not None:
            timer.cancel()
        batch = [item for item in self._waiting.pop(topic, ()) if not item[1].done()]
        if not batch:
            return
        task = asyncio.create_task(self._handle(topic, batch), name=f"bulk delivery {topic}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, topic: str, batch: Sequence[tuple[BulkEntry, asyncio.Future[None]]]) -> None:
        answers: Mapping[str, Exception | None]
        try:
            answers = await self._handler(topic, [entry for entry, _ in batch], _NO_METADATA)
        except Exception as error:  # noqa: BLE001 - the batch failed as a whole
            answers = dict.fromkeys((entry.entry_id for entry, _ in batch), error)
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        for entry, future in batch:
            failure = answers.get(entry.entry_id)
            if future.done():
                continue
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)
