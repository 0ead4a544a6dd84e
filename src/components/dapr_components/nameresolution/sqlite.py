"""``nameresolution.sqlite``: sidecars of one machine share a table of addresses (components.md §2.12).

Each sidecar writes one row at start, renews its time as a heartbeat, and removes it at the end; a row that was not
renewed within ``updateInterval`` does not count. The layout is the public project's, so that its sidecars and ours may
share a file. All statements run on one thread of their own, which owns the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from dapr_components.common.metadata import parse_duration
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.contract import NameResolver, Registration

T = TypeVar("T")

_RETRY_PAUSE: Final = 0.05
_IDENTIFIER: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_MIGRATIONS: Final = "nr-migrations"
_LAST_CLEANUP: Final = "nr-last-cleanup"


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolver's fields; times in seconds."""

    path: str
    uri: bool
    table: str = "hosts"
    metadata_table: str = "metadata"
    timeout: float = 1.0
    busy_timeout: float = 0.8
    disable_wal: bool = False
    update_interval: int = 5
    cleanup_interval: float = 3600.0

    @classmethod
    def parse(cls, metadata: Metadata) -> Settings:
        """Read the Configuration's ``nameResolution.configuration``. Raises ``ComponentError`` naming the field."""
        path = metadata.get("connectionString", "").strip()
        if not path:
            raise ComponentError("missing connection string: set connectionString to the path of the database file")
        settings = cls(
            path=path,
            uri=path.startswith("file:"),
            table=_table(metadata, "tableName", "hosts"),
            metadata_table=_table(metadata, "metadataTableName", "metadata"),
            timeout=_seconds(metadata, "timeout", 1.0),
            busy_timeout=_seconds(metadata, "busyTimeout", 0.8),
            disable_wal=metadata.get("disableWAL", "").lower() in ("1", "t", "true", "y", "yes", "on"),
            update_interval=int(_seconds(metadata, "updateInterval", 5.0)),
            cleanup_interval=_seconds(metadata, "cleanupInterval", 3600.0),
        )
        if settings.timeout <= 0:
            raise ComponentError("timeout must be greater than 0")
        if settings.update_interval - settings.timeout < 1:
            raise ComponentError("updateInterval must be at least one second greater than timeout")
        return settings


