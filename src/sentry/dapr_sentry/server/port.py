"""The listener of the gRPC service: TLS that shows who sentry is and asks nobody else (control-plane.md §1.1)."""

from __future__ import annotations

import logging
import ssl

from dapr_core.process.health import Target
from dapr_core.process.service import Service
from dapr_core.rpc.grpc import GrpcServer
from dapr_sentry.server.gate import Gate

log = logging.getLogger("dapr.sentry.server")

GRACE = 5.0
"""Seconds for requests in flight at the end."""
HANDSHAKE_TIMEOUT = 10.0
"""Seconds that a handshake may take: whoever connects and says nothing is gone after them."""


class GrpcPort(Service):
    """Serves a gRPC server on a port. ``port`` 0 takes any; ``bound_port`` tells which."""

    name = "gRPC server"
    stop_limit = GRACE + 3.0

    def __init__(self, server: GrpcServer, host: str, port: int, context: ssl.SSLContext, *, health: Target) -> None:
        self._server = server
        self._host = host
        self._port = port
        self._gate = Gate(server.protocol, context, handshake_timeout=HANDSHAKE_TIMEOUT)
        self._health = health
        self.bound_port = port

    async def start(self) -> None:
        """Listen. Raises ``OSError`` with the address in its text when it cannot."""
        try:
            self.bound_port = await self._gate.open(self._host, self._port)
        except OSError as error:
            raise OSError(error.errno, f"failed to listen on {self._host}:{self._port}: {error.strerror}") from None
        log.info("Running gRPC server on port %d", self.bound_port)
        self._health.ready()

    async def wait_failed(self) -> None:
        """Wait until listening fails, and raise why."""
        await self._gate.wait_failed()

    async def stop(self) -> None:
        """Take no more requests, finish those in flight."""
        self._health.not_ready()
        await self._gate.close()
        await self._server.stop(GRACE)
        await self._gate.wait_closed()
