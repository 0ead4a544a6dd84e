"""The sidecar's place among the hosts: what it reports, the orders it follows, and what becomes of calls (§3.3).

A round has three orders, each acknowledged: ``lock`` announces a new table, ``update`` brings it, ``unlock`` ends the
round. Only calls of types whose hosts change wait in between. A stream that is lost takes the table with it: nobody
knows then where an actor may live, so calls wait, and what lives here is deactivated. The next stream is sought while
that goes on; a table that comes on it is taken afterwards, and nobody is unlocked before.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dapr_core.proto.gen.placement.v1.placement_grpc import PlacementStub
from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, HostOperation, PlacementOrder, PlacementTables
from dapr_core.rpc.grpc import Channel, Code, GrpcError
from dapr_core.rpc.grpc.stub import Call
from dapr_core.timing.duration import format_seconds
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.hosts import HostTable

log = logging.getLogger("dapr.runtime.actors.placement")

API_LEVEL: Final = 20
_NOT_LEADER: Final = "is not a leader"
_PAUSE: Final = 0.5
_JITTER: Final = 0.25
_MANY: Final = 50
"""Hosts from which on a table's rings are made on a thread."""


class Resident(Protocol):
    """Who lives here: told what the table means for it."""

    def types(self) -> Sequence[str]:
        """The types that this sidecar offers to host now."""

    async def rebalance(self, changed: frozenset[str]) -> None:
        """The hosts of these types are others now: let calls end, and deactivate what lives elsewhere."""

    async def unlocked(self) -> None:
        """A round is over; the table is in force for everybody."""

    async def lost(self) -> None:
        """Nobody knows any hosts: end calls, and deactivate everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Who reports.

    Attributes:
        address: ``host:port`` at which other sidecars reach this one.
        app_id, namespace: the application's.
        dissemination: seconds that a table may take to come after it was announced.
    """

    address: str
    app_id: str
    namespace: str
    dissemination: float = 30.0


class _StreamError(Exception):
    """An order that breaks the protocol; the stream is given up."""


Connect = Callable[[], Awaitable[Channel]]
"""A channel to the next of the placement services; each call may give another one. Raises ``GrpcError``."""


class PlacementClient:
    """Keeps this sidecar among the hosts for as long as ``run`` runs.

    Args:
        membership: who reports.
        connect: dials placement.
        claims: the table in force, and the calls that hold it.
        resident: who lives here.
        dice: for jitter, from 0 to 1.
    """

    def __init__(
        self,
        membership: Membership,
        connect: Connect,
        claims: Claims,
        resident: Resident,
        *,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._membership = membership
        self._connect = connect
        self._claims = claims
        self._resident = resident
        self._dice = dice
        self._call: Call[Host, PlacementOrder] | None = None
        self._version = 0
        self._updated = False
        self._clearing: asyncio.Task[None] | None = None
        self.connected = False
        """Whether a table is in force that placement stands by."""

    async def run(self) -> None:
        """Report, follow orders, and begin anew whenever the stream is lost, for ever."""
        try:
            while True:
                await self._follow()
        finally:
            if self._clearing is not None:
                await self._clearing

    async def _follow(self) -> None:
        followed = False
        try:
            channel = await self._connect()
            try:
                followed = await self._member(channel)
            finally:
                await channel.close()
        except GrpcError as error:
            self._tell(error, followed)
        if not followed:
            await asyncio.sleep(_PAUSE + (self._dice() * 2 - 1) * _JITTER)

    async def report(self) -> None:
        """The types have changed: say so at once, if there is a stream."""
        call = self._call
        if call is None:
            return
        try:
            await call.send(self._host())
        except GrpcError:
            log.debug("The stream ended before the types could be reported; the next one begins with them")

    # --- One stream

    async def _member(self, channel: Channel) -> bool:
        """Follow one stream to its end; whether there were orders on it. Raises ``GrpcError`` when there were none."""
        followed = False
        call = PlacementStub(channel).report_dapr_status()
        try:
            async with call, asyncio.timeout(None) as limit:
                await call.send(self._host())
                self._call = call
                async for order in call:
                    followed = True
                    await self._obey(order, call, limit)
        except GrpcError as error:
            if not followed:
                raise
            self._tell(error, followed)
        except _StreamError as failure:
            log.error("Closing the stream to placement: %s", failure)
        except TimeoutError:
            log.error(
                "Dissemination timeout for version %d, closing stream to reconnect: no table in %s",
                self._version, format_seconds(self._membership.dissemination),
            )  # fmt: skip
        finally:
            self._call = None
            if followed:
                self._lose()
        return followed

    async def _obey(self, order: PlacementOrder, call: Call[Host, PlacementOrder], limit: asyncio.Timeout) -> None:
        version = order.version or _number(order.tables.version)
        if order.operation == "lock":
            self._version, self._updated = version, False
            limit.reschedule(asyncio.get_running_loop().time() + self._membership.dissemination)
            await call.send(self._acknowledged(HostOperation.LOCK, version))
        elif order.operation == "update":
            if version < self._version:
                raise _StreamError(f"a table of version {version} came after version {self._version}")
            limit.reschedule(None)
            await self._take(order.tables)
            self._version, self._updated = version, True
            await call.send(self._acknowledged(HostOperation.UPDATE, version))
        elif order.operation == "unlock":
            if not self._updated or version < self._version:
                return
            self._claims.unblock()
            self.connected = True
            await self._resident.unlocked()
            await call.send(self._acknowledged(HostOperation.UNLOCK, version))
        else:
            raise _StreamError(f"unknown operation: {order.operation[:40]}")

    async def _take(self, tables: PlacementTables) -> None:
        hosts = sum(len(table.load_map) for table in tables.entries.values())
        table = HostTable.of(tables) if hosts < _MANY else await asyncio.to_thread(HostTable.of, tables)
        await self._cleared()
        changed = self._claims.install(table)
        if changed:
            await self._resident.rebalance(changed)

    def _lose(self) -> None:
        self.connected = False
        self._updated = False
        self._version = 0
        self._claims.lose()
        if self._clearing is None:  # as long as that is under way nothing new begins
            self._clearing = asyncio.create_task(self._resident.lost(), name="what placement's loss ends")

    async def _cleared(self) -> None:
        """Wait until what a lost table left behind has ended."""
        if self._clearing is not None:
            await asyncio.shield(self._clearing)
            self._clearing = None

    # --- Messages

    def _host(self) -> Host:
        member = self._membership
        return Host(
            name=member.address,
            entities=self._resident.types(),
            id=member.app_id,
            api_level=API_LEVEL,
            namespace=member.namespace,
            operation=HostOperation.REPORT,
        )

    def _acknowledged(self, operation: int, version: int) -> Host:
        member = self._membership
        return Host(id=member.app_id, namespace=member.namespace, operation=operation, version=version)

    def _tell(self, error: GrpcError, followed: bool) -> None:
        if error.code is Code.FAILED_PRECONDITION and _NOT_LEADER in error.message:
            log.debug("Placement service is not the leader, trying the next one")
        elif followed:
            log.warning("Lost the connection to placement: %s", error.message)
        else:
            log.error("Failed to connect to placement service: %s. Retrying...", error.message)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
