"""Timers of actors: in the memory of the sidecar they were registered at, told to the actor wherever it lives (§5.4).

A timer comes again only when it was told of, so that one that takes longer than its period does not pile up. Timers of
one actor are told one after another, in the order of their times; those of different actors never wait for each other.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from dapr_core.errors import DaprError
from dapr_core.timing.iso8601 import InvalidPeriodError, Period, parse_moment, parse_period
from daprd.blocks.actors.host import Firing

log = logging.getLogger("dapr.runtime.actors.timers")

Key = tuple[str, str, str]
Actor = tuple[str, str]
Fire = Callable[[Firing], Awaitable[bool]]
Clock = Callable[[], datetime]

_FAR: Final = 3600.0
"""Seconds after which the clock is looked at again: it may have been set."""


class InvalidTimerError(ValueError):
    """What was asked for is no timer; the text says which field, and why."""


@dataclass(frozen=True, slots=True)
class TimerRequest:
    """What was asked for, as it was written."""

    actor_type: str
    actor_id: str
    name: str
    due_time: str = ""
    period: str = ""
    ttl: str = ""
    callback: str = ""
    data: bytes | None = None

    @property
    def key(self) -> Key:
        """What tells timers apart."""
        return self.actor_type, self.actor_id, self.name


@dataclass(slots=True)
class Timer:
    """A timer on its way. ``left`` are the times it is still told of; -1 is without end."""

    firing: Firing
    at: datetime
    period: Period | None
    left: int
    expires: datetime | None

    def advance(self) -> bool:
        """To the next time; False when that was the last."""
        if self.left > 0:
            self.left -= 1
        if self.period is None or self.left == 0:
            return False
        try:
            self.at = self.period.after(self.at)
        except OverflowError:
            return False
        return self.expires is None or self.at < self.expires


def timer_of(request: TimerRequest, now: datetime) -> Timer:
    """The timer that was asked for.

    Raises:
        InvalidTimerError: see there.
    """
    at = now if not request.due_time else _read("error parsing timer due time: ", request.due_time, now)
    period: Period | None = None
    if request.period:
        try:
            period = parse_period(request.period)
        except InvalidPeriodError as error:
            raise InvalidTimerError(f"invalid timer period: parse error: {error}") from None
        if period.repetitions == 0:
            raise InvalidTimerError("invalid timer period: has zero repetitions")
    expires = _read("error parsing timer TTL: ", request.ttl, at) if request.ttl else None
    if expires is not None and expires <= now:
        key = "||".join(request.key)
        raise InvalidTimerError(f"timer {key} has already expired: dueTime: {at.isoformat()} TTL: {request.ttl}")
    firing = Firing(
        request.actor_type,
        request.actor_id,
        request.name,
        request.data,
        request.due_time,
        request.period,
        request.callback,
        is_timer=True,
    )
    left = period.repetitions if period is not None else 1
    return Timer(firing, at, None if period is None or period.is_zero else period, left, expires)


def _read(what: str, text: str, base: datetime) -> datetime:
    try:
        return parse_moment(text, base)
    except InvalidPeriodError as error:
        raise InvalidTimerError(f"{what}{error}") from None


class Timers:
    """The timers of this sidecar; ``run`` has to run.

    Args:
        fire: tells an actor, wherever it lives.
        clock: the time of day, aware.
        counted: told the number of a type's timers when it changes.
    """

    def __init__(
        self,
        fire: Fire,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        counted: Callable[[str, int], None] | None = None,
    ) -> None:
        self._fire = fire
        self._clock = clock
        self._counted = counted
        self._timers: dict[Key, Timer] = {}
        self._counts: dict[str, int] = {}
        self._heap: list[tuple[datetime, int, Key, Timer]] = []
        self._numbers = itertools.count()
        self._due: dict[Actor, deque[tuple[Key, Timer]]] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._timers)

    def put(self, request: TimerRequest) -> None:
        """Register a timer, in place of one of its name. Raises ``InvalidTimerError``."""
        timer = timer_of(request, self._clock())
        if request.key not in self._timers:
            self._count(request.actor_type, 1)
        self._timers[request.key] = timer
        self._schedule(request.key, timer)

    def remove(self, key: Key) -> None:
        """Drop a timer; one that is unknown is dropped already."""
        if self._timers.pop(key, None) is not None:
            self._count(key[0], -1)
            self._tidy()

    async def run(self) -> None:
        """Tell of timers when their time comes, for ever."""
        try:
            while True:
                self._news.clear()
                left = self._begin_due()
                try:
                    async with asyncio.timeout(left):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._working:
                task.cancel()

    def _schedule(self, key: Key, timer: Timer) -> None:
        heapq.heappush(self._heap, (timer.at, next(self._numbers), key, timer))
        self._tidy()
        self._news.set()

    def _begin_due(self) -> float | None:
        """Begin what is due; seconds until the next, None where there is none."""
        now = self._clock()
        while self._heap:
            at, _, key, timer = self._heap[0]
            if at > now:
                return min((at - now).total_seconds(), _FAR)
            heapq.heappop(self._heap)
            if self._timers.get(key) is timer:
                self._begin(key, timer)
        return None

    def _begin(self, key: Key, timer: Timer) -> None:
        actor = key[0], key[1]
        waiting = self._due.get(actor)
        if waiting is not None:
            waiting.append((key, timer))
            return
        self._due[actor] = deque([(key, timer)])
        task = asyncio.create_task(self._tell(actor), name=f"timers of {actor[0]}/{actor[1]}")
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _tell(self, actor: Actor) -> None:
        """Tell an actor of its timers that are due, one after another."""
        waiting = self._due[actor]
        try:
            while waiting:
                key, timer = waiting.popleft()
                if self._timers.get(key) is timer:  # it may have been removed, or replaced, while it waited
                    await self._tell_one(key, timer)
        finally:
            del self._due[actor]

    async def _tell_one(self, key: Key, timer: Timer) -> None:
        try:
            await self._fire(timer.firing)
        except DaprError as error:
            log.error("error invoking timer on actor %s: %s", "||".join(key), error)
        if self._timers.get(key) is not timer:
            return
        if timer.advance():
            self._schedule(key, timer)
        else:
            self.remove(key)

    def _tidy(self) -> None:
        """Forget what is in the heap of timers that are gone, once that is most of it."""
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._timers):
            self._heap = [entry for entry in self._heap if self._timers.get(entry[2]) is entry[3]]
            heapq.heapify(self._heap)

    def _count(self, actor_type: str, change: int) -> None:
        count = self._counts[actor_type] = self._counts.get(actor_type, 0) + change
        if self._counted is not None:
            self._counted(actor_type, count)
