"""The listener of the gRPC service, in the clear or under mutual TLS."""

from __future__ import annotations

import logging
import ssl
from typing import Final

from dapr_core.process.health import Target
from dapr_core.process.service import Service
from dapr_core.rpc.grpc import GrpcServer

log = logging.getLogger("dapr.placement.server")

GRACE: Final = 2.0
"""Seconds for the last words to sidecars at the end."""


class GrpcPort(Service):
    """Serves on a port. ``port`` 0 takes any; ``bound_port`` tells which."""

    name = "gRPC server"
    stop_limit = GRACE + 3.0

    def __init__(
        self,
        server: GrpcServer,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        *,
        health: Target,
    ) -> None:
        self._server = server
        self._host = host
        self._port = port
        self._context = context
        self._health = health
        self.bound_port = port

    async def start(self) -> None:
        """Listen. Raises ``OSError`` with the address in its text when it cannot."""
        tls = {} if self._context is None else {"ssl": self._context, "ssl_handshake_timeout": 10.0}
        try:
            # All sidecars of a cluster may come at once, when a leader is gone.
            sockets = await self._server.listen(self._host, self._port, backlog=4096, **tls)
        except OSError as error:
            raise OSError(error.errno, f"failed to listen on {self._host}:{self._port}: {error.strerror}") from None
        self.bound_port = sockets[0].getsockname()[1]
        log.info("Placement service started on port %d", self.bound_port)
        log.info("Running Placement gRPC server on %s:%d", self._host or "[::]", self.bound_port)
        self._health.ready()

    async def stop(self) -> None:
        """Take no more connections, and close those of sidecars, who have been sent away by then."""
        self._health.not_ready()
        await self._server.stop(GRACE)
        log.info("Placement GRPC server stopped")
