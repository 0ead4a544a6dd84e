"""``state.sqlite``: its table as others see it, its settings, its cleaning (components.md, state.sqlite)."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import DeleteRequest, SetRequest
from dapr_components.state.sqlite import SQLiteStateStore
from dapr_components.state.sqlite_database import SQLiteSettings

CONTEXT = ComponentContext(name="s", type="state.sqlite", version="v1", app_id="app")


def run(use: Callable[[SQLiteStateStore], Awaitable[Any]], **metadata: str) -> Any:
    async def main() -> Any:
        store = SQLiteStateStore(CONTEXT)
        try:
            await store.init(Metadata(metadata))
            return await asyncio.wait_for(use(store), 20)
        finally:
            await store.close()

    return asyncio.run(main())


def query(path: Path, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        with connection:
            return connection.execute(statement, parameters).fetchall()
    finally:
        connection.close()


def test_columns_and_their_order_are_those_others_rely_on(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    run(lambda store: store.ping(), connectionString=str(path))
    columns = query(path, "SELECT name, type, pk FROM pragma_table_info('state')")
    assert columns == [
        ("key", "TEXT", 1),
        ("value", "TEXT", 0),
        ("is_binary", "BOOLEAN", 0),
        ("etag", "TEXT", 0),
        ("expiration_time", "TIMESTAMP", 0),
        ("update_time", "TIMESTAMP", 0),
    ]
    assert query(path, "SELECT key, value FROM metadata") == [("migrations", "1")]
    assert query(path, "PRAGMA journal_mode") == [("wal",)]


def test_json_is_stored_as_text_and_bytes_as_base64(tmp_path: Path) -> None:
    path = tmp_path / "s.db"

    async def use(store: SQLiteStateStore) -> None:
        await store.set(SetRequest("json", b'{"a":1}', is_json=True))
        await store.set(SetRequest("bytes", b"\x00\xff"))

    run(use, connectionString=f"file:{path}")
    rows = query(path, "SELECT key, value, is_binary, expiration_time FROM state ORDER BY key")
    assert rows == [("bytes", base64.b64encode(b"\x00\xff").decode(), 1, None), ("json", '{"a":1}', 0, None)]


def test_rows_of_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "s.db"

    async def use(store: SQLiteStateStore) -> list[Any]:
        insert = "INSERT INTO state VALUES (?, ?, ?, ?, ?, CURRENT_TIMESTAMP)"
        await asyncio.to_thread(query, path, insert, "a", '"v"', False, "tag", None)
        await asyncio.to_thread(query, path, insert, "b", "AP8=", True, "tag", "2999-01-02 03:04:05")
        await asyncio.to_thread(query, path, insert, "c", "1", False, "tag", "2001-01-02 03:04:05")
        return [await store.get(key, metadata={}) for key in "abc"]

    first, second, third = run(use, connectionString=str(path))
    assert (first.data, first.etag) == (b'"v"', "tag")
    assert (second.data, dict(second.metadata)) == (b"\x00\xff", {"ttlExpireTime": "2999-01-02T03:04:05Z"})
    assert third.data is None


def test_an_expiry_is_written_in_utc_seconds_and_told(tmp_path: Path) -> None:
    path = tmp_path / "s.db"

    async def use(store: SQLiteStateStore) -> Any:
        await store.set(SetRequest("k", b"1", metadata={"ttlInSeconds": "100"}, is_json=True))
        return await store.get("k", metadata={})

    got = run(use, connectionString=str(path))
    (expires,) = query(path, "SELECT expiration_time FROM state")[0]
    wanted = time.time() + 100
    near = {time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(wanted - lag)) for lag in range(6)}
    assert expires in near
    assert got.metadata["ttlExpireTime"] == expires.replace(" ", "T") + "Z"


def test_tables_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    run(lambda store: store.ping(), connectionString=str(path), tableName="mine", metadataTableName="about_mine")
    names = {row[0] for row in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"mine", "about_mine"} <= names


def test_an_expired_key_can_be_written_first_again(tmp_path: Path) -> None:
    path = tmp_path / "s.db"

    async def use(store: SQLiteStateStore) -> None:
        await store.set(SetRequest("k", b"1", is_json=True))
        await asyncio.to_thread(query, path, "UPDATE state SET expiration_time = '2001-01-01 00:00:00'")
        await store.set(SetRequest("k", b"2", concurrency="first-write", is_json=True))
        assert (await store.get("k", metadata={})).data == b"2"

    run(use, connectionString=str(path))


def test_expired_rows_are_removed_by_one_of_several_sidecars(tmp_path: Path) -> None:
    path = tmp_path / "s.db"

    async def use(store: SQLiteStateStore) -> None:
        await store.set(SetRequest("k", b"1", is_json=True))
        await store.set(SetRequest("kept", b"1", is_json=True))
        await asyncio.to_thread(query, path, "UPDATE state SET expiration_time = '2001-01-01 00:00:00' WHERE key = 'k'")
        for _ in range(200):
            left = await asyncio.to_thread(query, path, "SELECT key FROM state")
            if left == [("kept",)]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the expired row is still there")

    run(use, connectionString=str(path), cleanupInterval="50ms")
    assert query(path, "SELECT count(*) FROM metadata WHERE key = 'last-cleanup'") == [(1,)]


def test_a_database_in_memory_belongs_to_its_store() -> None:
    async def use(store: SQLiteStateStore) -> Any:
        other = SQLiteStateStore(CONTEXT)
        await other.init(Metadata({"connectionString": ":memory:"}))
        await store.set(SetRequest("k", b"1", is_json=True))
        found = (await store.get("k", metadata={})).data, (await other.get("k", metadata={})).data
        await other.close()
        return found

    assert run(use, url=":memory:") == (b"1", None)


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "s.db")
    run(lambda store: store.set(SetRequest("k", b"1", is_json=True)), connectionString=path)
    assert run(lambda store: store.get("k", metadata={}), connectionString=path).data == b"1"


def test_two_sidecars_share_a_file(tmp_path: Path) -> None:
    path = str(tmp_path / "s.db")

    async def use(store: SQLiteStateStore) -> None:
        other = SQLiteStateStore(CONTEXT)
        await other.init(Metadata({"connectionString": path}))
        try:
            await asyncio.gather(
                *(each.set(SetRequest(f"k{number}", b"1")) for number in range(50) for each in (store, other))
            )
            await other.delete(DeleteRequest("k0"))
            assert (await store.get("k0", metadata={})).data is None
        finally:
            await other.close()

    run(use, connectionString=path)


def test_a_locked_file_is_an_error_and_not_a_hang(tmp_path: Path) -> None:
    path = tmp_path / "s.db"

    async def use(store: SQLiteStateStore) -> None:
        locker = sqlite3.connect(path, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(ComponentError, match="sqlite: database is locked"):
                await store.set(SetRequest("k", b"1"))
        finally:
            locker.execute("ROLLBACK")
            locker.close()
        await store.set(SetRequest("k", b"1"))

    run(use, connectionString=str(path), busyTimeout="50ms")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "connectionString"),
        ({"connectionString": "x", "timeout": "10ms"}, "timeout"),
        ({"connectionString": "x", "tableName": "a; drop table b"}, "tableName"),
        ({"connectionString": "x", "metadataTableName": "a-b"}, "metadataTableName"),
        ({"connectionString": "x?_pragma=journal_mode(DELETE)"}, "journal_mode"),
        ({"connectionString": "x?_pragma=busy_timeout=5"}, "busy_timeout"),
        ({"connectionString": "x?_pragma=a;b"}, "_pragma"),
        ({"connectionString": "x", "cleanupInterval": "often"}, "cleanupInterval"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_is_named(fields: dict[str, str], named: str) -> None:
    with pytest.raises(ComponentError, match=named):
        SQLiteSettings.from_metadata(Metadata(fields))


@pytest.mark.parametrize(
    ("fields", "uri", "journal"),
    [
        ({"connectionString": "data.db"}, "file:data.db", "WAL"),
        ({"connectionString": "a b?c.db"}, "file:a%20b?c.db=", "WAL"),
        ({"connectionString": "file:data.db?mode=ro"}, "file:data.db?mode=ro", "DELETE"),
        ({"connectionString": "data.db", "disableWAL": "true"}, "file:data.db", "DELETE"),
        ({"connectionString": "data.db?_txlock=deferred&_pragma=cache_size(100)"}, "file:data.db", "WAL"),
        ({"connectionString": "file:x?mode=memory"}, "file:x?mode=memory&cache=shared", "MEMORY"),
    ],
)
def test_the_uri_and_journal_that_a_connection_string_means(fields: dict[str, str], uri: str, journal: str) -> None:
    settings = SQLiteSettings.from_metadata(Metadata(fields))
    assert (settings.uri, settings.journal) == (uri, journal)


def test_pragmas_of_the_connection_string_are_set(tmp_path: Path) -> None:
    async def use(store: SQLiteStateStore) -> Any:
        database = store._database
        assert database is not None
        return await database.run(lambda connection: connection.execute("PRAGMA cache_size").fetchone())

    assert run(use, connectionString=f"{tmp_path / 's.db'}?_pragma=cache_size(123)") == (123,)


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="sqlite: unable to open database file"):
        run(lambda store: store.ping(), connectionString=str(tmp_path / "none" / "s.db"))


def test_the_loop_goes_on_while_sqlite_works(tmp_path: Path) -> None:
    async def use(store: SQLiteStateStore) -> int:
        database = store._database
        assert database is not None
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n"
        working = asyncio.ensure_future(database.run(lambda connection: connection.execute(slow).fetchone()))
        turns = 0
        while not working.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert run(use, connectionString=str(tmp_path / "s.db")) > 50


def test_work_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    async def use(store: SQLiteStateStore) -> None:
        database = store._database
        assert database is not None
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        with pytest.raises(ComponentError, match="no answer within 1s"):
            await database.run(lambda connection: connection.execute(endless).fetchone())
        await store.set(SetRequest("k", b"1"))

    run(use, connectionString=str(tmp_path / "s.db"), timeout="1s")
