"""A gRPC server: methods by full path, on connections that a listener accepts or another protocol hands over."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from mypy_extensions import mypyc_attr

from dapr_core.rpc.deadlines import Deadlines
from dapr_core.rpc.grpc.messages import DEFAULT_MESSAGE_LIMIT
from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.keepalive import KeepAlive
from dapr_core.rpc.h2.protocol import Admit, H2Protocol
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT

KEEPALIVE = KeepAlive(interval=7200.0, timeout=20.0, without_calls=True)
"""How a server looks after its clients unless told otherwise: as grpc-go's servers do."""


@mypyc_attr(allow_interpreted_subclasses=True)
class GrpcServer:
    """Methods, limits, and the connections they are served on.

    ``message_limit`` bounds one received message in octets. ``keepalive`` is how clients are probed and let go.
    ``admit`` decides on each connection by the certificate its client showed. Connections beyond ``max_connections``
    are turned away by GOAWAY.
    """

    def __init__(
        self,
        *,
        config: H2Config | None = None,
        message_limit: int = DEFAULT_MESSAGE_LIMIT,
        keepalive: KeepAlive = KEEPALIVE,
        handshake_timeout: float = 10.0,
        admit: Admit | None = None,
        max_connections: int = 16_384,
    ) -> None:
        self.config = replace(
            config or H2Config(max_header_list_size=message_limit), min_ping_interval=keepalive.min_ping_interval
        )
        self.message_limit = message_limit
        self.keepalive = keepalive
        self.handshake_timeout = handshake_timeout
        self.admit = admit
        self.max_connections = max_connections
        self.connections: set[ServerConnection] = set()
        self.fallback: MethodFactory | None = None
        """Serves every path that is not registered, for proxying; None answers UNIMPLEMENTED."""
        self.on_stranger: Callable[[str], None] | None = None
        """Hears why a connection was closed whose peer did not begin as HTTP/2 does."""
        self.on_broken: Callable[[ServerStream, GrpcError], None] | None = None
        """Hears of each call that is refused before its method has the message, such as one that is too large."""
        self._methods: dict[bytes, MethodFactory] = {}
        self._services: set[str] = set()
        self._listeners: list[asyncio.Server] = []
        self._deadlines: Deadlines | None = None
        self.draining = False

    def register(self, path: str, factory: MethodFactory) -> None:
        """Serve ``/package.Service/Method``. Raises ValueError for a path of another form or a second registration."""
        service, _, method = path.removeprefix("/").partition("/")
        if not path.startswith("/") or not service or not method or "/" in method:
            raise ValueError(f"not a method path: {path!r}; expected /package.Service/Method")
        if path.encode() in self._methods:
            raise ValueError(f"{path} is registered twice")
        self._methods[path.encode()] = factory
        self._services.add(service)

    def add_service(self, service: Any) -> None:
        """Serve every method of a typed service (a generated ``…Base`` subclass)."""
        from dapr_core.rpc.grpc.service import listener_factory

        for method in service.methods():
            self.register(f"/{service.SERVICE}/{method.name}", listener_factory(method))

    def route(self, path: bytes) -> MethodFactory:
        """The factory for a path. Raises GrpcError (UNIMPLEMENTED), worded as grpc-go words it."""
        factory = self._methods.get(path) or self.fallback
        if factory is not None:
            return factory
        service, _, method = path.decode("utf-8", "replace").removeprefix("/").rpartition("/")
        if not service:
            raise GrpcError(Code.UNIMPLEMENTED, f'malformed method name: "{path.decode("utf-8", "replace")}"')
        if service in self._services:
            raise GrpcError(Code.UNIMPLEMENTED, f"unknown method {method} for service {service}")
        raise GrpcError(Code.UNIMPLEMENTED, f"unknown service {service}")

    @property
    def deadlines(self) -> Deadlines:
        """The deadlines of all calls of this server."""
        if self._deadlines is None:
            self._deadlines = Deadlines(asyncio.get_running_loop())
        return self._deadlines

    def protocol(self) -> ServerConnection:
        """A protocol for one new connection: what a listener calls, or the ``h2_factory`` of an HTTP/1.1 server. Or
        call its ``adopt`` with a transport and the bytes already read from it, HTTP/2 preface included."""
        return ServerConnection(self)

    async def listen(self, host: str, port: int, *, backlog: int = 1024, **options: Any) -> list[socket.socket]:
        """Listen on an address (port 0: any free one); ``options`` go to ``loop.create_server``. Raises OSError."""
        loop = asyncio.get_running_loop()
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", self.handshake_timeout)
            options.setdefault("ssl_shutdown_timeout", SHUTDOWN_TIMEOUT)
        server = await loop.create_server(self.protocol, host, port, backlog=backlog, **options)
        self._listeners.append(server)
        # declared as a tuple, which uvloop's is not, and compiled code looks
        return list(cast(Any, server).sockets)

    async def listen_on(self, bound: socket.socket, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a socket that is bound already; it is closed with the server."""
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {}
        if tls is not None:
            options = {"ssl_handshake_timeout": self.handshake_timeout, "ssl_shutdown_timeout": SHUTDOWN_TIMEOUT}
        listener = await loop.create_server(self.protocol, sock=bound, ssl=tls, **options)
        self._listeners.append(listener)

    async def listen_unix(self, path: str) -> None:
        """Listen on a Unix socket. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._listeners.append(await loop.create_unix_server(self.protocol, path))

    async def stop(self, grace: float) -> None:
        """Take no more connections or calls, let those in flight finish for ``grace`` seconds, then end them."""
        self.draining = True
        for listener in self._listeners:
            listener.close()
        connections = list(self.connections)
        for connection in connections:
            connection.drain()
        if connections:
            waits = [asyncio.ensure_future(connection.wait_closed()) for connection in connections]
            _, late = await asyncio.wait(waits, timeout=grace)
            for connection in list(self.connections):
                connection.close("server is shutting down")
            if late:
                _, late = await asyncio.wait(late, timeout=1.0)
            for connection in list(self.connections):
                connection.abort("server is shutting down")
            for wait in late:
                await wait
        self._listeners.clear()
        if self._deadlines is not None:
            self._deadlines.close()


@mypyc_attr(allow_interpreted_subclasses=True)
class ServerConnection(H2Protocol):
    """One accepted connection."""

    def __init__(self, server: GrpcServer) -> None:
        super().__init__(
            server.config,
            accept=self._accept,
            handshake_timeout=server.handshake_timeout,
            keepalive=server.keepalive,
            admit=server.admit,
            deadlines=server.deadlines,
        )
        self.server = server
        self.message_limit = server.message_limit
        self.deadlines = server.deadlines
        self.route: Callable[[bytes], Callable[[ServerStream], CallListener]] = server.route

    def _accept(self, core: Connection, stream_id: int) -> ServerStream:
        return ServerStream(self, core, stream_id)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        server = self.server
        server.connections.add(self)
        if server.draining:
            self.drain()
        elif len(server.connections) > server.max_connections and not self.core.closed:
            self.core.close(ErrorCode.ENHANCE_YOUR_CALM, "too many connections")
            super().connection_failed("too many connections")

    def connection_failed(self, reason: str) -> None:
        if self.server.on_stranger is not None and not self.core.greeted:
            self.server.on_stranger(reason)
        super().connection_failed(reason)

    def call_broken(self, stream: ServerStream, error: GrpcError) -> None:
        """A call is refused before its method has the message."""
        if self.server.on_broken is not None:
            self.server.on_broken(stream, error)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        super().connection_lost(exc)
