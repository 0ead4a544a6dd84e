"""Placement put together: what starts after what, and how it ends (actors-placement.md §1.6, §1.8, §1.9)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from dapr_core.process.health import HealthRegistry, Target
from dapr_core.process.healthport import HealthPort
from dapr_core.process.run import settle
from dapr_core.process.service import ServiceGroup
from dapr_core.process.shutdown import Shutdown
from dapr_core.process.supervise import Supervisor
from dapr_core.rpc.grpc import KeepAlive
from dapr_core.telemetry import process_stats
from dapr_core.telemetry.endpoint import HEALTH_TARGET as METRICS_TARGET
from dapr_core.telemetry.endpoint import MetricsEndpoint
from dapr_core.telemetry.metrics import Registry
from dapr_placement.leadership.choosing import leadership_for
from dapr_placement.metrics import PlacementMetrics
from dapr_placement.options import Options, control_plane_namespace
from dapr_placement.server.board import Board
from dapr_placement.server.connections import PlacementServer
from dapr_placement.server.port import GrpcPort
from dapr_placement.server.service import PlacementService, stopping
from dapr_placement.server.state import PATH, StateEndpoint

log = logging.getLogger("dapr.placement.server")
security_log = logging.getLogger("dapr.runtime.security")

_STOP: Final = 5.0
"""Seconds that tasks of the process may take to end."""


class StartError(Exception):
    """Placement cannot start; the message says why."""


class Placement:
    """The process, from options to its end."""

    def __init__(self, options: Options, environment: Mapping[str, str], shutdown: Shutdown) -> None:
        self._options = options
        self._environment = environment
        self._shutdown = shutdown
        self._registry = Registry()
        self._metrics = PlacementMetrics(self._registry)
        self._health = HealthRegistry()
        self._services = ServiceGroup()
        self._tasks = Supervisor("placement")
        self._leadership = leadership_for(options, environment, control_plane_namespace(environment))
        self._board = Board(
            options.replication_factor,
            options.disseminate_timeout,
            options.coalesce_window,
            self._metrics,
            lambda: self._service.guard(),
        )
        self._service = PlacementService(
            self._board, options.id, authenticated=options.tls_enabled, permitted=self._permitted
        )

    async def run(self) -> None:
        """Serve until asked to end.

        Raises:
            StartError, OptionsError, LeadershipError, OSError: it cannot start.
        """
        try:
            await self._until_the_end(asyncio.ensure_future(self._start()))
        finally:
            # Sidecars are sent away first and another placement may lead at once; what is left can take its time.
            self._service.stopping = True
            self._board.close(stopping())
            await self._tasks.stop(_STOP)
            await self._leadership.resign()
            await self._services.stop()

    async def _start(self) -> None:
        options = self._options
        process_stats.register(self._registry)
        security = self._health.target("security-provider")
        server = self._health.target("placement-grpc-server")
        leadership = self._health.target("placement-raft-leadership")
        healthz = self._health.target("healthz-server")
        log.info("Placement service is starting...")
        if options.raft_logstore_path:
            log.warning(
                "--raft-logstore-path=%s is not used: there is no raft here, and sidecars report anew to a new leader",
                options.raft_logstore_path,
            )
        await self._start_metrics()
        await self._services.start(self._health_port())
        healthz.ready()
        await self._services.start(await self._port(security, server))
        log.info("Node id=%s is waiting for leadership", options.id)
        self._tasks.start("leadership", self._leadership.run(self._lead, self._step_down))
        leadership.ready()
        settle()

    async def _until_the_end(self, starting: asyncio.Future[None]) -> None:
        """Wait for the request to end, which may come while sentry is waited for, or for a task that failed."""
        ending = asyncio.ensure_future(self._shutdown.wait())
        failing = asyncio.ensure_future(self._tasks.wait())
        try:
            await asyncio.wait([starting, ending, failing], return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await asyncio.wait([ending, failing], return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                failing.result()
        finally:
            for future in (starting, ending, failing):
                future.cancel()
            await asyncio.wait([starting])

    # --- Leadership

    def _permitted(self) -> bool:
        return self._leadership.leads

    def _lead(self) -> None:
        log.info("Node id=%s has acquired leadership", self._options.id)
        self._service.leading = True
        self._metrics.leads(True)

    def _step_down(self) -> None:
        """Serve nobody from now on: another one may lead the next moment."""
        if not self._service.leading:
            return
        self._service.leading = False
        self._metrics.leads(False)
        if not self._service.stopping:
            log.warning("Node id=%s has lost leadership; its sidecars are sent to the new leader", self._options.id)
            self._board.close(self._service.not_leader())

    # --- Parts

    async def _port(self, security: Target, health: Target) -> GrpcPort:
        """The listener; under mutual TLS it needs the identity first, and waits for it."""
        options = self._options
        admit, context = None, None
        if options.tls_enabled:
            from dapr_core.identity.anchors import AnchorsError
            from dapr_core.identity.rotating import InitialIdentityError
            from dapr_core.process.memory import keep_large_blocks_apart
            from dapr_placement.server.security import LettingIn, placement_identity

            keep_large_blocks_apart()
            identity = placement_identity(options, self._environment, self._registry, security)
            try:
                await self._services.start(identity)
            except (InitialIdentityError, AnchorsError) as error:
                raise StartError(str(error)) from None
            self._tasks.start("identity", identity.wait_failed())
            admit, context = LettingIn(identity), identity.server_context
        else:
            security_log.warning("mTLS is disabled. Skipping certificate request and tls validation")
            security.ready()
        keepalive = KeepAlive(interval=options.keepalive_time, timeout=options.keepalive_timeout, without_calls=True)
        server = PlacementServer(keepalive=keepalive, admit=admit)
        self._service.register(server)
        return GrpcPort(server, options.listen_address, options.port, context, health=health)

    async def _start_metrics(self) -> None:
        options = self._options
        if not options.enable_metrics:
            self._health.target(METRICS_TARGET).ready()
            return
        address = options.metrics_listen_address
        if address is None:
            address = options.listen_address or "0.0.0.0"
        await self._services.start(MetricsEndpoint(self._registry, address, options.metrics_port, health=self._health))

    def _health_port(self) -> HealthPort:
        options = self._options
        routes = (
            {PATH: StateEndpoint(self._board, self._service).handle} if options.serves_state(self._environment) else {}
        )
        return HealthPort(self._health, options.healthz_listen_address, options.healthz_port, routes=routes)
