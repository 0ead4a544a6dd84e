"""Actors that are parts of the sidecar itself, in this process and without an application: what workflows are made of.

Their types are the runtime's own (``names.internal_type``), which no application may host or touch by the API. They
come and go at run time beside those of the application, and are told to placement like these. What such an actor does
beside its turns is up to it: streams always are, calls of the methods that its host names, and reminders that say so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Collection

from mypy_extensions import mypyc_attr

from daprd.blocks.actors.host import ActorAnswer, ActorCall, ActorHost, Firing, HostError


@mypyc_attr(allow_interpreted_subclasses=True)
class InternalActor(ABC):
    """One actor. Every method may raise ``HostError``."""

    @abstractmethod
    async def invoke(self, call: ActorCall) -> ActorAnswer:
        """Do what a method is for."""

    @abstractmethod
    async def fire(self, firing: Firing) -> bool:
        """A timer or reminder has come; whether no more of them are wanted."""

    def stream(self, call: ActorCall) -> AsyncGenerator[ActorAnswer, None]:
        """Answers, one after another, for as long as somebody reads them."""
        raise HostError(f"unsupported stream method: {call.method}")

    async def deactivate(self) -> None:
        """The actor is gone from here."""


Create = Callable[[str, str], InternalActor]
"""Makes the actor of a type and id."""


class InternalHost(ActorHost):
    """Hosts actors that ``create`` makes when they are wanted.

    Args:
        create: see there.
        beside: methods whose calls take no turn.
    """

    in_process = True

    def __init__(self, create: Create, *, beside: Collection[str] = ()) -> None:
        self._create = create
        self._beside = frozenset(beside)
        self._actors: dict[tuple[str, str], InternalActor] = {}

    def __len__(self) -> int:
        return len(self._actors)

    def takes_turn(self, method: str) -> bool:
        return method not in self._beside

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        return await self._actor(call.actor_type, call.actor_id).invoke(call)

    def stream(self, call: ActorCall) -> AsyncGenerator[ActorAnswer, None]:
        return self._actor(call.actor_type, call.actor_id).stream(call)

    async def fire(self, firing: Firing) -> bool:
        return await self._actor(firing.actor_type, firing.actor_id).fire(firing)

    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        actor = self._actors.pop((actor_type, actor_id), None)
        if actor is not None:
            await actor.deactivate()

    def _actor(self, actor_type: str, actor_id: str) -> InternalActor:
        key = actor_type, actor_id
        actor = self._actors.get(key)
        if actor is None:
            actor = self._actors[key] = self._create(actor_type, actor_id)
        return actor
