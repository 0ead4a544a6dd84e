"""The gRPC API of one runtime: its server, with the limits of the flags and every service that is served there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dapr_core.resources.configuration import APIRule, ConfigurationSpec
from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.h2.config import H2Config
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.edge import AccessList, ApiLog, Edge
from daprd.api.grpc.foreign import ForeignServices
from daprd.api.grpc.lazyhealth import health_methods
from daprd.api.grpc.service import DaprApi
from daprd.api.http.access import ApiRule
from daprd.mesh.keepalive import SERVING
from daprd.options import Options
from daprd.runtime.parts import Parts
from daprd.runtime.settings import Surroundings


def grpc_api_server(
    options: Options, surroundings: Surroundings, spec: ConfigurationSpec, parts: Parts, stop: Callable[[bool], None]
) -> GrpcServer:
    """The server, not listening yet."""
    server = GrpcServer(
        config=H2Config(max_header_list_size=options.read_buffer << 10),
        message_limit=options.body_limit,
        keepalive=SERVING,
    )
    edge = Edge(
        parts.tracer,
        token=surroundings.api_token,
        record=parts.metrics.grpc_server if parts.metrics.enabled else None,
        log=ApiLog() if _logs_calls(options, spec) else None,
    )
    access = AccessList(_rules(spec.api.allowed), _rules(spec.api.denied))
    DaprApi(_blocks(options, surroundings, parts, stop), edge, access).register(server)
    foreign = ForeignServices(edge, access, parts.proxying)
    for path, factory in health_methods(parts.readiness.outbound_ready).items():
        server.register(path, foreign.unless_named(factory))
    server.fallback = foreign
    return server


def _blocks(options: Options, surroundings: Surroundings, parts: Parts, stop: Callable[[bool], None]) -> Blocks:
    assert parts.metadata is not None
    return Blocks(
        app_id=options.app_id,
        namespace=surroundings.namespace or "default",
        actors=parts.actors_block,
        state=parts.state,
        pubsub=parts.pubsub,
        bindings=parts.bindings,
        secrets=parts.secrets,
        metadata=parts.metadata,
        invoke=parts.invoker.call,
        stop=stop,
        placement=bool(options.placement_addresses),
        scheduler=bool(options.scheduler_host_address),
    )


def _logs_calls(options: Options, spec: ConfigurationSpec) -> bool:
    wanted = options.enable_api_logging
    return spec.logging.api_logging.enabled if wanted is None else wanted


def _rules(rules: Sequence[APIRule]) -> list[ApiRule]:
    return [ApiRule(rule.name, rule.version, rule.protocol) for rule in rules]
