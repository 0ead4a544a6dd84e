"""The operator put together: what starts after what, who writes, and how it ends (control-plane.md §4.9)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any, Final

from dapr_core.identity.admission import Admitting
from dapr_core.identity.anchors import FileAnchors
from dapr_core.identity.keys import KeyKind
from dapr_core.identity.metrics import IdentityMetrics
from dapr_core.identity.rotating import HEALTH_TARGET as SECURITY_TARGET
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions, local_identity
from dapr_core.identity.tls import SwitchingContext, serving_context
from dapr_core.identity.tokens import TokenSource
from dapr_core.kube import Informer, Key, Kind, KubeClient, Object, Selector, load_config
from dapr_core.kube.cabundle import CaBundle
from dapr_core.kube.election import ElectionSettings
from dapr_core.kube.events import EventRecorder
from dapr_core.kube.kinds import CONFIGURATION, CRD, DEPLOYMENT, SERVICE, STATEFUL_SET
from dapr_core.kube.leader import Leader
from dapr_core.kube.reflector import Following
from dapr_core.process.health import HealthRegistry
from dapr_core.process.healthport import HealthPort
from dapr_core.process.memory import keep_large_blocks_apart
from dapr_core.process.run import settle
from dapr_core.process.service import ServiceGroup
from dapr_core.process.shutdown import Shutdown, ended_before
from dapr_core.process.supervise import Supervisor
from dapr_core.rpc.grpc import GrpcServer
from dapr_core.telemetry import process_stats
from dapr_core.telemetry.endpoint import HEALTH_TARGET as METRICS_TARGET
from dapr_core.telemetry.endpoint import MetricsEndpoint
from dapr_core.telemetry.metrics import Registry
from dapr_operator.conversion.definition import HEALTH_TARGET as WEBHOOK_TARGET
from dapr_operator.conversion.definition import NAME as DEFINITION
from dapr_operator.conversion.definition import changes_for
from dapr_operator.conversion.webhook import ConversionPort
from dapr_operator.kinds import SERVED
from dapr_operator.metrics import OperatorMetrics
from dapr_operator.options import Options
from dapr_operator.resources.resource import Resource
from dapr_operator.resources.secrets import has_references
from dapr_operator.resources.shelf import Shelf
from dapr_operator.serving.assigned import Assignments
from dapr_operator.serving.port import HEALTH_TARGET as API_TARGET
from dapr_operator.serving.port import ApiPort
from dapr_operator.serving.secretcache import Secrets
from dapr_operator.serving.service import OperatorApi
from dapr_operator.settings import Settings, settings_of, speaks_mtls
from dapr_operator.statuses import Statuses
from dapr_operator.watching import Keeper, Watching
from dapr_operator.workloads.jobs import Jobs
from dapr_operator.workloads.service import owned_by
from dapr_operator.workloads.services import Services
from dapr_operator.workloads.watchdog import Watchdog

log = logging.getLogger("dapr.operator")

OPERATOR: Final = "dapr-operator"
LEASE: Final = "operator.dapr.io"
ROLLOUT: Final = Kind("argoproj.io", "v1alpha1", "rollouts", "Rollout")
_STOP: Final = 5.0
"""Seconds that tasks of the process may take to end."""
_SERVICES_OF_SIDECARS: Final = Selector(labels="dapr.io/enabled=true")


class Operator:
    """The process, from flags to its end."""

    def __init__(
        self, options: Options, environment: Mapping[str, str], shutdown: Shutdown, rearm: Callable[[], None]
    ) -> None:
        self._options = options
        self._environment = environment
        self._shutdown = shutdown
        self._rearm = rearm
        self._registry = Registry()
        self._metrics = OperatorMetrics(self._registry)
        self._health = HealthRegistry()
        self._services = ServiceGroup()
        self._tasks = Supervisor("operator")
        self._cluster = load_config(environment, options.kubeconfig)
        self._client = KubeClient(self._cluster, user_agent=OPERATOR)
        self._instance = environment.get("POD_NAME") or socket.gethostname()
        self._events = EventRecorder(self._client, "dapr.io/operator", self._instance)
        self._shelves = {kind: Shelf() for kind in SERVED}
        self._statuses = Statuses(self._client, self._events)
        self._settings: Settings
        self._identity: RotatingIdentity
        self._sidecar_services: Services
        self._jobs: Jobs

    async def run(self) -> None:
        """Serve until asked to end.

        Raises:
            SettingsError, KubeError, InitialIdentityError, AnchorsError, OSError: it cannot start, or go on.
        """
        try:
            # The start may wait for sentry for as long as it takes; a signal ends that too.
            if await ended_before(self._start(), self._shutdown):
                await ended_before(self._tasks.wait(), self._shutdown)
        finally:
            # First the leader's work, which releases the Lease, so that another replica goes on at once.
            await self._tasks.stop(_STOP)
            await self._services.stop()
            await self._client.close()

    # --- The start

    async def _start(self) -> None:
        options = self._options
        # Hundreds of sidecars have a connection each, and long lists pass through the heap.
        keep_large_blocks_apart()
        process_stats.register(self._registry)
        targets = {name: self._health.target(name) for name in ("healthz-server", "operator-cache", WEBHOOK_TARGET)}
        await self._start_metrics()
        await self._services.start(HealthPort(self._health, options.healthz_listen_address, options.healthz_port))
        targets["healthz-server"].ready()
        self._settings = await settings_of(options, self._environment, self._client)
        self._identity = self._made_identity()
        await self._services.start(self._identity)
        self._health.target("operator-security").ready()
        self._tasks.start("identity", self._identity.wait_failed())
        self._tasks.start("Events", self._events.run(), essential=True)
        await self._start_webhook()
        assignments = self._start_following()
        await self._watch()
        await assignments.wait_synced()
        targets["operator-cache"].ready()
        await self._start_api(assignments)
        self._tasks.start("leading", self._lead(), essential=True)
        settle()
        log.info("Dapr Operator started")

    async def _start_metrics(self) -> None:
        options = self._options
        if not options.enable_metrics:
            self._health.target(METRICS_TARGET).ready()
            return
        endpoint = MetricsEndpoint(
            self._registry, options.metrics_listen_address, options.metrics_port, health=self._health
        )
        await self._services.start(endpoint)

    def _made_identity(self) -> RotatingIdentity:
        settings = self._settings
        sentry = SentryOptions(
            address=settings.sentry_address,
            app_id=local_identity(OPERATOR, self._environment),
            namespace=settings.namespace,
            control_plane_trust_domain=settings.trust_domain,
            control_plane_namespace=settings.namespace,
            tokens=TokenSource(kubernetes=True, environment=self._environment),
            # API servers, which call the webhook, take no Ed25519.
            key=KeyKind.RSA_2048,
        )
        return RotatingIdentity(
            SentryClient(sentry),
            FileAnchors(self._options.trust_anchors_file),
            metrics=IdentityMetrics(self._registry, OPERATOR),
            health=self._health.target(SECURITY_TARGET),
        )

    def _start_following(self) -> Assignments:
        watched = self._options.watch_namespace
        assignments = Assignments(self._client, watched)
        self._tasks.start("pods", assignments.run(), essential=True)
        self._sidecar_services = Services(self._client, self._mtls, self._events, self._metrics)
        self._jobs = Jobs(self._client, watched, self._identity, self._mtls, self._events)
        self._tasks.start("pods of Jobs", self._jobs.run(), essential=True)
        self._shelves[CONFIGURATION].listen(self._configuration_changed)
        if not self._options.disable_services:
            following = Following(
                kind=SERVICE, namespace=watched, selector=_SERVICES_OF_SIDECARS, project=owned_by, metadata_only=True
            )
            present = Informer(self._client, following)
            present.subscribe(lambda change: self._sidecar_services.service(change.new or change.old or ""))
            self._tasks.start("services", present.run(), essential=True)
        return assignments

    async def _watch(self) -> None:
        keepers = [self._resource_keeper(kind) for kind in SERVED]
        if not self._options.disable_services:
            kinds = (DEPLOYMENT, STATEFUL_SET, *((ROLLOUT,) if self._options.argo_rollouts else ()))
            keepers += [self._workload_keeper(kind) for kind in kinds]
        watching = Watching(self._client, self._cluster, tuple(keepers), self._options.watch_namespace, self._rearm)
        await self._services.start(watching)
        self._tasks.start("watching", watching.wait_failed(), essential=True)

    def _resource_keeper(self, kind: Kind) -> Keeper:
        shelf = self._shelves[kind]

        def put(thing: Object) -> None:
            resource = Resource.of(thing, takes_secrets=has_references(kind, thing))
            before = shelf.get(*resource.key)
            shelf.put(resource)
            if shelf.get(*resource.key) is not before:
                self._statuses.look(kind, resource.key, thing)

        def remove(key: Key) -> None:
            shelf.remove(key)
            self._statuses.gone(kind, key)

        return Keeper(kind, put, remove, lambda: shelf.keys)

    def _workload_keeper(self, kind: Kind) -> Keeper:
        services = self._sidecar_services
        return Keeper(
            kind,
            lambda thing: services.workload(kind, thing),
            lambda key: services.workload_gone(kind, key),
            lambda: [key for of, key in services.names if of == kind],
        )

    async def _start_api(self, assignments: Assignments) -> None:
        server = GrpcServer(admit=Admitting(self._identity))
        api = OperatorApi(self._shelves, Secrets(self._client), assignments)
        server.add_service(api)
        port = ApiPort(
            server,
            api,
            self._options.listen_address,
            self._options.port,
            self._identity.server_context,
            health=self._health.target(API_TARGET),
        )
        await self._services.start(port)

    async def _start_webhook(self) -> None:
        health = self._health.target(WEBHOOK_TARGET)
        if not self._settings.webhooks:
            health.ready()
            return
        shown = SwitchingContext(self._shown())
        self._identity.on_change(lambda: shown.switch(self._shown()))
        await self._services.start(
            ConversionPort(self._options.webhook_address, self._options.webhook_port, shown.front)
        )
        self._definition = CaBundle(
            self._client,
            CRD,
            DEFINITION,
            changes_for(self._settings.namespace),
            lambda: self._identity.bundle.pem,
            health,
        )
        self._identity.on_change(self._definition.anchors_changed)
        self._tasks.start("definition", self._definition.follow(), essential=True)

    def _shown(self) -> Any:
        return serving_context(self._identity.issued.svid)

    # --- Leading

    async def _lead(self) -> None:
        """Write, alone among the replicas."""
        if self._options.disable_leader_election:
            await self._write()
            return
        election = ElectionSettings(identity=f"{self._instance}_{id(self):x}")
        await Leader(self._client, LEASE, self._settings.namespace, election).run(self._write)

    async def _write(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._statuses.lead())
            group.create_task(self._jobs.lead())
            if self._settings.webhooks:
                group.create_task(self._definition.keep())
            if not self._options.disable_services:
                group.create_task(self._sidecar_services.lead())
            if self._settings.interval is not None:
                group.create_task(self._watchdog().lead())

    def _watchdog(self) -> Watchdog:
        assert self._settings.interval is not None
        return Watchdog(
            self._client,
            self._settings.interval,
            namespace=self._settings.namespace,
            watched=self._options.watch_namespace,
            per_minute=self._options.restarts_per_minute,
            labels=self._options.patch_labels,
        )

    # --- The control plane's Configuration

    def _mtls(self) -> bool:
        found = self._shelves[CONFIGURATION].get(self._settings.namespace, self._options.config)
        return speaks_mtls(found.thing if found is not None else None)

    def _configuration_changed(self, old: Resource | None, new: Resource | None) -> None:
        key = Key(self._settings.namespace, self._options.config)
        changed = [one for one in (old, new) if one is not None and one.key == key]
        if changed and len({speaks_mtls(one.thing) for one in changed}) + (2 - len(changed)) > 1:
            self._sidecar_services.all_again()
