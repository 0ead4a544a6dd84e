"""Cron schedules: which moments they name, and which texts are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.timing.cron import Cron, Every, InvalidScheduleError, Seconds, parse_schedule
from dapr_core.timing.zones import UnknownZoneError, load_zone

NEW_YORK = load_zone("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "schedule", "following"),
    [
        ("2012-07-09T14:45:00+00:00", "0 0/15 * * * *", "2012-07-09T15:00:00+00:00"),
        ("2012-07-09T14:59:59+00:00", "0 0/15 * * * *", "2012-07-09T15:00:00+00:00"),
        ("2012-07-09T14:59:59.500+00:00", "* * * * * *", "2012-07-09T15:00:00+00:00"),
        ("2012-07-09T15:45:00+00:00", "0 20-35/15 * * * *", "2012-07-09T16:20:00+00:00"),
        ("2012-07-09T23:46:00+00:00", "0 */15 * * * *", "2012-07-10T00:00:00+00:00"),
        ("2012-07-09T23:35:51+00:00", "15/35 20-35/15 1/2 */2 * *", "2012-07-11T01:20:15+00:00"),
        ("2012-07-09T23:35:51+00:00", "15/35 20-35/15 * 9-20 Jul *", "2012-07-10T00:20:15+00:00"),
        ("2012-07-09T23:35:00+00:00", "0 0 0 9 Apr-Oct ?", "2012-08-09T00:00:00+00:00"),
        ("2012-07-09T23:35:00+00:00", "0 0 0 */5 Apr,Aug,Oct Mon", "2012-08-01T00:00:00+00:00"),
        ("2012-07-09T23:35:00+00:00", "0 0 0 ? Feb Mon/2", "2013-02-01T00:00:00+00:00"),
        ("2012-12-31T23:59:45+00:00", "* * * * * *", "2012-12-31T23:59:46+00:00"),
        ("2012-12-31T23:59:59+00:00", "0 * * * * *", "2013-01-01T00:00:00+00:00"),
        ("2012-07-09T23:35:00+00:00", "0 0 0 29 Feb ?", "2016-02-29T00:00:00+00:00"),
        ("2012-07-15T00:00:00+00:00", "0 0 0 15 * Sun", "2012-07-22T00:00:00+00:00"),
        ("2012-07-16T00:00:00+00:00", "0 0 0 */10 * Sun", "2012-07-21T00:00:00+00:00"),
        ("2012-07-09T14:45:00+00:00", "@hourly", "2012-07-09T15:00:00+00:00"),
        ("2012-07-09T14:45:00+00:00", "@daily", "2012-07-10T00:00:00+00:00"),
        ("2012-07-09T14:45:00+00:00", "@weekly", "2012-07-15T00:00:00+00:00"),
        ("2012-07-09T14:45:00+00:00", "@monthly", "2012-08-01T00:00:00+00:00"),
        ("2012-07-09T14:45:00+00:00", "@yearly", "2013-01-01T00:00:00+00:00"),
        ("2012-07-09T14:45:00+00:00", "15 3 * * *", "2012-07-10T03:15:00+00:00"),
    ],
)
def test_the_next_moment_is_the_first_match_strictly_after(moment: str, schedule: str, following: str) -> None:
    assert parse_schedule(schedule).after(at(moment)) == at(following)


def test_a_date_that_never_comes_gives_nothing() -> None:
    assert parse_schedule("0 0 0 31 Feb ?").after(at("2012-07-09T00:00:00+00:00")) is None


@pytest.mark.parametrize(
    ("moment", "schedule", "following"),
    [
        ("2012-03-11T00:00:00-05:00", "0 30 2 11 Mar ?", "2013-03-11T02:30:00-04:00"),
        ("2012-03-11T01:00:00-05:00", "0 0 * * * ?", "2012-03-11T03:00:00-04:00"),
        ("2012-11-04T00:00:00-04:00", "0 0 1 * * ?", "2012-11-04T01:00:00-04:00"),
        ("2012-11-04T01:00:00-04:00", "0 0 1 * * ?", "2012-11-04T01:00:00-05:00"),
        ("2012-11-04T01:00:00-05:00", "0 0 2 * * ?", "2012-11-04T02:00:00-05:00"),
        ("2012-11-04T00:00:00-04:00", "0 0 0 * * ?", "2012-11-05T00:00:00-05:00"),
    ],
    ids=["a time the day lacks", "the hour after", "twice: first", "twice: second", "after", "the next midnight"],
)
def test_daylight_saving_follows_the_wall_clock_of_the_zone(moment: str, schedule: str, following: str) -> None:
    found = parse_schedule(schedule).after(at(moment).astimezone(NEW_YORK))
    assert found is not None
    assert found.astimezone(UTC) == at(following)


def test_a_midnight_that_a_zone_lacks_is_its_first_moment() -> None:
    schedule = parse_schedule("TZ=America/Sao_Paulo 0 * * * * *")
    found = schedule.after(at("2018-11-04T02:59:30+00:00"))
    assert found == at("2018-11-04T03:00:00+00:00")


@pytest.mark.parametrize("prefix", ["TZ", "CRON_TZ"])
def test_a_zone_prefix_is_where_the_wall_clock_hangs(prefix: str) -> None:
    schedule = parse_schedule(f"{prefix}=Asia/Tokyo 0 0 9 * * *")
    assert schedule.after(at("2026-01-01T00:00:00+00:00")) == at("2026-01-02T00:00:00+00:00")
    assert schedule.after(at("2025-12-31T23:00:00+00:00")) == at("2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("text", "milliseconds"), [("@every 1s", 1000), ("@every 1h30m", 5_400_000), ("@every 1.5ms", 1), ("@every 1ns", 1)]
)
def test_every_keeps_whole_milliseconds_and_at_least_one(text: str, milliseconds: int) -> None:
    schedule = parse_schedule(text)
    assert schedule == Every(milliseconds)
    moment = datetime(2026, 1, 1, microsecond=1500, tzinfo=UTC)
    assert schedule.after(moment) == moment.replace(microsecond=1000) + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    ("text", "seconds", "cause"),
    [
        ("", "optional", "empty spec string"),
        ("* * * *", "optional", "expected 5 to 6 fields, found 4"),
        ("* * * * *", "required", "expected exactly 6 fields, found 5"),
        ("* * * * * *", "absent", "expected exactly 5 fields, found 6"),
        ("60 * * * * *", "optional", r"end of range \(60\) above maximum \(59\)"),
        ("* * * 0 * *", "optional", r"beginning of range \(0\) below minimum \(1\)"),
        ("5-2 * * * * *", "optional", "beyond end of range"),
        ("*/0 * * * * *", "optional", "step of range should be a positive number"),
        ("*/1/2 * * * * *", "optional", "too many slashes"),
        ("1-2-3 * * * * *", "optional", "too many hyphens"),
        ("x * * * * *", "optional", "failed to parse int from x"),
        ("-1 * * * * *", "optional", "failed to parse int"),
        (", * * * * *", "optional", "field for second is empty"),
        ("* * * * foo *", "optional", "failed to parse int from foo"),
        ("@every", "optional", "unrecognized descriptor"),
        ("@every soon", "optional", "failed to parse duration"),
        ("@reboot", "optional", "unrecognized descriptor"),
        ("TZ=Mars/Olympus * * * * *", "optional", "provided bad location Mars/Olympus"),
        ("TZ=../../etc/passwd * * * * *", "optional", "provided bad location"),
        ("TZ=UTC", "optional", "not followed by a schedule"),
        ("CRON_TZ=UTC @every 1s", "required", "no meaning for @every"),
    ],
)
def test_a_wrong_schedule_is_refused_with_its_cause(text: str, seconds: Seconds, cause: str) -> None:
    with pytest.raises(InvalidScheduleError, match=cause):
        parse_schedule(text, seconds=seconds)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(UnknownZoneError, match="unknown time zone Nowhere"):
        load_zone("Nowhere")


def brute_force(schedule: Cron, moment: datetime) -> datetime:
    following = moment.replace(microsecond=0) + timedelta(seconds=1)
    while True:
        day = following.day in schedule.days
        weekday = following.isoweekday() % 7 in schedule.weekdays
        day_fits = (day and weekday) if schedule.any_day else (day or weekday)
        if (
            day_fits
            and following.month in schedule.months
            and following.hour in schedule.hours
            and following.minute in schedule.minutes
            and following.second in schedule.seconds
        ):
            return following
        following += timedelta(seconds=1)


@settings(max_examples=30, deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["*", "0", "*/7", "5,50", "10-20/3"]),
    st.sampled_from(["*", "30", "*/11", "0-5"]),
    st.sampled_from(["*", "*/5"]),
)
def test_the_next_moment_agrees_with_trying_every_second(moment: datetime, second: str, minute: str, hour: str) -> None:
    schedule = parse_schedule(f"{second} {minute} {hour} * * *")
    assert isinstance(schedule, Cron)
    aware = moment.replace(tzinfo=UTC)
    assert schedule.after(aware) == brute_force(schedule, aware)


@given(st.text(alphabet="0123456789*/-,?@ everyTZ=UC", max_size=40) | st.text(max_size=20))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except InvalidScheduleError:
        return
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    following = schedule.after(moment)
    assert following is None or following > moment
