"""Many deadlines on one timer.

A timer of the event loop per call, or per connection, would cost more than the rest of its bookkeeping; and nearly all
of them are cancelled. What has a deadline is therefore put into slots of 10 ms, and one timer wakes for the earliest
slot that is in use.
"""

from __future__ import annotations

import asyncio
import math
from heapq import heappop, heappush
from typing import Final, Protocol

SLOTS_PER_SECOND: Final = 100
PER_TURN: Final = 100
"""How many expire in one turn of the loop: when thousands do at once, everything else has its turns in between."""


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
        self._timer: asyncio.Handle | None = None
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
        self._stop_timer()
        self._armed = slot
        self._timer = self._loop.call_at(slot / SLOTS_PER_SECOND, self._fire)

    def _fire(self) -> None:
        self._stop_timer()
        now = self._loop.time() * SLOTS_PER_SECOND
        left = PER_TURN
        while self._order:
            slot = self._order[0]
            items = self._slots[slot]
            if not items:
                heappop(self._order)
                del self._slots[slot]
            elif slot > now:
                self._arm(slot)
                return
            elif left:
                left -= 1
                self._expire(items.pop())
            else:
                self._stop_timer()  # what has expired may have set another
                self._armed = slot
                self._timer = self._loop.call_soon(self._fire)
                return

    def _expire(self, item: Expiring) -> None:
        try:
            item.expire()
        except Exception as error:  # noqa: BLE001  # one that fails must not keep the others from their end
            self._loop.call_exception_handler({"message": "a deadline's end failed", "exception": error})

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Forget everything and stop the timer."""
        self._stop_timer()
        self._slots.clear()
        self._order.clear()
