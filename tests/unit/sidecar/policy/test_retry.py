"""Retries pause and end as their policy says; time and dice are simulated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daprd.policy.builtin import ACTOR_REMINDER, BUILT_IN, INITIALIZATION, SERVICE
from daprd.policy.matching import MatchingError, StatusMatching
from daprd.policy.retry import Backoff, RetrySpec


def pauses(spec: RetrySpec, dice: float = 0.5, limit: int = 2000) -> list[float]:
    """All pauses of an operation that always fails at once."""
    now, found = 0.0, list[float]()
    backoff = Backoff(spec, now, lambda: dice)
    while len(found) < limit and (pause := backoff.pause(now)) is not None:
        found.append(pause)
        now += pause
    return found


def test_a_constant_policy_pauses_equally() -> None:
    assert pauses(RetrySpec(duration=0.2, max_retries=3)) == [0.2, 0.2, 0.2]


def test_no_retries_means_one_try() -> None:
    assert pauses(RetrySpec(max_retries=0)) == []


def test_a_constant_policy_without_a_limit_goes_on() -> None:
    assert len(pauses(RetrySpec(duration=100.0), limit=500)) == 500


def test_an_exponential_policy_grows_by_half_up_to_its_longest_pause() -> None:
    assert pauses(RetrySpec(policy="exponential", max_interval=1.0, max_retries=5)) == [0.5, 0.75, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(("dice", "factor"), [(0.0, 0.5), (0.5, 1.0), (0.999999, 1.5)])
def test_the_dice_spread_each_pause_by_half_of_it(dice: float, factor: float) -> None:
    spec = RetrySpec(policy="exponential", max_retries=3)
    assert pauses(spec, dice) == pytest.approx([0.5 * factor, 0.75 * factor, 1.125 * factor], rel=1e-4)


def test_an_exponential_policy_ends_after_fifteen_minutes_even_without_a_limit() -> None:
    found = pauses(RetrySpec(policy="exponential"))
    assert 840 <= sum(found) <= 900
    assert max(found) == 60


@given(st.floats(0, 0.9999), st.integers(0, 20))
def test_pauses_stay_within_their_bounds(dice: float, retries: int) -> None:
    found = pauses(RetrySpec(policy="exponential", max_interval=5.0, max_retries=retries), dice)
    assert len(found) <= retries
    assert all(0.25 <= pause <= 7.5 for pause in found)


def test_built_in_policies_have_the_documented_pauses() -> None:
    assert pauses(BUILT_IN[SERVICE]) == [1.0, 1.0, 1.0]
    assert pauses(BUILT_IN[INITIALIZATION]) == [0.5, 0.75, 1.0]
    assert pauses(BUILT_IN[ACTOR_REMINDER])[:3] == [0.5, 0.75, 1.125]


@pytest.mark.parametrize(
    ("http", "grpc", "code", "expected"),
    [
        ("", "", 500, True),
        ("", "", 14, True),
        ("", "", None, True),
        ("429,500-502", "", 501, True),
        ("429,500-502", "", 503, False),
        ("429,500-502", "", 14, True),
        ("429", "8-14,2", 9, True),
        ("429", "8-14,2", 7, False),
        ("429", "", None, True),
        ("429,", "", 429, True),
        ("", "", 700, False),
    ],
)
def test_matching_decides_by_code(http: str, grpc: str, code: int | None, expected: bool) -> None:
    spec = {"httpStatusCodes": http, "gRPCStatusCodes": grpc}
    assert StatusMatching.parse(spec).retries(code) is expected


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("httpStatusCodes", "99", "start code 99 is not valid"),
        ("httpStatusCodes", "500-600", "end code 600 is not valid"),
        ("httpStatusCodes", "502-500", "start value should not bigger than end value"),
        ("httpStatusCodes", "500, 501", "failed to parse start code"),
        ("httpStatusCodes", "4xx", "failed to parse start code"),
        ("gRPCStatusCodes", "17", "start code 17 is not valid"),
        ("gRPCStatusCodes", "1-2-3", "more than one '-'"),
    ],
)
def test_codes_that_do_not_read_are_refused(field: str, text: str, complaint: str) -> None:
    with pytest.raises(MatchingError, match=complaint):
        StatusMatching.parse({field: text})
