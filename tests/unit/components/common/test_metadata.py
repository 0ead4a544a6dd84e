"""Decoding of manifest fields (components.md §3.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_components.common.metadata import Fields, is_truthy, parse_duration, request_ttl
from dapr_components.contract import ComponentError, Metadata


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400.0),
        ("500ms", 0.5),
        ("1.5s", 1.5),
        (".5s", 0.5),
        ("-2s", -2.0),
        ("1µs", 1e-6),
        ("10ns", 1e-8),
        ("", 0.0),
        ("7", 7.0),
    ],
)
def test_durations_are_gos_or_a_number_of_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


def test_a_bare_number_may_count_milliseconds() -> None:
    assert parse_duration("250", "ms") == 0.25


@pytest.mark.parametrize("text", ["1d", "5 s", "s", "-", "1h30", "1e3s", "one"])
def test_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.text())
def test_a_duration_parses_or_is_refused(text: str) -> None:
    try:
        parse_duration(text)
    except ValueError:
        pass


@pytest.mark.parametrize("text", ["y", "YES", " true ", "T", "on", "1"])
def test_words_of_truth(text: str) -> None:
    assert is_truthy(text)


@pytest.mark.parametrize("text", [None, "", "0", "false", "enabled", "2"])
def test_anything_else_is_false(text: str | None) -> None:
    assert not is_truthy(text)


def test_names_ignore_case_and_an_alias_steps_in_when_the_name_is_absent() -> None:
    fields = Fields(Metadata({"URL": "a"}))
    assert fields.required("connectionString", "url") == "a"


def test_two_names_that_differ_only_by_case_are_refused() -> None:
    with pytest.raises(ComponentError, match="'Host' and 'host' differ only by case"):
        Fields(Metadata({"Host": "a", "host": "b"}))


def test_a_missing_field_is_named_with_its_remedy() -> None:
    with pytest.raises(ComponentError, match=r"'redisHost' is required: add it to spec\.metadata"):
        Fields(Metadata({})).required("redisHost")


@pytest.mark.parametrize(
    ("read", "complaint"),
    [
        (lambda fields: fields.integer("x"), "'x' must be an integer"),
        (lambda fields: fields.seconds("x"), "'x' must be a duration"),
        (lambda fields: fields.choice("x", ("a", "b"), "a"), "'x' is 'bad': it must be one of a, b"),
    ],
    ids=["integer", "duration", "choice"],
)
def test_a_wrong_value_is_named(read: object, complaint: str) -> None:
    with pytest.raises(ComponentError, match=complaint):
        read(Fields(Metadata({"x": "bad"})))  # type: ignore[operator]


def test_an_integer_below_the_minimum_is_refused() -> None:
    with pytest.raises(ComponentError, match="at least 0"):
        Fields(Metadata({"db": "-1"})).integer("db", minimum=0)


@pytest.mark.parametrize(("text", "ttl"), [("10", 10), ("-1", -1), ("0", 0), ("2147483647", 2147483647)])
def test_a_request_ttl_is_an_integer_of_seconds(text: str, ttl: int) -> None:
    assert request_ttl({"ttlInSeconds": text}) == ttl


def test_no_ttl_means_none() -> None:
    assert request_ttl({}) is None


@pytest.mark.parametrize("text", ["-2", "2147483648", "1.5", "soon"])
def test_other_ttls_are_refused(text: str) -> None:
    with pytest.raises(ComponentError, match="ttlInSeconds"):
        request_ttl({"ttlInSeconds": text})
