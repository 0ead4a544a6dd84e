"""The actors that are active here, and which of them have been idle for too long (actors-placement.md §3.7).

Actors of one type stand in the order in which they were used last, so the one whose time comes first is the first:
one timer a type is enough for a million of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator

from daprd.blocks.actors.beside import Beside
from daprd.blocks.actors.settings import TypeSettings
from daprd.blocks.actors.turns import Turns


class Actor:
    """One that is active. ``used`` is when its last turn began."""

    __slots__ = ("turns", "used")

    def __init__(self, turns: Turns, used: float) -> None:
        self.turns = turns
        self.used = used


class Residents:
    """The active actors of one type.

    Args:
        settings: of the type.
        pending: told +1 and -1 as calls begin and cease to wait for an actor's turn.
    """

    def __init__(self, settings: TypeSettings, pending: Callable[[int], None] | None = None) -> None:
        self.settings = settings
        self._pending = pending
        self._actors: OrderedDict[str, Actor] = OrderedDict()
        self.beside = Beside()
        """What is done with them beside their turns."""
        self.leaving: dict[str, asyncio.Future[None]] = {}
        """Actors whose host is just told to let them go; done when it has been."""

    def __len__(self) -> int:
        return len(self._actors)

    def __contains__(self, actor_id: object) -> bool:
        return actor_id in self._actors

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._actors))

    def busy(self, actor_id: str) -> bool:
        """Whether an actor is at work, or somebody waits for it."""
        actor = self._actors.get(actor_id)
        return actor is not None and (actor.turns.busy or self.beside.busy(actor_id))

    def used(self, actor_id: str, now: float) -> Actor:
        """An actor whose turn begins, activated unless it is active."""
        actor = self._actors.get(actor_id)
        if actor is None:
            turns = Turns(max_depth=self.settings.reentrancy.max_depth, pending=self._pending)
            actor = self._actors[actor_id] = Actor(turns, now)
        else:
            actor.used = now
            self._actors.move_to_end(actor_id)
        return actor

    def take(self, actor_id: str) -> Actor | None:
        """Take an actor out; it takes no more calls."""
        actor = self._actors.pop(actor_id, None)
        if actor is not None:
            actor.turns.close()
            self.beside.end(actor_id)
        return actor

    def next_idle(self) -> float | None:
        """When the first of them will have been idle for too long; None where there are none."""
        for actor in self._actors.values():
            return actor.used + self.settings.idle
        return None

    def idle(self, now: float, limit: int) -> list[str]:
        """Those whose time has come, at most so many. One that is busy is used at this moment."""
        found: list[str] = []
        for actor_id, actor in list(self._first(limit * 2)):
            if actor.used + self.settings.idle > now or len(found) >= limit:
                break
            if actor.turns.busy or self.beside.busy(actor_id):
                self.used(actor_id, now)
            else:
                found.append(actor_id)
        return found

    def _first(self, count: int) -> Iterator[tuple[str, Actor]]:
        for index, item in enumerate(self._actors.items()):
            if index >= count:
                return
            yield item
