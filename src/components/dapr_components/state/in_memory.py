"""``state.in-memory``: a dictionary in the sidecar's own process, gone when it ends (components.md, state.in-memory).

Everything happens in one step on the event loop, so no lock is needed and a transaction is atomic by itself. The
``..._now`` methods are the same operations without a coroutine, for callers that can answer at once. Expired items
go when somebody asks for them and by a sweep once a second, which runs only while something can expire.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeVar

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import (
    DeleteRequest,
    ETagError,
    Feature,
    GetResult,
    InstantStateStore,
    KeyPage,
    Operation,
    SetRequest,
)
from dapr_components.state.rules import (
    FIRST_WRITE,
    SEPARATOR,
    TTL_EXPIRE_TIME,
    check_options,
    like_pattern,
    page_start,
    parse_int64,
    prefix_of,
    rfc3339,
)

SWEEP_SECONDS = 1.0
_SWEEP_BATCH = 10_000  # so that one sweep stays well under a millisecond or two
_LONGEST_TTL = 10**10  # three centuries: later times have no four-digit year for long
_MISSING = GetResult()

T = TypeVar("T")


class _Item:
    __slots__ = ("_etag", "_number", "expires", "index", "value")

    def __init__(self, value: bytes, number: int, expires: float, index: int) -> None:
        self.value = value
        self.expires = expires  # seconds since the epoch; 0: never
        self.index = index
        self._number = number
        self._etag = ""

    @property
    def etag(self) -> str:
        """A version 4 UUID, written out when it is first asked for: many values are replaced before that."""
        if not self._etag:
            text = f"{self._number:032x}"
            variant = "89ab"[self._number & 3]
            self._etag = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
        return self._etag


class InMemoryStateStore(InstantStateStore):
    """State in a dictionary."""

    features: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ETAG, Feature.TRANSACTIONAL, Feature.TTL, Feature.DELETE_WITH_PREFIX, Feature.KEYS_LIKE}
    )

    def __init__(
        self, context: ComponentContext, *, clock: Callable[[], float] = time.time, seed: int | None = None
    ) -> None:
        super().__init__(context)
        self._clock = clock
        self._random = random.Random(seed)
        self._items: dict[str, _Item] = {}
        self._expiring: list[tuple[float, int, str]] = []
        self._index = 0
        self._sweeper: asyncio.TimerHandle | None = None

    async def init(self, metadata: Metadata) -> None:
        """Nothing to open; there are no metadata fields."""

    async def close(self) -> None:
        """Forget everything."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        self._items.clear()
        self._expiring.clear()

    # -- the operations, at once

    def get_now(self, key: str) -> GetResult:
        """What ``get`` answers."""
        item = self._items.get(key)
        if item is None:
            return _MISSING
        if not item.expires:
            return GetResult(item.value, item.etag)
        if item.expires <= self._clock():
            del self._items[key]
            return _MISSING
        return GetResult(item.value, item.etag, {TTL_EXPIRE_TIME: rfc3339(item.expires)})

    def set_now(self, request: SetRequest) -> None:
        """What ``set`` does. Raises ``ETagError`` and ``ComponentError`` before anything is changed."""
        if request.concurrency or request.consistency:
            check_options(request)
        ttl = _ttl(request.metadata) if request.metadata else 0
        if request.etag or request.concurrency:
            self._check_etag(request)
        self._put(request, ttl)

    def delete_now(self, request: DeleteRequest) -> None:
        """What ``delete`` does. Raises ``ETagError`` and ``ComponentError`` before anything is changed."""
        check_options(request)
        self._check_etag(request)
        self._items.pop(request.key, None)

    def transact_now(self, operations: Sequence[Operation]) -> None:
        """What ``transact`` does. Every condition is checked against the state before the first step."""
        ttls: list[int] = []
        for operation in operations:
            check_options(operation)
            ttls.append(_ttl(operation.metadata) if isinstance(operation, SetRequest) else 0)
        for operation in operations:
            self._check_etag(operation)
        for operation, ttl in zip(operations, ttls, strict=True):
            if isinstance(operation, SetRequest):
                self._put(operation, ttl)
            else:
                self._items.pop(operation.key, None)

    # -- the contract

    async def bulk_set(self, requests: Sequence[SetRequest]) -> None:
        _each(self.set_now, requests)

    async def bulk_delete(self, requests: Sequence[DeleteRequest]) -> None:
        _each(self.delete_now, requests)

    async def delete_with_prefix(self, prefix: str) -> int:
        start = prefix_of(prefix)
        doomed = [key for key in self._items if key.startswith(start) and SEPARATOR not in key[len(start) :]]
        for key in doomed:
            del self._items[key]
        return len(doomed)

    async def keys_like(self, pattern: str, *, page_size: int = 0, token: str = "") -> KeyPage:
        matches, start, now = like_pattern(pattern), page_start(token), self._clock()
        found = sorted(
            (item.index, key)
            for key, item in self._items.items()
            if item.index >= start and (not item.expires or item.expires > now) and matches.fullmatch(key)
        )
        if page_size <= 0 or len(found) <= page_size:
            return KeyPage([key for _, key in found])
        return KeyPage([key for _, key in found[:page_size]], str(found[page_size][0]))

    # -- inside

    def _check_etag(self, operation: Operation) -> None:
        """The check sees an item that has expired but is not swept yet, as the public component's does."""
        item = self._items.get(operation.key)
        if not operation.etag:
            if operation.concurrency == FIRST_WRITE and item is not None:
                raise ETagError(mismatch=True, cause="item already exists and no etag was passed")
            return
        if item is None:
            raise ETagError(mismatch=True, cause=f"state not exist or expired for key={operation.key}")
        if item.etag != operation.etag:
            cause = f"state etag not match for key={operation.key}: current={item.etag}, expect={operation.etag}"
            raise ETagError(mismatch=True, cause=cause)

    def _put(self, request: SetRequest, ttl: int) -> None:
        self._index += 1
        expires = self._clock() + ttl if ttl > 0 else 0.0
        old = self._items.get(request.key)
        index = old.index if old is not None else self._index
        # A tag tells versions apart and guards nothing, so no system entropy is spent on it.
        self._items[request.key] = _Item(request.value, self._random.getrandbits(128), expires, index)
        if expires:
            heapq.heappush(self._expiring, (expires, self._index, request.key))
            if self._sweeper is None:
                self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        expiring, items, now = self._expiring, self._items, self._clock()
        for _ in range(_SWEEP_BATCH):
            if not expiring or expiring[0][0] > now:
                break
            expires, _, key = heapq.heappop(expiring)
            item = items.get(key)
            if item is not None and item.expires == expires:
                del items[key]
        if expiring:
            self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)


def _ttl(metadata: Mapping[str, str]) -> int:
    """Seconds to live; 0 for ever, which is also what a negative number means here."""
    text = metadata.get("ttlInSeconds")
    if not text:
        return 0
    try:
        return min(max(0, parse_int64("Atoi", text)), _LONGEST_TTL)
    except ValueError as error:
        raise ComponentError(str(error)) from None


def _each(apply: Callable[[T], None], requests: Sequence[T]) -> None:
    """Try all; raise the first failure at the end."""
    failure: ComponentError | None = None
    for request in requests:
        try:
            apply(request)
        except ComponentError as error:
            failure = failure or error
    if failure is not None:
        raise failure
