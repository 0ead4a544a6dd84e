"""``state.sqlite``: a table in a file, laid out as every other sidecar lays it out (components.md, state.sqlite).

SQLite blocks, so all of it happens on one thread of its own; the loop waits on a bounded queue. JSON values are kept
as text that a human or another program can read, other bytes as base64 with ``is_binary`` set.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dapr_components.common.metadata import request_ttl
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    ETagError,
    Feature,
    GetResult,
    KeyPage,
    Operation,
    SetRequest,
    StateStore,
)
from dapr_components.state.rules import FIRST_WRITE, TTL_EXPIRE_TIME, check_options, page_start
from dapr_components.state.sqlite_database import SQLiteDatabase, SQLiteSettings

_BULK_KEYS = 500  # far below SQLite's limit on parameters of one statement
_LIVE = "(expiration_time IS NULL OR expiration_time > CURRENT_TIMESTAMP)"
_COLUMNS = "key, value, is_binary, etag, strftime('%Y-%m-%dT%H:%M:%SZ', expiration_time)"


class SQLiteStateStore(StateStore):
    """State in a SQLite database."""

    features: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ETAG, Feature.TRANSACTIONAL, Feature.TTL, Feature.KEYS_LIKE}
    )

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._database: SQLiteDatabase | None = None
        self._cleaner: asyncio.Task[None] | None = None
        self._table = "state"

    async def init(self, metadata: Metadata) -> None:
        settings = SQLiteSettings.from_metadata(metadata)
        self._table = settings.table
        self._database = SQLiteDatabase(settings)
        await self._database.open()
        if settings.cleanup_interval > 0:
            self._cleaner = asyncio.create_task(self._clean_up(settings.cleanup_interval))

    async def close(self) -> None:
        if self._cleaner is not None:
            self._cleaner.cancel()
            await asyncio.wait([self._cleaner])
        if self._database is not None:
            await self._database.close()

    async def ping(self) -> None:
        await self._open.run(lambda connection: connection.execute("SELECT 1").fetchone())

    @property
    def _open(self) -> SQLiteDatabase:
        if self._database is None:
            raise ComponentError(f"{self.context.type} is not initialised")
        return self._database

    # -- reading

    async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
        statement = f"SELECT {_COLUMNS} FROM {self._table} WHERE key = ? AND {_LIVE}"
        row = await self._open.run(lambda connection: connection.execute(statement, (key,)).fetchone())
        return _result(row) if row is not None else GetResult()

    async def bulk_get(
        self, keys: Sequence[str], *, metadata: Mapping[str, str], parallelism: int = 10
    ) -> list[BulkGetItem]:
        def read(connection: sqlite3.Connection) -> dict[str, GetResult]:
            found: dict[str, GetResult] = {}
            for start in range(0, len(keys), _BULK_KEYS):
                part = keys[start : start + _BULK_KEYS]
                marks = ",".join("?" * len(part))
                statement = f"SELECT {_COLUMNS} FROM {self._table} WHERE key IN ({marks}) AND {_LIVE}"
                found.update((row[0], _result(row)) for row in connection.execute(statement, tuple(part)))
            return found

        found = await self._open.run(read)
        missing = GetResult()
        results = [(key, found.get(key, missing)) for key in keys]
        return [BulkGetItem(key, got.data, got.etag, got.metadata) for key, got in results]

    # -- writing

    async def set(self, request: SetRequest) -> None:
        step = self._step(request)
        await self._open.run(lambda connection: step.apply(connection))

    async def delete(self, request: DeleteRequest) -> None:
        step = self._step(request)
        await self._open.run(lambda connection: step.apply(connection))

    async def transact(self, operations: Sequence[Operation], *, metadata: Mapping[str, str]) -> None:
        steps = [self._step(operation) for operation in operations]

        def apply(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                for step in steps:
                    step.apply(connection)

        if steps:
            await self._open.run(apply)

    async def bulk_set(self, requests: Sequence[SetRequest]) -> None:
        await self._each(requests)

    async def bulk_delete(self, requests: Sequence[DeleteRequest]) -> None:
        await self._each(requests)

    async def _each(self, requests: Sequence[Operation]) -> None:
        """All in one commit, which costs one write to the disk; a step that fails leaves the others standing."""
        failures: list[ComponentError] = []
        steps: list[_Step] = []
        for request in requests:
            try:
                steps.append(self._step(request))
            except ComponentError as error:
                failures.append(error)

        def apply(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                for step in steps:
                    try:
                        step.apply(connection)
                    except ETagError as error:
                        failures.append(error)

        await self._open.run(apply)
        if failures:
            raise failures[0]

    def _step(self, operation: Operation) -> _Step:
        """Decide what SQL an operation is. Raises ``ComponentError`` for options and TTLs that are wrong."""
        check_options(operation)
        if isinstance(operation, DeleteRequest):
            return self._delete_step(operation)
        ttl = request_ttl(operation.metadata) or 0
        value, binary = (
            (operation.value.decode("utf-8", "replace"), False)
            if operation.is_json
            else (base64.b64encode(operation.value).decode(), True)
        )
        fresh = (value, binary, str(uuid.uuid4()), f"+{ttl} seconds" if ttl > 0 else None)
        if operation.etag:
            return _Step(
                f"UPDATE {self._table} SET value = ?, is_binary = ?, etag = ?, expiration_time = datetime('now', ?),"
                f" update_time = CURRENT_TIMESTAMP WHERE key = ? AND etag = ? AND {_LIVE}",
                (*fresh, operation.key, operation.etag),
                conditional=True,
            )
        condition = ""
        if operation.concurrency == FIRST_WRITE:
            condition = f" WHERE NOT EXISTS (SELECT 1 FROM {self._table} WHERE key = ?1 AND {_LIVE})"
        return _Step(
            f"INSERT OR REPLACE INTO {self._table} (key, value, is_binary, etag, expiration_time, update_time)"
            f" SELECT ?1, ?2, ?3, ?4, datetime('now', ?5), CURRENT_TIMESTAMP{condition}",
            (operation.key, *fresh),
            conditional=bool(condition),
        )

    def _delete_step(self, operation: DeleteRequest) -> _Step:
        if not operation.etag:
            return _Step(f"DELETE FROM {self._table} WHERE key = ?", (operation.key,))
        statement = f"DELETE FROM {self._table} WHERE key = ? AND etag = ? AND {_LIVE}"
        return _Step(statement, (operation.key, operation.etag), conditional=True)

    # -- listing and cleaning

    async def keys_like(self, pattern: str, *, page_size: int = 0, token: str = "") -> KeyPage:
        if not pattern:
            raise ComponentError("the pattern of a key listing is empty: use '%' for every key")
        after = page_start(token)
        limit = page_size + 1 if page_size > 0 else -1
        statement = (
            f"SELECT rowid, key FROM {self._table} WHERE key LIKE ? ESCAPE '\\' AND rowid > ? AND {_LIVE}"
            " ORDER BY rowid LIMIT ?"
        )
        rows = await self._open.run(
            lambda connection: connection.execute(statement, (pattern, after, limit)).fetchall()
        )
        more = 0 < page_size < len(rows)
        rows = rows[:page_size] if more else rows
        return KeyPage([row[1] for row in rows], str(rows[-1][0]) if more else "")

    async def _clean_up(self, interval: float) -> None:
        """Remove expired rows, sharing the work with other sidecars on the same file (components.md §2.0)."""
        while True:
            await asyncio.sleep(interval * random.uniform(0.95, 1.05))
            try:
                await self._open.run(lambda connection: self._remove_expired(connection, interval))
            except ComponentError as error:
                self.context.logger.warning("state.sqlite: removing expired rows failed: %s", error)

    def _remove_expired(self, connection: sqlite3.Connection, interval: float) -> None:
        metadata = self._open.settings.metadata_table
        with _transaction(connection):
            claimed = connection.execute(
                f"INSERT INTO {metadata} (key, value) VALUES ('last-cleanup', CURRENT_TIMESTAMP)"
                " ON CONFLICT (key) DO UPDATE SET value = CURRENT_TIMESTAMP"
                " WHERE (julianday(CURRENT_TIMESTAMP) - julianday(value)) * 86400000 > ?",
                (interval * 1000 - 100,),
            ).rowcount
            if claimed > 0:
                connection.execute(
                    f"DELETE FROM {self._table}"
                    " WHERE expiration_time IS NOT NULL AND expiration_time < CURRENT_TIMESTAMP"
                )


class _Step:
    """One statement; a ``conditional`` one that changes nothing is an ETag mismatch."""

    __slots__ = ("conditional", "parameters", "statement")

    def __init__(self, statement: str, parameters: tuple[Any, ...], *, conditional: bool = False) -> None:
        self.statement = statement
        self.parameters = parameters
        self.conditional = conditional

    def apply(self, connection: sqlite3.Connection) -> None:
        changed = connection.execute(self.statement, self.parameters).rowcount
        if self.conditional and changed == 0:
            raise ETagError(mismatch=True)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Any:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _result(row: tuple[Any, ...]) -> GetResult:
    _, value, binary, etag, expires = row
    data = base64.b64decode(value) if binary else value.encode()
    return GetResult(data, etag, {TTL_EXPIRE_TIME: expires} if expires else {})
