"""ISO 8601 durations with repetitions, as actor timers, reminders and jobs take them (actors-placement.md §5.3).

Whole numbers only: ``P1DT2H``, ``R5/PT30S``, ``R3`` (three times, no period). Years, months and days are added by the
calendar, so their length depends on the moment they are added to. Where the original skips letters it does not know
(``P5X1D``), this reader refuses them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dapr_core.timing.duration import (
    HOUR,
    MINUTE,
    SECOND,
    InvalidDurationError,
    format_nanoseconds,
    parse_nanoseconds,
)
from dapr_core.timing.instant import InvalidInstantError, parse_rfc3339

FOREVER: Final = -1
_PERIOD: Final = re.compile(
    r"(?:R([0-9]{1,18})(?:/(?=P)|/?\Z))?"
    r"(?:P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?)?"
)


class InvalidPeriodError(ValueError):
    """The text is none of the notations; the message is the one the original's clients know."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time: calendar part, exact part in nanoseconds, and how often (-1: without end)."""

    years: int = 0
    months: int = 0
    days: int = 0
    nanoseconds: int = 0
    repetitions: int = FOREVER

    @property
    def is_zero(self) -> bool:
        """Whether it has no length."""
        return not (self.years or self.months or self.days or self.nanoseconds)

    @property
    def is_exact(self) -> bool:
        """Whether its length is the same wherever it starts: no calendar part."""
        return not (self.years or self.months or self.days)

    def after(self, moment: datetime) -> datetime:
        """The moment one period later. A day that a month lacks runs over into the next, as in Go.

        Raises:
            OverflowError: the result is beyond the calendar.
        """
        months = moment.month - 1 + self.months + 12 * self.years
        year, month = moment.year + months // 12, months % 12 + 1
        if not 1 <= year <= 9999:
            raise OverflowError("date out of range")
        first = moment.replace(year=year, month=month, day=1)
        exact = timedelta(microseconds=self.nanoseconds // 1000)
        return first + timedelta(days=moment.day - 1 + self.days) + exact

    def __str__(self) -> str:
        return format_nanoseconds(self.nanoseconds)


def parse_iso8601(text: str) -> Period:
    """Read an ISO 8601 duration, with or without repetitions.

    Raises:
        InvalidPeriodError: it is none.
    """
    found = _PERIOD.fullmatch(text)
    if found is None or len(text) < 2:
        raise InvalidPeriodError(f"unsupported ISO8601 duration format: {text[:80]}")
    repetitions, years, months, weeks, days, hours, minutes, seconds = (
        int(each) if each is not None else None for each in found.groups()
    )
    return Period(
        years or 0,
        months or 0,
        (weeks or 0) * 7 + (days or 0),
        (hours or 0) * HOUR + (minutes or 0) * MINUTE + (seconds or 0) * SECOND,
        FOREVER if repetitions is None else repetitions,
    )


def parse_period(text: str) -> Period:
    """Read an ISO 8601 duration, else a Go duration.

    Raises:
        InvalidPeriodError: it is neither.
    """
    try:
        return parse_iso8601(text)
    except InvalidPeriodError:
        pass
    try:
        return Period(nanoseconds=parse_nanoseconds(text))
    except InvalidDurationError:
        raise InvalidPeriodError(f"unsupported duration format: {text[:80]}") from None


def parse_moment(text: str, now: datetime) -> datetime:
    """Read a moment: an ISO 8601 or Go duration from ``now`` (aware), or RFC 3339.

    Raises:
        InvalidPeriodError: it is none of them, or has repetitions.
    """
    try:
        period = parse_period(text)
    except InvalidPeriodError:
        try:
            return parse_rfc3339(text).datetime()
        except InvalidInstantError:
            raise InvalidPeriodError(f"unsupported time/duration format: {text[:80]}") from None
    if period.repetitions != FOREVER:
        raise InvalidPeriodError("repetitions are not allowed")
    try:
        return period.after(now)
    except OverflowError:
        raise InvalidPeriodError(f"unsupported time/duration format: {text[:80]}") from None
