"""The gRPC server of placement, whose connections are many, last, and say little: under TLS each has to be small.

Three things would make it large, and are kept from it. The event loop's own TLS has a buffer of 256 KiB for what comes
in, which is real memory wherever the C library has used it for something else before. OpenSSL's memory BIO keeps a
buffer as large as the largest write that ever went through it: a table handed over whole would stay with every one of a
thousand sidecars, and passes by in pieces. And the peer's certificate is kept as text that nobody reads.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.sslproto import SSLProtocol
from collections.abc import Iterable
from typing import Any, Final, cast

from dapr_core.rpc.grpc import GrpcServer, ServerConnection
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT

PIECE: Final = 4_096
"""Bytes handed to a TLS transport at once."""
INCOMING: Final = 2_048
"""Bytes read at once: what sidecars say is shorter."""


class PlacementServer(GrpcServer):
    """Serves streams that are many and mostly silent."""

    def protocol(self) -> ServerConnection:
        return _Connection(self)

    async def listen(self, host: str, port: int, *, backlog: int = 1024, **options: Any) -> list[socket.socket]:
        context = options.pop("ssl", None)
        if context is None:
            return await super().listen(host, port, backlog=backlog, **options)
        loop = asyncio.get_running_loop()
        limit = options.pop("ssl_handshake_timeout", self.handshake_timeout)

        def secured() -> asyncio.BaseProtocol:
            return _SmallTls(
                loop, self.protocol(), context, None,  # type: ignore[arg-type]  # nobody waits for the handshake
                server_side=True, ssl_handshake_timeout=limit, ssl_shutdown_timeout=SHUTDOWN_TIMEOUT,
            )  # fmt: skip

        server = await loop.create_server(secured, host, port, backlog=backlog, **options)
        self._listeners.append(server)
        return list(server.sockets)


class _SmallTls(SSLProtocol):
    """The standard library's TLS, as its own event loops use it, with little memory for each connection."""

    max_size = INCOMING

    def _on_handshake_complete(self, error: BaseException | None) -> None:
        super()._on_handshake_complete(error)
        self._extra.pop("peercert", None)


class _Connection(ServerConnection):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if transport.get_extra_info("ssl_object") is not None:
            transport = cast(asyncio.Transport, _Piecewise(cast(asyncio.Transport, transport)))
        super().connection_made(transport)


class _Piecewise:
    """A transport that writes a piece at a time; in all else the one it stands for."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        write = self._transport.write
        if len(data) <= PIECE:
            write(data)
            return
        view = memoryview(data)
        for at in range(0, len(view), PIECE):
            write(view[at : at + PIECE])

    def writelines(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
