"""``bindings.redis``: single keys of a Redis server, as an output binding (components.md §2.5).

Every operation names its key by the request metadata ``key``. ``create`` stores the data as it comes, ``get`` reads it
(and removes it, with ``delete`` = ``true``), ``delete`` removes it, ``increment`` counts. ``ttlInSeconds`` (or ``ttl``)
sets when the key expires.
"""

from __future__ import annotations

import hiredis

from dapr_components.bindings.contract import InvokeRequest, InvokeResult, OutputBinding
from dapr_components.common.metadata import parse_duration
from dapr_components.common.redis import RedisClient, RedisReplyError, RedisSettings
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_core.truth import is_truthy

TTL_NAMES = ("ttl", "ttlInSeconds")


class RedisBinding(OutputBinding):
    """``create``, ``get``, ``delete`` and ``increment``. Fields: those of the connection."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._client: RedisClient | None = None

    async def init(self, metadata: Metadata) -> None:
        """Read the manifest and reach the server. Raises ``ComponentError``."""
        self._client = RedisClient(RedisSettings.from_metadata(metadata))
        try:
            await self._client.ping()
        except ComponentError as error:
            raise ComponentError(f"redis binding: error connecting to redis: {error}") from error

    async def ping(self) -> None:
        await self._open.ping()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def operations(self) -> tuple[str, ...]:
        return ("create", "delete", "get", "increment")

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """Perform one operation. Raises ``ComponentError``."""
        key = request.metadata.get("key")
        if not key:
            raise ComponentError("redis binding: missing key in request metadata")
        if request.operation == "create":
            return await self._create(key, request)
        if request.operation == "get":
            return await self._get(key, take=is_truthy(request.metadata.get("delete")))
        if request.operation == "delete":
            await self._open.execute(b"DEL", key)
            return InvokeResult()
        if request.operation == "increment":
            return await self._increment(key, request)
        raise ComponentError(f"invalid operation type: {request.operation}")

    @property
    def _open(self) -> RedisClient:
        assert self._client is not None, "init comes first"
        return self._client

    async def _create(self, key: str, request: InvokeRequest) -> InvokeResult:
        """One command, so that no key is left behind without its expiry (the original sends two)."""
        ttl = _ttl(request)
        if ttl is None:
            await self._open.execute(b"SET", key, request.data)
        else:
            await self._open.execute(b"SET", key, request.data, b"EX", ttl)
        return InvokeResult()

    async def _get(self, key: str, *, take: bool) -> InvokeResult:
        value = await self._open.execute(b"GETDEL" if take else b"GET", key)
        return InvokeResult(b"" if value is None else value)

    async def _increment(self, key: str, request: InvokeRequest) -> InvokeResult:
        ttl = _ttl(request)
        if ttl is None:
            await self._open.execute(b"INCR", key)
            return InvokeResult()
        for reply in await self._open.pipeline([(b"INCR", key), (b"EXPIRE", key, ttl)]):
            if isinstance(reply, hiredis.ReplyError):
                raise RedisReplyError(str(reply))
        return InvokeResult()


def _ttl(request: InvokeRequest) -> int | None:
    """The time to live in whole seconds; None without one.

    Raises:
        ComponentError: it is neither a duration nor a positive number of seconds.
    """
    folded = {name.lower(): value for name, value in request.metadata.items()}
    text = next((folded[name.lower()] for name in TTL_NAMES if folded.get(name.lower())), "")
    if not text:
        return None
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise ComponentError("redis binding: ttlInSeconds must be a duration or a positive number of seconds")
    return max(1, round(seconds))
