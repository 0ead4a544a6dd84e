"""The database under ``state.sqlite``: its settings, its file and tables, and the one thread that touches it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from dapr_components.common.metadata import Fields
from dapr_components.contract import ComponentError, Metadata

T = TypeVar("T")

QUEUE_LIMIT = 1024
"""How many operations may wait for the thread; more wait on the loop, where they cost less."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]+")
_PRAGMA = re.compile(r"([A-Za-z_]+)\(?=?([A-Za-z0-9_-]*)\)?")
_OWN_PRAGMAS = frozenset({"busy_timeout", "journal_mode", "foreign_keys"})
_DRIVER_OPTIONS = frozenset({"_pragma", "_txlock", "_time_format"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteSettings:
    """The fields of a manifest; durations in seconds. ``uri`` may hold a key and stays out of texts."""

    uri: str = field(repr=False)
    timeout: float = 20.0
    busy_timeout: float = 2.0
    journal: str = "WAL"
    table: str = "state"
    metadata_table: str = "metadata"
    cleanup_interval: float = 0.0
    pragmas: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> SQLiteSettings:
        """Read a manifest. Raises ``ComponentError`` naming the field that is missing or wrong."""
        fields = Fields(metadata)
        uri, pragmas, journal = _connection(
            fields.required("connectionString", "url").strip(), disable_wal=fields.flag("disableWAL")
        )
        timeout = fields.seconds("timeout", "timeoutInSeconds", default=20.0)
        if timeout < 1:
            raise ComponentError("metadata field 'timeout' must be at least 1s")
        return cls(
            uri=uri,
            timeout=timeout,
            busy_timeout=max(0.0, fields.seconds("busyTimeout", default=2.0)),
            journal=journal,
            table=_identifier(fields, "tableName", "state"),
            metadata_table=_identifier(fields, "metadataTableName", "metadata"),
            cleanup_interval=fields.seconds("cleanupInterval", "cleanupIntervalInSeconds"),
            pragmas=pragmas,
        )


def _identifier(fields: Fields, name: str, default: str) -> str:
    value = fields.raw(name) or default
    if not _IDENTIFIER.fullmatch(value):
        raise ComponentError(f"metadata field {name!r} may hold only letters, digits and underscores")
    return value


def _connection(text: str, *, disable_wal: bool) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """The URI to open, the pragmas to set, and the journal mode, from a path or URI as the manifest gives it."""
    path, _, query = text.removeprefix("file:").partition("?")
    pragmas: list[tuple[str, str]] = []
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "_pragma":
            pragmas.append(_pragma(value))
        elif name not in _DRIVER_OPTIONS:
            options[name] = value
    in_memory = path == ":memory:" or options.get("mode") == "memory"
    if in_memory:
        options["cache"] = "shared"
        if path == ":memory:":
            path, options["mode"] = f"dapr-{uuid.uuid4()}", "memory"
    read_only = options.get("mode") == "ro" or options.get("immutable") == "1"
    journal = "MEMORY" if in_memory else "DELETE" if read_only or disable_wal else "WAL"
    if not text.startswith("file:"):
        path = quote(path)
    return f"file:{path}" + (f"?{urlencode(options)}" if options else ""), tuple(pragmas), journal


def _pragma(text: str) -> tuple[str, str]:
    found = _PRAGMA.fullmatch(text)
    if found is None:
        raise ComponentError("metadata field 'connectionString' has a '_pragma' that is not of the form name(value)")
    name = found[1].lower()
    if name in _OWN_PRAGMAS:
        raise ComponentError(
            f"metadata field 'connectionString' sets pragma {name!r}: use the fields 'busyTimeout' and 'disableWAL'"
        )
    return name, found[2]


class SQLiteDatabase:
    """One connection, used by one thread."""

    def __init__(self, settings: SQLiteSettings) -> None:
        self.settings = settings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._queue = asyncio.Semaphore(QUEUE_LIMIT)
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file and bring its tables up to date. Raises ``ComponentError``."""
        await self._on_thread(self._connect)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on the thread. Raises ``ComponentError`` when SQLite refuses, or when ``timeout`` passed."""
        connection = self._connection
        if connection is None:
            raise ComponentError("sqlite: the database is closed")
        async with self._queue:
            return await self._on_thread(lambda: work(connection))

    async def close(self) -> None:
        """Close the file after the work that is queued."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, connection.close)
        self._thread.shutdown(wait=False)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        job = self._thread.submit(work)
        future = asyncio.wrap_future(job)
        try:
            async with asyncio.timeout(self.settings.timeout):
                return await asyncio.shield(future)
        except TimeoutError:
            if not job.cancel() and self._connection is not None:
                self._connection.interrupt()  # it runs; what still waits in the queue is not touched
            future.add_done_callback(_forget)
            limit = f"{self.settings.timeout:g}s"
            raise ComponentError(f"sqlite: no answer within {limit} (metadata field 'timeout')") from None
        except sqlite3.Error as error:
            raise ComponentError(f"sqlite: {error}") from error

    # -- on the thread

    def _connect(self) -> None:
        settings = self.settings
        connection = sqlite3.connect(
            settings.uri,
            uri=True,
            timeout=settings.busy_timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=128,
        )
        try:
            connection.execute(f"PRAGMA journal_mode = {settings.journal}")
            for name, value in settings.pragmas:
                connection.execute(f"PRAGMA {name} = {value}" if value else f"PRAGMA {name}")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Create the tables in one exclusive transaction, so that sidecars that start together do it once."""
        table, metadata = self.settings.table, self.settings.metadata_table
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {metadata} (key text NOT NULL PRIMARY KEY, value text NOT NULL)"
        )
        connection.execute("BEGIN EXCLUSIVE")
        try:
            row = connection.execute(f"SELECT value FROM {metadata} WHERE key = 'migrations'").fetchone()
            if row is None or int(row[0]) < 1:
                connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {table} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL,"
                    " is_binary BOOLEAN NOT NULL, etag TEXT NOT NULL, expiration_time TIMESTAMP DEFAULT NULL,"
                    " update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
                )
                connection.execute(f"INSERT OR REPLACE INTO {metadata} (key, value) VALUES ('migrations', '1')")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _forget(future: asyncio.Future[T]) -> None:
    if not future.cancelled():
        future.exception()
