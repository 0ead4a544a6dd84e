"""Which placement is asked, and how often (actors-placement.md §3.3)."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from dapr_core.rpc.grpc import GrpcError, GrpcServer
from daprd.runtime.placementdial import PROBING, PlacementDial


async def _servers(count: int) -> tuple[list[GrpcServer], list[str]]:
    servers = [GrpcServer() for _ in range(count)]
    bound = [(await server.listen("127.0.0.1", 0))[0] for server in servers]
    return servers, [f"127.0.0.1:{each.getsockname()[1]}" for each in bound]


def test_addresses_are_taken_in_turn() -> None:
    async def main() -> None:
        servers, addresses = await _servers(3)
        dial = PlacementDial(addresses, None)
        asked = []
        for _ in range(5):
            channel = await dial()
            asked.append(channel.target)
            await channel.close()
        assert asked == [*addresses, *addresses[:2]]
        for server in servers:
            await server.stop(0)

    asyncio.run(main())


def test_an_address_where_nobody_is_is_an_error_and_the_next_is_taken_after_it() -> None:
    async def main() -> None:
        servers, addresses = await _servers(1)
        with socket.create_server(("127.0.0.1", 0)) as gone:
            nobody = f"127.0.0.1:{gone.getsockname()[1]}"
        dial = PlacementDial([nobody, *addresses], None)
        with pytest.raises(GrpcError):
            await dial()
        channel = await dial()
        assert channel.target == addresses[0]
        await channel.close()
        await servers[0].stop(0)

    asyncio.run(main())


def test_one_that_sends_us_away_for_asking_is_asked_half_as_often() -> None:
    async def main() -> None:
        servers, addresses = await _servers(2)
        dial = PlacementDial(addresses, None)
        channel = await dial()
        assert channel.keepalive == PROBING
        channel.probe_less()
        await channel.close()
        other = await dial()
        assert other.keepalive == PROBING
        await other.close()
        again = await dial()
        assert again.keepalive.interval == 2.4
        await again.close()
        for server in servers:
            await server.stop(0)

    asyncio.run(main())


def test_in_a_cluster_the_name_is_resolved_for_each_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        servers, addresses = await _servers(1)
        port = addresses[0].rpartition(":")[2]
        names: list[str] = []

        async def getaddrinfo(host: str, port: str, **_: Any) -> list[Any]:
            names.append(host)
            return [(0, 0, 0, "", ("127.0.0.1", int(port)))] * 2

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        dial = PlacementDial([f"dapr-placement-server:{port}", "ignored:1"], None, resolve=True)
        for _ in range(2):
            channel = await dial()
            assert channel.target == f"127.0.0.1:{port}"
            await channel.close()
        assert names.count("dapr-placement-server") == 2
        await servers[0].stop(0)

    asyncio.run(main())
