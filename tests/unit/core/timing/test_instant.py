"""Moments in RFC 3339, to the nanosecond."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.timing.instant import Clockface, InvalidInstantError, format_rfc3339, parse_rfc3339

MOMENT = 1_795_551_208_179_553_391


@pytest.mark.parametrize(
    ("nanoseconds", "offset", "text"),
    [
        (MOMENT, 0, "2026-11-24T20:13:28.179553391Z"),
        (1_795_551_208_190_000_000, 0, "2026-11-24T20:13:28.19Z"),
        (1_795_551_208_000_000_000, 0, "2026-11-24T20:13:28Z"),
        (MOMENT, 19_800, "2026-11-25T01:43:28.179553391+05:30"),
        (MOMENT, -12_600, "2026-11-24T16:43:28.179553391-03:30"),
        (-1, 0, "1969-12-31T23:59:59.999999999Z"),
    ],
)
def test_moments_print_without_trailing_zeros_and_read_back(nanoseconds: int, offset: int, text: str) -> None:
    assert format_rfc3339(nanoseconds, offset) == text
    read = parse_rfc3339(text)
    assert (read.nanoseconds, read.offset) == (nanoseconds, offset)
    assert str(read) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2009-11-10",
        "2009-11-10 23:00:00Z",
        "2009-11-10T23:00:00",
        "2009-13-10T23:00:00Z",
        "2009-02-30T23:00:00Z",
        "2009-11-10T24:00:00Z",
        "2009-11-10T23:00:00+25:00",
        "2009-11-10T23:00:00z",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInstantError):
        parse_rfc3339(text)


def test_an_instant_is_a_datetime_to_the_microsecond() -> None:
    read = parse_rfc3339("2026-01-02T03:04:05.123456789Z").datetime()
    assert read == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)


@given(st.integers(-(10**18), 4 * 10**18), st.integers(-1439, 1439))
def test_every_moment_survives_printing_and_reading(nanoseconds: int, minutes: int) -> None:
    read = parse_rfc3339(format_rfc3339(nanoseconds, minutes * 60))
    assert (read.nanoseconds, read.offset) == (nanoseconds, minutes * 60)


@given(st.lists(st.integers(0, 4 * 10**18), min_size=1, max_size=5))
def test_a_clockface_prints_what_the_function_prints(moments: list[int]) -> None:
    clockface = Clockface()
    assert [clockface.rfc3339(each) for each in moments] == [format_rfc3339(each) for each in moments]


@given(st.text(alphabet="0123456789-:TZ+.", max_size=40) | st.text(max_size=20))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        parse_rfc3339(text)
    except InvalidInstantError:
        return
