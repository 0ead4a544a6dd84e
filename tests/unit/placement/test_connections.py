"""Under TLS what is written goes to the transport in small pieces, in order and whole; in the clear as it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dapr_placement.server.connections import PIECE, PlacementServer


class FakeTransport(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self, *, tls: bool) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self._tls = tls

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "ssl_object":
            return object() if self._tls else None
        return ("127.0.0.1", 1) if name == "peername" else default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None: ...


@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "in the clear"])
def test_a_large_write_is_cut_only_under_tls(tls: bool) -> None:
    async def work() -> list[bytes]:
        connection = PlacementServer().protocol()
        transport = FakeTransport(tls=tls)
        connection.connection_made(transport)
        await asyncio.sleep(0)
        transport.writes.clear()
        assert connection.transport is not None
        connection.transport.write(bytes(range(256)) * 100)
        connection.transport.writelines([b"a" * 10, b"b" * PIECE])
        connection.connection_lost(None)
        return transport.writes

    writes = asyncio.run(work())
    assert b"".join(writes) == bytes(range(256)) * 100 + b"a" * 10 + b"b" * PIECE
    assert (max(map(len, writes)) <= PIECE) is tls
