"""The identity of a process: fetched before anything listens, renewed in time, exchanged while everything runs.

Servers listen with ``server_context`` once and for all; each handshake picks what is in force then. Clients ask for
``client_context`` whenever they connect. Connections that stand are not touched by a renewal.

While sentry is away the identity in force stays, and the log says so with growing urgency. At the start there is
nothing to stay with: the process waits for sentry, and says every few seconds what it waits for.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from dapr_core.identity.anchors import AnchorSource
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.guard import ConnectionGuard
from dapr_core.identity.issued import IdentityError, IdentitySource, Issued, SentryUnreachableError
from dapr_core.identity.metrics import IdentityMetrics
from dapr_core.identity.schedule import renewal_delay, retry_delay
from dapr_core.identity.tls import SwitchingContext, client_context, mutual_server_context
from dapr_core.process.health import Target
from dapr_core.process.service import Service
from dapr_core.process.supervise import Supervisor
from dapr_core.timing.duration import format_seconds

log = logging.getLogger("dapr.runtime.security")

HEALTH_TARGET: Final = "security-provider"

_LOOK: Final = 60.0
"""Seconds after which the clock is looked at again: it may have been set, the machine may have slept."""
_FIRST_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to reach sentry at the start; the last one repeats."""
_SAY_AGAIN: Final = 10.0
"""Seconds between log lines about a sentry that does not come."""


class InitialIdentityError(Exception):
    """The process cannot have its first identity and must not start."""


