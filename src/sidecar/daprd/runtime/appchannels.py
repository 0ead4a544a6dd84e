"""Opening the way to the application: the channel for its protocol, and the gRPC connection for proxied calls."""

from __future__ import annotations

from typing import Final, Literal

from dapr_core.telemetry.tracing import Tracer
from daprd.app.connection import AppConnection, ConnectionSettings
from daprd.app.contract import AppChannel
from daprd.app.http import HttpAppChannel, HttpAppSettings
from daprd.blocks.bindings.block import BindingsBlock
from daprd.blocks.state.block import StateBlock
from daprd.metrics.recorders import Metrics
from daprd.options import Options
from daprd.pipeline.pipelines import Pipelines
from daprd.runtime.settings import Surroundings

_HTTP_PROTOCOLS: Final[dict[str, Literal["http", "https", "h2c"]]] = {"http": "http", "https": "https", "h2c": "h2c"}


def open_connection(options: Options, around: Surroundings) -> AppConnection | None:
    """The gRPC connection to the application's port; None without one. Nothing is dialled before it is used."""
    if not options.app_port:
        return None
    return AppConnection(
        ConnectionSettings(
            host=options.app_channel_address,
            port=options.app_port,
            tls=options.application_protocol in ("grpcs", "https"),
            token=around.app_api_token,
            message_limit=options.body_limit,
        )
    )


def open_channel(
    options: Options,
    around: Surroundings,
    tracer: Tracer,
    metrics: Metrics,
    pipelines: Pipelines,
    connection: AppConnection | None,
    bindings: BindingsBlock,
    state: StateBlock,
) -> AppChannel | None:
    """The application's channel; None without an application."""
    if connection is None:
        return None
    if options.application_protocol in ("grpc", "grpcs"):
        return _grpc(options, tracer, metrics, connection, bindings, state)
    return _http(options, around, tracer, metrics, pipelines)


def _grpc(
    options: Options,
    tracer: Tracer,
    metrics: Metrics,
    connection: AppConnection,
    bindings: BindingsBlock,
    state: StateBlock,
) -> AppChannel:
    # Only sidecars of such applications load this.
    from daprd.app.grpc import GrpcAppChannel, GrpcAppSettings
    from daprd.runtime.bindingreplies import BindingReplies

    settings = GrpcAppSettings(
        protocol=options.application_protocol, max_concurrency=options.app_max_concurrency,
        skipped=frozenset(options.disable_init_endpoints), tracing=tracer.enabled,
        probe_timeout=options.probe_timeout,
    )  # fmt: skip
    record = metrics.grpc_client.record if metrics.enabled else None
    return GrpcAppChannel(connection, settings, on_binding_reply=BindingReplies(bindings, state), record=record)


def _http(options: Options, around: Surroundings, tracer: Tracer, metrics: Metrics, pipelines: Pipelines) -> AppChannel:
    settings = HttpAppSettings(
        app_id=options.app_id, host=options.app_channel_address, port=options.app_port,
        protocol=_HTTP_PROTOCOLS[options.application_protocol], token=around.app_api_token,
        max_concurrency=options.app_max_concurrency, health_path=options.app_health_check_path,
        read_buffer_size=options.read_buffer, skipped=frozenset(options.disable_init_endpoints),
        tracing=tracer.enabled, binding_timeout=options.binding_options_timeout, body_limit=options.body_limit,
    )  # fmt: skip
    record = metrics.http_client.observe if metrics.enabled else None
    return HttpAppChannel(settings, pipeline=pipelines.app, record=record)
