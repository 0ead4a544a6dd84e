"""Actors of one runtime, built and connected: where this sidecar stands among the hosts, and who runs its actors.

Without the address of a placement service there are no actors: nothing of this runs, and the API says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.process.health import Target
from dapr_core.process.supervise import Supervisor
from daprd.app.actors import HttpActors
from daprd.app.contract import AppChannel
from daprd.blocks.actors.block import ActorsBlock
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.inside import InternalHost
from daprd.blocks.actors.memory import ActorState
from daprd.blocks.actors.placement import Membership, PlacementClient
from daprd.blocks.actors.record import ActorRecord
from daprd.blocks.actors.residence import Residence
from daprd.blocks.actors.routing import Router
from daprd.blocks.actors.settings import InvalidSettingsError, TypeSettings, read_configuration
from daprd.blocks.actors.store import ActorStore
from daprd.blocks.actors.streams import HostStreams
from daprd.blocks.actors.timers import Timers
from daprd.blocks.invoke.headers import CALLER_APP_ID, CALLER_NAMESPACE
from daprd.blocks.metadata import ActorInfo
from daprd.mesh.actors import ActorPeers
from daprd.mesh.actorstreams import StreamPeers
from daprd.mesh.client import MeshClient
from daprd.options import Options
from daprd.policy.contract import Policies
from daprd.runtime.actorhosts import HttpHost, PeerActors
from daprd.runtime.placementdial import PlacementDial, Secure
from daprd.runtime.settings import KUBERNETES

log = logging.getLogger("dapr.runtime.actors")

STATE_TTL: Final = "ActorStateTTL"
_DEPARTURE: Final = 1.0
"""Seconds for a table without this host when it ends, beside the time that calls under way have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """Where this sidecar is, and how it reaches others.

    Attributes:
        options: the flags.
        namespace: of the application.
        address: ``host:port`` at which other sidecars reach this one.
        features: that are enabled.
        mesh: connections to other sidecars.
        secure: see there; None where nothing is proved.
        policies: resiliency.
        health: becomes ready with placement's first table.
        record: metrics; None where there are none.
    """

    options: Options
    namespace: str
    address: str
    features: Sequence[str]
    mesh: MeshClient
    secure: Secure | None
    policies: Policies
    health: Target
    record: ActorRecord | None = None


class Actors:
    """The actor runtime of one sidecar; ``start`` it once."""

    def __init__(self, around: Neighbourhood, store: ActorStore, channel: AppChannel | None) -> None:
        options = around.options
        self._around = around
        self._store = store
        dial = PlacementDial(options.placement_addresses, around.secure, resolve=options.mode == KUBERNETES)
        self._claims = Claims()
        self.residence = Residence(
            around.address, self._claims, offers=lambda: store.chosen, record=around.record, settled=self._settled,
            limit=around.policies.actor_turn,
        )  # fmt: skip
        mesh, namespace = around.mesh, around.namespace
        remote = PeerActors(ActorPeers(mesh, namespace), StreamPeers(mesh, namespace))
        self.router = Router(around.address, self._claims, self.residence, remote, around.policies)
        self.state = ActorState(
            options.app_id, store.current, self._claims, self.residence.active, ttl=STATE_TTL in around.features
        )
        self._timers = Timers(self.router.fire, counted=None if around.record is None else around.record.timers)
        http = channel is not None and not channel.speaks_grpc
        self._streams = None if http else HostStreams(self.residence, options.actors_disseminate_timeout)
        self.block = ActorsBlock(self.residence, self.router, self.state, self._timers, self._streams)
        membership = Membership(
            address=around.address,
            app_id=options.app_id,
            namespace=around.namespace,
            dissemination=options.actors_disseminate_timeout,
        )
        self._placement = PlacementClient(membership, dial, self._claims, self.residence)
        self.residence.on_change = self._placement.report
        store.on_change = self.residence.offers_changed
        identity = [(CALLER_APP_ID, options.app_id.encode()), (CALLER_NAMESPACE, around.namespace.encode())]
        limit = options.body_limit if options.body_limit > 0 else None
        self._host = HttpHost(HttpActors(channel, limit), identity) if http and channel is not None else None

    def start(self, tasks: Supervisor) -> None:
        """Join the hosts, and keep what lives here."""
        log.info("Actor runtime started")
        tasks.start("placement", self._join(), essential=True)
        tasks.start("actors", self.residence.run(), essential=True)
        tasks.start("timers", self._timers.run(), essential=True)

    async def host_inside(self, types: Mapping[str, TypeSettings], host: InternalHost) -> None:
        """A part of this sidecar hosts types from now on (``names.internal_type``); it may take more later."""
        await self.residence.register(types, host)

    async def leave_inside(self, types: Sequence[str], host: InternalHost) -> None:
        """It hosts them no longer; its actors of these types are let go."""
        await self.residence.unregister(types, host)

    async def application_ready(self, configuration: Mapping[str, Any]) -> None:
        """The application takes calls, and hosts what its configuration says (§3.2)."""
        if self._host is None:
            self.residence.registered.set()
            return
        try:
            hosted = read_configuration(configuration, self._around.options.actors_disseminate_timeout)
        except InvalidSettingsError as error:
            log.error("Failed to register hosted actors: %s", error)
            self.residence.registered.set()  # calls shall fail and not wait
            return
        for complaint in hosted.complaints:
            log.warning("%s", complaint)
        if hosted.types:
            log.info("Registering hosted actors: %s", " ".join(hosted.types))
        await self.residence.register(hosted.types, self._host)

    async def application_gone(self) -> None:
        """The application takes no calls any more."""
        if self._host is not None:
            await self.residence.unregister(self.residence.types(), self._host)

    def info(self) -> ActorInfo:
        """For the metadata (api.md §6.1)."""
        connected = self._placement.connected
        return ActorInfo(
            status="RUNNING" if self.residence.registered.is_set() else "INITIALIZING",
            host_ready=connected,
            placement=f"placement: {'connected' if connected else 'disconnected'}",
            active=self.residence.counts(),
        )

    async def depart(self) -> None:
        """The sidecar will end: let other hosts have the actors that live here while placement and application are
        still there. Not waited for where placement is not, or for long."""
        if not self._placement.connected or not self.residence.types():
            return
        limit = self.residence.longest_drain + _DEPARTURE
        try:
            async with asyncio.timeout(limit):
                await self.residence.depart()
        except TimeoutError:
            log.warning("No table without this host within %g seconds; its actors are let go all the same", limit)

    async def release_streams(self) -> None:
        """The sidecar ends: let actors that are hosted over streams go, and end the streams."""
        if self._streams is not None:
            await self._streams.release()

    async def close(self) -> None:
        """Deactivate what lives here; the tasks have ended before."""
        await self.residence.close()

    async def _join(self) -> None:
        if self._store.chosen:  # the first report names the types; without a store there are none to wait for
            await self.residence.registered.wait()
        try:
            await self._placement.run()
        finally:
            self._claims.close()

    async def _settled(self, types: Sequence[str]) -> None:
        self._around.health.ready()
