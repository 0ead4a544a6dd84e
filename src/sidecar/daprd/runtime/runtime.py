"""The runtime as a value: built from options and surroundings, started, and taken down again in the same process.

``run`` is its whole life. It starts the parts in the order of api.md §7.1, waits until somebody asks for the end or a
part fails, and takes everything down in the order of §7.2. SIGHUP and changes that cannot be applied in place end it
with ``restart`` set on the request; the process then builds a new one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dapr_components.contract import Metadata
from dapr_core.process.logs import FATAL
from dapr_core.process.run import settle
from dapr_core.process.shutdown import ExitCode, Shutdown, ShutdownSequence
from dapr_core.process.supervise import Supervisor
from dapr_core.process.version import runtime_version
from dapr_core.resources.component import Component
from dapr_core.resources.configload import load_configurations
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.httpendpoint import HTTPEndpoint
from dapr_core.resources.loader import LoadedResources
from dapr_core.resources.metadata import NameValuePair
from dapr_core.resources.problems import ResourceError
from dapr_core.resources.settings import HOT_RELOAD, enabled_features, unsupported_sections
from dapr_core.resources.values import KUBERNETES_STORE, resolve
from dapr_core.resources.values import Surroundings as ValueSurroundings
from dapr_core.telemetry import loop_lag
from dapr_core.telemetry.metrics import Registry
from daprd.blocks.invoke.external import Endpoint
from daprd.catalogue.actors import NAMESPACE_REQUIRED
from daprd.options import Options
from daprd.policy.spec import ResiliencyError
from daprd.runtime.changes import Changes
from daprd.runtime.doors import endpoint_of, tls_documents
from daprd.runtime.edges import Edges
from daprd.runtime.identity import IdentityError, KeptIdentity
from daprd.runtime.parts import Parts
from daprd.runtime.pluggable import find_pluggable
from daprd.runtime.processor import ComponentProcessor, ProcessError
from daprd.runtime.reload import Reloader
from daprd.runtime.servers import ListenError
from daprd.runtime.settings import KUBERNETES, Surroundings, built_in, component_environment
from daprd.runtime.sources import DiskSource, ResourceSource

if TYPE_CHECKING:
    from daprd.runtime.security import Security

log = logging.getLogger("dapr.runtime")
FORCE_DELAY = 0.05
"""Seconds between the answer to a forced shutdown and the end, so that the answer gets out."""


class StartError(Exception):
    """The runtime cannot start; the text says why."""


class Runtime:
    """One life of the sidecar."""

    def __init__(
        self, options: Options, surroundings: Surroundings, shutdown: Shutdown, identity: KeptIdentity
    ) -> None:
        """``identity`` outlives the runtime."""
        self._options = options
        self._surroundings = surroundings
        self._shutdown = shutdown
        self._identity = identity
        self._tasks = Supervisor("dapr.runtime")
        self._tasks.foresee(StartError, IdentityError, ResourceError, ListenError, ResiliencyError)
        self._parts: Parts | None = None
        self._edges: Edges | None = None
        self._components: ComponentProcessor | None = None
        self._resources = LoadedResources()
        self._source: ResourceSource | None = None
        self._cluster_store = KUBERNETES_STORE if options.mode == KUBERNETES else ""
        """The secret store whose values the operator puts in; empty outside a cluster."""

    async def run(self) -> ExitCode:
        """Start, serve, stop. The exit code says how it went."""
        starting = self._tasks.start("start", self._start())
        asked = asyncio.ensure_future(self._shutdown.wait())
        failing = asyncio.ensure_future(self._tasks.wait())
        await asyncio.wait({asked, failing}, return_when=asyncio.FIRST_COMPLETED)
        failure = failing.exception() if failing.done() else None
        starting.cancel()
        for waiter in (asked, failing):
            waiter.cancel()
        await asyncio.gather(asked, failing, starting, return_exceptions=True)
        code = await self._stop()
        if failure is not None:
            log.log(FATAL, "Fatal error from runtime: %s", failure or type(failure).__name__)
            self._shutdown.restart = False
            return ExitCode.FAILURE
        return code

    # -- start

    async def _start(self) -> None:
        started = time.monotonic()
        options = self._options
        self._check_namespace()
        registry = Registry()
        configuration, security, source = await self._declared(registry)
        self._source = source
        for section in unsupported_sections(configuration.spec):
            log.warning("%s has no effect: %s", section.path, section.text)
        if security is not None:
            self._tasks.start("identity", security.identity.wait_failed())
        if not options.config:
            log.info("loading default configuration")
        features = enabled_features(configuration.spec.features)
        log.info("Enabled features: %s", " ".join(features))
        log.info("%s mode configured", options.mode)
        log.info("app id: %s", options.app_id)
        self._resources = source.load()
        self._resources.raise_fatal()
        for problem in self._resources.warnings:
            log.warning("%s", problem)
        parts = Parts(
            options, self._surroundings, configuration, self._resources, features, resources=lambda: self._resources,
            registry=registry, security=security,
        )  # fmt: skip
        edges = Edges(options, self._surroundings, configuration.spec, parts)
        self._parts, self._edges = parts, edges
        self._set_environment(edges.internal_port)
        parts.place(edges.internal_port)
        await edges.start_metrics()
        self._tasks.start("loop lag", loop_lag.watch(parts.registry))
        self._components = ComponentProcessor(
            app_id=options.app_id, namespace=self._surroundings.namespace, sinks=parts.sinks, resolve=self._resolve,
            denied=parts.denied_component, observer=parts.component_observer, injected_store=self._cluster_store,
        )  # fmt: skip
        parts.announce(self._components)
        parts.start_name_resolution(self._tasks, edges.internal_port)
        await find_pluggable(self._surroundings.environment)
        await self._load_components()
        parts.warn_of_scopes()
        log.info("Loading endpoints…")
        await parts.load_endpoints(self._endpoint)
        log.info("Waiting for all outstanding http endpoints to be processed…")
        log.info("All outstanding http endpoints processed")
        log.info("Loading Declarative Subscriptions…")
        parts.declare_subscriptions(self._resources.subscriptions)
        await edges.start_servers(self._stop_by_api)
        if parts.actors is not None:
            parts.actors.start(self._tasks)
        parts.outbound_ready()
        if HOT_RELOAD in features:
            self._watch(source, configuration.metadata.name)
        settle()
        await parts.application.bring_up(self._tasks)
        parts.ready()
        log.info("dapr initialized. Status: Running. Init Elapsed %dms", (time.monotonic() - started) * 1000)

    def _check_namespace(self) -> None:
        """Actors of a namespace find one another by it, and their identities are of it (actors-placement.md §6.3)."""
        options = self._options
        secured = options.mode == KUBERNETES and options.enable_mtls
        if options.placement_addresses and secured and not self._surroundings.namespace:
            raise StartError(f"{NAMESPACE_REQUIRED.message}: set the environment variable NAMESPACE")

    async def _declared(self, registry: Registry) -> tuple[Configuration, Security | None, ResourceSource]:
        """What is declared for this sidecar, where more will come from, and who it is."""
        options, around = self._options, self._surroundings
        if options.mode != KUBERNETES:
            configuration = load_configurations(options.config, around.environment)
            security = await self._identity.obtain(options, around, configuration.spec.access_control, registry)
            disk = DiskSource(options.resource_directories, namespace=around.namespace, app_id=options.app_id)
            return configuration, security, disk
        # In a cluster the operator has it all, and serves only who has proved its name.
        security = await self._identity.obtain(options, around, None, registry)
        assert security is not None
        from daprd.runtime.operator import OperatorError, operator_source

        try:
            source = await operator_source(options, around, security)
            return await source.configuration(), security, source
        except OperatorError as error:
            raise StartError(f"the operator gives no resources: {error}") from error

    def _set_environment(self, internal_port: int) -> None:
        os.environ.update(component_environment(self._options, self._surroundings.host_address, internal_port))

    async def _load_components(self) -> None:
        assert self._components is not None
        log.info("Loading components…")
        try:
            await self._components.load((*built_in(self._options), *self._resources.components))
        except ProcessError as error:
            log.warning("Error processing component, daprd will exit gracefully: %s", error)
            raise StartError(f"failed to load components: {error}") from error
        log.info("Waiting for all outstanding components to be processed…")
        log.info("All outstanding components processed")

    async def _resolve(self, manifest: Component) -> Metadata:
        """A manifest's metadata with templates, environment and secrets filled in."""
        assert self._parts is not None
        values = await resolve(
            manifest.spec.metadata,
            surroundings=self._value_surroundings(),
            lookup=self._secret,
            store=manifest.auth.secret_store or self._cluster_store,
            logger=log,
            injected=bool(self._cluster_store),
        )
        return Metadata(values)

    async def _endpoint(self, resource: HTTPEndpoint) -> Endpoint:
        """An HTTPEndpoint with its secrets filled in."""
        documents = [
            NameValuePair(name=name, value=document.value, secret_key_ref=document.secret_key_ref)
            for name, document in tls_documents(resource).items()
        ]
        headers, pem = [
            await resolve(
                pairs, surroundings=self._value_surroundings(), lookup=self._secret,
                store=resource.auth.secret_store or self._cluster_store, logger=log,
                injected=bool(self._cluster_store), templates=False,
            )
            for pairs in (resource.spec.headers, documents)
        ]  # fmt: skip
        return endpoint_of(resource, headers, pem, self._options.app_max_concurrency)

    def _value_surroundings(self) -> ValueSurroundings:
        around = self._surroundings
        return ValueSurroundings(self._options.app_id, around.namespace, around.pod_name, around.environment)

    async def _secret(self, store: str, name: str) -> Mapping[str, str] | None:
        assert self._parts is not None
        return await self._parts.secrets.lookup(store, name)

    # -- changes while it runs

    def _watch(self, source: ResourceSource, configuration: str) -> None:
        hints = source.hints()
        if hints is None:
            return
        reloader = Reloader(
            load=source.load, apply=self._apply, current=self._resources, configuration=configuration,
            interval=self._options.reconcile_interval,
        )  # fmt: skip
        self._tasks.start("hot reload", reloader.run(hints), essential=True)

    async def _apply(self, changes: Changes) -> None:
        assert self._components is not None
        assert self._parts is not None
        self._resources = changes.after
        if changes.restart:
            log.info("Restarting the runtime, since this changed: %s", ", ".join(changes.restart))
            self._shutdown.request(immediate=True, restart=True)
            return
        for manifest in changes.deleted:
            await self._components.remove(manifest.name)
        for manifest in (*changes.updated, *changes.created):
            await self._components.install(manifest)
        if changes.subscriptions is not None:
            await self._parts.reload_subscriptions(changes.subscriptions)

    # -- stop

    def _stop_by_api(self, force: bool) -> None:
        if force:
            log.warning("Force shutdown requested, exiting immediately without graceful shutdown")
            asyncio.get_running_loop().call_later(FORCE_DELAY, os._exit, int(ExitCode.FAILURE))
            return
        log.info("Shutdown requested via API")
        self._shutdown.request(immediate=True)

    async def _stop(self) -> ExitCode:
        parts, edges = self._parts, self._edges
        if parts is None or edges is None:
            await self._tasks.stop()
            if self._source is not None:
                await self._source.close()
            return ExitCode.OK
        options = self._options
        sequence = ShutdownSequence(
            block=None if self._shutdown.restart else options.dapr_block_shutdown_duration,
            grace=options.shutdown_limit,
            quiesce=parts.application.quiesce,
            app_unhealthy=parts.application.unhealthy,
            drain=self._drain,
            close=self._close,
        )
        return await sequence.run(immediate=self._shutdown.immediate or not edges.serving)

    async def _drain(self) -> None:
        """Phase 1: take no more work from outside, and finish what other sidecars and the brokers gave us."""
        assert self._parts is not None
        assert self._edges is not None
        self._parts.not_ready()
        await self._parts.application.quiesce()
        if self._parts.actors is not None:
            await self._parts.actors.depart()
        await self._tasks.stop(limit=5.0)
        await self._edges.drain_grpc()

    async def _close(self) -> None:
        """Phase 2: the API last of the servers, for its calls may still need every component."""
        assert self._parts is not None
        assert self._edges is not None
        log.info("Dapr is shutting down")
        await self._edges.stop_http()
        if self._components is not None:
            await self._components.close()
        await self._parts.close()
        if self._source is not None:
            await self._source.close()
        log.info("Dapr runtime stopped")


def announce_start(options: Options) -> None:
    """The first lines of the log."""
    log.info("Starting Dapr Runtime -- version %s -- commit %s", runtime_version(), "")
    log.info("Log level set to: %s", options.log_level)
