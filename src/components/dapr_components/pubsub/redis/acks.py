"""Acknowledge in batches: the ids that handlers finish during one round trip go out in the next XACK together.

An id counts as acknowledged when the server has said so; only then is its holder told. While the server cannot be
reached, ids are kept and sent again, up to a bound; what falls out of it is delivered once more, which at-least-once
allows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from dapr_components.common.redis import RedisClient, RedisError, RedisReplyError
from dapr_components.pubsub.redis.entries import EntryId

MAX_WAITING: Final = 10_000
RETRY_PAUSE: Final = 0.25
BATCH: Final = 500


class Acknowledger:
    """Acknowledges the entries of one stream for one group; ``settled`` is called for each id that is done with."""

    def __init__(self, client: RedisClient, topic: str, group: str, settled: Callable[[EntryId], None]) -> None:
        self._client = client
        self._topic = topic
        self._group = group
        self._settled = settled
        self._ids: deque[EntryId] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, entry_id: EntryId) -> None:
        """Acknowledge an entry as soon as possible."""
        self._ids.append(entry_id)
        if len(self._ids) > MAX_WAITING:
            self._settled(self._ids.popleft())
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"pubsub.redis acks {self._topic}")

    async def flush(self, limit: float) -> None:
        """Wait until everything is acknowledged, ``limit`` seconds at most."""
        if self._task is None or self._task.done():
            return
        done, _ = await asyncio.wait([self._task], timeout=limit)
        if not done:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._ids:
            batch = [self._ids.popleft() for _ in range(min(BATCH, len(self._ids)))]
            settled = True
            try:
                await self._client.execute(b"XACK", self._topic, self._group, *batch)
            except RedisReplyError:
                pass  # the key is no stream any more: nothing is pending there
            except RedisError:
                settled = False
            if not settled:
                self._ids.extendleft(reversed(batch))
                await asyncio.sleep(RETRY_PAUSE)
                continue
            for entry_id in batch:
                self._settled(entry_id)
