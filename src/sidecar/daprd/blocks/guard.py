"""The seam between a block and the resiliency policy of a component (crds-helm-config.md §3.7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from dapr_components.contract import ComponentError
from daprd.policy.contract import CircuitOpenError, PermanentError, Policy, RetriesExhaustedError

T = TypeVar("T")


async def guarded(
    policy: Policy | None,
    operation: Callable[[], Awaitable[T]],
    *,
    permanent: tuple[type[ComponentError], ...] = (),
) -> T:
    """Run an operation of a component under its policy; failures of a ``permanent`` kind are never tried again.

    Raises:
        ComponentError: the component failed, after all retries, or the policy ended the attempt.
    """
    if policy is None:
        return await operation()
    try:
        return await policy.run(lambda: _attempt(operation, permanent))
    except (PermanentError, RetriesExhaustedError) as error:
        raise error.cause from None
    except TimeoutError:
        raise ComponentError("context deadline exceeded: the time-out of the resiliency policy passed") from None
    except CircuitOpenError:
        raise ComponentError("circuit breaker is open") from None


async def _attempt(operation: Callable[[], Awaitable[T]], permanent: tuple[type[ComponentError], ...]) -> T:
    try:
        return await operation()
    except permanent as error:
        raise PermanentError(error) from error
