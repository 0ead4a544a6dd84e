"""How often and after which pauses a failed operation is tried again (crds-helm-config.md §3.3).

Pure: the time and the dice are arguments. A ``RetrySpec`` is what a resource says; ``Backoff`` is the state of one
operation's retries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from daprd.policy.matching import StatusMatching

NO_LIMIT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySpec:
    """A retry policy. Times are in seconds; ``max_elapsed`` 0 means no end."""

    policy: Literal["constant", "exponential"] = "constant"
    duration: float = 5.0
    max_interval: float = 60.0
    max_retries: int = NO_LIMIT
    initial_interval: float = 0.5
    multiplier: float = 1.5
    jitter: float = 0.5
    max_elapsed: float = 900.0
    matching: StatusMatching = field(default_factory=StatusMatching)


class Backoff:
    """The pauses of one operation. Ask ``pause`` after each failure; None says to give up."""

    __slots__ = ("_interval", "_random", "_spec", "_started", "retries")

    def __init__(self, spec: RetrySpec, now: float, random: Callable[[], float]) -> None:
        """``now`` is a monotonic time in seconds, ``random`` gives numbers in [0, 1)."""
        self._spec = spec
        self._started = now
        self._random = random
        self._interval = spec.initial_interval
        self.retries = 0

    def pause(self, now: float) -> float | None:
        """Seconds to wait before the next retry; None when there is none."""
        spec = self._spec
        if spec.max_retries != NO_LIMIT and self.retries >= spec.max_retries:
            return None
        pause = spec.duration if spec.policy == "constant" else self._next_interval()
        if spec.policy == "exponential" and spec.max_elapsed and now - self._started + pause > spec.max_elapsed:
            return None
        self.retries += 1
        return pause

    def _next_interval(self) -> float:
        """The current interval spread by ±jitter; the interval itself grows up to its limit."""
        spec = self._spec
        spread = spec.jitter * self._interval
        pause = self._interval - spread + self._random() * 2 * spread
        self._interval = min(self._interval * spec.multiplier, spec.max_interval)
        return pause
