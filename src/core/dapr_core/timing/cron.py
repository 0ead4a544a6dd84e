"""Cron schedules as the original reads them: six or five fields, ``@every``, ``@daily``…, and zone prefixes.

A schedule answers one question: after this moment, when is the next? Fields are seconds (where used), minutes, hours,
day of month, month, day of week; each a list of ``*``, ``?``, a value, a range ``a-b`` or a step ``x/n``; months and
weekdays also by English name. When both day fields are restricted, either may match; otherwise both must.

Daylight saving: a wall-clock time that a day lacks is skipped; one that a day has twice comes twice (scheduler-jobs.md
§5; the engine behind it steps through real time and compares the wall clock).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Literal, TypeAlias

from dapr_core.timing.duration import MILLISECOND, InvalidDurationError, parse_nanoseconds
from dapr_core.timing.zones import UnknownZoneError, load_zone

Seconds: TypeAlias = Literal["required", "optional", "absent"]
"""Whether the first of six fields is seconds: jobs require it, the cron binding takes both forms."""

_YEARS_AHEAD: Final = 5
_LONGEST: Final = 1_000  # characters


class InvalidScheduleError(ValueError):
    """The text is no schedule; the message names the part and the cause."""


class Schedule(ABC):
    """When something happens again and again."""

    @abstractmethod
    def after(self, moment: datetime) -> datetime | None:
        """The first time strictly after an aware moment, in that moment's zone; None if none comes in five years."""


