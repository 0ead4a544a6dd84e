"""Go's duration notation, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.timing.duration import (
    InvalidDurationError,
    format_nanoseconds,
    format_seconds,
    parse_nanoseconds,
    parse_seconds,
)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("5s", 5_000_000_000),
        ("-5s", -5_000_000_000),
        ("+5s", 5_000_000_000),
        ("1.5s", 1_500_000_000),
        ("1.s", 1_000_000_000),
        (".5s", 500_000_000),
        ("1h15m30.918273645s", 4_530_918_273_645),
        ("10ns", 10),
        ("11us", 11_000),
        ("12µs", 12_000),
        ("12μs", 12_000),
        ("13ms", 13_000_000),
        ("0.3333333333333333333h", 1_200_000_000_000 - 1),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
    ],
)
def test_go_durations_read_to_the_nanosecond(text: str, nanoseconds: int) -> None:
    assert parse_nanoseconds(text) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "1 s", "1s ", "9223372036854775808ns", "3000000h", "1x2s"]
)
def test_what_is_no_duration_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidDurationError, match="duration"):
        parse_nanoseconds(text)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (180_000_000_000, "3m0s"),
        (3_600_000_000_000, "1h0m0s"),
        (-(2**63), "-2562047h47m16.854775808s"),
    ],
)
def test_durations_print_as_go_prints_them(nanoseconds: int, text: str) -> None:
    assert format_nanoseconds(nanoseconds) == text


def test_seconds_are_rounded_to_the_nanosecond_when_printed() -> None:
    assert format_seconds(0.1) == "100ms"
    assert parse_seconds("100ms") == 0.1


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_duration_survives_printing_and_reading(nanoseconds: int) -> None:
    assert parse_nanoseconds(format_nanoseconds(nanoseconds)) == nanoseconds


@given(st.text(alphabet="0123456789.+-hmsnuµ e", max_size=30) | st.text(max_size=20))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        assert -(2**63) <= parse_nanoseconds(text) < 2**63
    except InvalidDurationError:
        return
