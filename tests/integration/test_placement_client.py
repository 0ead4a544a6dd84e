"""The sidecar's place among the hosts, with a real placement service at the other end (actors-placement.md §3.3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from support.placement_process import PlacementProcess, placement
from support.ports import free_ports
from support.processes import wait_until

from dapr_core.rpc.grpc import Channel, ChannelOptions
from daprd.blocks.actors.claims import Claims, RebalancedError
from daprd.blocks.actors.placement import Membership, PlacementClient


class Home:
    """Notes what it is told; lets calls end for ``drain`` seconds."""

    def __init__(self, claims: Claims, *types: str, drain: float = 1.0) -> None:
        self.hosted = list(types)
        self.claims = claims
        self.drain = drain
        self.changed: list[frozenset[str]] = []
        self.rounds = 0
        self.losses = 0
        self.may_end = asyncio.Event()
        """Set while calls under way end as soon as placement is lost."""
        self.may_end.set()

    def types(self) -> Sequence[str]:
        return self.hosted

    async def rebalance(self, changed: frozenset[str]) -> None:
        self.changed.append(changed)
        await self.claims.drain(dict.fromkeys(changed, self.drain))

    async def unlocked(self) -> None:
        self.rounds += 1

    async def lost(self) -> None:
        self.losses += 1
        await self.may_end.wait()


class Member:
    """One sidecar's client."""

    def __init__(self, name: str, *types: str, addresses: Sequence[str], dissemination: float = 5.0) -> None:
        self.claims = Claims()
        self.home = Home(self.claims, *types)
        self._addresses = list(addresses)
        membership = Membership(address=f"{name}:50002", app_id=name, namespace="default", dissemination=dissemination)
        self.client = PlacementClient(membership, self._connect, self.claims, self.home)

    async def _connect(self) -> Channel:
        address = self._addresses[0]
        self._addresses = [*self._addresses[1:], address]
        channel = Channel(address, ChannelOptions())
        try:
            await channel.connect()
        except BaseException:
            await channel.close()
            raise
        return channel

    async def owner(self, actor_type: str, actor_id: str) -> str:
        return (await self.claims.wait_for(actor_type)).owner(actor_type, actor_id).name


@contextlib.asynccontextmanager
async def running(*members: Member) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(member.client.run()) for member in members]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run(main: Callable[[], Awaitable[Any]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(60):
            await main()

    asyncio.run(limited())


async def until(check: Callable[[], bool]) -> None:
    while not check():
        await asyncio.sleep(0.01)


@pytest.fixture
def service() -> Any:
    with placement() as process:
        process.wait_leading()
        yield process


def test_two_hosts_agree_on_every_actors_home(service: PlacementProcess) -> None:
    async def main() -> None:
        one = Member("one", "cat", addresses=[service.address])
        two = Member("two", "cat", "dog", addresses=[service.address])
        async with running(one, two):
            await until(lambda: all(len(m.claims.table.rings) == 2 for m in (one, two) if m.claims.table) and bool(
                one.claims.table and len(one.claims.table.rings["cat"].hosts) == 2
            ))  # fmt: skip
            homes = {name: await one.owner("cat", name) for name in map(str, range(50))}
            assert set(homes.values()) == {"one:50002", "two:50002"}
            assert {name: await two.owner("cat", name) for name in homes} == homes
            assert await one.owner("dog", "rex") == "two:50002"

    run(main)


def test_a_sidecar_without_types_learns_where_others_live(service: PlacementProcess) -> None:
    async def main() -> None:
        host = Member("host", "cat", addresses=[service.address])
        client = Member("client", addresses=[service.address])
        async with running(host):
            await host.owner("cat", "tom")
            async with running(client):
                assert await client.owner("cat", "tom") == "host:50002"
                assert client.client.connected

    run(main)


def test_types_that_come_and_go_are_reported(service: PlacementProcess) -> None:
    async def main() -> None:
        host = Member("host", "cat", addresses=[service.address])
        async with running(host):
            await host.owner("cat", "tom")
            host.home.hosted = ["dog"]
            await host.client.report()
            await until(lambda: bool(host.home.changed) and host.home.changed[-1] == {"cat", "dog"})
            assert await host.owner("dog", "rex") == "host:50002"

    run(main)


def test_calls_of_types_that_do_not_change_go_on_through_a_round(service: PlacementProcess) -> None:
    async def main() -> None:
        host = Member("host", "cat", addresses=[service.address])
        other = Member("other", "dog", addresses=[service.address])
        async with running(host):
            await host.owner("cat", "tom")
            release = asyncio.Event()

            async def call() -> str:
                async with host.claims.claim("cat"):
                    await release.wait()
                return "undisturbed"

            calling = asyncio.create_task(call())
            async with running(other):
                await until(lambda: host.claims.table is not None and "dog" in host.claims.table.rings)
                assert await host.owner("dog", "rex") == "other:50002"
                release.set()
                assert await calling == "undisturbed"

    run(main)


def test_calls_of_types_that_change_are_cancelled_in_the_end(service: PlacementProcess) -> None:
    async def main() -> None:
        host = Member("host", "cat", addresses=[service.address])
        host.home.drain = 0.05
        other = Member("other", "cat", addresses=[service.address])
        async with running(host):
            await host.owner("cat", "tom")

            async def call() -> None:
                async with host.claims.claim("cat"):
                    await asyncio.Event().wait()

            calling = asyncio.create_task(call())
            async with running(other):
                with pytest.raises(RebalancedError):
                    await calling
                await other.owner("cat", "tom")

    run(main)


def test_a_placement_that_is_lost_takes_the_table_and_comes_back(service: PlacementProcess) -> None:
    async def main() -> None:
        host = Member("host", "cat", addresses=[service.address])
        async with running(host):
            await host.owner("cat", "tom")
            await asyncio.to_thread(service.terminate, 9)
            await until(lambda: host.home.losses == 1)
            assert host.claims.open_for("cat") is None
            assert not host.client.connected
            again = PlacementProcess(f"--port={service.port}")
            try:
                assert await host.owner("cat", "tom") == "host:50002"
            finally:
                await asyncio.to_thread(again.terminate)

    run(main)


def test_the_next_placement_is_sought_while_calls_end_and_its_table_waits_for_them(service: PlacementProcess) -> None:
    async def main() -> None:
        host = Member("host", "cat", addresses=[service.address])
        async with running(host):
            await host.owner("cat", "tom")
            host.home.may_end.clear()
            await asyncio.to_thread(service.terminate, 9)
            await until(lambda: host.home.losses == 1)
            again = PlacementProcess(f"--port={service.port}")
            try:
                await asyncio.to_thread(again.wait_ready)
                other = Member("other", "dog", addresses=[service.address])
                async with running(other):
                    await asyncio.to_thread(wait_until, lambda: len(again.hosts()) == 1, what="the report")
                    asking = asyncio.create_task(other.owner("dog", "rex"))
                    await asyncio.sleep(0.2)
                    assert host.claims.table is None
                    assert host.home.losses == 1
                    host.home.may_end.set()
                    assert await host.owner("cat", "tom") == "host:50002"
                    assert await asking == "other:50002"
            finally:
                host.home.may_end.set()
                await asyncio.to_thread(again.terminate)

    run(main)


def test_an_address_where_nobody_is_is_passed_over(service: PlacementProcess) -> None:
    async def main() -> None:
        nobody = f"127.0.0.1:{free_ports(1)[0]}"
        host = Member("host", "cat", addresses=[nobody, service.address])
        async with running(host):
            assert await host.owner("cat", "tom") == "host:50002"

    run(main)
