"""The health port of a control-plane service: ``/healthz`` over HTTP, and what else it shows there (control-plane.md
§3.6)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping

from dapr_core.process.health import HealthRegistry
from dapr_core.process.service import Service
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Handler, Request, Response

log = logging.getLogger("dapr.runtime")


class HealthPort(Service):
    """Serves a health registry, and by ``routes`` other paths. ``port`` 0 takes any; ``bound_port`` tells which."""

    name = "health port"
    stop_limit = 5.0

    def __init__(
        self, registry: HealthRegistry, host: str, port: int, *, routes: Mapping[bytes, Handler] | None = None
    ) -> None:
        self.registry = registry
        self.routes = dict(routes or {})
        self.host = host
        self.port = port
        self.bound_port = port
        self._server: HTTP1Server | None = None

    async def start(self) -> None:
        """Listen. Raises ``OSError`` with the address in its text when it cannot."""
        self._server = HTTP1Server(self.handle, Limits(max_body=64 * 1024, max_connections=64))
        try:
            bound = await self._server.serve_tcp(self.host or None, self.port)
        except OSError as error:
            raise OSError(error.errno, f"failed to listen on {self.host}:{self.port}: {error.strerror}") from None
        self.bound_port = bound[0][1]
        log.info("Healthz server is listening on %s:%d", self.host or "[::]", self.bound_port)

    def handle(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request by its path."""
        route = self.routes.get(request.target.split(b"?")[0])
        return self.registry.handle(request) if route is None else route(request)

    async def stop(self) -> None:
        """Stop listening and close."""
        if self._server is not None:
            await self._server.close()
