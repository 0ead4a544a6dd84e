"""Moments as RFC 3339 text with nanoseconds, the way Go reads and writes them.

A moment is a whole number of nanoseconds since the Unix epoch; the zone is only how it is shown. Go's ``RFC3339Nano``
drops trailing zeros of the fraction and writes ``Z`` for UTC.
"""

from __future__ import annotations

import re
import time
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from dapr_core.timing.duration import SECOND

_RFC3339: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))"
)


class InvalidInstantError(ValueError):
    """The text is no moment in RFC 3339."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment: nanoseconds since the epoch, and the offset it was written with, in seconds east of UTC."""

    nanoseconds: int
    offset: int = 0

    def datetime(self) -> datetime:
        """The moment as a datetime (to the microsecond) in the zone it was written with."""
        seconds, rest = divmod(self.nanoseconds, SECOND)
        zone = UTC if self.offset == 0 else timezone(timedelta(seconds=self.offset))
        return datetime.fromtimestamp(seconds, zone).replace(microsecond=rest // 1000)

    def __str__(self) -> str:
        return format_rfc3339(self.nanoseconds, self.offset)


def parse_rfc3339(text: str) -> Instant:
    """Read RFC 3339, fraction optional.

    Raises:
        InvalidInstantError: it is not in that form, or no day of the calendar.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise InvalidInstantError(f"not in RFC 3339 form (2009-11-10T23:00:00Z): {text[:60]!r}")
    year, month, day, hour, minute, second = (int(each) for each in found.groups()[:6])
    offset = 0
    if found[8] is None:
        hours, minutes = int(found[10]), int(found[11])
        if hours > 24 or minutes > 59:
            raise InvalidInstantError(f"no such zone offset: {text[:60]!r}")
        offset = (hours * 3600 + minutes * 60) * (-1 if found[9] == "-" else 1)
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise InvalidInstantError(f"{error}: {text[:60]!r}") from None
    fraction = int(((found[7] or "") + "000000000")[:9])
    return Instant((timegm(moment.timetuple()) - offset) * SECOND + fraction, offset)


def format_rfc3339(nanoseconds: int, offset: int = 0) -> str:
    """Write a moment in a zone ``offset`` seconds east of UTC, as Go's ``RFC3339Nano`` does."""
    seconds, rest = divmod(nanoseconds, SECOND)
    return _head(seconds + offset) + _fraction(rest) + _zone(offset)


class Clockface:
    """Formats moments in their order, remembering the part that changes once a second. For log lines."""

    __slots__ = ("_head", "_local", "_second", "_zone")

    def __init__(self, *, local: bool = False) -> None:
        self._local = local
        self._second = -1
        self._head = ""
        self._zone = "Z"

    def rfc3339(self, nanoseconds: int) -> str:
        """Write a moment in UTC, or in the local zone."""
        second, rest = divmod(nanoseconds, SECOND)
        if second != self._second:
            offset = time.localtime(second).tm_gmtoff if self._local else 0
            self._head, self._zone, self._second = _head(second + offset), _zone(offset), second
        return self._head + _fraction(rest) + self._zone


def _head(seconds: int) -> str:
    year, month, day, hour, minute, second = time.gmtime(seconds)[:6]
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"


def _fraction(rest: int) -> str:
    return f".{rest:09d}".rstrip("0") if rest else ""


def _zone(offset: int) -> str:
    if offset == 0:
        return "Z"
    minutes = abs(offset) // 60
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
