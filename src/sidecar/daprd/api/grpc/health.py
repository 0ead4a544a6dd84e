"""``grpc.health.v1.Health`` on the API port: whether applications may call, as ``healthz/outbound`` says it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from dapr_core.proto.gen.grpc.health.v1 import health_pb2 as pb
from dapr_core.proto.gen.grpc.health.v1.health_grpc import HealthBase
from dapr_core.rpc.grpc.service import ServerContext
from dapr_core.rpc.grpc.status import Code, GrpcError
from daprd.api.grpc.table import SERVICE

SERVICES: Final = ("", SERVICE.strip("/"))
_UNKNOWN, _SERVING, _NOT_SERVING, _SERVICE_UNKNOWN = range(4)
_LOOK_AGAIN: Final = 0.5
"""Seconds between two looks on behalf of a client that watches."""


class ApiHealth(HealthBase):
    """Health of the API: of the whole server (the empty name) and of the Dapr service."""

    def __init__(self, serving: Callable[[], bool]) -> None:
        self._serving = serving

    async def check(self, request: pb.HealthCheckRequest, context: ServerContext) -> pb.HealthCheckResponse:
        """The status now. Raises ``GrpcError`` (NOT_FOUND) for a service that nobody knows."""
        if request.service not in SERVICES:
            raise GrpcError(Code.NOT_FOUND, "unknown service")
        return pb.HealthCheckResponse(status=self._status())

    async def list(self, request: pb.HealthListRequest, context: ServerContext) -> pb.HealthListResponse:
        """The status of every service."""
        answer = pb.HealthListResponse()
        for name in SERVICES:
            answer.statuses[name].status = self._status()
        return answer

    async def watch(
        self, request: pb.HealthCheckRequest, context: ServerContext
    ) -> AsyncIterator[pb.HealthCheckResponse]:
        """The status, and again whenever it has changed."""
        known = request.service in SERVICES
        told = None
        while True:
            status = self._status() if known else _SERVICE_UNKNOWN
            if status != told:
                told = status
                yield pb.HealthCheckResponse(status=status)
            await asyncio.sleep(_LOOK_AGAIN)

    def _status(self) -> int:
        return _SERVING if self._serving() else _NOT_SERVING
