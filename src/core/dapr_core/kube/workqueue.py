"""Keys that have work to be done: each once, however often it is asked for, and again later where it failed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from dapr_core.kube.backoff import Backoff

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    """A queue as controllers have it.

    A key that is asked for while it is worked on is worked on again afterwards, never twice at one time.

    Args:
        work: does a key's work; whether it succeeded. A key that failed comes again after a growing pause.
        workers: keys worked on at one time.
    """

    def __init__(self, work: Callable[[K], Awaitable[bool]], *, workers: int = 8) -> None:
        self._work = work
        self._workers = workers
        self._due: OrderedDict[K, None] = OrderedDict()
        self._busy: set[K] = set()
        self._again: set[K] = set()
        self._pauses: dict[K, Backoff] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._news = asyncio.Condition()
        self._waiting = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due) + len(self._busy) + len(self._timers)

    def add(self, key: K) -> None:
        """Have a key worked on."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        if key in self._busy:
            self._again.add(key)
        elif key not in self._due:
            self._due[key] = None
            self._waiting.set()

    def clear(self) -> None:
        """Forget all that is not being worked on."""
        self._due.clear()
        self._again.clear()
        self._pauses.clear()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    async def run(self) -> None:
        """Work, for ever."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(self._worker())
        finally:
            self.clear()

    async def _worker(self) -> None:
        while True:
            await self._waiting.wait()
            if not self._due:
                self._waiting.clear()
                continue
            key, _ = self._due.popitem(last=False)
            self._busy.add(key)
            try:
                done = await self._work(key)
            finally:
                self._busy.discard(key)
            self._finished(key, done)

    def _finished(self, key: K, done: bool) -> None:
        if done:
            self._pauses.pop(key, None)
        if key in self._again:
            self._again.discard(key)
            self.add(key)
        elif not done:
            pause = self._pauses.setdefault(key, Backoff()).next()
            self._timers[key] = asyncio.get_running_loop().call_later(pause, self.add, key)
