"""Run an operation under a policy: retry (circuit breaker (time-out (operation))), crds-helm-config.md §3.2."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from daprd.policy.breaker import CircuitBreaker, State
from daprd.policy.contract import CircuitOpenError, Direction, PermanentError, Policy, RetriesExhaustedError
from daprd.policy.observing import PolicyKind, PolicyObserver
from daprd.policy.retry import Backoff, RetrySpec

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outside:
    """What the guard takes from the world; tests give simulated ones."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random


WORLD = Outside()


class Watch:
    """Reports one policy's doings under its target's label; does nothing without an observer."""

    __slots__ = ("_direction", "_observer", "_target")

    def __init__(self, observer: PolicyObserver | None, direction: Direction, target: str) -> None:
        self._observer = observer
        self._direction = direction
        self._target = target

    def applied(self, policy: PolicyKind, state: State | None = None) -> None:
        """The policy guards a call."""
        if self._observer is not None:
            self._observer.applied(policy, self._direction, self._target, state or "")
            if state is not None:
                self._observer.breaker(self._direction, self._target, state)

    def activated(self, policy: PolicyKind, state: State | None = None) -> None:
        """The policy struck."""
        if self._observer is not None:
            self._observer.activated(policy, self._direction, self._target, state or "")
            if state is not None:
                self._observer.breaker(self._direction, self._target, state)


class Guard(Policy):
    """Time-out, retry and breaker for one target; any of them may be absent."""

    def __init__(
        self,
        watch: Watch,
        *,
        timeout: float = 0.0,
        retry: RetrySpec | None = None,
        breaker: CircuitBreaker | None = None,
        built_in: bool = False,
        outside: Outside = WORLD,
    ) -> None:
        """``timeout`` is in seconds, 0 for none."""
        self.has_retry = retry is not None and retry.max_retries != 0
        self.built_in = built_in
        self._watch = watch
        self._timeout = timeout
        self._retry = retry
        self._breaker = breaker
        self._outside = outside

    async def run(self, operation: Callable[[], Awaitable[T]], *, failed: Callable[[T], int | None] | None = None) -> T:
        """See ``Policy.run``. A raised error may carry the status to match as an integer ``code``."""
        self._announce()
        backoff = self._backoff()
        while True:
            failure: Exception | None = None
            try:
                value, code = await self._attempt(operation, failed)
                if code is None:
                    return value
            except PermanentError as error:
                raise error.cause from None
            except CircuitOpenError:
                raise
            except Exception as raised:  # noqa: BLE001 - raised again when it is not to be tried again
                failure, code = raised, _code_of(raised)
            if await self._waits(backoff, code):
                continue
            if failure is None:
                return value
            if backoff is None or not backoff.retries or isinstance(failure, TimeoutError):
                raise failure
            raise RetriesExhaustedError(failure, backoff.retries) from failure

    async def _attempt(
        self, operation: Callable[[], Awaitable[T]], failed: Callable[[T], int | None] | None
    ) -> tuple[T, int | None]:
        """One try through the breaker: the value, and its status when it counts as a failure."""
        breaker, clock = self._breaker, self._outside.clock
        if breaker is None:
            value = await self._limited(operation)
            return value, failed(value) if failed is not None else None
        before = breaker.state(clock())
        try:
            generation = breaker.enter(clock())
        except CircuitOpenError:
            self._watch.activated("circuitbreaker", breaker.state(clock()))
            raise
        try:
            value = await self._limited(operation)
            code = failed(value) if failed is not None else None
        except Exception:
            breaker.leave(generation, False, clock())
            raise
        except BaseException:  # cancelled: the caller went away
            breaker.abandon(generation, clock())
            raise
        else:
            breaker.leave(generation, code is None, clock())
        finally:
            if (after := breaker.state(clock())) is not before:
                self._watch.activated("circuitbreaker", after)
        return value, code

    async def _limited(self, operation: Callable[[], Awaitable[T]]) -> T:
        if not self._timeout:
            return await operation()
        try:
            async with asyncio.timeout(self._timeout) as limit:
                return await operation()
        finally:
            if limit.expired():
                self._watch.activated("timeout")

    def _announce(self) -> None:
        if self._timeout:
            self._watch.applied("timeout")
        if self._retry is not None:
            self._watch.applied("retry")
        if self._breaker is not None:
            self._watch.applied("circuitbreaker", self._breaker.state(self._outside.clock()))

    def _backoff(self) -> Backoff | None:
        if self._retry is None:
            return None
        return Backoff(self._retry, self._outside.clock(), self._outside.random)

    async def _waits(self, backoff: Backoff | None, code: int | None) -> bool:
        """Whether to try again, after the pause."""
        if backoff is None or self._retry is None or not self._retry.matching.retries(code):
            return False
        pause = backoff.pause(self._outside.clock())
        if pause is None:
            return False
        self._watch.activated("retry")
        await self._outside.sleep(pause)
        return True


class Reconnecting(Policy):
    """A default policy around the built-in retries of service invocation (§3.5, §3.6).

    Defaults do not switch the built-in policy off: it retries inside, and only the codes it is there for.
    """

    def __init__(self, outer: Guard, inner: Guard, codes: frozenset[int]) -> None:
        self.has_retry = True
        self._outer = outer
        self._inner = inner
        self._codes = codes

    async def run(self, operation: Callable[[], Awaitable[T]], *, failed: Callable[[T], int | None] | None = None) -> T:
        """See ``Policy.run``."""

        async def reconnecting() -> T:
            try:
                return await operation()
            except Exception as error:
                if _code_of(error) in self._codes:
                    raise
                raise PermanentError(error) from error

        async def attempt() -> T:
            try:
                return await self._inner.run(reconnecting)
            except RetriesExhaustedError as error:
                raise error.cause from None

        return await self._outer.run(attempt, failed=failed)


def _code_of(error: BaseException) -> int | None:
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None
