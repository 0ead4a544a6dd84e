"""The ports of one runtime: what listens where, and which API is served there.

The internal port is bound at once, since name resolution announces it; everything else listens when the runtime says
so. Stopping has two halves, because calls of applications may still need what calls of other sidecars no longer do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from dapr_core.process.service import ServiceGroup
from dapr_core.resources.configuration import APIRule, ConfigurationSpec
from dapr_core.rpc.grpc.messages import DEFAULT_MESSAGE_LIMIT
from dapr_core.rpc.http1.limits import Limits
from dapr_core.telemetry import process_stats
from dapr_core.telemetry.endpoint import MetricsEndpoint
from daprd.api.grpc.foreign import HandedOn
from daprd.api.grpc.internal import InternalService
from daprd.api.grpc.lazyactors import LazyActors
from daprd.api.http import actors as actors_api
from daprd.api.http import bindings as bindings_api
from daprd.api.http import health as health_api
from daprd.api.http import invoke as invoke_api
from daprd.api.http import metadata as metadata_api
from daprd.api.http import pubsub as pubsub_api
from daprd.api.http import secrets as secrets_api
from daprd.api.http import shutdown as shutdown_api
from daprd.api.http import state as state_api
from daprd.api.http.access import AccessList, ApiRule
from daprd.api.http.apilog import ApiLogger
from daprd.api.http.routing import Route
from daprd.api.http.server import ApiOptions, api_handler, public_handler, socket_path
from daprd.options import Options
from daprd.runtime.grpcapi import grpc_api_server
from daprd.runtime.parts import Parts
from daprd.runtime.servers import GrpcApi, HttpApi, InternalPort, ProfilerPort, PublicApi
from daprd.runtime.settings import KUBERNETES, Surroundings, stable_port

log = logging.getLogger("dapr.runtime")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Edges:
    """The listeners of one runtime, in front of its parts."""

    def __init__(self, options: Options, surroundings: Surroundings, spec: ConfigurationSpec, parts: Parts) -> None:
        """Bind the internal port. Raises ``ListenError``."""
        self._options = options
        self._around = surroundings
        self._spec = spec
        self._parts = parts
        self._servers = ServiceGroup()
        self._grpc: list[GrpcApi | InternalPort] = []
        self.serving = False
        self._internal = InternalPort(
            options.dapr_internal_grpc_listen_address, options.dapr_internal_grpc_port, stable_port(options.app_id),
            message_limit=max(options.body_limit, DEFAULT_MESSAGE_LIMIT),
            tls=None if parts.security is None else parts.security.serving(),
        )  # fmt: skip
        InternalService(parts.inbound).register(self._internal.server)
        self._internal.server.fallback = HandedOn(parts.proxying)

    @property
    def internal_port(self) -> int:
        """The port for other sidecars, bound already."""
        return self._internal.port

    async def start_metrics(self) -> None:
        """Serve the metrics, if they are wanted."""
        options, parts = self._options, self._parts
        if not options.enable_metrics or not parts.metrics.enabled:
            return
        process_stats.register(parts.registry)
        await self._servers.start(
            MetricsEndpoint(
                parts.registry, options.metrics_listen_address, options.metrics_port, health=parts.readiness.all
            )
        )

    async def start_servers(self, stop: Callable[[bool], None]) -> None:
        """Listen on every port: gRPC API, HTTP API, public, internal; each is ready when this returns."""
        options = self._options
        limits = Limits(
            max_header_bytes=options.read_buffer, max_body=options.body_limit if options.body_limit > 0 else None
        )
        await self._start_grpc_api(stop)
        routes = self._routes(stop)
        await self._servers.start(
            HttpApi(
                api_handler(routes, self._api_options()),
                limits,
                options.listen_addresses,
                options.dapr_http_port,
                socket_directory=options.unix_domain_socket,
                app_id=options.app_id,
            )
        )
        log.info("HTTP server is running on port %d", options.dapr_http_port)
        log.info("The request body size parameter is: %d bytes", options.body_limit)
        if options.enable_profiling:
            await self._servers.start(ProfilerPort(options.listen_addresses, options.profile_port))
        if options.dapr_public_port:
            handler = public_handler(routes, self._api_options())
            await self._servers.start(
                PublicApi(handler, limits, options.dapr_public_listen_address, options.dapr_public_port)
            )
        LazyActors(None if self._parts.actors is None else self._parts.actors.router).register(self._internal.server)
        self._let_operator_end(stop)
        await self._start_grpc(self._internal, "grpc-internal-server")
        where = options.dapr_internal_grpc_listen_address
        log.info("Internal gRPC server is running on %s:%d", where, self.internal_port)
        self.serving = True
        self._warn_of_exposure()

    def _let_operator_end(self, stop: Callable[[bool], None]) -> None:
        security = self._parts.security
        if self._options.mode != KUBERNETES or security is None or not security.mtls:
            return
        from daprd.api.grpc.ending import EndingByOperator  # what a cluster needs is loaded there only
        from daprd.runtime.operator import OPERATOR

        EndingByOperator(security.control_plane(OPERATOR), stop).register(self._internal.server)

    async def _start_grpc_api(self, stop: Callable[[bool], None]) -> None:
        options = self._options
        unix = socket_path(options.unix_domain_socket, options.app_id, "grpc") if options.unix_domain_socket else ""
        server = grpc_api_server(options, self._around, self._spec, self._parts, stop)
        api = GrpcApi(server, options.listen_addresses, options.dapr_grpc_port, unix_path=str(unix))
        await self._start_grpc(api, "grpc-api-server")
        if unix:
            log.info("API gRPC server is running on a Unix Domain Socket")
        else:
            log.info("API gRPC server is running on port %d", options.dapr_grpc_port)

    async def _start_grpc(self, server: GrpcApi | InternalPort, target: str) -> None:
        health = self._parts.readiness.all.target(target)
        await server.start()
        self._grpc.append(server)
        health.ready()

    async def drain_grpc(self) -> None:
        """Finish the calls of other sidecars and take no more."""
        if not self.serving:
            await self._internal.stop()
        await self._parts.pubsub.streams.end_all()
        if self._parts.actors is not None:
            await self._parts.actors.release_streams()
        await asyncio.gather(*(server.stop() for server in self._grpc))

    async def stop_http(self) -> None:
        """Answer what is in flight on every HTTP port, then close them."""
        await self._servers.stop()

    # -- the APIs

    def _routes(self, stop: Callable[[bool], None]) -> list[Route]:
        parts = self._parts
        assert parts.metadata is not None
        return [
            *health_api.routes(self._options.app_id, parts.readiness),
            *metadata_api.routes(parts.metadata),
            *state_api.routes(parts.state),
            *pubsub_api.routes(parts.pubsub),
            *bindings_api.routes(parts.bindings),
            *secrets_api.routes(parts.secrets),
            *actors_api.routes(parts.actors_block, self._options.app_id, self._around.namespace or "default"),
            *shutdown_api.routes(stop),
        ]

    def _api_options(self) -> ApiOptions:
        options, spec, parts = self._options, self._spec, self._parts
        logging_spec = spec.logging.api_logging
        wanted = options.enable_api_logging
        if wanted is None:
            wanted = logging_spec.enabled
        return ApiOptions(
            access=AccessList(_rules(spec.api.allowed), _rules(spec.api.denied)),
            fallback=invoke_api.handler(parts.invoker.invoke),
            loopback_only=self._only_loopback(),
            allowed_origins=options.allowed_origins,
            api_token=self._around.api_token,
            tracer=parts.tracer,
            record=parts.metrics.http_server if parts.metrics.enabled else None,
            pipeline=parts.pipelines.api if spec.http_pipeline.handlers else None,
            log_api=ApiLogger(
                obfuscate_urls=logging_spec.obfuscate_urls, omit_health_checks=logging_spec.omit_health_checks
            )
            if wanted
            else None,
            record_error=parts.metrics.errors.record if parts.metrics.errors.wanted else None,
        )

    def _only_loopback(self) -> bool:
        addresses = self._options.listen_addresses
        return bool(addresses) and all(address in LOOPBACK for address in addresses)

    def _warn_of_exposure(self) -> None:
        options = self._options
        if options.mode == "standalone" and not self._around.api_token and not options.unix_domain_socket:
            exposed = [each or "*" for each in options.listen_addresses or ("",) if each not in LOOPBACK]
            if exposed:
                log.warning(
                    "The Dapr API listens on %s without a token: whoever reaches this host may call it. Set "
                    "--dapr-listen-addresses=127.0.0.1 or DAPR_API_TOKEN",
                    ", ".join(exposed),
                )


def _rules(rules: Sequence[APIRule]) -> list[ApiRule]:
    return [ApiRule(rule.name, rule.version, rule.protocol) for rule in rules]
