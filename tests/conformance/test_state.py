"""What every state store must do (components.md §2.0). Writing a vendor means passing this.

To add one, put a line into ``VENDORS``: how to make its metadata, and what of the texts and rules is its own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.pluggable_component import component_types
from support.redis_server import RedisServer, redis_server

from dapr_components import registry
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import DeleteRequest, ETagError, Feature, SetRequest, StateStore

VENDORS = ["state.in-memory", "state.redis", "state.sqlite", "state.shelf"]

Use = Callable[[StateStore], Awaitable[Any]]
Run = Callable[[Use], Any]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """``state.shelf``, a component in a process of its own."""
    with component_types(tmp_path_factory.mktemp("sockets") / "shelf.sock", "StateStore", "TransactionalStateStore"):
        yield


@pytest.fixture(params=VENDORS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Run ``use(store)`` against a fresh store of each vendor."""
    vendor: str = request.param
    metadata: dict[str, str] = {}
    if vendor == "state.redis":
        server: RedisServer = request.getfixturevalue("server")
        server.command_line(b"FLUSHALL")
        metadata = {"redisHost": server.address}
    elif vendor == "state.sqlite":
        metadata = {"connectionString": str(tmp_path / "state.db")}
    elif vendor == "state.shelf":
        request.getfixturevalue("shelf")
        metadata = {"empty": "true"}

    def go(use: Use) -> Any:
        async def main() -> Any:
            store = registry.find(vendor, "v1", StateStore)(
                ComponentContext(name="store", type=vendor, version="v1", app_id="app")
            )
            await store.init(Metadata(metadata))
            try:
                return await asyncio.wait_for(use(store), 30)
            finally:
                await store.close()

        return asyncio.run(main())

    return go


def put(key: str, value: bytes = b"1", **fields: Any) -> SetRequest:
    return SetRequest(key, value, is_json=True, **fields)


async def read(store: StateStore, key: str) -> bytes | None:
    return (await store.get(key, metadata={})).data


async def etag_of(store: StateStore, key: str) -> str:
    etag = (await store.get(key, metadata={})).etag
    assert etag
    return etag


def test_every_vendor_has_etags_transactions_and_ttl(run: Run) -> None:
    async def use(store: StateStore) -> None:
        assert {Feature.ETAG, Feature.TRANSACTIONAL, Feature.TTL} <= store.features
        await store.ping()

    run(use)


@pytest.mark.parametrize(
    "value", [b'"text"', b'{"a":[1,2]}', b"null", b'"\xe2\x98\x83"', b'"' + b"x" * 2_000_000 + b'"'], ids=len
)
def test_json_comes_back_as_written(run: Run, value: bytes) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", value))
        assert await read(store, "k") == value

    run(use)


@pytest.mark.parametrize("value", [b"", b"\x00\xff\r\n", bytes(range(256))], ids=["empty", "few", "all bytes"])
def test_bytes_come_back_as_written(run: Run, value: bytes) -> None:
    async def use(store: StateStore) -> None:
        await store.set(SetRequest("k", value))
        assert await read(store, "k") == value

    run(use)


@pytest.mark.parametrize("key", ["k", "app||k", "a b/c?d", "é☃", "%", "_", "x" * 1000, "a\nb", "a'b\"c"])
def test_keys_are_taken_verbatim(run: Run, key: str) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put(key))
        assert await read(store, key) == b"1"
        await store.delete(DeleteRequest(key))
        assert await read(store, key) is None

    run(use)


def test_a_missing_key_is_an_empty_answer(run: Run) -> None:
    async def use(store: StateStore) -> None:
        got = await store.get("none", metadata={})
        assert (got.data, got.etag, dict(got.metadata)) == (None, None, {})

    run(use)


def test_deleting_a_missing_key_without_an_etag_succeeds(run: Run) -> None:
    run(lambda store: store.delete(DeleteRequest("none")))


