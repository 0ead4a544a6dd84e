"""Ids and times for envelopes, made cheaply: every published message needs one of each.

An id is a random UUID (RFC 9562, version 4) cut from a block of the system's random bytes. The time is the local one to
the second, which is all an envelope shows, so that one value serves a whole second. Both makers may be called on any
thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

_BLOCK: Final = 256
_VARIANTS: Final = "89ab"


def uuid_source(random: Callable[[int], bytes] = os.urandom) -> Callable[[], str]:
    """A maker of version 4 UUIDs as text."""
    waiting: list[str] = []

    def new_id() -> str:
        while True:
            try:
                text = waiting.pop()
            except IndexError:
                digits = random(16 * _BLOCK).hex()
                waiting.extend([digits[at : at + 32] for at in range(0, len(digits), 32)])
            else:
                break
        variant = _VARIANTS[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    return new_id


def local_clock(clock: Callable[[], float] = time.time) -> Callable[[], datetime]:
    """A clock of whole seconds in the local zone."""
    held = (-1, datetime.min)

    def now() -> datetime:
        nonlocal held
        current = int(clock())
        second, shown = held
        if current != second:
            shown = datetime.fromtimestamp(current).astimezone()
            held = (current, shown)
        return shown

    return now
