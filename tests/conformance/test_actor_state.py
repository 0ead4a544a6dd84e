"""The state of actors in every store that may keep it: what an actor writes it finds again, all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.pluggable_component import component_types
from support.redis_server import redis_server

from dapr_components import registry
from dapr_components.contract import ComponentContext, Metadata
from dapr_components.state.contract import StateStore
from dapr_core.errors import DaprError
from dapr_core.keys import StateKeys
from dapr_core.ring import Ring, RingHost
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.hosts import HostTable
from daprd.blocks.actors.memory import ActorState
from daprd.blocks.registry import Entry
from daprd.blocks.state.encryption import EncryptionKey, StateCipher
from daprd.blocks.state.loaded import LoadedStore
from daprd.blocks.state.values import DeleteItem, SaveItem

Run = Callable[[Callable[[ActorState], Awaitable[Any]]], None]


@pytest.fixture(params=["state.in-memory", "state.redis", "state.sqlite", "state.shelf"])
def vendor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A type of store, and the metadata of a fresh one. ``state.shelf`` is a component in a process of its own."""
    kind: str = request.param
    if kind == "state.redis":
        with redis_server() as server:
            yield kind, {"redisHost": server.address}
    elif kind == "state.shelf":
        with component_types(tmp_path / "shelf.sock", "StateStore", "TransactionalStateStore"):
            yield kind, {"empty": "true"}
    else:
        yield kind, {"connectionString": str(tmp_path / "state.db")} if kind == "state.sqlite" else {}


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def run(request: pytest.FixtureRequest, vendor: tuple[str, dict[str, str]]) -> Run:
    """Let an active actor ``Cat/tom`` of application ``cats`` use its state."""
    cipher = StateCipher("store", EncryptionKey("key", "00" * 16)) if request.param else None

    async def main(use: Callable[[ActorState], Awaitable[Any]]) -> None:
        kind, metadata = vendor
        store = registry.find(kind, "v1", StateStore)(ComponentContext("store", kind, "v1", "cats", "default"))
        await store.init(Metadata(metadata))
        claims = Claims()
        claims.install(HostTable({"Cat": Ring([RingHost("a:1", "app")])}))
        claims.unblock()
        keys = StateKeys({}, app_id="cats", store="store", namespace="")
        entry = Entry(LoadedStore("store", store, keys, cipher))
        try:
            state = ActorState("cats", lambda: entry, claims, lambda *actor: actor == ("Cat", "tom"), ttl=True)
            await asyncio.wait_for(use(state), 30)
        finally:
            await store.close()

    return lambda use: asyncio.run(main(use))


async def read(state: ActorState, *keys: str) -> list[bytes | None]:
    return [got.data or None for got in await state.get_many("Cat", "tom", keys)]


def test_what_an_actor_writes_it_finds_again_until_it_deletes_it(run: Run) -> None:
    async def use(state: ActorState) -> None:
        await state.transact(
            "Cat", "tom", [SaveItem("meal", {"fish": 2}), SaveItem("raw", b"\x00\x01"), SaveItem("n", 1)]
        )
        assert (await state.get("Cat", "tom", "meal")).data == b'{"fish":2}'
        await state.transact("Cat", "tom", [SaveItem("n", 2), DeleteItem("raw")])
        assert await read(state, "n", "raw", "meal") == [b"2", None, b'{"fish":2}']

    run(use)


def test_a_stale_write_changes_nothing(run: Run) -> None:
    async def use(state: ActorState) -> None:
        await state.transact("Cat", "tom", [SaveItem("page", 1), SaveItem("count", 1)])
        stale = (await state.get("Cat", "tom", "page")).etag
        await state.transact("Cat", "tom", [SaveItem("page", 2, stale), SaveItem("count", 2)])
        with pytest.raises(DaprError) as caught:
            await state.transact("Cat", "tom", [SaveItem("count", 3), SaveItem("page", 3, stale)])
        assert str(caught.value).startswith("error saving actor transaction state: possible etag mismatch")
        assert await read(state, "page", "count") == [b"2", b"2"]

    run(use)


def test_only_where_it_is_active_an_actor_writes(run: Run) -> None:
    async def use(state: ActorState) -> None:
        with pytest.raises(DaprError, match="actor instance is missing"):
            await state.transact("Cat", "tim", [SaveItem("meal", 1)])
        assert not (await state.get("Cat", "tim", "meal")).data

    run(use)