def test_each_write_changes_the_etag(run: Run) -> None:
    async def use(store: StateStore) -> None:
        etags = []
        for _ in range(5):
            await store.set(put("k"))
            etags.append(await etag_of(store, "k"))
        assert len(set(etags)) == 5

    run(use)


@pytest.mark.parametrize("concurrency", ["", "first-write"])
def test_a_write_with_the_current_etag_succeeds_and_with_an_old_one_is_a_mismatch(run: Run, concurrency: str) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", b"1"))
        old = await etag_of(store, "k")
        await store.set(put("k", b"2", etag=old, concurrency=concurrency))
        with pytest.raises(ETagError, match="possible etag mismatch") as caught:
            await store.set(put("k", b"3", etag=old, concurrency=concurrency))
        assert caught.value.mismatch
        assert await read(store, "k") == b"2"

    run(use)


def test_a_delete_with_an_old_etag_is_a_mismatch_and_with_the_current_one_succeeds(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", b"1"))
        old = await etag_of(store, "k")
        await store.set(put("k", b"2"))
        with pytest.raises(ETagError) as caught:
            await store.delete(DeleteRequest("k", etag=old))
        assert caught.value.mismatch
        assert await read(store, "k") == b"2"
        await store.delete(DeleteRequest("k", etag=await etag_of(store, "k")))
        assert await read(store, "k") is None

    run(use)


def test_an_empty_etag_is_none(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", b"1"))
        await store.set(put("k", b"2", etag=""))
        await store.delete(DeleteRequest("k", etag=""))
        assert await read(store, "k") is None

    run(use)


def test_a_first_write_creates_and_the_next_one_without_the_etag_is_refused(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", b"1", concurrency="first-write"))
        with pytest.raises(ComponentError):
            await store.set(put("k", b"2", concurrency="first-write"))
        assert await read(store, "k") == b"1"
        await store.set(put("k", b"3", concurrency="first-write", etag=await etag_of(store, "k")))
        assert await read(store, "k") == b"3"

    run(use)


def test_of_many_writers_with_one_etag_exactly_one_wins(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", b"0"))
        etag = await etag_of(store, "k")
        results = await asyncio.gather(
            *(store.set(put("k", str(number).encode(), etag=etag)) for number in range(20)), return_exceptions=True
        )
        assert results.count(None) == 1
        assert sum(isinstance(result, ETagError) for result in results) == 19

    run(use)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"concurrency": "sometimes"}, "unrecognized concurrency model 'sometimes'"),
        ({"consistency": "maybe"}, "unrecognized consistency model 'maybe'"),
    ],
    ids=["concurrency", "consistency"],
)
def test_unknown_options_are_refused_on_every_path(run: Run, options: dict[str, str], text: str) -> None:
    async def use(store: StateStore) -> None:
        for attempt in (
            lambda: store.set(put("k", **options)),
            lambda: store.delete(DeleteRequest("k", **options)),
            lambda: store.transact([put("other"), put("k", **options)], metadata={}),
        ):
            with pytest.raises(ComponentError, match=re.escape(text)):
                await attempt()
        assert await read(store, "other") is None

    run(use)


@pytest.mark.parametrize("consistency", ["", "eventual", "strong"])
def test_every_consistency_writes_and_deletes(run: Run, consistency: str) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", consistency=consistency))
        assert (await store.get("k", metadata={}, consistency=consistency)).data == b"1"
        await store.delete(DeleteRequest("k", consistency=consistency))
        assert await read(store, "k") is None

    run(use)


# -- time to live


