"""Many deadlines on one timer.

A timer of the event loop per call, or per connection, would cost more than the rest of its bookkeeping; and nearly all
of them are cancelled. What has a deadline is therefore put into slots of 10 ms, and one timer wakes for the earliest
slot that is in use.
"""

from __future__ import annotations

import asyncio
import math
from heapq import heappop, heappush
from typing import Protocol

SLOTS_PER_SECOND = 100


class Expiring(Protocol):
    """What can be put under a deadline."""

    def expire(self) -> None:
        """The deadline has passed."""


class Deadlines:
    """What expires, by deadline, with one loop timer for all. It expires at most 10 ms late, never early."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, set[Expiring]] = {}
        self._order: list[int] = []
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0

    def add(self, item: Expiring, deadline: float) -> int:
        """Expire the item at ``deadline`` (loop time); returns its slot, for ``discard``."""
        slot = math.ceil(deadline * SLOTS_PER_SECOND)
        items = self._slots.get(slot)
        if items is None:
            self._slots[slot] = {item}
            heappush(self._order, slot)
            if self._timer is None or slot < self._armed:
                self._arm(slot)
        else:
            items.add(item)
        return slot

    def discard(self, item: Expiring, slot: int) -> None:
        """The item needs its deadline no more."""
        items = self._slots.get(slot)
        if items is not None:
            items.discard(item)

    def _arm(self, slot: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = slot
        self._timer = self._loop.call_at(slot / SLOTS_PER_SECOND, self._fire)

    def _fire(self) -> None:
        self._timer = None
        now = self._loop.time() * SLOTS_PER_SECOND
        expired: list[Expiring] = []
        while self._order:
            slot = self._order[0]
            items = self._slots[slot]
            if items and slot > now:
                self._arm(slot)
                break
            heappop(self._order)
            del self._slots[slot]
            expired += items
        for item in expired:
            try:
                item.expire()
            except Exception as error:  # noqa: BLE001  # one that fails must not keep the others from their end
                context = {"message": "a deadline's end failed", "exception": error}
                self._loop.call_exception_handler(context)

    def close(self) -> None:
        """Forget everything and stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._slots.clear()
        self._order.clear()
