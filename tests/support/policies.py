"""Policies for tests: one that tries again so many times, at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from daprd.policy.contract import ComponentKind, Direction, PermanentError, Policy, RetriesExhaustedError
from support.replay import NoPolicies

T = TypeVar("T")


class Retries(Policy):
    """Up to ``count`` further attempts; a returned failure is retried only if its code is in ``codes`` (None: any)."""

    has_retry = True

    def __init__(self, count: int, codes: frozenset[int] | None = None) -> None:
        self.count = count
        self.codes = codes
        self.attempts = 0

    async def run(self, operation: Callable[[], Awaitable[T]], *, failed: Callable[[T], int | None] | None = None) -> T:
        for left in range(self.count, -1, -1):
            self.attempts += 1
            try:
                result = await operation()
            except PermanentError as error:
                raise error.cause from None
            except Exception as error:
                if left == 0:
                    raise RetriesExhaustedError(error, self.count) from error
                continue
            code = failed(result) if failed is not None else None
            if code is None or left == 0 or (self.codes is not None and code not in self.codes):
                return result
        raise AssertionError("unreachable")


class ComponentPolicies(NoPolicies):
    """One policy for the components' operations of one direction."""

    def __init__(self, policy: Policy, direction: Direction) -> None:
        self._policy = policy
        self._direction = direction

    def component(self, name: str, kind: ComponentKind, direction: Direction = "outbound") -> Policy | None:
        return self._policy if direction == self._direction else None
