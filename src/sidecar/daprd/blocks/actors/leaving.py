"""Actors that are let go: each is gone from here at once, and its host is told, some of them at a time.

Until the host has been told, the actor is neither here nor may it come again (``Residents.leaving``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from daprd.blocks.actors.host import ActorHost, HostError
from daprd.blocks.actors.record import ActorRecord
from daprd.blocks.actors.residents import Residents
from daprd.blocks.actors.settings import TypeSettings

log = logging.getLogger("dapr.runtime.actors")

_AT_ONCE: Final = 64
"""Actors that are deactivated at one time."""


class Hosted:
    """One type: who runs it, how, and its actors."""

    __slots__ = ("host", "residents", "settings")

    def __init__(self, host: ActorHost, settings: TypeSettings, residents: Residents) -> None:
        self.host = host
        self.settings = settings
        self.residents = residents


class Leaving:
    """Lets actors of these types go. Where a ``host`` is named, only while they are that host's: they may have been
    taken over with their type."""

    def __init__(self, types: Mapping[str, Hosted], record: ActorRecord | None) -> None:
        self._types = types
        self._record = record

    async def all_of(self, types: Iterable[str], host: ActorHost | None = None) -> None:
        """All actors of some types."""
        await self.these([(name, actor_id) for name in types for actor_id in self._types[name].residents], host)

    async def these(self, actors: Sequence[tuple[str, str]], host: ActorHost | None = None) -> None:
        """Actors, by type and id."""
        for start in range(0, len(actors), _AT_ONCE):
            await asyncio.gather(*(self.one(*actor, host) for actor in actors[start : start + _AT_ONCE]))

    async def one(self, actor_type: str, actor_id: str, host: ActorHost | None = None) -> None:
        """One actor."""
        hosted = self._types.get(actor_type)
        if hosted is None or (host is not None and hosted.host is not host):
            return
        residents = hosted.residents
        if residents.take(actor_id) is None:
            return
        if self._record is not None:
            self._record.rebalanced(actor_type)
        leaving = residents.leaving[actor_id] = asyncio.get_running_loop().create_future()
        try:
            await hosted.host.deactivate(actor_type, actor_id)
        except HostError as error:
            log.error("failed to deactivate actor %s||%s: %s", actor_type, actor_id, error)
            if self._record is not None:
                self._record.deactivation_failed(actor_type, error.reason)
        else:
            if self._record is not None:
                self._record.deactivated(actor_type)
        finally:
            del residents.leaving[actor_id]
            leaving.set_result(None)
