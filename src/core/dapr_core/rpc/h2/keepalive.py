"""When a connection is probed, let go for want of work, or for its age: the decisions, without clock or socket.

A peer that vanished without a word is found by PING. A connection on which nothing runs has nobody who waits for that,
so that, unless told otherwise, it is left in peace until it has been idle for too long and is drained: thousands of
idle connections then cost no work at all (gRPC proposals A8 and A9 describe both sides' settings).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

MAX_STRIKES: Final = 2
"""PINGs that may come too early before a peer is sent away; grpc-go's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAlive:
    """How one end looks after a connection; times in seconds, None for never.

    Attributes:
        interval: silence after which the peer is probed; it is noticed within one and a half times that.
        timeout: how long the answer may take before the connection is given up.
        without_calls: probe also while no stream is open.
        max_idle: a connection without streams for so long is drained; a server's.
        max_age: a connection is drained at that age, ±10 % so that those of one moment do not all end in one.
        max_age_grace: streams still open so long after that are ended.
        min_ping_interval: a client that sends PINGs faster than this is sent away, unless something was sent to it in
            between (proposal A8, "Server Enforcement").
    """

    interval: float | None = None
    timeout: float = 20.0
    without_calls: bool = False
    max_idle: float | None = None
    max_age: float | None = None
    max_age_grace: float | None = None
    min_ping_interval: float | None = None
    grain: float = field(init=False)
    """Looks at connections may wait for one another up to this long, so that the process wakes once for many."""

    def __post_init__(self) -> None:
        times = (self.interval, self.timeout, self.max_idle, self.max_age, self.max_age_grace)
        object.__setattr__(self, "grain", min(time for time in times if time) / 16)

    def rounded(self, at: float) -> float:
        """A time put off to the end of its grain."""
        return math.ceil(at / self.grain) * self.grain


NEVER = KeepAlive()


class Verdict(Enum):
    """What is to be done with a connection."""

    KEEP = "keep"
    PING = "ping"
    """Probe the peer."""
    DEAD = "dead"
    """Give the connection up: the peer did not answer."""
    IDLE = "max_idle"
    """Drain it: nothing has run on it for too long. The value is grpc-go's debug text in GOAWAY."""
    OLD = "max_age"
    """Drain it because of its age."""
    OVER = "max_age_grace"
    """End what is left on it."""


class Watch:
    """The watch over one connection. ``wakes`` says that the owner calls ``wake`` when a stream begins, so that nothing
    has to be looked at while there is none."""

    __slots__ = ("_answer_by", "_ends_at", "_heard_at", "_idle_until", "_newest", "_options", "_over_at", "_wakes")

    def __init__(self, options: KeepAlive, now: float, *, jitter: float, wakes: bool) -> None:
        """``jitter`` is a random number from 0 to 1."""
        self._options = options
        self._wakes = wakes
        self._newest = 0
        self._answer_by = math.inf
        self._heard_at = now
        self._idle_until = now + (options.max_idle or math.inf)
        self._ends_at = math.inf if options.max_age is None else now + options.max_age * (0.9 + 0.2 * jitter)
        self._over_at = math.inf

    def begin(self, now: float) -> float | None:
        """When to look for the first time; None for never."""
        return self._next(now, busy=False)

    def wake(self, now: float) -> float | None:
        """A stream begins after a time without any: when to look next."""
        self._heard_at = now
        return self._next(now, busy=True)

    def look(self, now: float, *, heard: bool, streams: int, newest: int) -> tuple[Verdict, float | None]:
        """What to do now, and when to look again.

        ``heard``: something came since the last look; ``streams`` are open now; ``newest`` is the number of the last
        stream that was begun.
        """
        options = self._options
        if heard:
            self._heard_at = now
            self._answer_by = math.inf
        elif now >= self._answer_by:
            return Verdict.DEAD, None
        if now >= self._over_at:
            return Verdict.OVER, None
        if now >= self._ends_at:
            self._ends_at = self._idle_until = math.inf
            self._over_at = now + (options.max_age_grace or math.inf)
            return Verdict.OLD, self._next(now, busy=streams > 0)
        if streams or newest != self._newest:
            self._newest = newest
            self._idle_until = now + (options.max_idle or math.inf)
        elif now >= self._idle_until:
            self._idle_until = math.inf
            return Verdict.IDLE, self._next(now, busy=False)
        verdict = Verdict.KEEP
        silent = options.interval is not None and now - self._heard_at >= options.interval
        if silent and self._answer_by == math.inf and (streams or options.without_calls):
            self._answer_by = now + options.timeout
            verdict = Verdict.PING
        return verdict, self._next(now, busy=streams > 0)

    def _next(self, now: float, *, busy: bool) -> float | None:
        options = self._options
        due = min(self._idle_until, self._ends_at, self._over_at, self._answer_by)
        if options.interval is not None and (busy or options.without_calls or not self._wakes):
            due = min(due, now + options.interval / 2)
        return None if due == math.inf else due


class PingStrikes:
    """Counts the PINGs of a client that come too early (gRPC proposal A8, "Server Enforcement")."""

    __slots__ = ("_last", "_least", "_mark", "_strikes")

    def __init__(self, least: float) -> None:
        """``least``: seconds between two PINGs."""
        self._least = least
        self._last = -math.inf
        self._mark: object = None
        self._strikes = 0

    def too_many(self, now: float, mark: object) -> bool:
        """A PING has come; whether its sender goes too far. ``mark`` differs from the last PING's when something was
        sent in between: clients that estimate bandwidth answer data by a PING, and that is no strike."""
        if mark != self._mark:
            self._strikes = 0
            self._mark = mark
        elif now - self._last < self._least:
            self._strikes += 1
        self._last = now
        return self._strikes > MAX_STRIKES
