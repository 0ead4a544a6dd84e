"""Typed services and stubs. Generated from grpc/health/v1/health.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.grpc.health.v1 import health_pb2 as _grpc_health_v1_health_pb2
from dapr_core.rpc.grpc.stub import UnaryStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class HealthBase(Service):
    """Serves grpc.health.v1.Health; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "grpc.health.v1.Health"

    async def check(self, request: _grpc_health_v1_health_pb2.HealthCheckRequest, context: ServerContext) -> _grpc_health_v1_health_pb2.HealthCheckResponse:
        raise unimplemented("Check")

    async def list(self, request: _grpc_health_v1_health_pb2.HealthListRequest, context: ServerContext) -> _grpc_health_v1_health_pb2.HealthListResponse:
        raise unimplemented("List")

    def watch(self, request: _grpc_health_v1_health_pb2.HealthCheckRequest, context: ServerContext) -> AsyncIterator[_grpc_health_v1_health_pb2.HealthCheckResponse]:
        raise unimplemented("Watch")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Check", self.check, _grpc_health_v1_health_pb2.HealthCheckRequest, _grpc_health_v1_health_pb2.HealthCheckResponse, False, False),
            Method("List", self.list, _grpc_health_v1_health_pb2.HealthListRequest, _grpc_health_v1_health_pb2.HealthListResponse, False, False),
            Method("Watch", self.watch, _grpc_health_v1_health_pb2.HealthCheckRequest, _grpc_health_v1_health_pb2.HealthCheckResponse, False, True),
        )


class HealthStub:
    """Calls grpc.health.v1.Health on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.check: UnaryUnary[_grpc_health_v1_health_pb2.HealthCheckRequest, _grpc_health_v1_health_pb2.HealthCheckResponse] = UnaryUnary(
            channel, "/grpc.health.v1.Health/Check", _grpc_health_v1_health_pb2.HealthCheckResponse
        )
        self.list: UnaryUnary[_grpc_health_v1_health_pb2.HealthListRequest, _grpc_health_v1_health_pb2.HealthListResponse] = UnaryUnary(
            channel, "/grpc.health.v1.Health/List", _grpc_health_v1_health_pb2.HealthListResponse
        )
        self.watch: UnaryStream[_grpc_health_v1_health_pb2.HealthCheckRequest, _grpc_health_v1_health_pb2.HealthCheckResponse] = UnaryStream(
            channel, "/grpc.health.v1.Health/Watch", _grpc_health_v1_health_pb2.HealthCheckResponse
        )
