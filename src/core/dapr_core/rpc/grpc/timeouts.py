"""Deadlines of calls: the ``grpc-timeout`` field, and how a deadline reaches the calls made on the way."""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Final

# Seconds of a unit, smallest first; the original sends the smallest that fits eight digits.
_UNITS = ((1e-9, b"n"), (1e-6, b"u"), (1e-3, b"m"), (1.0, b"S"), (60.0, b"M"), (3600.0, b"H"))
_SECONDS = {unit[0]: seconds for seconds, unit in _UNITS}
_MAX_VALUE: Final = 99_999_999


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
