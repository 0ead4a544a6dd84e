"""``bindings.cron``: an event whenever a schedule says so (components.md §2.5).

Field: ``schedule``, five or six fields or a descriptor such as ``@every 1h30m``, read in the local time zone. Each tick
is an event without data, whose metadata say when it was due and in which zone. Ticks may overlap: a handler that takes
longer than the pause does not delay the next one, but at most ``MAX_OVERLAP`` of them run at once. What the handler
answers is not looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from dapr_components.bindings.contract import InputBinding, ReadEvent, ReadHandler
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_core.timing.cron import Every, InvalidScheduleError, Schedule, parse_schedule
from dapr_core.timing.zones import local_zone

MAX_OVERLAP = 100
LONGEST_SLEEP = 60.0
"""Seconds after which the wall clock is looked at again, so that a clock that was set is noticed."""
ZONE_NAME = "Local"
"""What the original calls the zone it reads schedules in."""


class CronBinding(InputBinding):
    """A clock as an input binding."""

    def __init__(
        self, context: ComponentContext, *, now: Callable[[], datetime] = lambda: datetime.now(local_zone())
    ) -> None:
        super().__init__(context)
        self._now = now
        self._schedule: Schedule = Every(1)
        self._reader: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def init(self, metadata: Metadata) -> None:
        """Read the schedule. Raises ``ComponentError`` when it is missing or none."""
        text = metadata.get("schedule", "")
        if not text:
            raise ComponentError("schedule not set")
        try:
            self._schedule = parse_schedule(text)
        except InvalidScheduleError as error:
            raise ComponentError(f"invalid schedule format '{text}': {error}") from None

    async def read(self, handler: ReadHandler) -> None:
        """Start ticking; a second call replaces the first."""
        await self.stop_reading()
        self._reader = asyncio.create_task(self._tick(handler), name=f"bindings.cron {self.context.name}")

    async def stop_reading(self) -> None:
        """Stop ticking, and wait for the handlers that run."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
            self._reader = None
        if self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        await self.stop_reading()

    async def _tick(self, handler: ReadHandler) -> None:
        due = self._schedule.after(self._now())
        while due is not None:
            await self._sleep_until(due)
            self._fire(handler)
            # From the due time, so that an interval does not drift; from now, once ticks were missed.
            following = self._schedule.after(due)
            due = following if following is None or following > self._now() else self._schedule.after(self._now())
        self.context.logger.warning("name: %s, the schedule never comes again", self.context.name)

    async def _sleep_until(self, due: datetime) -> None:
        left = (due - self._now()).total_seconds()
        while left > 0:
            await asyncio.sleep(min(left, LONGEST_SLEEP))
            left = (due - self._now()).total_seconds()

    def _fire(self, handler: ReadHandler) -> None:
        if len(self._running) >= MAX_OVERLAP:
            self.context.logger.warning(
                "name: %s, a tick is skipped: %d handlers still run", self.context.name, MAX_OVERLAP
            )
            return
        event = ReadEvent(b"", {"timeZone": ZONE_NAME, "readTimeUTC": go_time(time.time_ns())})
        task = asyncio.create_task(self._handle(handler, event), name=f"bindings.cron {self.context.name} tick")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _handle(self, handler: ReadHandler, event: ReadEvent) -> None:
        try:
            await handler(event)
        except Exception as error:  # noqa: BLE001 - a tick is not given twice
            self.context.logger.debug("name: %s, a tick was not handled: %s", self.context.name, error)


def go_time(nanoseconds: int) -> str:
    """A UTC time as Go prints one: ``2026-11-23 20:11:30.070781566 +0000 UTC``, no trailing zeros in the fraction."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    digits = f"{fraction:09d}".rstrip("0")
    return f"{moment:%Y-%m-%d %H:%M:%S}{'.' + digits if digits else ''} +0000 UTC"
