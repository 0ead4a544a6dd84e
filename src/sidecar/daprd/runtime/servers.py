"""The sidecar's listeners: HTTP API, gRPC API, public port, and the port for other sidecars (api.md §7.3).

The internal port is bound before anything is announced and served later, so that no other process can take it in
between. Binding an API port tries every address given and fails only when none could be bound.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from dapr_core.identity.handshakes import Sparing
from dapr_core.process.service import Service
from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.h2.protocol import Admit
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Handler
from dapr_core.truth import is_truthy
from daprd.api.http.server import socket_path
from daprd.mesh.keepalive import SERVING

runtime_log = logging.getLogger("dapr.runtime")
http_log = logging.getLogger("dapr.runtime.http")
grpc_log = logging.getLogger("dapr.runtime.grpc.api")
internal_log = logging.getLogger("dapr.runtime.grpc.internal")

HTTP_DRAIN = 10.0
"""Seconds that requests in flight get when the HTTP server stops (api.md §7.2)."""

NO_H2C = "DAPR_HTTP_DISABLE_H2C"
"""The environment variable that keeps HTTP/2 off the HTTP API's port (api.md §1.1)."""


class ListenError(Exception):
    """A port could not be bound; the text names it and the remedy."""


class HttpApi(Service):
    """The HTTP API, on TCP addresses or on a Unix socket."""

    name = "HTTP API server"
    stop_limit = HTTP_DRAIN + 2

    def __init__(
        self,
        handler: Handler,
        limits: Limits,
        addresses: Sequence[str],
        port: int,
        *,
        socket_directory: str,
        app_id: str,
    ) -> None:
        self._handler = handler
        self._limits = limits
        self._addresses = addresses or ("",)
        self._port = port
        self._socket_directory = socket_directory
        self._app_id = app_id
        self._server: HTTP1Server | None = None

    async def start(self) -> None:
        """Listen. Raises ``ListenError``."""
        self._server = HTTP1Server(self._handler, self._limits, http2=not is_truthy(os.environ.get(NO_H2C)))
        if self._socket_directory:
            path = str(socket_path(self._socket_directory, self._app_id, "http"))
            await self._server.serve_unix(path)
            http_log.info("HTTP server listening on Unix Domain Socket: %s", path)
            return
        await listen_any(self._server, self._addresses, self._port, http_log)

    async def stop(self) -> None:
        """Answer what is in flight, then close."""
        if self._server is not None:
            for address in () if self._socket_directory else self._addresses:
                http_log.info("Closing HTTP server %s:%d…", address, self._port)
            await self._server.drain(HTTP_DRAIN)
            await self._server.close()


class ProfilerPort(Service):
    """The profiler, on the addresses of the API."""

    name = "profiling server"
    stop_limit = 2.0

    def __init__(self, addresses: Sequence[str], port: int) -> None:
        self._addresses = addresses or ("",)
        self._port = port
        self._server: HTTP1Server | None = None

    async def start(self) -> None:
        """Listen. Raises ``ListenError``."""
        from daprd.runtime.profiling import Profiler  # only who asks for it loads it

        self._server = HTTP1Server(Profiler().handle)
        try:
            await listen_any(self._server, self._addresses, self._port, http_log)
        except ListenError as error:
            raise ListenError(f"could not listen on any endpoint for profiling API: {error}") from error
        http_log.info("HTTP profiling server listening on: port %d", self._port)

    async def stop(self) -> None:
        """Close."""
        if self._server is not None:
            await self._server.close()


class PublicApi(Service):
    """Health and metadata for whoever may not have more."""

    name = "public server"
    stop_limit = 5.0

    def __init__(self, handler: Handler, limits: Limits, address: str, port: int) -> None:
        self._handler = handler
        self._limits = limits
        self._address = address
        self._port = port
        self._server: HTTP1Server | None = None

    async def start(self) -> None:
        """Listen. Raises ``ListenError``."""
        self._server = HTTP1Server(self._handler, self._limits)
        await listen_any(self._server, (self._address,), self._port, http_log)

    async def stop(self) -> None:
        """Close."""
        if self._server is not None:
            http_log.info("Closing HTTP server %s:%d…", self._address, self._port)
            await self._server.drain(1.0)
            await self._server.close()


