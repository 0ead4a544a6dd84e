"""Deadlines: the ``grpc-timeout`` field, and a timer that many calls share.

A timer of the event loop per call would cost more than the rest of the call's bookkeeping; and nearly all of them are
cancelled. Calls are therefore put into slots of 10 ms, and one timer wakes for the earliest slot that is in use.
"""

from __future__ import annotations

import asyncio
import math
from contextvars import ContextVar
from heapq import heappop, heappush
from typing import Protocol

# Seconds of a unit, smallest first; the original sends the smallest that fits eight digits.
_UNITS = ((1e-9, b"n"), (1e-6, b"u"), (1e-3, b"m"), (1.0, b"S"), (60.0, b"M"), (3600.0, b"H"))
_SECONDS = {unit[0]: seconds for seconds, unit in _UNITS}
_MAX_VALUE = 99_999_999
SLOTS_PER_SECOND = 100


def encode_timeout(seconds: float) -> bytes:
    """A ``grpc-timeout`` value; rounded up, so that the server does not give up before its caller."""
    if seconds <= 0:
        return b"0n"
    for unit, letter in _UNITS:
        value = math.ceil(seconds / unit - 1e-6)
        if value <= _MAX_VALUE:
            return b"%d%b" % (max(value, 1), letter)
    return b"%dH" % _MAX_VALUE


def parse_timeout(value: bytes) -> float:
    """Seconds of a ``grpc-timeout`` value. Raises ValueError: at most eight digits and a unit of H M S m u n."""
    digits, unit = value[:-1], value[-1:]
    if not digits.isdigit() or len(digits) > 8 or unit[0] not in _SECONDS:
        raise ValueError(f"malformed grpc-timeout: {value.decode('latin-1')}")
    return int(digits) * _SECONDS[unit[0]]


CALL_DEADLINE: ContextVar[float | None] = ContextVar("CALL_DEADLINE", default=None)
"""The deadline (loop time) of the call that the current task serves: calls it makes on the way inherit it."""


def next_deadline(timeout: float | None, now: float) -> float | None:
    """The deadline of an outgoing call: its own timeout, and never later than the call that it is made for."""
    inherited = CALL_DEADLINE.get()
    if timeout is None:
        return inherited
    return now + timeout if inherited is None else min(now + timeout, inherited)


class Expiring(Protocol):
    """What can be put under a deadline."""

    def expire(self) -> None:
        """The deadline has passed."""


class Deadlines:
    """Calls by deadline, one loop timer for all. A call expires at most 10 ms late, never early."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, set[Expiring]] = {}
        self._order: list[int] = []
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0

    def add(self, call: Expiring, deadline: float) -> int:
        """Expire the call at ``deadline`` (loop time); returns its slot, for ``discard``."""
        slot = math.ceil(deadline * SLOTS_PER_SECOND)
        calls = self._slots.get(slot)
        if calls is None:
            self._slots[slot] = {call}
            heappush(self._order, slot)
            if self._timer is None or slot < self._armed:
                self._arm(slot)
        else:
            calls.add(call)
        return slot

    def discard(self, call: Expiring, slot: int) -> None:
        """The call ended in time."""
        calls = self._slots.get(slot)
        if calls is not None:
            calls.discard(call)

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
            calls = self._slots[slot]
            if calls and slot > now:
                self._arm(slot)
                break
            heappop(self._order)
            del self._slots[slot]
            expired += calls
        for call in expired:
            call.expire()

    def close(self) -> None:
        """Forget every call and stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._slots.clear()
        self._order.clear()