def test_a_value_expires(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", metadata={"ttlInSeconds": "1"}))
        assert await read(store, "k") == b"1"
        for _ in range(60):
            await asyncio.sleep(0.05)
            if await read(store, "k") is None:
                return
        raise AssertionError("still there after three seconds")

    run(use)


@pytest.mark.parametrize("ttl", ["0", "-1"])
def test_zero_and_minus_one_never_expire(run: Run, ttl: str) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", metadata={"ttlInSeconds": "1"}))
        await store.set(put("k", b"2", metadata={"ttlInSeconds": ttl}))
        got = await store.get("k", metadata={})
        assert (got.data, dict(got.metadata)) == (b"2", {})
        await asyncio.sleep(1.1)
        assert await read(store, "k") == b"2"

    run(use)


@pytest.mark.parametrize("ttl", ["1000000000", "99999999999", "9" * 18, "9" * 5000], ids=len)
def test_a_very_long_ttl_is_kept_or_refused_but_never_breaks_the_value(run: Run, ttl: str) -> None:
    async def use(store: StateStore) -> None:
        try:
            await store.transact([put("k", metadata={"ttlInSeconds": ttl})], metadata={})
        except ComponentError:
            assert await read(store, "k") is None
        else:
            assert await read(store, "k") == b"1"

    run(use)


@pytest.mark.parametrize("etag", ["9" * 5000, "-1", "é", "a b\n"])
def test_any_etag_of_a_client_is_answered(run: Run, etag: str) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k"))
        with pytest.raises(ETagError):
            await store.set(put("k", b"2", etag=etag))
        with pytest.raises(ETagError):
            await store.delete(DeleteRequest("k", etag=etag))
        assert await read(store, "k") == b"1"

    run(use)


@pytest.mark.parametrize("ttl", ["soon", "1.5", "1s"])
def test_a_ttl_that_is_no_integer_is_refused(run: Run, ttl: str) -> None:
    async def use(store: StateStore) -> None:
        with pytest.raises(ComponentError):
            await store.set(put("k", metadata={"ttlInSeconds": ttl}))
        assert await read(store, "k") is None

    run(use)


# -- many keys


def test_bulk_get_answers_in_the_order_asked(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.bulk_set([put("a", b"1"), put("b", b"2")])
        items = await store.bulk_get(["b", "none", "a", "b"], metadata={})
        assert [(item.key, item.data, item.error) for item in items] == [
            ("b", b"2", ""),
            ("none", None, ""),
            ("a", b"1", ""),
            ("b", b"2", ""),
        ]
        assert items[2].etag == await etag_of(store, "a")
        assert await store.bulk_get([], metadata={}) == []

    run(use)


def test_bulk_get_of_thousands(run: Run) -> None:
    async def use(store: StateStore) -> None:
        keys = [f"k{number}" for number in range(2000)]
        await store.bulk_set([put(key, key[1:].encode()) for key in keys])
        items = await store.bulk_get(keys, metadata={})
        assert [item.data for item in items] == [key[1:].encode() for key in keys]

    run(use)


def test_a_bulk_write_tries_every_item_and_raises_the_failure(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("a", b"1"))
        await store.set(put("a", b"1"))
        with pytest.raises(ETagError):
            await store.bulk_set([put("a", b"9", etag="1"), put("b", b"2")])
        assert (await read(store, "a"), await read(store, "b")) == (b"1", b"2")
        with pytest.raises(ETagError):
            await store.bulk_delete([DeleteRequest("a", etag="1"), DeleteRequest("b")])
        assert (await read(store, "a"), await read(store, "b")) == (b"1", None)

    run(use)


# -- transactions


def test_a_transaction_applies_its_steps_in_order(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("gone"))
        await store.transact(
            [put("a", b"1"), put("b", b"2"), put("a", b"3"), DeleteRequest("b"), DeleteRequest("gone")], metadata={}
        )
        values = [await read(store, key) for key in ("a", "b", "gone")]
        assert values == [b"3", None, None]

    run(use)


@pytest.mark.parametrize("failing", ["set", "delete"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_transaction_with_an_old_etag_changes_nothing(run: Run, failing: str, position: int) -> None:
    async def use(store: StateStore) -> None:
        for _ in range(2):
            await store.set(put("guarded", b"old"))
        await store.set(put("doomed", b"here"))
        steps: list[Any] = [put("new", b"1"), DeleteRequest("doomed")]
        broken = put("guarded", b"9", etag="1") if failing == "set" else DeleteRequest("guarded", etag="1")
        steps.insert(position, broken)
        with pytest.raises(ETagError):
            await store.transact(steps, metadata={})
        values = [await read(store, key) for key in ("guarded", "new", "doomed")]
        assert values == [b"old", None, b"here"]

    run(use)


def test_a_transaction_with_the_current_etag_applies(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.set(put("k", b"1"))
        await store.transact([put("k", b"2", etag=await etag_of(store, "k")), put("l", b"3")], metadata={})
        assert (await read(store, "k"), await read(store, "l")) == (b"2", b"3")

    run(use)


def test_an_empty_transaction_succeeds(run: Run) -> None:
    run(lambda store: store.transact([], metadata={}))


def test_a_value_written_by_a_transaction_expires_as_asked(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.transact([put("k", metadata={"ttlInSeconds": "1"}), put("l")], metadata={})
        await asyncio.sleep(2.1)
        assert (await read(store, "k"), await read(store, "l")) == (None, b"1")

    run(use)


def test_readers_never_see_half_a_transaction(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.transact([put("a", b"0"), put("b", b"0")], metadata={})

        async def write() -> None:
            for number in range(1, 40):
                value = str(number).encode()
                await store.transact([put("a", value), put("b", value)], metadata={})

        writing = asyncio.ensure_future(write())
        while not writing.done():
            first = int(await read(store, "a") or b"")
            second = int(await read(store, "b") or b"")
            assert first <= second
            await asyncio.sleep(0)
        await writing

    run(use)


# -- listing


def test_keys_are_found_by_pattern_and_in_pages(run: Run) -> None:
    async def use(store: StateStore) -> None:
        if Feature.KEYS_LIKE not in store.features:
            pytest.skip("no KEYS_LIKE")
        names = ["app||a1", "app||a2", "app||b1", "app||a_", "app||a%", "other||a1", "app||a*"]
        await store.bulk_set([put(name) for name in names])

        async def like(pattern: str) -> list[str]:
            return sorted((await store.keys_like(pattern)).keys)

        assert await like("%") == sorted(names)
        assert await like("app||a%") == sorted(["app||a1", "app||a2", "app||a_", "app||a%", "app||a*"])
        assert await like("app||__") == sorted(set(names) - {"other||a1"})
        assert await like("app||a\\_") == ["app||a_"]
        assert await like("app||a\\%") == ["app||a%"]
        assert await like("app||a*") == ["app||a*"]
        seen: list[str] = []
        token = ""
        while True:
            page = await store.keys_like("app||%", page_size=2, token=token)
            seen += page.keys
            token = page.token
            if not token:
                break
            assert len(page.keys) == 2
        assert sorted(seen) == sorted(set(names) - {"other||a1"})
        with pytest.raises(ComponentError, match="empty"):
            await store.keys_like("")

    run(use)


def test_deleting_by_prefix_leaves_deeper_keys(run: Run) -> None:
    async def use(store: StateStore) -> None:
        if Feature.DELETE_WITH_PREFIX not in store.features:
            pytest.skip("no DELETE_WITH_PREFIX")
        await store.bulk_set([put(key) for key in ("a||1", "a||2", "a||b||3", "b||1", "a")])
        assert await store.delete_with_prefix("a") == 2
        assert [await read(store, key) for key in ("a||1", "a||2", "a||b||3", "b||1", "a")] == [
            None,
            None,
            b"1",
            b"1",
            b"1",
        ]
        with pytest.raises(ComponentError):
            await store.delete_with_prefix("")

    run(use)


def test_closing_twice_is_harmless(run: Run) -> None:
    async def use(store: StateStore) -> None:
        await store.close()

    run(use)
