"""The gRPC server of placement: under TLS it hands a table to OpenSSL in small pieces.

OpenSSL's memory BIO keeps a buffer as large as the largest write that ever went through it, one for each connection. A
table handed over whole would stay with every one of a thousand sidecars; in pieces of a record's size it passes by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final, cast

from dapr_core.rpc.grpc import GrpcServer, ServerConnection

PIECE: Final = 8_192
"""Bytes handed to a TLS transport at once."""


class PlacementServer(GrpcServer):
    """Serves streams that are many and mostly silent."""

    def protocol(self) -> ServerConnection:
        return _Connection(self)


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
