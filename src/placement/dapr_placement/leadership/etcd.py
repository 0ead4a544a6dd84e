"""Leadership by etcd: whoever's lease holds the key leads, for as long as it renews the lease in time.

Nobody compares clocks. etcd counts a lease from when it handled a renewal, the leader from before it sent that renewal,
and the leader gives up ``MARGIN`` earlier still: by the time etcd hands the key to another one, the old leader has sent
its sidecars away, whatever the network did. Every look at the key also shows whether somebody has removed it by hand.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import Final

from dapr_placement.leadership.contract import Leadership
from dapr_placement.leadership.gateway import EtcdError, EtcdGateway

log = logging.getLogger("dapr.placement.leadership")

LEASE: Final = 4
"""Seconds that a leader may be silent."""
MARGIN: Final = 1.0
"""Seconds before the end of its lease at which a leader stops to act."""
RENEW: Final = 1.0
"""Seconds between two renewals."""
LOOK: Final = 0.5
"""Seconds between two looks of those who wait."""
PATIENCE: Final = 2.0
"""Seconds for one request."""
_SAY_AGAIN: Final = 10.0


class EtcdLeadership(Leadership):
    """Stands for a key.

    Args:
        gateway: the cluster.
        key: what is stood for, the same for all placements of one control plane.
        node: who we are, written into the key for people.
        clock: seconds that never go back.
    """

    def __init__(self, gateway: EtcdGateway, key: str, node: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._key = key
        self._node = node
        self._clock = clock
        self._lease = ""
        self._lease_until = 0.0
        self._until = 0.0
        self._told = ""
        self._said = float("-inf")

    @property
    def leads(self) -> bool:
        return self._clock() < self._until

    @property
    def until(self) -> float:
        """When this placement stops to act unless it renews its lease before, by its clock."""
        return self._until

    async def run(self, gained: Callable[[], None], lost: Callable[[], None]) -> None:
        while True:
            await self._campaign()
            gained()
            try:
                await self._hold()
            finally:
                self._until = 0.0
                lost()

    async def resign(self) -> None:
        self._until = 0.0
        if self._lease:
            try:
                await self._gateway.revoke(self._lease, PATIENCE)
            except EtcdError as error:
                log.warning("Cannot give leadership up, it ends in %d seconds: %s", LEASE, error)
        await self._gateway.close()

    async def _campaign(self) -> None:
        """Return once the key is ours."""
        while True:
            try:
                if await self._try():
                    return
            except EtcdError as error:
                self._complain("Cannot stand for leadership", error)
            await asyncio.sleep(LOOK * (0.9 + 0.2 * random.random()))

    async def _try(self) -> bool:
        if self._clock() > self._lease_until - LEASE / 2:
            await self._freshen()
        held = await self._gateway.take(self._key, self._node, self._lease, PATIENCE)
        if held.lease != self._lease:
            self._tell(held.value)
            return False
        self._until = self._lease_until - MARGIN
        return self.leads

    async def _freshen(self) -> None:
        """Renew the lease that we stand with, or get another."""
        sent = self._clock()
        if self._lease and await self._gateway.keep_alive(self._lease, PATIENCE):
            self._lease_until = sent + LEASE
            return
        self._lease = ""
        self._lease = await self._gateway.grant(LEASE, PATIENCE)
        self._lease_until = sent + LEASE

    async def _hold(self) -> None:
        """Return when leadership is lost, or may be."""
        while (left := self._until - self._clock()) > 0:
            await asyncio.sleep(min(RENEW, left))
            left = self._until - self._clock()
            if left <= 0:
                break
            try:
                if not await self._renew(left):
                    return
            except EtcdError as error:
                self._complain("Cannot renew leadership", error)

    async def _renew(self, left: float) -> bool:
        """Whether the key is still ours, for the whole length of the lease."""
        sent = self._clock()
        if not await self._gateway.keep_alive(self._lease, min(left, PATIENCE)):
            log.warning("The lease of leadership has expired in etcd")
            self._lease = ""
            return False
        held = await self._gateway.holder(self._key, max(0.0, min(self._until - self._clock(), PATIENCE)))
        if held is None or held.lease != self._lease:
            log.warning("The key of leadership %s is not ours any more", self._key)
            return False
        self._lease_until = sent + LEASE
        self._until = self._lease_until - MARGIN
        return True

    def _tell(self, leader: str) -> None:
        if leader != self._told:
            self._told = leader
            log.info("The leader is %s", leader)

    def _complain(self, what: str, error: EtcdError) -> None:
        if self._clock() - self._said >= _SAY_AGAIN:
            self._said = self._clock()
            log.warning("%s: %s", what, error)
