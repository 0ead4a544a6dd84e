"""Sentry put together: what starts after what, and how it ends (control-plane.md §1.7, §1.11).

What only some settings need is imported by the method that makes it, so that nobody pays for what is switched off.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from dapr_core.identity.tokens import Validator as Kind
from dapr_core.process.health import HealthRegistry
from dapr_core.process.healthport import HealthPort
from dapr_core.process.run import settle
from dapr_core.process.service import ServiceGroup
from dapr_core.process.shutdown import Shutdown
from dapr_core.process.supervise import Supervisor
from dapr_core.rpc.grpc import GrpcServer, KeepAlive
from dapr_core.telemetry import process_stats
from dapr_core.telemetry.endpoint import HEALTH_TARGET as METRICS_TARGET
from dapr_core.telemetry.endpoint import MetricsEndpoint
from dapr_core.telemetry.metrics import Registry
from dapr_sentry.authority.jwtkeys import JwtKeys
from dapr_sentry.credentials import Credentials
from dapr_sentry.metrics import SentryMetrics
from dapr_sentry.options import Options
from dapr_sentry.server.ca import MESSAGE_LIMIT, CertificateAuthority
from dapr_sentry.server.port import GrpcPort
from dapr_sentry.serving import ServingIdentity
from dapr_sentry.settings import Settings
from dapr_sentry.storage.contract import Store
from dapr_sentry.validators.contract import Validator
from dapr_sentry.validators.running import Validators

if TYPE_CHECKING:
    from dapr_core.kube.client import KubeClient
    from dapr_sentry.authority.tokens import TokenIssuer

server_log = logging.getLogger("dapr.sentry.server")
oidc_log = logging.getLogger("dapr.sentry.server.oidc.http")

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_STOP: Final = 5.0
"""Seconds that tasks of the process may take to end."""
_SILENCE: Final = 60.0
"""Seconds after which a silent client is asked whether it is still there."""
_IDLE: Final = 15.0
"""Seconds for which a client may keep a connection for its next request: others wait for its place."""


class Sentry:
    """The process, from settings to its end."""

    def __init__(
        self, options: Options, settings: Settings, shutdown: Shutdown, client: KubeClient | None = None
    ) -> None:
        self._options = options
        self._client = client
        self._settings = settings
        self._shutdown = shutdown
        self._registry = Registry()
        self._metrics = SentryMetrics(self._registry)
        self._health = HealthRegistry()
        self._services = ServiceGroup()
        self._tasks = Supervisor("sentry")
        self._credentials = Credentials(
            _store(options) if client is None else _cluster_store(options, settings, client),
            settings.identity,
            settings.validity,
            self._token_issuer if options.jwt_enabled else None,
            options.jwt_key_id,
            self._metrics,
        )

    async def run(self) -> None:
        """Serve until asked to end.

        Raises:
            StoreError, KeySourceError, OSError: it cannot start.
        """
        try:
            await self._start()
            await self._until_the_end()
        finally:
            await self._tasks.stop(_STOP)
            await self._services.stop()

    async def _start(self) -> None:
        options = self._options
        process_stats.register(self._registry)
        security = self._health.target("security-provider")
        server = self._health.target("sentry-server")
        healthz = self._health.target("healthz-server")
        await self._start_metrics()
        await self._credentials.open()
        serving = ServingIdentity(self._credentials.desk, self._settings.identity)
        security.ready()
        await self._services.start(HealthPort(self._health, options.healthz_listen_address, options.healthz_port))
        healthz.ready()
        validators = self._validators()
        await self._services.start(validators)
        port = GrpcPort(
            self._grpc_server(validators), options.listen_address, options.port, serving.context, health=server
        )
        await self._services.start(port)
        self._tasks.start("gRPC server", port.wait_failed())
        await self._start_oidc()
        self._tasks.start("identity", serving.keep_fresh(), essential=True)
        self._tasks.start("credentials", self._credentials.follow(serving.renew), essential=True)
        self._tasks.start("expiry", self._credentials.tell_of_end())
        settle()

    async def _until_the_end(self) -> None:
        """Wait for the request to end, or for a task that failed."""
        ending = asyncio.ensure_future(self._shutdown.wait())
        failing = asyncio.ensure_future(self._tasks.wait())
        try:
            await asyncio.wait([ending, failing], return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                failing.result()
        finally:
            ending.cancel()
            failing.cancel()

    # --- Parts

    async def _start_metrics(self) -> None:
        options = self._options
        if not options.enable_metrics:
            self._health.target(METRICS_TARGET).ready()
            return
        endpoint = MetricsEndpoint(
            self._registry, options.metrics_listen_address, options.metrics_port, health=self._health
        )
        await self._services.start(endpoint)

    def _validators(self) -> Validators:
        enabled: dict[Kind, Validator] = {}
        default = Kind.UNKNOWN
        if self._client is not None:
            default = Kind.KUBERNETES
            enabled[default] = self._kubernetes_validator(self._client)
        if self._settings.jwks is not None:
            from dapr_sentry.validators.jwks import HEALTH_TARGET, JwksValidator

            health = self._health.target(HEALTH_TARGET)
            enabled[Kind.JWKS] = JwksValidator(self._settings.jwks, self._settings.identity, health)
        if not enabled:
            from dapr_sentry.validators.insecure import InsecureValidator

            default = Kind.INSECURE
            enabled[default] = InsecureValidator()
            self._warn_of_insecure()
        for validator in enabled.values():
            server_log.info("Using validator '%s'", validator.name)
        return Validators(enabled, default)

    def _kubernetes_validator(self, client: KubeClient) -> Validator:
        from dapr_sentry.validators.kubernetes import HEALTH_TARGET, KubernetesValidator

        settings = self._settings
        return KubernetesValidator(client, settings.identity, settings.namespace, self._health.target(HEALTH_TARGET))

    def _warn_of_insecure(self) -> None:
        if self._options.listen_address not in _LOOPBACK:
            server_log.warning(
                "The validator 'insecure' gives any identity to whoever reaches port %d; "
                "listen on a loopback address, or configure the validator 'jwks'",
                self._options.port,
            )

    def _grpc_server(self, validators: Validators) -> GrpcServer:
        settings = self._settings
        keepalive = KeepAlive(interval=_SILENCE, without_calls=True, max_idle=_IDLE)
        server = GrpcServer(message_limit=MESSAGE_LIMIT, keepalive=keepalive)
        authority = CertificateAuthority(
            self._credentials.desk,
            validators.by_kind,
            validators.default,
            (settings.cluster_domain, settings.namespace),
            self._metrics,
        )
        server.add_service(authority)
        server.on_broken = authority.tell_broken
        return server

    def _token_issuer(self, keys: JwtKeys) -> TokenIssuer:
        from dapr_sentry.authority.tokens import TokenIssuer

        options = self._options
        skew = self._settings.validity.skew.total_seconds()
        return TokenIssuer(keys, ttl=options.jwt_ttl, skew=skew, issuer=options.jwt_issuer)

    async def _start_oidc(self) -> None:
        options = self._options
        if not options.serves_oidc:
            oidc_log.info("OIDC HTTP server is disabled")
            return
        from dapr_sentry.server.oidc import Discovery, OidcSettings, normal_prefix
        from dapr_sentry.server.oidcport import HEALTH_TARGET, OidcPort

        settings = OidcSettings(
            issuer=options.jwt_issuer,
            jwks_uri=options.oidc_jwks_uri,
            prefix=normal_prefix(options.oidc_path_prefix),
            allowed_hosts=options.oidc_allowed_hosts,
            tls=options.oidc_tls,
        )
        port = OidcPort(
            Discovery(settings, lambda: self._credentials.jwt_keys).handle,
            options.oidc_address,
            options.oidc_port,
            health=self._health.target(HEALTH_TARGET),
            certificate=options.oidc_tls_cert if options.oidc_tls else "",
            key=options.oidc_tls_key if options.oidc_tls else "",
        )
        await self._services.start(port)
        self._tasks.start("OIDC server", port.wait_failed())


def _store(options: Options) -> Store:
    from dapr_sentry.storage.files import FileStore, Paths

    paths = Paths.under(
        options.issuer_credentials,
        anchors=options.issuer_ca_filename,
        certificate=options.issuer_certificate_filename,
        key=options.issuer_key_filename,
        jwt_key=options.jwt_key_filename,
        jwks=options.jwks_filename,
    )
    return FileStore(paths, jwt_algorithm=options.jwt_signing_algorithm, jwt_kid=options.jwt_key_id)


def _cluster_store(options: Options, settings: Settings, client: KubeClient) -> Store:
    from dapr_sentry.storage.kubernetes import Items, KubernetesStore

    names = Items.of(
        anchors=options.issuer_ca_filename,
        certificate=options.issuer_certificate_filename,
        key=options.issuer_key_filename,
        jwt_key=options.jwt_key_filename,
        jwks=options.jwks_filename,
    )
    return KubernetesStore(
        client,
        settings.namespace,
        names,
        jwt_algorithm=options.jwt_signing_algorithm,
        jwt_kid=options.jwt_key_id,
    )
