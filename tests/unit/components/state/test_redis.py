"""``state.redis``: versions, guards and keys of others (components.md, state.redis)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from support.redis_server import RedisServer, redis_server

from dapr_components.common.redis import RedisClient, RedisSettings
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import DeleteRequest, ETagError, SetRequest
from dapr_components.state.redis import RedisStateStore

CONTEXT = ComponentContext(name="s", type="state.redis", version="v1", app_id="app")


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def run(server: RedisServer, use: Callable[[RedisStateStore, RedisClient], Awaitable[Any]], **metadata: str) -> Any:
    async def main() -> Any:
        store = RedisStateStore(CONTEXT)
        client = RedisClient(RedisSettings.from_metadata(Metadata({"redisHost": server.address})))
        await client.execute(b"FLUSHALL")
        try:
            await store.init(Metadata({"redisHost": server.address, **metadata}))
            return await asyncio.wait_for(use(store, client), 20)
        finally:
            await store.close()
            await client.close()

    return asyncio.run(main())


def put(key: str = "k", value: bytes = b"1", **fields: Any) -> SetRequest:
    return SetRequest(key, value, is_json=True, **fields)


def test_the_etag_is_a_counter(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        for version in ("1", "2", "3"):
            await store.set(put())
            assert (await store.get("k", metadata={})).etag == version

    run(server, use)


def test_once_guarded_a_key_takes_only_writes_that_name_its_version(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await store.set(put(concurrency="first-write"))
        with pytest.raises(ComponentError, match="failed to set key k: ERR user_script:14: failed to set key k"):
            await store.set(put())
        with pytest.raises(ETagError):
            await store.set(put(etag="1", concurrency="last-write"))
        await store.set(put(etag="1"))
        await store.delete(DeleteRequest("k"))
        await store.set(put())

    run(server, use)


def test_last_write_takes_no_notice_of_the_etag(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await store.set(put())
        await store.set(put(etag="77", concurrency="last-write"))
        assert (await store.get("k", metadata={})).etag == "2"

    run(server, use)


@pytest.mark.parametrize("etag", ["x", "1.0", "99999999999999999999", '"1"'])
def test_an_etag_that_is_no_version_is_invalid_on_write_and_a_mismatch_on_delete(
    server: RedisServer, etag: str
) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await store.set(put())
        with pytest.raises(ETagError, match=r"invalid etag value: strconv\.Atoi") as caught:
            await store.set(put(etag=etag))
        assert not caught.value.mismatch
        with pytest.raises(ETagError) as caught:
            await store.delete(DeleteRequest("k", etag=etag))
        assert caught.value.mismatch

    run(server, use)


def test_a_plain_string_of_somebody_else_is_read_and_replaced(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await client.execute(b"SET", "k", "theirs")
        got = await store.get("k", metadata={})
        assert (got.data, got.etag) == (b"theirs", None)
        (item,) = await store.bulk_get(["k"], metadata={})
        assert item.data == b"theirs"
        await store.set(put())
        assert (await store.get("k", metadata={})).etag == "1"

    run(server, use)


@pytest.mark.parametrize("through", ["set", "delete", "transaction"])
def test_a_key_of_another_type_gives_way(server: RedisServer, through: str) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await client.execute(b"RPUSH", "k", "a")
        with pytest.raises(ComponentError, match="WRONGTYPE"):
            await store.get("k", metadata={})
        if through == "set":
            await store.set(put(etag="5"))
        elif through == "delete":
            await store.delete(DeleteRequest("k"))
        else:
            await store.transact([DeleteRequest("k"), put("k", b"2"), put("k", b"3")], metadata={})
        wanted = {"set": (b"1", "1"), "delete": (None, None), "transaction": (b"3", "2")}[through]
        got = await store.get("k", metadata={})
        assert (got.data, got.etag) == wanted

    run(server, use)


def test_a_hash_of_somebody_else_is_an_error(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await client.execute(b"HSET", "k", "data", "x")
        with pytest.raises(ComponentError, match="no field 'version'"):
            await store.get("k", metadata={})
        (item,) = await store.bulk_get(["k"], metadata={})
        assert "no field 'version'" in item.error

    run(server, use)


def test_a_transaction_knows_what_its_own_steps_have_done(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await store.set(put())
        await store.transact([put(etag="1"), put(etag="2"), DeleteRequest("k", etag="3"), put()], metadata={})
        assert (await store.get("k", metadata={})).etag == "1"
        with pytest.raises(ComponentError):
            await store.transact([put(etag="1"), put(etag="1")], metadata={})
        assert (await store.get("k", metadata={})).etag == "1"

    run(server, use)


@pytest.mark.parametrize("odd", ["odd", "1.5", "9223372036854775807"])
def test_a_version_that_is_no_number_undoes_the_transaction_too(server: RedisServer, odd: str) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await client.execute(b"HSET", "k", "data", "x", "version", odd)
        with pytest.raises(ComponentError, match="no number that can be counted up"):
            await store.transact([put("other"), put("k")], metadata={})
        assert (await store.get("other", metadata={})).data is None

    run(server, use)


@pytest.mark.parametrize(
    ("component", "request_ttl", "expiry"),
    [("", "", -1), ("100", "", 100), ("100", "50", 50), ("100", "-1", -1), ("", "0", -1), ("-1", "", -1)],
)
def test_the_time_to_live_of_the_request_goes_before_that_of_the_component(
    server: RedisServer, component: str, request_ttl: str, expiry: int
) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> int:
        await store.set(put(metadata={"ttlInSeconds": request_ttl} if request_ttl else {}))
        ttl: int = await client.execute(b"TTL", "k")
        return ttl

    got = run(server, use, **({"ttlInSeconds": component} if component else {}))
    assert expiry - 2 <= got <= expiry


def test_a_strong_write_waits_for_the_replica(server: RedisServer) -> None:
    host, _, port = server.address.partition(":")
    with redis_server(options=("--replicaof", host, port)) as replica:

        async def use(store: RedisStateStore, client: RedisClient) -> None:
            while b"connected_slaves:1" not in await client.execute(b"INFO", b"replication"):
                await asyncio.sleep(0.02)
            strong = RedisStateStore(CONTEXT)
            await strong.init(Metadata({"redisHost": server.address}))
            other = RedisClient(RedisSettings.from_metadata(Metadata({"redisHost": replica.address})))
            try:
                while b"master_link_status:up" not in await other.execute(b"INFO", b"replication"):
                    await asyncio.sleep(0.02)
                await strong.set(put(consistency="strong"))
                assert await other.execute(b"HGET", "k", "data") == b"1"
                await strong.delete(DeleteRequest("k", consistency="strong"))
                assert await other.execute(b"HGET", "k", "data") is None
            finally:
                await strong.close()
                await other.close()

        run(server, use)


def test_scripts_that_the_server_has_forgotten_are_sent_again(server: RedisServer) -> None:
    async def use(store: RedisStateStore, client: RedisClient) -> None:
        await store.set(put())
        await client.execute(b"SCRIPT", b"FLUSH")
        await store.set(put())
        await client.execute(b"SCRIPT", b"FLUSH")
        await store.transact([put("a")], metadata={})
        await store.delete(DeleteRequest("a"))
        assert (await store.get("k", metadata={})).etag == "2"

    run(server, use)
