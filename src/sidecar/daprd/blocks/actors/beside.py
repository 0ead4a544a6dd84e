"""Work with actors that takes no turn: streams, and what a part of this process may do beside its actors' turns.

It keeps an actor from being idle, and ends with the actor. Whoever wants it then finds it where the actor lives next.
This module is not compiled: it waits for ends while errors are handled.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from daprd.blocks.actors.turns import ActorClosedError

T = TypeVar("T")


class Beside:
    """The work beside the turns of the actors of one type."""

    def __init__(self) -> None:
        self._tasks: dict[str, set[asyncio.Task[Any]]] = {}

    def busy(self, actor_id: str) -> bool:
        """Whether something is under way with an actor."""
        return actor_id in self._tasks

    def end(self, actor_id: str) -> None:
        """The actor is gone."""
        for task in self._tasks.pop(actor_id, ()):
            task.cancel()

    async def run(self, actor_id: str, method: str, work: Coroutine[Any, Any, T]) -> T:
        """Do some work, which errors name by a method.

        Raises:
            ActorClosedError: the actor was gone before it was done.
        """
        task = asyncio.create_task(work, name=f"beside the turns of an actor: {method}")
        self._tasks.setdefault(actor_id, set()).add(task)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        finally:
            self._forget(actor_id, task)
        if task.cancelled():
            raise ActorClosedError(method)
        return task.result()

    def _forget(self, actor_id: str, task: asyncio.Task[Any]) -> None:
        tasks = self._tasks.get(actor_id)
        if tasks is None:
            return
        tasks.discard(task)
        if not tasks:
            del self._tasks[actor_id]


async def hand_on(answers: AsyncGenerator[T, None], emit: Callable[[T], Awaitable[None]]) -> None:
    """Emit answer after answer, and close the stream however that ends."""
    async with contextlib.aclosing(answers):
        async for answer in answers:
            await emit(answer)
