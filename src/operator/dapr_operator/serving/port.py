"""The listener of the service: mutual TLS, for every workload an anchor vouches for (control-plane.md §2.6, §4.2)."""

from __future__ import annotations

import logging
import ssl
from typing import Final

from dapr_core.process.health import Target
from dapr_core.process.service import Service
from dapr_core.rpc.grpc import GrpcServer
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT
from dapr_operator.serving.service import OperatorApi

log = logging.getLogger("dapr.operator.api")

HEALTH_TARGET: Final = "operator-api-server"
GRACE: Final = 5.0
"""Seconds for calls in flight at the end."""
_HANDSHAKE: Final = 10.0


class ApiPort(Service):
    """Serves the API. ``bound_port`` tells the port where 0 was asked for."""

    name = "gRPC server"
    stop_limit = GRACE + 3.0

    def __init__(
        self, server: GrpcServer, api: OperatorApi, host: str, port: int, context: ssl.SSLContext, *, health: Target
    ) -> None:
        self._server = server
        self._api = api
        self._host = host
        self._context = context
        self._health = health
        self.bound_port = port

    async def start(self) -> None:
        """Listen. Raises ``OSError``, with the address in its text, when that cannot be."""
        log.info("Starting gRPC server on %s:%d", self._host, self.bound_port)
        try:
            sockets = await self._server.listen(
                self._host,
                self.bound_port,
                ssl=self._context,
                ssl_handshake_timeout=_HANDSHAKE,
                ssl_shutdown_timeout=SHUTDOWN_TIMEOUT,
            )
        except OSError as error:
            where = f"{self._host}:{self.bound_port}"
            raise OSError(error.errno, f"failed to listen on {where}: {error.strerror}") from None
        self.bound_port = sockets[0].getsockname()[1]
        self._health.ready()

    async def stop(self) -> None:
        """Begin no more streams, end those there are, finish calls in flight."""
        self._health.not_ready()
        self._api.close()
        await self._server.stop(GRACE)
