"""State of actors: keys, all or none, and what refuses (actors-placement.md §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.state.contract import StateStore
from dapr_components.state.in_memory import InMemoryStateStore
from dapr_core.errors import DaprError
from dapr_core.keys import StateKeys
from dapr_core.ring import Ring, RingHost
from daprd.blocks.actors.claims import Claims, RebalancedError
from daprd.blocks.actors.hosts import HostTable
from daprd.blocks.actors.memory import ActorState
from daprd.blocks.actors.store import ActorStore
from daprd.blocks.registry import Entry
from daprd.blocks.state.encryption import EncryptionKey, StateCipher
from daprd.blocks.state.loaded import LoadedStore
from daprd.blocks.state.values import DeleteItem, SaveItem


class Stage:
    def __init__(self, *, ttl: bool = False, cipher: StateCipher | None = None) -> None:
        self.cipher = cipher
        self.claims = Claims()
        self.claims.install(HostTable({"Cat": Ring([RingHost("a:1", "app")])}))
        self.claims.unblock()
        self.store: StateStore | None = None
        self.active = {("Cat", "tom")}
        self.state = ActorState("cats", self.lease, self.claims, lambda *actor: actor in self.active, ttl=ttl)

    async def begin(self) -> Stage:
        self.store = InMemoryStateStore(ComponentContext("mem", "state.in-memory", "v1", "cats", "default"))
        await self.store.init(Metadata())
        return self

    def lease(self) -> Entry[LoadedStore] | None:
        if self.store is None:
            return None
        keys = StateKeys({"keyPrefix": "name"}, app_id="cats", store="mem", namespace="")
        return Entry(LoadedStore("mem", self.store, keys, self.cipher))


def run(main: Callable[[], Awaitable[Any]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(10):
            await main()

    asyncio.run(limited())


async def refused(work: Awaitable[Any]) -> str:
    with pytest.raises(DaprError) as caught:
        await work
    return f"{caught.value.row.tag}: {caught.value}"


def test_keys_have_application_and_actor_before_them_whatever_the_stores_prefix_is() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        await stage.state.transact("Cat", "tom", [SaveItem("meal", {"fish": 1})])
        assert stage.store is not None
        assert (await stage.store.get("cats||Cat||tom||meal", metadata={})).data == b'{"fish":1}'
        assert (await stage.state.get("Cat", "tom", "meal")).data == b'{"fish":1}'
        assert not (await stage.state.get("Cat", "tim", "meal")).data

    run(main)


def test_several_values_come_in_the_order_asked_for() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        await stage.state.transact("Cat", "tom", [SaveItem("a", 1), SaveItem("b", 2)])
        got = await stage.state.get_many("Cat", "tom", ["b", "none", "a"])
        assert [each.data for each in got] == [b"2", None, b"1"]
        assert got[0].etag

    run(main)


def test_an_encrypted_store_keeps_an_actors_state_encrypted_and_gives_it_back_readable() -> None:
    async def main() -> None:
        stage = await Stage(cipher=StateCipher("mem", EncryptionKey("k", "00" * 16))).begin()
        await stage.state.transact("Cat", "tom", [SaveItem("meal", {"fish": 1})])
        assert stage.store is not None
        assert b"fish" not in ((await stage.store.get("cats||Cat||tom||meal", metadata={})).data or b"")
        assert (await stage.state.get("Cat", "tom", "meal")).data == b'{"fish":1}'
        assert (await stage.state.get_many("Cat", "tom", ["meal"]))[0].data == b'{"fish":1}'

    run(main)


def test_a_transaction_is_applied_in_order_and_all_or_none() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        await stage.state.transact(
            "Cat", "tom", [SaveItem("a", 1), DeleteItem("a"), SaveItem("b", 2), SaveItem("b", 3)]
        )
        assert not (await stage.state.get("Cat", "tom", "a")).data
        assert (await stage.state.get("Cat", "tom", "b")).data == b"3"
        stale = SaveItem("b", 5, etag="not-it")
        told = await refused(stage.state.transact("Cat", "tom", [SaveItem("a", 4), stale]))
        assert told.startswith("ERR_ACTOR_STATE_TRANSACTION_SAVE")
        assert not (await stage.state.get("Cat", "tom", "a")).data
        assert (await stage.state.get("Cat", "tom", "b")).data == b"3"

    run(main)


def test_only_active_actors_write() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        told = await refused(stage.state.transact("Cat", "tim", [SaveItem("a", 1)]))
        assert told == "ERR_ACTOR_INSTANCE_MISSING: actor instance is missing"

    run(main)


def test_without_a_store_every_request_says_how_to_get_one() -> None:
    async def main() -> None:
        stage = Stage()
        for work in (stage.state.get("Cat", "tom", "a"), stage.state.transact("Cat", "tom", [SaveItem("a", 1)])):
            told = await refused(work)
            assert told.startswith("ERR_ACTOR_RUNTIME_NOT_FOUND: ")
            assert "actorStateStore" in told

    run(main)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (SaveItem("", 1), "missing key"),
        (SaveItem("a", 1, metadata={"ttlInSeconds": "1"}), 'without the "ActorStateTTL" feature'),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_reason(item: SaveItem, text: str) -> None:
    async def main() -> None:
        stage = await Stage().begin()
        assert text in await refused(stage.state.transact("Cat", "tom", [item]))

    run(main)


def test_values_may_have_a_time_to_live_where_that_is_enabled() -> None:
    async def main() -> None:
        stage = await Stage(ttl=True).begin()
        await stage.state.transact("Cat", "tom", [SaveItem("a", 1, metadata={"ttlInSeconds": "100"})])
        assert "ttlExpireTime" in (await stage.state.get("Cat", "tom", "a")).metadata
        assert "soon" in await refused(
            stage.state.transact("Cat", "tom", [SaveItem("a", 1, metadata={"ttlInSeconds": "soon"})])
        )

    run(main)


def test_state_of_a_type_waits_while_its_hosts_change() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        stage.claims.install(HostTable({"Cat": Ring([RingHost("b:1", "app")])}))
        reading = asyncio.create_task(stage.state.get("Cat", "tom", "a"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not reading.done()
        stage.claims.unblock()
        await reading

    run(main)


def test_a_call_that_is_waited_for_uses_its_actors_state_to_the_end() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        begun, changing = asyncio.Event(), asyncio.Event()

        async def turn() -> None:
            async with stage.claims.claim("Cat"):
                begun.set()
                await changing.wait()
                await stage.state.transact("Cat", "tom", [SaveItem("meal", 1)])

        running = asyncio.create_task(turn())
        await begun.wait()
        stage.claims.install(HostTable({"Cat": Ring([RingHost("b:1", "app")])}))
        changing.set()  # before anybody has said that calls have time to end
        elsewhere = asyncio.create_task(stage.state.get("Cat", "tim", "meal"))
        assert await stage.claims.drain({"Cat": 5.0}) == ()
        await running
        assert not elsewhere.done()
        after = asyncio.create_task(stage.state.transact("Cat", "tom", [SaveItem("meal", 2)]))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not after.done()
        stage.claims.unblock()
        await elsewhere
        await after

    run(main)


@pytest.mark.parametrize("lost", [False, True])
def test_state_waits_when_calls_have_no_time_or_nobody_knows_who_has_the_actor(lost: bool) -> None:
    async def main() -> None:
        stage = await Stage().begin()
        held = asyncio.Event()

        async def turn() -> None:
            async with stage.claims.claim("Cat"):
                held.set()
                await stage.state.transact("Cat", "tom", [SaveItem("meal", 1)])

        stage.claims.install(HostTable({"Cat": Ring([RingHost("b:1", "app")])}))
        if lost:
            stage.claims.lose()
        running = asyncio.create_task(turn())
        await held.wait()
        assert await stage.claims.drain({"Cat": 0.05 if lost else 0.0}) == ("Cat",)
        assert isinstance((await asyncio.gather(running, return_exceptions=True))[0], RebalancedError | DaprError)
        assert stage.store is not None
        assert not (await stage.store.get("cats||Cat||tom||meal", metadata={})).data

    run(main)


def test_a_call_that_asks_for_state_when_placement_is_lost_is_not_waited_for() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        held, lost = asyncio.Event(), asyncio.Event()

        async def turn() -> None:
            async with stage.claims.claim("Cat"):
                held.set()
                await lost.wait()
                await stage.state.transact("Cat", "tom", [SaveItem("meal", 1)])

        running = asyncio.create_task(turn())
        await held.wait()
        stage.claims.lose()
        lost.set()
        async with asyncio.timeout(30):
            assert await stage.claims.drain({"Cat": 3600.0}) == ("Cat",)
        with pytest.raises(RebalancedError):
            await running
        assert stage.store is not None
        assert not (await stage.store.get("cats||Cat||tom||meal", metadata={})).data

    run(main)


@pytest.mark.parametrize(
    ("field", "value"), [("actorStateStore", "true"), ("ACTORSTATESTORE", "TRUE"), ("actorStateStore", "1")]
)
def test_the_store_that_says_so_is_the_one(field: str, value: str) -> None:
    store = ActorStore(lambda name: None, wanted=True)
    assert store.check("one", {field: value, "other": "x"})
    assert not store.check("two", {"actorStateStore": "false"})
    assert not ActorStore(lambda name: None, wanted=False).check("one", {field: value})


def test_there_is_one_store_and_it_may_be_exchanged() -> None:
    async def main() -> None:
        news: list[bool] = []
        store = ActorStore(lambda name: None, wanted=True)

        async def changed() -> None:
            news.append(store.chosen)

        store.on_change = changed
        await store.choose("one")
        with pytest.raises(Exception, match="detected duplicate actor state store: one and two"):
            store.check("two", {"actorStateStore": "true"})
        assert store.check("one", {"actorStateStore": "true"})
        await store.forget("two")
        await store.forget("one")
        assert store.check("two", {"actorStateStore": "true"})
        assert news == [True, False]

    run(main)
