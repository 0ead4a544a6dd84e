"""Calls hold a claim on their actor's type, so that a change of its hosts can wait for them, or cancel them (§3.9).

While a type's hosts change, or nobody knows them, calls of that type wait; calls of others never notice. A call that
is cancelled by the change, and by nobody else, ends with ``RebalancedError``: it may be tried again, where the actor
lives now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred
from daprd.blocks.actors.hosts import HostTable
from daprd.catalogue import actors as rows

DRAINED: Final = "dissemination"


class RebalancedError(Exception):
    """The call was cancelled since the hosts of its type changed."""

    def __init__(self) -> None:
        super().__init__("placement is disseminating")


class Claim:
    """One task's hold on a type, from ``async with`` to its end. Nobody waits for it if it is ``endless``."""

    __slots__ = ("_cancelled", "_cancelling", "_claims", "_task", "actor_type", "endless")

    def __init__(self, claims: Claims, actor_type: str, *, endless: bool = False) -> None:
        self._claims = claims
        self.actor_type = actor_type
        self.endless = endless
        self._task: asyncio.Task[object] | None = None
        self._cancelled = False
        self._cancelling = 0

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._claims._hold(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._claims._release(self)
        if not self._cancelled:
            return
        assert self._task is not None
        others = self._task.uncancel() > self._cancelling
        if kind is not None and issubclass(kind, asyncio.CancelledError) and not others:
            raise RebalancedError from error

    def cancel(self) -> None:
        """End the call."""
        if self._task is not None and not self._cancelled:
            self._cancelled = True
            self._task.cancel(DRAINED)


class Hold:
    """One call's hold on a type, from when it is made until ``release``; ``on`` names the call's outcome."""

    __slots__ = ("_cancelled", "_claims", "_outcome", "actor_type")
    endless: ClassVar[bool] = False

    def __init__(self, claims: Claims, actor_type: str) -> None:
        self._claims = claims
        self.actor_type = actor_type
        self._outcome: Deferred[Any] | None = None
        self._cancelled = False
        claims._hold(self)

    def on(self, outcome: Deferred[Any]) -> None:
        """It is this outcome that a change of hosts waits for, or ends."""
        self._outcome = outcome

    def release(self, error: BaseException | None) -> BaseException | None:
        """The call is over. Gives what it ended with: ``RebalancedError`` if that was the change, and nobody else."""
        self._claims._release(self)
        outcome = self._outcome
        if self._cancelled and isinstance(error, asyncio.CancelledError) and outcome is not None:
            return error if outcome.unwanted else RebalancedError()
        return error

    def cancel(self) -> None:
        """End the call."""
        if self._outcome is not None and not self._cancelled:
            self._cancelled = True
            self._outcome.stop()


class Claims:
    """The claims of a sidecar, and the gate that calls wait at."""

    def __init__(self) -> None:
        self._held: dict[str, set[Claim | Hold]] = {}
        self._table: HostTable | None = None
        self._blocked: frozenset[str] = frozenset()
        self._closed = False
        self._waiting: list[asyncio.Future[None]] = []
        self._empty: dict[str, asyncio.Event] = {}
        self._finishing: set[str] = set()

    # --- Calls

    @property
    def table(self) -> HostTable | None:
        """The table in force; None while there is none."""
        return self._table

    def open_for(self, actor_type: str) -> HostTable | None:
        """The table, if a call of this type need not wait."""
        return None if actor_type in self._blocked else self._table

    async def wait_for(self, actor_type: str) -> HostTable:
        """The table, once there is one and the type's hosts are not changing."""
        while (table := self.open_for(actor_type)) is None:
            await self.change()
        return table

    async def change(self) -> None:
        """Wait until more types may be open, or finishing, than are now. Raises ``DaprError`` when none ever will."""
        if self._closed:
            raise DaprError(rows.RUNTIME_CLOSED)
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    async def change_from(self, actor_type: str, table: HostTable) -> None:
        """Wait until a call of this type would not go by this table's hosts: they change, are others, or unknown."""
        before = table.rings.get(actor_type)
        while (now := self.open_for(actor_type)) is not None and now.rings.get(actor_type) == before:
            await self.change()

    def finishing(self, actor_type: str) -> bool:
        """Whether calls of this type have time to end before its hosts change: its actors live nowhere else yet."""
        return self._table is not None and actor_type in self._finishing

    def stranded(self, actor_type: str) -> None:
        """A call of this type asks for what it gets only by a table, and there is none: waiting for it is of no use."""
        drained = self._empty.get(actor_type)
        if self._table is None and drained is not None:
            drained.set()

    def claim(self, actor_type: str, *, endless: bool = False) -> Claim:
        """Hold a type for as long as an ``async with`` lasts; ``endless`` work is ended at once by a change."""
        return Claim(self, actor_type, endless=endless)

    def hold(self, actor_type: str) -> Hold:
        """Hold a type for a call that no task waits for."""
        return Hold(self, actor_type)

    def held(self, actor_type: str) -> int:
        """How many calls hold a type."""
        return len(self._held.get(actor_type, ()))

    def held_types(self) -> list[str]:
        """The types that calls hold."""
        return list(self._held)

    # --- Changes of the table

    def install(self, table: HostTable) -> frozenset[str]:
        """Put a table into force; new calls of the types that it changes wait until ``unblock``. Gives those types."""
        changed = (self._table or HostTable()).changed(table)
        self._table = table
        self._blocked |= changed
        self._wake()
        return changed

    def lose(self) -> None:
        """Nobody knows any hosts any more: every new call waits."""
        self._table = None
        self._wake()

    def close(self) -> None:
        """The sidecar ends, and has no more tables: whoever waits for one is refused, and may try elsewhere."""
        self._table = None
        self._closed = True
        self._wake()

    def unblock(self) -> None:
        """The change is over."""
        self._blocked = frozenset()
        self._wake()

    async def drain(self, limits: Mapping[str, float]) -> tuple[str, ...]:
        """Wait for the calls of some types, then cancel those that are left.

        Args:
            limits: by type, seconds to wait; 0 cancels at once.

        Returns:
            The types of which calls had to be cancelled.
        """
        late = await asyncio.gather(*(self._drain(actor_type, limit) for actor_type, limit in limits.items()))
        return tuple(actor_type for actor_type, was_late in zip(limits, late, strict=True) if was_late)

    async def _drain(self, actor_type: str, limit: float) -> bool:
        if not self._held.get(actor_type):
            return False
        empty = self._empty.setdefault(actor_type, asyncio.Event())
        empty.clear()
        for claim in self._held[actor_type].copy():
            if claim.endless:
                claim.cancel()
        if limit > 0:
            self._finishing.add(actor_type)
            self._wake()
            try:
                async with asyncio.timeout(limit):
                    await empty.wait()
            except TimeoutError:
                pass
            finally:
                self._finishing.discard(actor_type)
            if not self._held.get(actor_type):
                return False
            empty.clear()
        for claim in self._held.get(actor_type, set()).copy():
            claim.cancel()
        await empty.wait()
        return True

    def _hold(self, claim: Claim | Hold) -> None:
        held = self._held.get(claim.actor_type)
        if held is None:
            held = self._held[claim.actor_type] = set()
        held.add(claim)

    def _release(self, claim: Claim | Hold) -> None:
        held = self._held[claim.actor_type]
        held.discard(claim)
        if not held:
            del self._held[claim.actor_type]
            empty = self._empty.pop(claim.actor_type, None)
            if empty is not None:
                empty.set()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)