class SQLiteResolver(NameResolver):
    """Name resolution by a shared SQLite file."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nameresolution-sqlite")
        self._hosts: _Hosts | None = None
        self._heartbeat: asyncio.Task[None] | None = None

    async def init(self, metadata: Metadata) -> None:
        """Open the file and bring its tables up to date. Raises ``ComponentError``."""
        settings = Settings.parse(metadata)
        hosts = _Hosts(settings)
        try:
            await self._run(hosts.open)
        except ComponentError:
            await self._run(hosts.close)
            raise
        self._hosts = hosts

    async def register(self, registration: Registration) -> None:
        """Write this sidecar's row and keep it alive until ``close``. Raises ``ComponentError``."""
        hosts = self._opened()
        if not registration.app_id or not registration.host_address or registration.internal_port <= 0:
            raise ComponentError("the registration needs an app id, a host address and an internal port")
        await self._run(lambda: hosts.register(registration.app_id, registration.internal_address))
        if self._heartbeat is None:
            self._heartbeat = asyncio.create_task(self._keep_alive(hosts))

    async def resolve(self, app_id: str, namespace: str) -> list[str]:
        """Addresses of the application's living sidecars, in random order.

        Raises:
            ComponentError: ``no host found with the given ID``, or the file cannot be read.
        """
        hosts = self._opened()
        found = await self._run(lambda: hosts.find(app_id))
        if not found:
            raise ComponentError("no host found with the given ID")
        return found

    async def close(self) -> None:
        """Remove the row and close the file."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            await asyncio.wait([self._heartbeat])
        hosts, self._hosts = self._hosts, None
        if hosts is not None:
            with contextlib.suppress(ComponentError):  # a row left behind is dead after one interval
                await self._run(hosts.unregister)
            await self._run(hosts.close)
        self._thread.shutdown(wait=False)

    async def _keep_alive(self, hosts: _Hosts) -> None:
        """Renew the row ``timeout`` before it would be too old, and now and then remove dead ones."""
        settings = hosts.settings
        while True:
            await asyncio.sleep(settings.update_interval - settings.timeout)
            deadline = time.monotonic() + settings.timeout
            while True:
                try:
                    await self._run(hosts.renew)
                    await self._run(hosts.clean)
                    break
                except ComponentError as error:
                    if time.monotonic() > deadline:
                        self.context.logger.error("heartbeat of the name resolution failed, trying on: %s", error)
                        break
                    await asyncio.sleep(_RETRY_PAUSE)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            raise ComponentError(f"name resolution database: {error}") from error

    def _opened(self) -> _Hosts:
        if self._hosts is None:
            raise ComponentError("the name resolver is not initialised")
        return self._hosts


class _Hosts:
    """The table of sidecars. Every method runs on the resolver's thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._id = str(uuid.uuid4())
        self._row: tuple[str, str] | None = None
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Connect and migrate."""
        settings = self.settings
        db = sqlite3.connect(
            settings.path,
            timeout=settings.busy_timeout,
            isolation_level=None,
            uri=settings.uri,
            check_same_thread=False,
        )
        self._connection = db
        if not settings.disable_wal:
            db.execute("PRAGMA journal_mode = WAL").close()
        self._migrate(db)

    def register(self, app_id: str, address: str) -> None:
        """Write the row; one that another process left at this address is replaced."""
        self._row = (app_id, address)
        self._db().execute(
            f"REPLACE INTO {self.settings.table} (registration_id, address, app_id, namespace, last_update)"
            " VALUES (?, ?, ?, '', CAST(strftime('%s', 'now') AS INTEGER))",
            (self._id, address, app_id),
        )

    def renew(self) -> None:
        """Set the row's time; a row that somebody removed is written again."""
        changed = self._db().execute(
            f"UPDATE {self.settings.table} SET last_update = CAST(strftime('%s', 'now') AS INTEGER)"
            " WHERE registration_id = ? AND address = ?",
            (self._id, self._row[1] if self._row else ""),
        )
        if changed.rowcount == 0 and self._row is not None:
            self.register(*self._row)

    def find(self, app_id: str) -> list[str]:
        """The addresses of living rows."""
        rows = self._db().execute(
            f"SELECT address FROM {self.settings.table} WHERE app_id = ?"
            " AND last_update > CAST(strftime('%s', 'now') AS INTEGER) - ? ORDER BY random() LIMIT 100",
            (app_id, self.settings.update_interval),
        )
        return [address for (address,) in rows]

    def clean(self) -> None:
        """Remove dead rows, unless somebody did within ``cleanupInterval``."""
        db, table, metadata = self._db(), self.settings.table, self.settings.metadata_table
        db.execute("BEGIN IMMEDIATE")
        try:
            due = db.execute(
                f"INSERT INTO {metadata} (key, value) VALUES (?, CURRENT_TIMESTAMP)"
                " ON CONFLICT (key) DO UPDATE SET value = CURRENT_TIMESTAMP"
                " WHERE strftime('%s', 'now') - strftime('%s', value) > ?",
                (_LAST_CLEANUP, self.settings.cleanup_interval),
            )
            if due.rowcount > 0:
                db.execute(
                    f"DELETE FROM {table} WHERE last_update < CAST(strftime('%s', 'now') AS INTEGER) - ?",
                    (self.settings.update_interval,),
                )
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def unregister(self) -> None:
        """Remove the row."""
        self._db().execute(f"DELETE FROM {self.settings.table} WHERE registration_id = ?", (self._id,))

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _migrate(self, db: sqlite3.Connection) -> None:
        table, metadata = self.settings.table, self.settings.metadata_table
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute(f"CREATE TABLE IF NOT EXISTS {metadata} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)")
            level = db.execute(f"SELECT value FROM {metadata} WHERE key = ?", (_MIGRATIONS,)).fetchone()
            if level is None or int(level[0]) < 1:
                db.execute(
                    f"CREATE TABLE {table} (registration_id TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL,"
                    " app_id TEXT NOT NULL, namespace TEXT NOT NULL, last_update INTEGER NOT NULL)"
                )
                db.execute(f"CREATE UNIQUE INDEX {table}_address_idx ON {table} (address)")
                db.execute(f"CREATE INDEX {table}_last_update_idx ON {table} (last_update)")
                db.execute(f"REPLACE INTO {metadata} (key, value) VALUES (?, '1')", (_MIGRATIONS,))
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ComponentError("the name resolution database is closed")
        return self._connection


def _table(metadata: Metadata, field: str, default: str) -> str:
    name = metadata.get(field, "") or default
    if not _IDENTIFIER.match(name):
        raise ComponentError(f"{field} {name!r} is no table name: use letters, digits and underscores")
    return name


def _seconds(metadata: Metadata, field: str, default: float) -> float:
    text = metadata.get(field, "")
    if not text:
        return default
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ComponentError(f"{field}: {error}") from None
