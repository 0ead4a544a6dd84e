"""Sentry's own identity: signed by its own desk, shown by its gRPC server, renewed like a workload's (§1.5, §2.4)."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Callable
from typing import Final

from dapr_core.identity.keys import generate
from dapr_core.identity.schedule import renewal_delay
from dapr_core.identity.spiffe import SpiffeId
from dapr_core.identity.svid import make_svid
from dapr_core.identity.tls import SwitchingContext, serving_context
from dapr_sentry.authority.desk import DeskHolder

log = logging.getLogger("dapr.sentry")

_LOOK: Final = 60.0
"""Seconds after which the clock is looked at again."""


class ServingIdentity:
    """What the gRPC server shows. ``context`` is the same object for the life of the process."""

    def __init__(
        self,
        desk: DeskHolder,
        identity: SpiffeId,
        *,
        now: Callable[[], float] = time.time,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._desk = desk
        self.identity = identity
        self._now = now
        self._dice = dice
        self._renew_at = 0.0
        self._changed = asyncio.Event()
        self._switching = SwitchingContext(self._issue())

    @property
    def context(self) -> ssl.SSLContext:
        """For the listener."""
        return self._switching.front

    def renew(self) -> None:
        """Show a certificate of the desk in force from now on; connections that stand are not touched."""
        self._switching.switch(self._issue())
        self._changed.set()

    async def keep_fresh(self) -> None:
        """Renew in time, for ever."""
        while True:
            self._changed.clear()
            left = self._renew_at - self._now()
            if left <= 0:
                log.info("Renewing the identity of sentry itself")
                self.renew()
                continue
            try:
                async with asyncio.timeout(min(left, _LOOK)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _issue(self) -> ssl.SSLContext:
        desk = self._desk.current
        key = generate()
        leaf = desk.leaves.sign(key.public_key(), self.identity)
        svid = make_svid(desk.leaves.issuer.served_after(leaf), key)
        now = self._now()
        self._renew_at = now + renewal_delay(
            now, svid.not_before.timestamp(), svid.not_after.timestamp(), dice=self._dice()
        )
        return serving_context(svid)
