"""Policies for tests of blocks: none at all, or a given one for every component."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from daprd.policy.contract import (
    ComponentKind,
    Direction,
    PermanentError,
    Policies,
    Policy,
    RetriesExhaustedError,
)

T = TypeVar("T")


class NoPolicies(Policies):
    """Nothing is guarded."""

    def app(self, app_id: str, *, namespace: str = "", method: str = "") -> Policy | None:
        return None

    def endpoint(self, name: str, *, key: str = "") -> Policy | None:
        return None

    def component(self, name: str, kind: ComponentKind, direction: Direction = "outbound") -> Policy | None:
        return None

    def actor(self, actor_type: str, actor_id: str) -> Policy | None:
        return None


class ComponentPolicies(NoPolicies):
    """One policy for every component; remembers for which it was asked."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.asked: list[tuple[str, ComponentKind, Direction]] = []

    def component(self, name: str, kind: ComponentKind, direction: Direction = "outbound") -> Policy | None:
        self.asked.append((name, kind, direction))
        return self.policy


class Retry(Policy):
    """Tries again at once, ``times`` at most."""

    has_retry = True

    def __init__(self, times: int) -> None:
        self.times = times

    async def run(self, operation: Callable[[], Awaitable[T]], *, failed: Callable[[T], int | None] | None = None) -> T:
        for attempt in range(self.times + 1):
            try:
                return await operation()
            except PermanentError as error:
                raise error.cause from None
            except Exception as error:
                if attempt == self.times:
                    raise RetriesExhaustedError(error, attempt) from error
        raise AssertionError("unreachable")


class Refuse(Policy):
    """Ends every operation with the given error."""

    has_retry = False

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(self, operation: Callable[[], Awaitable[T]], *, failed: Callable[[T], int | None] | None = None) -> T:
        raise self.error
