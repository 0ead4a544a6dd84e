"""The circuit breaker opens, probes and closes as its settings say; time is simulated."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from daprd.policy.breaker import BreakerSpec, CircuitBreaker, Counts, State, after_six_failures, parse_trip
from daprd.policy.cel import BadExpressionError
from daprd.policy.contract import CircuitOpenError


def run(breaker: CircuitBreaker, success: bool, now: float) -> None:
    breaker.leave(breaker.enter(now), success, now)


def opened(**settings: float) -> CircuitBreaker:
    breaker = CircuitBreaker(BreakerSpec(trip=lambda counts: True, **settings), 0.0)  # type: ignore[arg-type]
    run(breaker, False, 0.0)
    return breaker


def test_the_default_opens_at_the_sixth_failure_in_a_row() -> None:
    breaker = CircuitBreaker(BreakerSpec(), 0.0)
    for _ in range(5):
        run(breaker, False, 1.0)
    run(breaker, True, 1.0)
    for _ in range(5):
        run(breaker, False, 1.0)
    assert breaker.state(1.0) is State.CLOSED
    run(breaker, False, 1.0)
    assert breaker.state(1.0) is State.OPEN


def test_an_open_breaker_refuses_until_its_timeout_has_passed() -> None:
    breaker = opened(timeout=10.0)
    with pytest.raises(CircuitOpenError, match=r"^circuit breaker is open$"):
        breaker.enter(10.0)
    assert breaker.state(10.1) is State.HALF_OPEN


def test_half_open_lets_max_requests_through_and_no_more() -> None:
    breaker = opened(timeout=10.0, max_requests=2)
    breaker.enter(11.0)
    breaker.enter(11.0)
    with pytest.raises(CircuitOpenError, match=r"^too many requests$"):
        breaker.enter(11.0)


def test_half_open_closes_after_max_requests_successes() -> None:
    breaker = opened(timeout=10.0, max_requests=2)
    run(breaker, True, 11.0)
    assert breaker.state(11.0) is State.HALF_OPEN
    run(breaker, True, 11.0)
    assert breaker.state(11.0) is State.CLOSED


def test_any_failure_in_half_open_opens_again_for_a_whole_timeout() -> None:
    breaker = opened(timeout=10.0)
    run(breaker, False, 11.0)
    assert breaker.state(21.0) is State.OPEN
    assert breaker.state(21.1) is State.HALF_OPEN


def test_a_probe_whose_caller_went_away_gives_its_place_back() -> None:
    breaker = opened(timeout=10.0)
    breaker.abandon(breaker.enter(11.0), 11.0)
    run(breaker, True, 11.0)
    assert breaker.state(11.0) is State.CLOSED


def test_results_of_an_older_generation_are_ignored() -> None:
    breaker = CircuitBreaker(BreakerSpec(timeout=10.0, trip=lambda counts: True), 0.0)
    late = breaker.enter(0.0)
    run(breaker, False, 0.0)
    breaker.leave(late, True, 11.0)
    assert breaker.state(11.0) is State.HALF_OPEN
    assert breaker.counts == Counts()


def test_counts_are_cleared_each_interval_while_closed() -> None:
    breaker = CircuitBreaker(BreakerSpec(interval=5.0, trip=parse_trip("totalFailures >= 2")), 0.0)
    run(breaker, False, 1.0)
    run(breaker, False, 6.0)
    assert breaker.state(6.0) is State.CLOSED
    run(breaker, False, 7.0)
    assert breaker.state(7.0) is State.OPEN


@pytest.mark.parametrize(
    ("text", "counts", "expected"),
    [
        ("consecutiveFailures > 5", Counts(consecutive_failures=6), True),
        ("consecutiveFailures > 5", Counts(consecutive_failures=5), False),
        ("requests >= 3 && totalFailures > totalSuccesses", Counts(3, 1, 2), True),
        ("double(totalFailures) / double(requests) >= 0.5", Counts(4, 2, 2), True),
        ("consecutiveSuccesses == 0", Counts(), True),
        ("totalFailures", Counts(total_failures=9), False),
        ("unknown > 1", Counts(), False),
    ],
)
def test_a_trip_condition_sees_the_counts(text: str, counts: Counts, expected: bool) -> None:
    assert parse_trip(text)(counts) is expected


def test_a_trip_condition_that_does_not_parse_is_refused() -> None:
    with pytest.raises(BadExpressionError):
        parse_trip("consecutiveFailures >")


class BreakerMachine(RuleBasedStateMachine):
    """Calls begin, end and are abandoned in any order while time passes; a model predicts the state."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.spec = BreakerSpec(max_requests=2, timeout=10.0, trip=lambda counts: counts.consecutive_failures >= 3)
        self.breaker = CircuitBreaker(self.spec, 0.0)
        self.calls: list[int] = []
        self.model = State.CLOSED
        self.open_until = 0.0
        self.era = 0
        self.eras: dict[int, int] = {}
        self.run_of = [0, 0]  # successes, failures in a row
        self.inside = 0

    def _change(self, state: State) -> None:
        self.model, self.era, self.run_of, self.inside = state, self.era + 1, [0, 0], 0
        if state is State.OPEN:
            self.open_until = self.now + 10.0

    def _tick(self) -> None:
        if self.model is State.OPEN and self.now > self.open_until:
            self._change(State.HALF_OPEN)

    @rule(seconds=st.floats(0.1, 15))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self._tick()

    @rule()
    def begin(self) -> None:
        refused = self.model is State.OPEN or (self.model is State.HALF_OPEN and self.inside >= 2)
        try:
            generation = self.breaker.enter(self.now)
        except CircuitOpenError:
            assert refused
        else:
            assert not refused
            self.inside += 1
            self.calls.append(generation)
            self.eras[generation] = self.era

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), success=st.booleans())
    def end(self, data: st.DataObject, success: bool) -> None:
        generation = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        self.breaker.leave(generation, success, self.now)
        if self.eras[generation] != self.era:
            return
        self.run_of = [self.run_of[0] + 1, 0] if success else [0, self.run_of[1] + 1]
        if success and self.model is State.HALF_OPEN and self.run_of[0] >= 2:
            self._change(State.CLOSED)
        elif not success and (self.model is State.HALF_OPEN or self.run_of[1] >= 3):
            self._change(State.OPEN)

    @precondition(lambda self: self.calls)
    @rule()
    def abandon(self) -> None:
        generation = self.calls.pop()
        self.breaker.abandon(generation, self.now)
        if self.eras[generation] == self.era:
            self.inside -= 1

    @invariant()
    def the_state_is_the_models(self) -> None:
        assert self.breaker.state(self.now) is self.model
        assert self.breaker.counts.requests >= 0


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_default_condition_is_more_than_five_failures_in_a_row() -> None:
    assert [after_six_failures(Counts(consecutive_failures=count)) for count in (5, 6)] == [False, True]
