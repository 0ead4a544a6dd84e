"""The injector put together: what starts after what, and how it ends (control-plane.md §5.1)."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Final

from dapr_core.identity.anchors import FileAnchors
from dapr_core.identity.keys import KeyKind
from dapr_core.identity.metrics import IdentityMetrics
from dapr_core.identity.rotating import HEALTH_TARGET as SECURITY_TARGET
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions, local_identity
from dapr_core.identity.tokens import TokenSource
from dapr_core.kube import KubeClient, load_config
from dapr_core.kube.cabundle import CaBundle
from dapr_core.kube.events import EventRecorder
from dapr_core.kube.kinds import MUTATING_WEBHOOK
from dapr_core.process.health import HealthRegistry
from dapr_core.process.healthport import HealthPort
from dapr_core.process.run import settle
from dapr_core.process.service import ServiceGroup
from dapr_core.process.shutdown import Shutdown, ended_before
from dapr_core.process.supervise import Supervisor
from dapr_core.telemetry import process_stats
from dapr_core.telemetry.endpoint import HEALTH_TARGET as METRICS_TARGET
from dapr_core.telemetry.endpoint import MetricsEndpoint
from dapr_core.telemetry.metrics import Registry
from dapr_injector.cluster import Cluster
from dapr_injector.desk import Desk
from dapr_injector.metrics import InjectorMetrics
from dapr_injector.notices import Notices
from dapr_injector.options import Options
from dapr_injector.port import HEALTH_TARGET as WEBHOOK_TARGET
from dapr_injector.port import ServingCertificate, WebhookPort
from dapr_injector.registration import HEALTH_TARGET as REGISTRATION_TARGET
from dapr_injector.registration import NAME, changes
from dapr_injector.settings import Settings
from dapr_injector.webhook import webhook

INJECTOR: Final = "dapr-injector"
_STOP: Final = 5.0
"""Seconds that tasks of the process may take to end."""


class Injector:
    """The process, from settings to its end."""

    def __init__(
        self, options: Options, settings: Settings, environment: Mapping[str, str], shutdown: Shutdown
    ) -> None:
        self._options = options
        self._settings = settings
        self._shutdown = shutdown
        self._registry = Registry()
        self._metrics = InjectorMetrics(self._registry)
        self._health = HealthRegistry()
        self._services = ServiceGroup()
        self._tasks = Supervisor("injector")
        self._client = KubeClient(load_config(environment, options.kubeconfig), user_agent=INJECTOR)
        self._cluster = Cluster(self._client, settings.injection.namespace)
        instance = environment.get("POD_NAME") or socket.gethostname()
        self._events = EventRecorder(self._client, "dapr.io/sidecar-injector", instance)
        self._identity = RotatingIdentity(
            SentryClient(_sentry(settings, environment)),
            FileAnchors(settings.anchors_file),
            metrics=IdentityMetrics(self._registry, INJECTOR),
            health=self._health.target(SECURITY_TARGET),
        )

    async def run(self) -> None:
        """Serve until asked to end.

        Raises:
            KubeError, InitialIdentityError, AnchorsError, OSError: it cannot start, or cannot go on.
        """
        try:
            # The start may wait for sentry for as long as it takes; a signal ends that too.
            if await ended_before(self._start(), self._shutdown):
                await ended_before(self._tasks.wait(), self._shutdown)
        finally:
            await self._services.stop()
            await self._tasks.stop(_STOP)
            await self._client.close()

    async def _start(self) -> None:
        options = self._options
        process_stats.register(self._registry)
        healthz = self._health.target("healthz-server")
        registered = self._health.target(REGISTRATION_TARGET)
        await self._start_metrics()
        await self._services.start(HealthPort(self._health, options.healthz_listen_address, options.healthz_port))
        healthz.ready()
        await self._services.start(self._identity)
        self._tasks.start("Configuration", self._cluster.follow(), essential=True)
        self._tasks.start("Events", self._events.run(), essential=True)
        await self._cluster.wait_known()
        await self._start_webhook()
        registration = CaBundle(
            self._client, MUTATING_WEBHOOK, NAME, changes, lambda: self._identity.bundle.pem, registered
        )
        self._identity.on_change(registration.anchors_changed)
        self._tasks.start("registration", registration.follow(), essential=True)
        self._tasks.start("caBundle", registration.keep(), essential=True)
        self._tasks.start("identity", self._identity.wait_failed())
        settle()

    async def _start_webhook(self) -> None:
        desk = Desk(
            self._settings,
            self._cluster,
            lambda: self._identity.bundle.pem.decode("ascii"),
            self._metrics,
            Notices(self._events).not_injected,
        )
        port = WebhookPort(
            webhook(desk, self._metrics),
            self._options.listen_address,
            self._options.port,
            ServingCertificate(self._identity).context,
            self._health.target(WEBHOOK_TARGET),
        )
        await self._services.start(port)
        self._tasks.start("webhook", port.wait_failed())

    async def _start_metrics(self) -> None:
        options = self._options
        if not options.enable_metrics:
            self._health.target(METRICS_TARGET).ready()
            return
        endpoint = MetricsEndpoint(
            self._registry, options.metrics_listen_address, options.metrics_port, health=self._health
        )
        await self._services.start(endpoint)


def _sentry(settings: Settings, environment: Mapping[str, str]) -> SentryOptions:
    return SentryOptions(
        address=settings.sentry_address,
        app_id=local_identity(INJECTOR, environment),
        namespace=settings.injection.namespace,
        control_plane_trust_domain=settings.trust_domain,
        control_plane_namespace=settings.injection.namespace,
        tokens=TokenSource(kubernetes=True, environment=environment),
        # API servers, unlike our own peers, take no Ed25519.
        key=KeyKind.RSA_2048,
    )
