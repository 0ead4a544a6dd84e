"""``state.redis``: one hash a key, shared with every other sidecar (components.md, state.redis; redis-layout.json).

``data`` holds the value, ``version`` a counter that is the entity tag, ``first-write`` marks a key whose writers must
name the version. Conditions are decided by Lua scripts inside the server. A write and its expiry are one script, so
that no key outlives its writer's wish; a transaction is one script as well, which checks every step before it
applies the first: unlike MULTI/EXEC of scripts, it leaves nothing behind when a condition fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import hiredis

from dapr_components.common.redis import RedisClient, RedisError, RedisReplyError, RedisSettings
from dapr_components.common.redis.settings import STATE_RETRIES
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    ETagError,
    Feature,
    GetResult,
    KeyPage,
    Operation,
    QueryPage,
    SetRequest,
    StateStore,
)
from dapr_components.state.redis_scripts import DELETE, SET, TRANSACT
from dapr_components.state.rules import (
    FIRST_WRITE,
    LAST_WRITE,
    STRONG,
    check_options,
    like_pattern,
    page_of,
    page_start,
    parse_int64,
)

_LONGEST_TTL = 10**12  # EXPIRE fails beyond what fits its milliseconds, when the write is done already
_REPLICA_WAIT_MS = 1000
_GRACE_SECONDS = 3.0
_SCAN_COUNT = 1000
_GLOB_SPECIAL = frozenset("*?[]\\^-")


class RedisStateStore(StateStore):
    """State in a Redis server."""

    features: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ETAG, Feature.TRANSACTIONAL, Feature.TTL, Feature.KEYS_LIKE}
    )
    plain_json: ClassVar[bool] = True

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._client: RedisClient | None = None
        self._strong: RedisClient | None = None
        self._default_ttl = ""
        self._replicas = 0

    async def init(self, metadata: Metadata) -> None:
        self._default_ttl = _ttl_argument(metadata.get("ttlInSeconds", ""))
        settings = RedisSettings.from_metadata(metadata, STATE_RETRIES)
        self._client = RedisClient(settings)
        await self._client.ping()
        self._replicas = _connected_replicas(await self._client.execute(b"INFO", b"replication"))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def ping(self) -> None:
        await self._open.ping()

    @property
    def _open(self) -> RedisClient:
        if self._client is None:
            raise ComponentError(f"{self.context.type} is not initialised")
        return self._client

    # -- single keys

    async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
        client = self._open
        try:
            data, version = await client.execute(b"HMGET", key, b"data", b"version")
        except RedisReplyError as error:
            if error.code != "WRONGTYPE":
                raise
            return GetResult(await client.execute(b"GET", key))  # a plain string that somebody else wrote
        if data is None and version is None:
            return _MISSING
        return _result(key, data, version)

    async def set(self, request: SetRequest) -> None:
        expected, flag, ttl = self._arguments(request)
        client = self._client_for(request)
        try:
            await client.eval(SET, (request.key,), (expected, request.value, flag, ttl))
        except RedisReplyError as error:
            raise _refused_set(request, str(error)) from error
        if client is self._strong:
            await self._wait_for_replicas(client)

    async def delete(self, request: DeleteRequest) -> None:
        check_options(request)
        client = self._client_for(request)
        try:
            await client.eval(DELETE, (request.key,), (request.etag or b"0",))
        except RedisReplyError as error:
            raise _refused_delete(str(error)) from error
        if client is self._strong:
            await self._wait_for_replicas(client)

    def _arguments(self, request: SetRequest) -> tuple[str, str, str]:
        """Expected version, first-write flag and expiry as the scripts take them."""
        if request.concurrency or request.consistency:
            check_options(request)
        expected = _expected(request)
        flag = "0" if request.concurrency == FIRST_WRITE else "1"
        ttl = _ttl_argument(request.metadata.get("ttlInSeconds", "")) if request.metadata else ""
        return expected, flag, ttl or self._default_ttl

    def _client_for(self, operation: Operation) -> RedisClient:
        """Strong writes wait for replicas, and would hold up everybody else on the shared connection."""
        if operation.consistency != STRONG or not self._replicas:
            return self._open
        if self._strong is None:
            self._strong = self._open.dedicated(read_timeout=_REPLICA_WAIT_MS / 1000 + _GRACE_SECONDS)
        return self._strong

    async def _wait_for_replicas(self, client: RedisClient) -> None:
        reached = await client.execute(b"WAIT", self._replicas, _REPLICA_WAIT_MS)
        if reached < self._replicas:
            raise ComponentError(f"redis waiting for {self._replicas} replicas to acknowledge write, got {reached}")

    # -- many keys, in one write

    async def bulk_get(
        self, keys: Sequence[str], *, metadata: Mapping[str, str], parallelism: int = 10
    ) -> list[BulkGetItem]:
        if not keys:
            return []
        try:
            replies = await self._open.pipeline([(b"HMGET", key, b"data", b"version") for key in keys])
        except RedisError as error:
            return [BulkGetItem(key, error=str(error)) for key in keys]
        return [await self._bulk_item(key, reply) for key, reply in zip(keys, replies, strict=True)]

    async def _bulk_item(self, key: str, reply: Any) -> BulkGetItem:
        try:
            if isinstance(reply, hiredis.ReplyError):
                got = await self.get(key, metadata={})
            elif reply[0] is None and reply[1] is None:
                return BulkGetItem(key)
            else:
                got = _result(key, reply[0], reply[1])
        except ComponentError as error:
            return BulkGetItem(key, error=str(error))
        return BulkGetItem(key, got.data, got.etag)

    async def transact(self, operations: Sequence[Operation], *, metadata: Mapping[str, str]) -> None:
        keys: list[str] = []
        arguments: list[str | bytes] = []
        for operation in operations:
            keys.append(operation.key)
            if isinstance(operation, SetRequest):
                expected, _, ttl = self._arguments(operation)
                arguments += ("set", expected, operation.value, ttl)
            else:
                check_options(operation)
                arguments += ("delete", operation.etag or "0", b"", "")
        if not keys:
            return
        try:
            await self._open.eval(TRANSACT, keys, arguments)
        except RedisReplyError as error:
            raise _refused_step(str(error)) from error

    # -- finding

    async def query(self, query: Mapping[str, Any], *, metadata: Mapping[str, str]) -> QueryPage:
        """Queries search JSON documents, which this store does not keep, also where the server could."""
        try:
            await self._open.execute(b"JSON.GET")
        except RedisReplyError as error:
            if str(error).startswith("ERR unknown command"):
                raise ComponentError("redis-json server support is required for query capability") from error
        raise ComponentError("state.redis keeps values in hashes, which queries cannot search")

    async def keys_like(self, pattern: str, *, page_size: int = 0, token: str = "") -> KeyPage:
        matches, start = like_pattern(pattern), page_start(token)
        found: set[str] = set()
        cursor: Any = 0
        while True:
            cursor, batch = await self._open.execute(b"SCAN", cursor, b"MATCH", _glob(pattern), b"COUNT", _SCAN_COUNT)
            found.update(key.decode("utf-8", "replace") for key in batch)
            if int(cursor) == 0:
                break
        keys, following = page_of(sorted(key for key in found if matches.fullmatch(key)), start, page_size)
        return KeyPage(keys, following)


_MISSING = GetResult()


def _result(key: str, data: bytes | None, version: bytes | None) -> GetResult:
    if data is None or version is None:
        missing = "data" if data is None else "version"
        raise ComponentError(f"the hash at {key} has no field '{missing}': it was not written by a state store")
    return GetResult(data, version.decode("latin-1"))


def _expected(request: SetRequest) -> str:
    """The version a write asks for; ``0`` asks for none."""
    if request.concurrency == LAST_WRITE or not request.etag:
        return "0"
    try:
        return str(parse_int64("Atoi", request.etag))
    except ValueError as error:
        raise ETagError(mismatch=False, cause=str(error)) from None


def _ttl_argument(text: str) -> str:
    """A time to live as the scripts take it; "" leaves the expiry alone."""
    if not text:
        return ""
    try:
        return str(min(parse_int64("ParseInt", text), _LONGEST_TTL))
    except ValueError as error:
        raise ComponentError(f"failed to parse ttl from metadata: {error}") from None


def _refused_set(request: SetRequest, text: str) -> RedisError | ETagError:
    if "failed to set key" not in text:
        return RedisReplyError(text)
    if request.etag:
        return ETagError(mismatch=True, cause=text)
    return RedisReplyError(text, context=f"failed to set key {request.key}: ")


def _refused_delete(text: str) -> RedisError | ETagError:
    if "failed to delete" in text:
        return ETagError(mismatch=True, cause=text)
    return RedisReplyError(text)


def _refused_step(text: str) -> RedisError | ETagError:
    """Of a transaction, which says no more than which step was refused."""
    if "failed to set key" in text or "failed to delete" in text:
        return ETagError(mismatch=True, cause=text)
    return RedisReplyError(text)


def _connected_replicas(info: bytes) -> int:
    found = re.search(rb"connected_slaves:(\d+)", info)
    return int(found[1]) if found else 0


def _glob(pattern: str) -> str:
    """The pattern for SCAN: ``%`` and ``_`` become ``*`` and ``?``, what is special there is escaped."""
    parts: list[str] = []
    escaped = False
    for char in pattern:
        if not escaped and char == "\\":
            escaped = True
            continue
        if not escaped and char in "%_":
            parts.append("*" if char == "%" else "?")
        else:
            parts.append("\\" + char if char in _GLOB_SPECIAL else char)
        escaped = False
    return "".join(parts)
