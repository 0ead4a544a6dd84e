"""What is done with an actor while it has its turn, or beside it: how long it may take, and what follows its end."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeAlias, TypeVar

from dapr_core.rpc.deferred import Deferred, detoured
from daprd.blocks.actors.host import HostError
from daprd.blocks.actors.turns import Turn, Turns
from daprd.policy.contract import PermanentError, Policy

T = TypeVar("T")

Work: TypeAlias = Callable[[], Deferred[T]]
"""Begins it."""


def limited(policy: Policy | None, work: Work[T]) -> Work[T]:
    """The same work under the time-out of a policy. Its outcome may be a ``HostError`` then."""
    if policy is None:
        return work

    async def under() -> T:
        try:
            return await policy.run(work)
        except TimeoutError:
            raise HostError("context deadline exceeded", "timeout") from None
        except PermanentError as error:
            raise error.cause from None

    return lambda: detoured(under())


def awaited(work: Work[T]) -> Callable[[], Coroutine[Any, Any, T]]:
    """The same work for somebody who has a task for it."""

    async def done() -> T:
        return await work()

    return done


def working(turns: Turns, turn: Turn, work: Work[T]) -> Deferred[T]:
    """Do the work of a turn, and leave it with the outcome."""
    try:
        begun = work()
    except BaseException:
        turns.leave(turn)
        raise
    begun.after(partial(_done, turns, turn))
    return begun


def _done(turns: Turns, turn: Turn, value: T | None, error: BaseException | None) -> T:
    """The step behind the work of a turn."""
    turns.leave(turn)
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # without an error there is a value
