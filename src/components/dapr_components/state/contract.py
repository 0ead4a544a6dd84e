"""The contract of a state store (components.md §2.0, building-blocks.md §3).

Keys arrive already prefixed by the block; values are bytes that the block has serialised (and encrypted, where the
manifest asks for it). A store reports what it can do in ``features``; a caller asks for nothing beyond that.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from dapr_components.contract import Component, ComponentError


class Feature(StrEnum):
    """Capabilities as ``/v1.0/metadata`` names them."""

    ETAG = "ETAG"
    TRANSACTIONAL = "TRANSACTIONAL"
    QUERY_API = "QUERY_API"
    TTL = "TTL"
    DELETE_WITH_PREFIX = "DELETE_WITH_PREFIX"
    KEYS_LIKE = "KEYS_LIKE"
    PARTITION_KEY = "PARTITION_KEY"


class ETagError(ComponentError):
    """An ETag did not fit. ``mismatch``: the stored one differs (or the key exists on a first write);
    otherwise the given one is not a value this store could have issued."""

    def __init__(self, *, mismatch: bool, cause: str = "") -> None:
        self.mismatch = mismatch
        self.cause = cause
        text = "possible etag mismatch. error from state store" if mismatch else "invalid etag value"
        super().__init__(f"{text}: {cause}" if cause else text)


@dataclass(frozen=True, slots=True)
class GetResult:
    """A stored value. ``data`` is None when the key does not exist; ``metadata`` carries e.g. ``ttlExpireTime``."""

    data: bytes | None = None
    etag: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BulkGetItem:
    """One answer of ``bulk_get``; ``error`` is set instead of data when this key failed."""

    key: str
    data: bytes | None = None
    etag: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class SetRequest:
    """Write ``value`` under ``key``.

    ``etag`` None means the client gave none; ``concurrency`` is "", ``first-write`` or ``last-write``;
    ``consistency`` is "", ``eventual`` or ``strong``. ``is_json`` says that ``value`` is JSON text, not arbitrary
    bytes: stores with typed columns keep the two apart.
    """

    key: str
    value: bytes
    etag: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    concurrency: str = ""
    consistency: str = ""
    content_type: str | None = None
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """Remove ``key``; deleting what does not exist succeeds unless an ETag is given."""

    key: str
    etag: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    concurrency: str = ""
    consistency: str = ""


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Keys found by a pattern. ``token`` continues after the last of them; "" when there are no more."""

    keys: list[str]
    token: str = ""


@dataclass(frozen=True, slots=True)
class QueryItem:
    """One value found by a query; ``error`` is set instead of data when this one failed."""

    key: str
    data: bytes | None = None
    etag: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class QueryPage:
    """What a query found. ``token`` continues after the last item; "" when there are no more."""

    items: list[QueryItem]
    token: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


Operation: TypeAlias = SetRequest | DeleteRequest
"""One step of a transaction; steps apply in order and all or none."""


class StateStore(Component):
    """A vendor of state. All methods raise ``ComponentError`` (or ``ETagError``) when the store fails."""

    features: ClassVar[frozenset[Feature]] = frozenset()
    plain_json: ClassVar[bool] = False
    """Whether JSON values are kept in the order of their keys and without HTML escapes, as the original keeps them in
    Redis; elsewhere keys are sorted and ``<``, ``>``, ``&`` escaped (components.md §2.0)."""

    @abstractmethod
    async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
        """Read one key."""

    @abstractmethod
    async def set(self, request: SetRequest) -> None:
        """Write one key."""

    @abstractmethod
    async def delete(self, request: DeleteRequest) -> None:
        """Remove one key."""

    async def bulk_get(
        self, keys: Sequence[str], *, metadata: Mapping[str, str], parallelism: int = 10
    ) -> list[BulkGetItem]:
        """Read many keys; one failing key does not fail the others. Answers in the order of ``keys``."""
        limit = asyncio.Semaphore(max(1, parallelism))

        async def one(key: str) -> BulkGetItem:
            async with limit:
                try:
                    got = await self.get(key, metadata=metadata)
                except ComponentError as error:
                    return BulkGetItem(key, error=str(error))
            return BulkGetItem(key, got.data, got.etag, got.metadata)

        return list(await asyncio.gather(*(one(key) for key in keys)))

    async def bulk_set(self, requests: Sequence[SetRequest]) -> None:
        """Write many keys, not as a transaction. All are tried; the first failure is raised."""
        await _all(self.set(request) for request in requests)

    async def bulk_delete(self, requests: Sequence[DeleteRequest]) -> None:
        """Remove many keys, not as a transaction. All are tried; the first failure is raised."""
        await _all(self.delete(request) for request in requests)

    async def transact(self, operations: Sequence[Operation], *, metadata: Mapping[str, str]) -> None:
        """Apply all operations in order, or none. Only called when ``TRANSACTIONAL`` is a feature."""
        raise ComponentError(f"{self.context.type} does not support transactions")

    async def delete_with_prefix(self, prefix: str) -> int:
        """Remove the keys ``<prefix>||<rest>`` whose rest holds no further ``||``; how many there were.

        Only called when ``DELETE_WITH_PREFIX`` is a feature.
        """
        raise ComponentError(f"{self.context.type} does not support deleting by prefix")

    async def keys_like(self, pattern: str, *, page_size: int = 0, token: str = "") -> KeyPage:
        """Keys that match an SQL pattern (``%`` any run, ``_`` one character, ``\\`` escapes).

        Only called when ``KEYS_LIKE`` is a feature. ``page_size`` 0: all of them.
        """
        raise ComponentError(f"{self.context.type} does not support listing keys")

    async def query(self, query: Mapping[str, Any], *, metadata: Mapping[str, str]) -> QueryPage:
        """Find values; ``query`` is the decoded document (``filter``, ``sort``, ``page``).

        A store that can do this, always or with some servers, overrides it; that is how the API knows.
        """
        raise ComponentError(f"{self.context.type} does not support queries")

    def max_transaction_size(self, metadata: Mapping[str, str]) -> int:
        """How many operations a transaction may hold; 0 or less: no limit."""
        return -1


class InstantStateStore(StateStore):
    """A store whose operations never wait, so that a caller can have the answer without a coroutine.

    The coroutines of the contract are these methods; each takes one step on the event loop and must stay short.
    """

    @abstractmethod
    def get_now(self, key: str) -> GetResult:
        """What ``get`` answers."""

    @abstractmethod
    def set_now(self, request: SetRequest) -> None:
        """What ``set`` does."""

    @abstractmethod
    def delete_now(self, request: DeleteRequest) -> None:
        """What ``delete`` does."""

    @abstractmethod
    def transact_now(self, operations: Sequence[Operation]) -> None:
        """What ``transact`` does."""

    async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
        return self.get_now(key)

    async def set(self, request: SetRequest) -> None:
        self.set_now(request)

    async def delete(self, request: DeleteRequest) -> None:
        self.delete_now(request)

    async def bulk_get(
        self, keys: Sequence[str], *, metadata: Mapping[str, str], parallelism: int = 10
    ) -> list[BulkGetItem]:
        found = [(key, self.get_now(key)) for key in keys]
        return [BulkGetItem(key, got.data, got.etag, got.metadata) for key, got in found]

    async def transact(self, operations: Sequence[Operation], *, metadata: Mapping[str, str]) -> None:
        self.transact_now(operations)


async def _all(work: Iterable[Awaitable[None]]) -> None:
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
