"""The SQLite resolver keeps the public project's table, and rows die with their sidecars."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.contract import Registration
from dapr_components.nameresolution.sqlite import Settings, SQLiteResolver


@contextlib.asynccontextmanager
async def resolver(path: Path, app_id: str = "", port: int = 50001, **fields: str) -> AsyncIterator[SQLiteResolver]:
    made = SQLiteResolver(ComponentContext("sqlite", "nameresolution.sqlite", "v1", app_id))
    try:
        await made.init(Metadata({"connectionString": str(path), **fields}))
        if app_id:
            await made.register(Registration(app_id, "ns", "10.0.0.1", port, 3500, 50001))
        yield made
    finally:
        await made.close()


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def execute(path: Path, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement, values)


def test_the_tables_have_the_public_projects_layout(tmp_path: Path) -> None:
    path = tmp_path / "nr.db"

    async def main() -> None:
        async with resolver(path, "app"):
            columns = [(name, kind, key) for _, name, kind, _, _, key in rows(path, "PRAGMA table_info(hosts)")]  # type: ignore[misc]
            assert columns == [
                ("registration_id", "TEXT", 1),
                ("address", "TEXT", 0),
                ("app_id", "TEXT", 0),
                ("namespace", "TEXT", 0),
                ("last_update", "INTEGER", 0),
            ]
            indexes = {name for _, name, *_ in rows(path, "PRAGMA index_list(hosts)")}
            assert {"hosts_address_idx", "hosts_last_update_idx"} <= indexes
            assert rows(path, "SELECT key, value FROM metadata") == [("nr-migrations", "1")]
            ((address, app_id, namespace, updated),) = rows(
                path, "SELECT address, app_id, namespace, last_update FROM hosts"
            )
            assert (address, app_id, namespace) == ("10.0.0.1:50001", "app", "")
            assert isinstance(updated, int)
            assert abs(updated - time.time()) < 5

    asyncio.run(main())
    assert rows(path, "SELECT * FROM hosts") == []


def test_an_address_of_ipv6_is_written_in_brackets(tmp_path: Path) -> None:
    path = tmp_path / "nr.db"

    async def main() -> list[str]:
        async with resolver(path) as made:
            await made.register(Registration("app", "ns", "fd77::1", 50001, 3500, 50001))
            return await made.resolve("app", "")

    assert asyncio.run(main()) == ["[fd77::1]:50001"]


def test_a_file_of_the_public_project_is_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "nr.db"

    async def main() -> None:
        async with resolver(path):
            execute(path, "INSERT INTO hosts VALUES ('other', '10.9.9.9:1', 'theirs', '', ?)", int(time.time()))
        async with resolver(path) as made:
            assert await made.resolve("theirs", "") == ["10.9.9.9:1"]

    asyncio.run(main())


def test_a_row_that_was_not_renewed_in_time_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "nr.db"

    async def main() -> None:
        async with resolver(path) as made:
            execute(path, "INSERT INTO hosts VALUES ('x', '10.9.9.9:1', 'late', '', ?)", int(time.time()) - 6)
            with pytest.raises(ComponentError, match=r"^no host found with the given ID$"):
                await made.resolve("late", "")

    asyncio.run(main())


def test_the_heartbeat_renews_its_row_restores_a_lost_one_and_removes_dead_ones(tmp_path: Path) -> None:
    path = tmp_path / "nr.db"

    async def main() -> None:
        async with resolver(path, "app", updateInterval="2s", timeout="1s", cleanupInterval="0s") as made:
            execute(path, "INSERT INTO hosts VALUES ('x', '10.9.9.9:1', 'dead', '', 5)")
            execute(path, "DELETE FROM hosts WHERE app_id = 'app'")
            execute(path, "INSERT INTO metadata VALUES ('nr-last-cleanup', '2020-01-01 00:00:00')")
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                if rows(path, "SELECT app_id FROM hosts") == [("app",)]:
                    break
                await asyncio.sleep(0.05)
            assert await made.resolve("app", "") == ["10.0.0.1:50001"]
            assert rows(path, "SELECT app_id FROM hosts") == [("app",)]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "missing connection string"),
        ({"connectionString": "x", "tableName": "a;b"}, "tableName 'a;b' is no table name"),
        ({"connectionString": "x", "timeout": "0s"}, "timeout must be greater than 0"),
        ({"connectionString": "x", "updateInterval": "1s"}, "updateInterval must be at least one second greater"),
        ({"connectionString": "x", "busyTimeout": "soon"}, "busyTimeout"),
    ],
    ids=["path", "table", "timeout", "interval", "duration"],
)
def test_wrong_fields_are_named(fields: dict[str, str], complaint: str) -> None:
    with pytest.raises(ComponentError, match=complaint):
        Settings.parse(Metadata(fields))


def test_a_file_that_cannot_be_opened_is_an_error_with_its_cause(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(ComponentError, match="unable to open database file"):
            async with resolver(tmp_path / "missing" / "nr.db"):
                pass

    asyncio.run(main())
