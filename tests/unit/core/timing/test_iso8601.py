"""ISO 8601 durations with repetitions, and the three notations of a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.timing.duration import HOUR, MINUTE, SECOND
from dapr_core.timing.iso8601 import FOREVER, InvalidPeriodError, Period, parse_iso8601, parse_moment, parse_period

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("PT30S", Period(nanoseconds=30 * SECOND)),
        ("P1Y2M3W4DT5H6M7S", Period(1, 2, 25, 5 * HOUR + 6 * MINUTE + 7 * SECOND)),
        ("P2M", Period(months=2)),
        ("PT2M", Period(nanoseconds=2 * MINUTE)),
        ("R5/PT10S", Period(nanoseconds=10 * SECOND, repetitions=5)),
        ("R5", Period(repetitions=5)),
        ("R0/P1D", Period(days=1, repetitions=0)),
        ("PT", Period()),
    ],
)
def test_periods_read_with_their_repetitions(text: str, period: Period) -> None:
    assert parse_iso8601(text) == period


@pytest.mark.parametrize("text", ["", "P", "R", "R/PT1S", "Rx/PT1S", "PT1.5S", "P1S", "PT1D", "1D", "P5X1D", "P1DT2H "])
def test_other_texts_are_no_period(text: str) -> None:
    with pytest.raises(InvalidPeriodError, match="unsupported ISO8601 duration format"):
        parse_iso8601(text)


def test_a_go_duration_is_a_period_too() -> None:
    assert parse_period("1m30s") == Period(nanoseconds=90 * SECOND)
    with pytest.raises(InvalidPeriodError, match="unsupported duration format: tomorrow"):
        parse_period("tomorrow")


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(months=1), datetime(2026, 3, 3, 12, tzinfo=UTC)),
        (Period(years=1), datetime(2027, 1, 31, 12, tzinfo=UTC)),
        (Period(days=1, nanoseconds=HOUR), datetime(2026, 2, 1, 13, tzinfo=UTC)),
    ],
    ids=["a month runs over", "a year", "a day and an hour"],
)
def test_calendar_parts_are_added_by_the_calendar(period: Period, expected: datetime) -> None:
    assert period.after(NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT1H", NOW + timedelta(hours=1)),
        ("90s", NOW + timedelta(seconds=90)),
        ("2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_relative_or_absolute(text: str, expected: datetime) -> None:
    assert parse_moment(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "cause"),
    [("R2/PT1S", "repetitions are not allowed"), ("soon", "unsupported time/duration format: soon"), ("P9999Y", "uns")],
)
def test_other_texts_are_no_moment(text: str, cause: str) -> None:
    with pytest.raises(InvalidPeriodError, match=cause):
        parse_moment(text, NOW)


@given(st.text(alphabet="RP/T0123456789YMWDHS", max_size=25) | st.text(max_size=15))
def test_any_text_is_a_period_or_refused(text: str) -> None:
    try:
        period = parse_iso8601(text)
    except InvalidPeriodError:
        return
    assert period.repetitions >= FOREVER
    assert period.nanoseconds >= 0