class RotatingIdentity(Service):
    """Holds the identity and the anchors in force.

    Args:
        source: who issues identities.
        anchors: where the trust anchors come from.
        metrics: what is counted; None counts nothing.
        health: set ready once there is an identity.
        now, dice: seconds since the epoch, and random numbers from 0 to 1.
    """

    name = "identity"

    def __init__(
        self,
        source: IdentitySource,
        anchors: AnchorSource,
        *,
        metrics: IdentityMetrics | None = None,
        health: Target | None = None,
        now: Callable[[], float] = time.time,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._anchors = anchors
        self._metrics = metrics
        self._health = health
        self._now = now
        self._dice = dice
        self._issued: Issued | None = None
        self._bundle: TrustBundle | None = None
        self._switch: SwitchingContext | None = None
        self._client: ssl.SSLContext | None = None
        self._guard: ConnectionGuard | None = None
        self._listeners: list[Callable[[], None]] = []
        self._tasks = Supervisor("identity")

    # --- What others use

    @property
    def issued(self) -> Issued:
        """The identity in force."""
        assert self._issued is not None, "the identity is used before it was started"
        return self._issued

    @property
    def bundle(self) -> TrustBundle:
        """The anchors in force."""
        assert self._bundle is not None, "the identity is used before it was started"
        return self._bundle

    @property
    def server_context(self) -> ssl.SSLContext:
        """For servers that ask for a client certificate: the same object for the life of the process."""
        assert self._switch is not None, "the identity is used before it was started"
        return self._switch.front

    @property
    def client_context(self) -> ssl.SSLContext:
        """For a client that connects now."""
        assert self._client is not None, "the identity is used before it was started"
        return self._client

    def present(self) -> ssl.SSLContext:
        """``client_context``, as what asks anew for each connection."""
        return self.client_context

    @property
    def guard(self) -> ConnectionGuard:
        """Ends connections whose peer's certificate expires or whose anchor is withdrawn."""
        assert self._guard is not None, "the identity is used before it was started"
        return self._guard

    def count_by(self, metrics: IdentityMetrics) -> None:
        """Count by these from now on: whoever shows metrics was built anew, and the identity was there already."""
        self._metrics = metrics
        metrics.started(self._expires)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call this whenever another identity or other anchors are in force."""
        self._listeners.append(listener)

    # --- Life

    async def start(self) -> None:
        """Load the anchors and fetch the first identity; returns when both are in force.

        Raises:
            InitialIdentityError: sentry refused, or what it gave cannot be used.
            AnchorsError: there are no usable anchors.
        """
        self._bundle = await self._anchors.load()
        log.info("Fetching initial identity")
        try:
            issued = await self._first(self._bundle)
        except IdentityError as error:
            if self._metrics is not None:
                self._metrics.start_failed(error.reason)
            raise InitialIdentityError(f"failed to retrieve the initial identity: {error}") from error
        self._guard = ConnectionGuard(self._bundle, self._now, self._dice)
        self._adopt(issued, self._bundle)
        if self._metrics is not None:
            self._metrics.started(issued.svid.not_after.timestamp())
        log.info("Security is initialized successfully")
        self._tasks.start("renewal", self._renew_for_ever(), essential=True)
        self._tasks.start("trust anchors", self._follow_anchors())
        if self._health is not None:
            self._health.ready()

    async def stop(self) -> None:
        """Renew no more. What is in force stays usable for those who still work."""
        await self._tasks.stop(self.stop_limit)
        if self._guard is not None:
            self._guard.close()

    async def wait_failed(self) -> None:
        """Wait until a defect ends the renewal, and raise it."""
        await self._tasks.wait()

    async def _first(self, bundle: TrustBundle) -> Issued:
        """Fetch, waiting for a sentry that is not there yet."""
        attempt = 0
        said = float("-inf")
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self._source.fetch(bundle)
            except SentryUnreachableError as error:
                if loop.time() - said >= _SAY_AGAIN:
                    said = loop.time()
                    log.warning("Waiting for an identity, which nothing can start without: %s", error)
            await asyncio.sleep(_FIRST_PAUSES[min(attempt, len(_FIRST_PAUSES) - 1)] * (0.9 + 0.2 * self._dice()))
            attempt += 1

    async def _renew_for_ever(self) -> None:
        delay = self._until_renewal("Starting workload identity expiry watcher")
        while True:
            await self._sleep(delay)
            log.info("Renewing workload identity; current cert expires on: %s", _shown(self._expires))
            try:
                issued = await self._source.fetch(self.bundle)
            except IdentityError as error:
                delay = self._renewal_failed(error)
                continue
            self._adopt(issued, self.bundle)
            if self._metrics is not None:
                self._metrics.rotated(self._expires)
            delay = self._until_renewal("Successfully renewed workload identity")

    async def _follow_anchors(self) -> None:
        async for bundle in self._anchors.updates():
            log.info("The trust anchors have changed; there are %d now", len(bundle.anchors))
            self._adopt(self.issued, bundle)

    def _adopt(self, issued: Issued, bundle: TrustBundle) -> None:
        """Put identity and anchors into force together: no handshake sees one without the other."""
        server = mutual_server_context(issued.svid, bundle)
        self._client = client_context(bundle, issued.svid)
        if self._switch is None:
            self._switch = SwitchingContext(server)
        self._switch.switch(server)
        self._issued = issued
        self._bundle = bundle
        self.guard.trust(bundle)
        for listener in self._listeners:
            listener()

    # --- Times

    @property
    def _expires(self) -> float:
        return self.issued.svid.not_after.timestamp()

    def _until_renewal(self, event: str) -> float:
        issued = self.issued
        begin = issued.svid.not_before.timestamp()
        delay = renewal_delay(self._now(), begin, self._expires, issued.jwt_expires, dice=self._dice())
        tokens = f", jwt expires on: {_shown(issued.jwt_expires)}" if issued.jwt_expires is not None else ""
        at = _shown(self._now() + delay)
        log.info("%s; cert expires on: %s%s, renewal at: %s", event, _shown(self._expires), tokens, at)
        return delay

    def _renewal_failed(self, error: IdentityError) -> float:
        if self._metrics is not None:
            self._metrics.rotation_failed(error.reason)
        left = self._expires - self._now()
        delay = retry_delay(self._now(), self._expires, dice=self._dice())
        log.error("Error renewing identity, trying again in %s: %s", _words(delay), error)
        if left <= 0:
            log.error("The workload certificate has expired; no peer accepts us until sentry issues a new one")
        elif left < (self.issued.svid.not_after - self.issued.svid.not_before).total_seconds() / 4:
            log.warning("The workload certificate expires in %s and could not be renewed", _words(left))
        return delay

    async def _sleep(self, delay: float) -> None:
        """Wait by the clock on the wall."""
        until = self._now() + delay
        left = delay
        while left > 0:
            await asyncio.sleep(min(left, _LOOK))
            left = until - self._now()


def _words(seconds: float) -> str:
    if seconds >= 1 and round(seconds) == 10:
        return "10 seconds"
    return format_seconds(round(seconds, 1 if seconds < 10 else 0))


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
