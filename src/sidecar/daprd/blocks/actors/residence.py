"""The actors that live here: types that come and go, turns, idleness, and what a new table takes away (§3.7, §3.9).

A type is hosted while somebody runs it. Offered to placement are types only while there is a store for their state: an
actor without memory could not be moved.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from dapr_core.rpc.deferred import Deferred, detoured
from daprd.blocks.actors.beside import hand_on
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.host import (
    REENTRANCY,
    ActorAnswer,
    ActorCall,
    ActorHost,
    Firing,
    NotHostedError,
)
from daprd.blocks.actors.hosts import is_same_host
from daprd.blocks.actors.leaving import Hosted, Leaving
from daprd.blocks.actors.record import ActorRecord
from daprd.blocks.actors.residents import Actor, Residents
from daprd.blocks.actors.routing import Emit
from daprd.blocks.actors.settings import TypeSettings
from daprd.blocks.actors.work import awaited, limited, working
from daprd.policy.contract import Policy

log = logging.getLogger("dapr.runtime.actors")

T = TypeVar("T")

_STOP: Final = 5.0
"""Seconds for all deactivations at the end of the process."""


def _running_clock() -> float:
    return asyncio.get_running_loop().time()


class Residence:
    """The actors of this sidecar.

    Args:
        own: ``host:port`` of this sidecar, as placement knows it.
        claims: the table in force, and calls that hold it.
        offers: whether types are offered to placement (there is a store for their state).
        record: metrics.
        changed: told whenever other types are offered.
        limit: the time-out of a type's turns, as a policy.
    """

    def __init__(
        self,
        own: str,
        claims: Claims,
        *,
        offers: Callable[[], bool],
        record: ActorRecord | None = None,
        changed: Callable[[], Awaitable[None]] | None = None,
        settled: Callable[[Sequence[str]], Awaitable[None]] | None = None,
        limit: Callable[[str], Policy | None] | None = None,
    ) -> None:
        self._own = own
        self._claims = claims
        self._offers = offers
        self._record = record
        self.on_change = changed
        self._settled = settled
        self._limit = limit
        self._types: dict[str, Hosted] = {}
        self._leaving = Leaving(self._types, record)
        self._news = asyncio.Event()
        self._wake_at = float("inf")
        self._departed: asyncio.Event | None = None
        self._clock = _running_clock  # until there is a type
        self.registered = asyncio.Event()
        """Set once somebody has said which types it hosts, if any."""

    # --- Types

    async def register(self, types: Mapping[str, TypeSettings], host: ActorHost) -> None:
        """Somebody hosts these types now, instead of whoever did."""
        # Asking for the running loop is a system call (``getpid``) in CPython 3.11, and this is asked with every call.
        self._clock = asyncio.get_running_loop().time
        for name, settings in types.items():
            known = self._types.get(name)
            if known is not None:  # its actors live on, and so do turns that are under way
                known.host = host
                known.settings = known.residents.settings = settings
                continue
            residents = Residents(settings, None if self._record is None else _counting(self._record, name))
            self._types[name] = Hosted(host, settings, residents)
        if not host.in_process:
            self.registered.set()
        self._news.set()
        await self._changed()

    async def unregister(self, types: Sequence[str], host: ActorHost) -> None:
        """Whoever hosted these types is gone; what lives here of them ends."""
        gone = [name for name in types if name in self._types and self._types[name].host is host]
        if not gone:
            return
        if not host.in_process:
            self.registered.clear()
        await self._leaving.all_of(gone, host)
        for name in gone:
            if name in self._types and self._types[name].host is host:  # nobody has taken it over meanwhile
                del self._types[name]
        await self._changed()

    def hosted(self, actor_type: str) -> bool:
        """Whether the type is hosted here and offered to others."""
        return actor_type in self._types and self._offers()

    def known(self, actor_type: str) -> bool:
        """Whether the type is hosted here."""
        return actor_type in self._types

    def active(self, actor_type: str, actor_id: str) -> bool:
        """Whether an actor is active here."""
        hosted = self._types.get(actor_type)
        return hosted is not None and actor_id in hosted.residents

    def counts(self) -> dict[str, int]:
        """Active actors by type."""
        return {name: len(hosted.residents) for name, hosted in self._types.items()}

    async def let_go(self, actor_type: str, actor_id: str) -> None:
        """Deactivate an actor that is done, as if it had been idle for long enough; not one that is at work."""
        hosted = self._types.get(actor_type)
        if hosted is not None and not hosted.residents.busy(actor_id):
            await self._leaving.one(actor_type, actor_id)

    async def offers_changed(self) -> None:
        """There is a store for state now, or none any more."""
        if not self._offers():
            await self._leaving.all_of(list(self._types))
        await self._changed()

    async def _changed(self) -> None:
        if self.on_change is not None:
            await self.on_change()

    # --- Calls

    def invoke(self, call: ActorCall) -> Deferred[ActorAnswer]:
        """Call an actor in its turn. See ``routing.Local``."""
        hosted = self._of(call.actor_type)
        identity = ""
        if hosted.settings.reentrancy.enabled:
            identity = call.reentrancy_id
            if not identity:
                identity = call.reentrancy_id = str(uuid.uuid4())
                call.headers = [*call.headers, (REENTRANCY, identity.encode())]
        work = limited(self._policy(call.actor_type), lambda: hosted.host.begin(call))
        if hosted.host.in_process and not hosted.host.takes_turn(call.method):
            return detoured(self._beside_turns(hosted, call.actor_id, call.method, awaited(work)))
        return self._in_turn(hosted, call.actor_id, call.method, identity, work)

    async def stream(self, call: ActorCall, emit: Emit) -> None:
        """Call an actor for answer after answer, beside its turns. See ``routing.Local``."""
        hosted = self._of(call.actor_type)

        async def work() -> None:
            await hand_on(hosted.host.stream(call), emit)

        await self._beside_turns(hosted, call.actor_id, call.method, work)

    def fire(self, firing: Firing) -> Deferred[bool]:
        """Tell an actor of its timer or reminder in its turn. See ``routing.Local``."""
        hosted = self._of(firing.actor_type)
        try:
            work = limited(self._policy(firing.actor_type), lambda: detoured(hosted.host.fire(firing)))
            if firing.skip_lock and hosted.host.in_process:
                begun = detoured(self._beside_turns(hosted, firing.actor_id, firing.turn_name, awaited(work)))
            else:
                begun = self._in_turn(hosted, firing.actor_id, firing.turn_name, "", work)
        except Exception as error:
            self._fired(firing, None, error)
            raise
        begun.after(partial(self._fired, firing))
        return begun

    def _fired(self, firing: Firing, cancelled: bool | None, error: BaseException | None) -> bool:
        """The step behind a timer or reminder."""
        if self._record is not None:
            self._record.fired(firing.is_timer, firing.actor_type, error is None)
        if error is not None:
            raise error
        return bool(cancelled)

    def _in_turn(
        self, hosted: Hosted, actor_id: str, method: str, identity: str, work: Callable[[], Deferred[T]]
    ) -> Deferred[T]:
        """Do the work in the actor's turn: at once, if it is free."""
        if actor_id in hosted.residents.leaving:
            return detoured(self._in_line(hosted, actor_id, method, identity, work))
        actor = self._used(hosted, actor_id)
        turn = actor.turns.enter_at_once(method, identity)
        if turn is None:
            return detoured(self._in_line(hosted, actor_id, method, identity, work))
        return working(actor.turns, turn, work)

    async def _in_line(
        self, hosted: Hosted, actor_id: str, method: str, identity: str, work: Callable[[], Deferred[T]]
    ) -> T:
        """Wait for the actor's turn, then do the work."""
        await self._left(hosted, actor_id)
        actor = self._used(hosted, actor_id)
        turn = await actor.turns.enter(method, identity)
        if actor_id in hosted.residents:
            hosted.residents.used(actor_id, self._clock())
        return await working(actor.turns, turn, work)

    async def _beside_turns(
        self, hosted: Hosted, actor_id: str, method: str, work: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        await self._left(hosted, actor_id)
        self._used(hosted, actor_id)
        try:
            return await hosted.residents.beside.run(actor_id, method, work())
        finally:
            if actor_id in hosted.residents:
                self._used(hosted, actor_id)

    @staticmethod
    async def _left(hosted: Hosted, actor_id: str) -> None:
        """Who is let go right now is active again only when that is over: the application would mix the two up."""
        while (leaving := hosted.residents.leaving.get(actor_id)) is not None:
            await asyncio.shield(leaving)

    def _used(self, hosted: Hosted, actor_id: str) -> Actor:
        """The actor, active from now on unless it is already."""
        actor = hosted.residents.used(actor_id, self._clock())
        if actor.used + hosted.settings.idle < self._wake_at:
            self._news.set()
        return actor

    def _policy(self, actor_type: str) -> Policy | None:
        return None if self._limit is None else self._limit(actor_type)

    def _of(self, actor_type: str) -> Hosted:
        hosted = self._types.get(actor_type)
        if hosted is None:
            raise NotHostedError(actor_type)
        return hosted

    # --- What the table means (``placement.Resident``)

    def types(self) -> Sequence[str]:
        return list(self._types) if self._offers() and self._departed is None else []

    async def rebalance(self, changed: frozenset[str]) -> None:
        mine = [name for name in changed if name in self._types]
        limits = {name: self._drain_limit(name) for name in changed}
        for name in await self._claims.drain(limits):
            log.warning(
                "Timed out waiting for actor type '%s' in-flight lock claims to be released for rebalanced types, "
                "force cancelling remaining claims",
                name,
            )
        await self._leaving.these([(name, actor_id) for name in mine for actor_id in self._foreign(name)])

    async def unlocked(self) -> None:
        if self._departed is not None and not self._placed():
            self._departed.set()
        if self._settled is not None:
            await self._settled(self.types())

    async def lost(self) -> None:
        held = [*self._types, *self._claims.held_types()]
        await self._claims.drain({name: self._drain_limit(name) for name in held})
        await self._leaving.all_of(list(self._types))

    async def depart(self) -> None:
        """Offer no types any more, and wait until no actor lives here by anybody's table: calls under way have ended
        by then as in any other change of hosts, with their actors' state at hand."""
        self._departed = asyncio.Event()
        await self._changed()
        await self._departed.wait()

    @property
    def longest_drain(self) -> float:
        """Seconds that calls under way may have when hosts change, of whichever type they are."""
        return max(map(self._drain_limit, self._types), default=0.0)

    def _placed(self) -> bool:
        """Whether actors live here by the table."""
        table = self._claims.table
        rings = {} if table is None else table.rings
        return any(is_same_host(name, self._own) for each in self._types if each in rings for name in rings[each].hosts)

    def _drain_limit(self, actor_type: str) -> float:
        hosted = self._types.get(actor_type)
        if hosted is None:
            return 0.0
        return hosted.settings.drain if hosted.settings.drain_at_all else 0.0

    def _foreign(self, actor_type: str) -> list[str]:
        """Actors here that live elsewhere by the table."""
        table = self._claims.table
        ring = None if table is None else table.rings.get(actor_type)
        residents = self._types[actor_type].residents
        if ring is None:
            return list(residents)
        return [actor_id for actor_id in residents if not is_same_host(ring.owner(actor_id).name, self._own)]

    # --- Ends

    async def run(self) -> None:
        """Deactivate what has been idle for too long, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            times = [time for each in self._types.values() if (time := each.residents.next_idle()) is not None]
            self._wake_at = min(times, default=float("inf"))
            left = self._wake_at - loop.time()
            if left > 0:
                try:
                    async with asyncio.timeout(left if left < _FAR else None):
                        await self._news.wait()
                except TimeoutError:
                    pass
                continue
            now = loop.time()
            await self._leaving.these(
                [(name, actor_id) for name, each in self._types.items() for actor_id in each.residents.idle(now, 1000)]
            )

    async def close(self) -> None:
        """The sidecar ends: deactivate everything."""
        try:
            async with asyncio.timeout(_STOP):
                await self._leaving.all_of(list(self._types))
        except TimeoutError:
            log.warning("Not all actors could be deactivated within %g seconds", _STOP)


_FAR: Final = 86_400.0
"""Seconds from which a timer is not worth setting."""


def _counting(record: ActorRecord, actor_type: str) -> Callable[[int], None]:
    return lambda change: record.pending(actor_type, change)
