"""Around a store's operation: the resiliency policy of its name, and the metrics of what it took."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeAlias, TypeVar

from dapr_components.contract import ComponentError
from dapr_components.state.contract import ETagError
from daprd.policy.contract import CircuitOpenError, PermanentError, Policy, RetriesExhaustedError

T = TypeVar("T")

StateOperation: TypeAlias = Literal["get", "set", "delete", "bulk_get", "bulk_delete", "transaction", "query"]
"""The ``operation`` label of the state metrics."""


class StateObserver(Protocol):
    """What metrics want to know of state (observability.md §6)."""

    def state(self, component: str, operation: StateOperation, success: bool, elapsed_ms: float) -> None:
        """Told once per operation, retries included, when it has ended; milliseconds."""


async def guarded(policy: Policy | None, operation: Callable[[], Awaitable[T]]) -> T:
    """Run an operation of a store under its policy. An ETag that does not fit is never tried again.

    Raises:
        ComponentError: the store failed, after all retries, or the policy ended the attempt.
    """
    if policy is None:
        return await operation()
    try:
        return await policy.run(lambda: _attempt(operation))
    except (PermanentError, RetriesExhaustedError) as error:
        raise error.cause from None
    except TimeoutError:
        raise ComponentError("context deadline exceeded: the time-out of the resiliency policy passed") from None
    except CircuitOpenError:
        raise ComponentError("circuit breaker is open") from None


async def _attempt(operation: Callable[[], Awaitable[T]]) -> T:
    try:
        return await operation()
    except ETagError as error:
        raise PermanentError(error) from error


class Stopwatch:
    """Tells an observer how one operation ended. Costs nothing without an observer."""

    __slots__ = ("_component", "_observer", "_operation", "_started")

    def __init__(self, observer: StateObserver | None, component: str, operation: StateOperation) -> None:
        self._observer = observer
        self._component = component
        self._operation = operation
        self._started = time.perf_counter() if observer is not None else 0.0

    def ended(self, success: bool) -> None:
        """The operation has ended."""
        if self._observer is not None:
            elapsed = (time.perf_counter() - self._started) * 1000
            self._observer.state(self._component, self._operation, success, elapsed)
