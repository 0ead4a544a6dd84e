"""The metrics port: the registry in text form on every path, as the original serves it (observability.md §1)."""

from __future__ import annotations

import logging
from typing import Final

from dapr_core.process.health import HealthRegistry
from dapr_core.process.service import Service
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response
from dapr_core.telemetry.exposition import CONTENT_TYPE, exposition
from dapr_core.telemetry.metrics import Registry

log = logging.getLogger("dapr.runtime")

HEALTH_TARGET: Final = "metrics-exporter"


class MetricsEndpoint(Service):
    """Serves a registry over HTTP. ``port`` 0 takes any; ``bound_port`` tells which."""

    name = "metrics endpoint"
    stop_limit = 5.0

    def __init__(self, registry: Registry, host: str, port: int, *, health: HealthRegistry | None = None) -> None:
        self.registry = registry
        self.host = host
        self.port = port
        self.bound_port = port
        self._target = health.target(HEALTH_TARGET) if health is not None else None
        self._server: HTTP1Server | None = None

    async def start(self) -> None:
        """Listen. Raises ``OSError`` with the address in its text when it cannot."""
        self._server = HTTP1Server(self.handle, Limits(max_body=64 * 1024, max_connections=64))
        try:
            bound = await self._server.serve_tcp(self.host or None, self.port)
        except OSError as error:
            raise OSError(error.errno, f"failed to listen on {self.host}:{self.port}: {error.strerror}") from None
        self.bound_port = bound[0][1]
        log.info("metrics server started on %s:%d/", self.host, self.bound_port)
        if self._target is not None:
            self._target.ready()

    async def stop(self) -> None:
        """Stop listening and close."""
        if self._target is not None:
            self._target.not_ready()
        if self._server is not None:
            await self._server.close()

    def handle(self, request: Request) -> Response:
        """Answer with the exposition, whatever the path."""
        if request.method not in ("GET", "HEAD"):
            return Response(405, [(b"allow", b"GET, HEAD")])
        return Response(200, [(b"content-type", CONTENT_TYPE)], exposition(self.registry))
