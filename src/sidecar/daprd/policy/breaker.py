"""The circuit breaker's state machine (crds-helm-config.md §3.4).

Closed, calls pass and are counted; a failure that makes ``trip`` hold opens it. Open, calls are refused until
``timeout`` has passed. Half-open, ``max_requests`` calls may probe: that many successes in a row close it, one failure
opens it again. Each change of state begins a new generation, and results of calls let in by an older one are ignored.

Pure: each step takes the time. Not for threads: one event loop owns a breaker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from daprd.policy.cel import CELError, compile_expression
from daprd.policy.contract import CircuitOpenError


class State(StrEnum):
    """States as metrics name them."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Counts:
    """Calls and results since the state began, or since ``interval`` last cleared them."""

    requests: int = 0
    total_successes: int = 0
    total_failures: int = 0
    consecutive_successes: int = 0
    consecutive_failures: int = 0

    def succeeded(self) -> None:
        """Count a success."""
        self.total_successes += 1
        self.consecutive_successes += 1
        self.consecutive_failures = 0

    def failed(self) -> None:
        """Count a failure."""
        self.total_failures += 1
        self.consecutive_failures += 1
        self.consecutive_successes = 0


Trip: TypeAlias = Callable[[Counts], bool]


def after_six_failures(counts: Counts) -> bool:
    """The default condition, ``consecutiveFailures > 5``."""
    return counts.consecutive_failures > 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSpec:
    """A breaker's settings. Times are in seconds; ``interval`` 0 never clears counts."""

    max_requests: int = 1
    interval: float = 0.0
    timeout: float = 60.0
    trip: Trip = after_six_failures


def parse_trip(text: str) -> Trip:
    """A trip condition from its CEL text. One that cannot be evaluated, or is no boolean, does not trip.

    Raises:
        BadExpressionError: the text does not parse.
    """
    program = compile_expression(text)

    def trip(counts: Counts) -> bool:
        try:
            result = program(
                {
                    "requests": counts.requests,
                    "totalSuccesses": counts.total_successes,
                    "totalFailures": counts.total_failures,
                    "consecutiveSuccesses": counts.consecutive_successes,
                    "consecutiveFailures": counts.consecutive_failures,
                }
            )
        except CELError:
            return False
        return result is True

    return trip


class CircuitBreaker:
    """One breaker. ``enter`` before a call, then exactly one of ``leave`` and ``abandon`` with what it gave."""

    __slots__ = ("_expires", "_generation", "_spec", "_state", "counts")

    def __init__(self, spec: BreakerSpec, now: float) -> None:
        self._spec = spec
        self._state = State.CLOSED
        self._generation = 0
        self._expires: float | None = None
        self.counts = Counts()
        self._begin(State.CLOSED, now)

    def state(self, now: float) -> State:
        """The state at a time, which may be what moves it on."""
        if self._expires is not None and now > self._expires:
            self._begin(State.HALF_OPEN if self._state is State.OPEN else self._state, now)
        return self._state

    def enter(self, now: float) -> int:
        """Ask to make a call; the number says which generation let it in.

        Raises:
            CircuitOpenError: ``circuit breaker is open``, or ``too many requests`` while half-open.
        """
        state = self.state(now)
        if state is State.OPEN:
            raise CircuitOpenError("circuit breaker is open")
        if state is State.HALF_OPEN and self.counts.requests >= self._spec.max_requests:
            raise CircuitOpenError("too many requests")
        self.counts.requests += 1
        return self._generation

    def leave(self, generation: int, success: bool, now: float) -> None:
        """Tell how a call ended."""
        state = self.state(now)
        if generation != self._generation:
            return
        if success:
            self.counts.succeeded()
            if state is State.HALF_OPEN and self.counts.consecutive_successes >= self._spec.max_requests:
                self._begin(State.CLOSED, now)
            return
        self.counts.failed()
        if state is State.HALF_OPEN or self._spec.trip(self.counts):
            self._begin(State.OPEN, now)

    def abandon(self, generation: int, now: float) -> None:
        """Give a call's place back: its caller went away, which says nothing about the target."""
        self.state(now)
        if generation == self._generation:
            self.counts.requests -= 1

    def _begin(self, state: State, now: float) -> None:
        self._state = state
        self._generation += 1
        self.counts = Counts()
        if state is State.OPEN:
            self._expires = now + self._spec.timeout
        elif state is State.CLOSED and self._spec.interval > 0:
            self._expires = now + self._spec.interval
        else:
            self._expires = None
