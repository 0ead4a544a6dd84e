"""When an identity is renewed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.identity.schedule import RETRY, SOONEST, renewal_delay, retry_delay

HOUR = 3600.0
lives = st.floats(0.01, 400 * 24 * HOUR)
unit = st.floats(0, 1)


def test_the_default_certificate_is_renewed_in_the_middle_of_its_life() -> None:
    assert renewal_delay(0, -0.25 * HOUR, 24 * HOUR) == 11.875 * HOUR


def test_a_token_that_ends_sooner_brings_the_renewal_forward() -> None:
    assert renewal_delay(0, -0.25 * HOUR, 24 * HOUR, HOUR) == HOUR / 2


def test_a_certificate_that_lives_shorter_than_the_skew_is_renewed_at_half_of_what_is_left() -> None:
    assert renewal_delay(0, -900, 10) == 5


@given(lives, st.floats(0, HOUR), unit)
def test_a_renewal_leaves_time_for_another_and_never_storms(life: float, skew: float, dice: float) -> None:
    delay = renewal_delay(0, -skew, life, dice=dice)
    assert delay >= SOONEST
    assert delay <= max(SOONEST, life / 2)


@given(st.floats(2, 24 * HOUR), unit)
def test_jitter_brings_a_renewal_forward_by_a_tenth_at_most(life: float, dice: float) -> None:
    exact = renewal_delay(0, 0, life)
    assert 0.9 * exact - 1e-6 <= renewal_delay(0, 0, life, dice=dice) <= exact


@pytest.mark.parametrize(("left", "delay"), [(24 * HOUR, RETRY), (80, RETRY), (40, 5), (8, 1), (1, 0.5), (-5, 2.5)])
def test_a_failed_renewal_is_tried_again_the_sooner_the_less_is_left(left: float, delay: float) -> None:
    assert retry_delay(0, left) == delay