async def listen_any(server: HTTP1Server, addresses: Sequence[str], port: int, log: logging.Logger) -> None:
    """Listen on every address that can be bound. Raises ``ListenError`` when there is none."""
    failures: list[str] = []
    for address in addresses:
        try:
            bound = await server.serve_tcp(address or None, port)
        except OSError as error:
            failures.append(f"{address or '*'}:{port}: {error.strerror or error}")
            log.warning("Failed to listen on %s", failures[-1])
        else:
            log.info("HTTP server listening on TCP address: %s:%d", address or "", bound[0][1])
    if len(failures) == len(addresses):
        raise ListenError(_no_endpoint(failures))


class GrpcApi(Service):
    """The gRPC API, on TCP addresses or on a Unix socket."""

    name = "gRPC API server"
    stop_limit = 10.0

    def __init__(self, server: GrpcServer, addresses: Sequence[str], port: int, *, unix_path: str) -> None:
        self._server = server
        self._addresses = addresses or ("",)
        self._port = port
        self._unix_path = unix_path

    async def start(self) -> None:
        """Listen. Raises ``ListenError``."""
        if self._unix_path:
            await self._server.listen_unix(self._unix_path)
            grpc_log.info("gRPC server listening on Unix Domain Socket: %s", self._unix_path)
            return
        failures: list[str] = []
        for address in self._addresses:
            try:
                await self._server.listen(address, self._port)
            except OSError as error:
                failures.append(f"{address or '*'}:{self._port}: {error.strerror or error}")
                grpc_log.warning("Failed to listen on %s", failures[-1])
            else:
                grpc_log.info("gRPC server listening on TCP address: %s:%d", address, self._port)
        if len(failures) == len(self._addresses):
            raise ListenError(_no_endpoint(failures))

    async def stop(self) -> None:
        """Let calls in flight finish for a while, then close."""
        await self._server.stop(5.0)
        if self._unix_path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._unix_path)


@dataclass(frozen=True, slots=True)
class MutualTls:
    """How the port for other sidecars proves who it is, and whom it lets in."""

    context: ssl.SSLContext
    admit: Admit


class InternalPort(Service):
    """The port for other sidecars: bound at once, served when ``start`` is called; in clear text without ``tls``."""

    name = "internal gRPC server"
    stop_limit = 10.0

    def __init__(
        self, address: str, port: int, preferred: int, *, message_limit: int, tls: MutualTls | None = None
    ) -> None:
        """Bind ``port``; 0 tries ``preferred`` and then any free one.

        Raises:
            ListenError: the port asked for cannot be bound.
        """
        self._tls = None if tls is None else tls.context
        admit = None if tls is None else tls.admit
        self.server = GrpcServer(message_limit=message_limit, keepalive=SERVING, admit=admit)
        self.server.on_stranger = self._refused
        self._strangers = Sparing(logger=internal_log)
        self._address = address
        self._sockets = _bind(address, port, preferred)
        self.port: int = self._sockets[0].getsockname()[1]

    async def start(self) -> None:
        """Serve the bound port."""
        for bound in self._sockets:
            await self.server.listen_on(bound, tls=self._tls)
        internal_log.info("gRPC server listening on pre-bound TCP address: %s:%d", self._address or "[::]", self.port)

    def _refused(self, reason: str) -> None:
        remedy = "; sidecars that are to call one another are all started with --enable-mtls, or none"
        self._strangers.tell(f"Refused a connection: {reason}{remedy if 'TLS' in reason else ''}")

    async def stop(self) -> None:
        """Let calls in flight finish for a while, then close."""
        await self.server.stop(5.0)
        for bound in self._sockets:
            bound.close()


def _bind(address: str, port: int, preferred: int) -> list[socket.socket]:
    first = port or preferred
    try:
        return _sockets(address, first)
    except OSError as error:
        if port:
            raise ListenError(
                f"the internal gRPC port {address or '*'}:{port} cannot be bound: {error.strerror or error}; "
                "free it or set --dapr-internal-grpc-port"
            ) from error
        return _sockets(address, 0)


def _sockets(address: str, port: int) -> list[socket.socket]:
    """Listening sockets on one address, or on all of both families under one port."""
    if address:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [socket.create_server((address, port), family=family, backlog=1024)]
    if socket.has_dualstack_ipv6():
        try:
            return [socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)]
        except OSError:
            return [socket.create_server(("", port), backlog=1024)]
    return [socket.create_server(("", port), backlog=1024)]


def _no_endpoint(failures: Sequence[str]) -> str:
    return f"could not listen on any endpoint: {'; '.join(failures)}"