@dataclass(frozen=True, slots=True)
class Every(Schedule):
    """A fixed pause, in whole milliseconds, at least one."""

    milliseconds: int

    def after(self, moment: datetime) -> datetime | None:
        try:
            return moment + timedelta(milliseconds=self.milliseconds, microseconds=-(moment.microsecond % 1000))
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Cron(Schedule):
    """Fields of a cron expression; ``zone`` None means the zone of the moment asked about."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    """Whether a day field is unrestricted, so that both must match."""
    zone: tzinfo | None = None

    def after(self, moment: datetime) -> datetime | None:
        zone = self.zone or moment.tzinfo or UTC
        first = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        start = first.astimezone(zone)
        for day in self._days_from(start.date(), start.year + _YEARS_AHEAD):
            found = self._within(day, zone, first)
            if found is not None:
                return found.astimezone(moment.tzinfo)
        return None

    def _days_from(self, day: date, last_year: int) -> Iterator[date]:
        last = min(last_year, date.max.year - 1)
        while day.year <= last:
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if self._day_matches(day):
                yield day
            day += timedelta(days=1)

    def _day_matches(self, day: date) -> bool:
        by_month = day.day in self.days
        by_week = day.isoweekday() % 7 in self.weekdays
        return by_month and by_week if self.any_day else by_month or by_week

    def _within(self, day: date, zone: tzinfo, first: datetime) -> datetime | None:
        """The first matching instant of a local day that is not before ``first``, in UTC."""
        # Midnight may not exist in a zone; the conversion then gives the first moment that does.
        instant = max(first, datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))
        while True:
            local = instant.astimezone(zone)
            if local.date() != day:
                return None
            if local.hour not in self.hours:
                instant += timedelta(seconds=3600 - local.minute * 60 - local.second)
            elif local.minute not in self.minutes:
                instant += timedelta(seconds=60 - local.second)
            elif local.second not in self.seconds:
                later = [second for second in self.seconds if second > local.second]
                instant += timedelta(seconds=(min(later) if later else 60) - local.second)
            else:
                return instant


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: Mapping[str, int]


_MONTHS: Final = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_WEEKDAYS: Final = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS: Final = (
    _Field("second", 0, 59, {}),
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _WEEKDAYS),
)
_DESCRIPTORS: Final = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_EVERY: Final = "@every "


def parse_schedule(text: str, *, seconds: Seconds = "optional", zone: tzinfo | None = None) -> Schedule:
    """Read a schedule.

    Args:
        text: the expression, with an optional prefix ``TZ=<zone> `` or ``CRON_TZ=<zone> ``.
        seconds: whether there is a field for seconds; without one, they are 0.
        zone: where wall clocks are read when the text names no zone; None: in the zone of the moment asked about.

    Raises:
        InvalidScheduleError: it is none; the message says why.
    """
    if not text or len(text) > _LONGEST:
        raise InvalidScheduleError("empty spec string" if not text else "the schedule is too long")
    named = text.startswith(("TZ=", "CRON_TZ="))
    if named:
        zone, text = _zone_prefix(text)
    if text.startswith("@"):
        return _descriptor(text, zone, named)
    return _cron(text.split(), seconds, zone)


def _zone_prefix(text: str) -> tuple[tzinfo, str]:
    prefix, *rest = text.split(None, 1)
    if not rest:
        raise InvalidScheduleError(f"timezone prefix {text[:60]} is not followed by a schedule")
    name = prefix.partition("=")[2]
    try:
        return load_zone(name), rest[0].strip()
    except UnknownZoneError as error:
        raise InvalidScheduleError(f"provided bad location {name[:60]}: {error}") from None


def _descriptor(text: str, zone: tzinfo | None, named: bool) -> Schedule:
    fields = _DESCRIPTORS.get(text)
    if fields is not None:
        return _cron(fields.split(), "required", zone)
    if not text.startswith(_EVERY):
        raise InvalidScheduleError(f"unrecognized descriptor: {text[:60]}")
    if named:
        raise InvalidScheduleError("a time zone has no meaning for @every; leave it out")
    try:
        nanoseconds = parse_nanoseconds(text[len(_EVERY) :])
    except InvalidDurationError as error:
        raise InvalidScheduleError(f"failed to parse duration {text[:60]}: {error}") from None
    return Every(max(1, nanoseconds // MILLISECOND))


def _cron(fields: list[str], seconds: Seconds, zone: tzinfo | None) -> Cron:
    most = 5 if seconds == "absent" else 6
    least = 6 if seconds == "required" else 5
    if not least <= len(fields) <= most:
        wanted = f"exactly {least}" if least == most else f"{least} to {most}"
        raise InvalidScheduleError(f"expected {wanted} fields, found {len(fields)}: [{' '.join(fields)[:80]}]")
    if len(fields) == 5:
        fields = ["0", *fields]
    read = [_field(text, kind) for text, kind in zip(fields, _FIELDS, strict=True)]
    second, minute, hour, day, month, weekday = (values for values, _star in read)
    return Cron(second, minute, hour, day, month, weekday, any_day=read[3][1] or read[5][1], zone=zone)


def _field(text: str, kind: _Field) -> tuple[frozenset[int], bool]:
    values: set[int] = set()
    star = False
    for part in text.split(","):
        if part:
            found, unrestricted = _range(part, kind)
            values |= found
            star = star or unrestricted
    if not values:
        raise InvalidScheduleError(f"the field for {kind.name} is empty: {text[:60]}")
    return frozenset(values), star


def _range(part: str, kind: _Field) -> tuple[set[int], bool]:
    """The values of one part of a field, and whether it is a star without a step (a restriction to nothing)."""
    bounds, *steps = part.split("/")
    if len(steps) > 1:
        raise InvalidScheduleError(f"too many slashes: {part[:60]}")
    low, *rest = bounds.split("-")
    star = low in ("*", "?")
    if len(rest) > 1 and not star:
        raise InvalidScheduleError(f"too many hyphens: {part[:60]}")
    start = kind.low if star else _number(low, kind.names)
    end = kind.high if star or (steps and not rest) else _number(rest[0], kind.names) if rest else start
    step = _number(steps[0], {}) if steps else 1
    if start < kind.low:
        raise InvalidScheduleError(f"beginning of range ({start}) below minimum ({kind.low}): {part[:60]}")
    if end > kind.high:
        raise InvalidScheduleError(f"end of range ({end}) above maximum ({kind.high}): {part[:60]}")
    if start > end:
        raise InvalidScheduleError(f"beginning of range ({start}) beyond end of range ({end}): {part[:60]}")
    if step == 0:
        raise InvalidScheduleError(f"step of range should be a positive number: {part[:60]}")
    return set(range(start, end + 1, step)), star and step == 1


def _number(text: str, names: Mapping[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise InvalidScheduleError(f"failed to parse int from {text[:60]}: write a number or a name")
    return int(text)
