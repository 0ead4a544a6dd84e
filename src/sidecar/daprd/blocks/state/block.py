"""Every operation of the state API on plain values (building-blocks.md §3).

Order of the checks, the same everywhere: is there any store, is there this one, can it do this, are the keys legal;
then the store works, under the policy of its name. Reading and writing one key come in a form that answers at once
where the store never waits and no policy is in force, since that is what most calls of most applications are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from dapr_components.contract import ComponentError
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    ETagError,
    GetResult,
    Operation,
    QueryItem,
    QueryPage,
    SetRequest,
    StateStore,
)
from dapr_core import jsonx
from dapr_core.errors import DaprError, ErrorRow
from dapr_core.keys import IllegalKeyError, StateKeys
from daprd.blocks.guard import guarded
from daprd.blocks.registry import ComponentRegistry, Entry
from daprd.blocks.state.encryption import StateCipher
from daprd.blocks.state.insisting import Bulk, Single, insisting
from daprd.blocks.state.loaded import LoadedStore, delete_request
from daprd.blocks.state.observing import StateObserver, StateOperation, Stopwatch
from daprd.blocks.state.values import NO_METADATA, DeleteItem, SaveItem
from daprd.catalogue import state as rows
from daprd.policy.contract import Policies

T = TypeVar("T")
R = TypeVar("R", SetRequest, DeleteRequest)


class StateBlock:
    """The state stores of one application."""

    def __init__(
        self, app_id: str, *, namespace: str, policies: Policies, observer: StateObserver | None = None
    ) -> None:
        """``namespace`` is the environment's ``NAMESPACE``, empty when unset (it is part of some key prefixes)."""
        self._app_id = app_id
        self._namespace = namespace
        self._policies = policies
        self._observer = observer
        self._stores: ComponentRegistry[LoadedStore] = ComponentRegistry()

    # -- stores come and go

    def add(
        self, name: str, store: StateStore, metadata: Mapping[str, str], *, cipher: StateCipher | None = None
    ) -> None:
        """Put an initialised store into service; ``metadata`` is its manifest's, for the key prefix.

        Raises:
            ComponentError: the key prefix is illegal.
            ValueError: the name is taken.
        """
        try:
            keys = StateKeys(metadata, app_id=self._app_id, store=name, namespace=self._namespace)
        except IllegalKeyError as error:
            raise ComponentError(f"metadata field 'keyPrefix': {error}") from error
        self._stores.add(name, LoadedStore(name, store, keys, cipher))

    async def remove(self, name: str, *, timeout: float | None = 5.0) -> StateStore | None:
        """Take a store out of service and give it back for closing when the requests on it have ended."""
        loaded = await self._stores.remove(name, timeout=timeout)
        return loaded.store if loaded is not None else None

    def __contains__(self, name: object) -> bool:
        return name in self._stores

    def find(self, name: str) -> Entry[LoadedStore] | None:
        """A store as it is in service now, to be leased while it is worked with; None where there is none."""
        return self._stores.find(name)

    # -- checks that come before a request's body is read

    def require(self, name: str, *, no_app_id: bool = False) -> None:
        """Raise ``DaprError`` when there is no such store."""
        self._entry(name, no_app_id=no_app_id)

    def require_transactional(self, name: str) -> None:
        """Raise ``DaprError`` when there is no such store, or it has no transactions."""
        if not self._entry(name).component.transactional:
            raise DaprError(rows.TRANSACTIONS_NOT_SUPPORTED, name=name)

    def _entry(self, name: str, *, no_app_id: bool = False) -> Entry[LoadedStore]:
        entry = self._stores.find(name)
        if entry is not None:
            return entry
        row = rows.NOT_FOUND if len(self._stores) else rows.NOT_CONFIGURED
        raise DaprError(row, name=name, app_id=self._app_id, no_app_id=no_app_id)

    def writes_plain(self, name: str) -> bool:
        """Whether a store's JSON keeps the order of keys and escapes no HTML (components.md §2.0)."""
        return self._entry(name).component.store.plain_json

    # -- one key

    def get(
        self, name: str, key: str, *, consistency: str = "", metadata: Mapping[str, str] = NO_METADATA
    ) -> GetResult | Awaitable[GetResult]:
        """Read one key; at once where that is possible. Raises ``DaprError``, now or when awaited."""
        loaded = self._entry(name).component
        stored = loaded.stored_key(key)
        if loaded.instant is None or self._policies.component(name, "Statestore") is not None:
            return self._get(name, key, stored, consistency, metadata)
        watch = Stopwatch(self._observer, name, "get")
        try:
            got = loaded.opened(loaded.instant.get_now(stored))
        except ComponentError as error:
            watch.ended(False)
            raise DaprError(rows.GET, key=key, name=name, error=error) from error
        watch.ended(True)
        return got

    async def _get(self, name: str, key: str, stored: str, consistency: str, metadata: Mapping[str, str]) -> GetResult:
        with self._entry(name) as loaded:
            try:
                got = await self._watched(
                    name, "get", lambda: loaded.store.get(stored, metadata=metadata, consistency=consistency)
                )
                return loaded.opened(got)
            except ComponentError as error:
                raise DaprError(rows.GET, key=key, name=name, error=error) from error

    def save(
        self, name: str, items: Sequence[SaveItem], *, metadata: Mapping[str, str] = NO_METADATA
    ) -> Awaitable[None] | None:
        """Write values; ``metadata`` overrides that of each item. Done at once where that is possible (None).

        One item is a single write, several are a bulk write in which every item is tried. Raises ``DaprError``, now or
        when awaited.
        """
        loaded = self._entry(name).component
        requests = _set_requests(loaded, items, metadata)
        if not requests:
            return None
        if len(requests) > 1 or loaded.instant is None or self._policies.component(name, "Statestore") is not None:
            return self._save(name, requests, items)
        watch = Stopwatch(self._observer, name, "set")
        try:
            loaded.instant.set_now(requests[0])
        except ComponentError as error:
            watch.ended(False)
            raise _refused(_SAVE_ROWS, error, name=name) from error
        watch.ended(True)
        return None

    async def save_large(
        self, name: str, items: Sequence[SaveItem], *, metadata: Mapping[str, str] = NO_METADATA
    ) -> None:
        """``save`` for values so large that encoding and encrypting them belongs on a thread."""
        loaded = self._entry(name).component
        requests = await asyncio.to_thread(_set_requests, loaded, items, metadata)
        if requests:
            await self._save(name, requests, items)

    async def _save(self, name: str, requests: Sequence[SetRequest], items: Sequence[SaveItem]) -> None:
        with self._entry(name) as loaded:
            single: Single[SetRequest] = loaded.store.set
            bulk: Bulk[SetRequest] = loaded.store.bulk_set
            if any(item.retry is not None for item in items) and not self._repeats(name):
                single, bulk = insisting(requests, [item.retry for item in items], single)
            try:
                if len(requests) == 1:
                    await self._watched(name, "set", lambda: single(requests[0]))
                else:
                    await self._bulk(name, "set", requests, single, bulk)
            except ComponentError as error:
                raise _refused(_SAVE_ROWS, error, name=name) from error

    def delete(
        self, name: str, item: DeleteItem, *, metadata: Mapping[str, str] = NO_METADATA
    ) -> Awaitable[None] | None:
        """Remove one key; done at once where that is possible (None). Raises ``DaprError``, now or when awaited."""
        loaded = self._entry(name).component
        request = delete_request(item, loaded.stored_key(item.key), metadata)
        if loaded.instant is None or self._policies.component(name, "Statestore") is not None:
            return self._delete(name, item, request)
        watch = Stopwatch(self._observer, name, "delete")
        try:
            loaded.instant.delete_now(request)
        except ComponentError as error:
            watch.ended(False)
            raise _refused(_DELETE_ROWS, error, key=item.key) from error
        watch.ended(True)
        return None

    async def _delete(self, name: str, item: DeleteItem, request: DeleteRequest) -> None:
        with self._entry(name) as loaded:
            single: Single[DeleteRequest] = loaded.store.delete
            if item.retry is not None and not self._repeats(name):
                single, _ = insisting([request], [item.retry], single)
            try:
                await self._watched(name, "delete", lambda: single(request))
            except ComponentError as error:
                raise _refused(_DELETE_ROWS, error, key=item.key) from error

    # -- many keys

    async def bulk_get(
        self, name: str, keys: Sequence[str], *, metadata: Mapping[str, str] = NO_METADATA, parallelism: int = 0
    ) -> list[BulkGetItem]:
        """Read many keys, in their order; one that fails says so in its item. Raises ``DaprError``."""
        with self._entry(name) as loaded:
            stored = [loaded.stored_key(key) for key in keys]
            if not stored:
                return []
            limit = parallelism if parallelism > 0 else len(stored)
            try:
                items = await self._watched(
                    name,
                    "bulk_get",
                    lambda: loaded.store.bulk_get(stored, metadata=metadata, parallelism=limit),
                )
            except ComponentError as error:
                raise DaprError(rows.BULK_GET, error=error) from error
            return [_bulk_item(loaded, key, item) for key, item in zip(keys, items, strict=True)]

    async def bulk_delete(self, name: str, items: Sequence[DeleteItem]) -> None:
        """Remove many keys, not as a transaction. Raises ``DaprError``."""
        with self._entry(name) as loaded:
            requests = [delete_request(item, loaded.stored_key(item.key)) for item in items]
            if not requests:
                return
            store = loaded.store
            try:
                await self._bulk(name, "bulk_delete", requests, store.delete, store.bulk_delete)
            except ComponentError as error:
                raise _refused(_BULK_DELETE_ROWS, error, name=name) from error

    async def transact(
        self,
        name: str,
        items: Sequence[SaveItem | DeleteItem],
        *,
        item_metadata: Mapping[str, str] = NO_METADATA,
        metadata: Mapping[str, str] = NO_METADATA,
        large: bool = False,
    ) -> None:
        """Apply all items in order, or none. ``item_metadata`` overrides that of each item. Raises ``DaprError``.

        ``large``: encoding and encrypting the values belongs on a thread.
        """
        self.require_transactional(name)
        with self._entry(name) as loaded:
            operations = (
                await asyncio.to_thread(_operations, loaded, items, item_metadata)
                if large
                else _operations(loaded, items, item_metadata)
            )
            if not operations:
                return
            limit = loaded.store.max_transaction_size(metadata)
            if 0 < limit < len(operations):
                raise DaprError(rows.TOO_MANY_OPERATIONS, name=name, count=len(operations), limit=limit)
            try:
                await self._watched(name, "transaction", lambda: loaded.store.transact(operations, metadata=metadata))
            except ComponentError as error:
                raise DaprError(rows.TRANSACTION, error=error) from error

    # -- finding

    async def query(self, name: str, body: bytes, *, metadata: Mapping[str, str] = NO_METADATA) -> QueryPage:
        """Run a query document on a store; keys come back as the client knows them. Raises ``DaprError``."""
        with self._entry(name, no_app_id=True) as loaded:
            store = loaded.store
            if type(store).query is StateStore.query:
                raise DaprError(rows.QUERY_NOT_SUPPORTED, name=name)
            try:
                document = _query_document(loaded, body)
                page = await self._watched(name, "query", lambda: store.query(document, metadata=metadata))
            except ComponentError as error:
                raise DaprError(rows.QUERY_FAILED, name=name, error=error) from error
            items = [QueryItem(loaded.keys.original(item.key), item.data, item.etag, item.error) for item in page.items]
            return QueryPage(items, page.token, page.metadata)

    # -- inside

    def _repeats(self, name: str) -> bool:
        """Whether a policy repeats the store's operations."""
        policy = self._policies.component(name, "Statestore")
        return policy is not None and policy.has_retry

    async def _watched(self, name: str, operation: StateOperation, work: Callable[[], Awaitable[T]]) -> T:
        """Run a store's operation under its policy and tell the observer."""
        watch = Stopwatch(self._observer, name, operation)
        policy = self._policies.component(name, "Statestore")
        try:
            result = await (work() if policy is None else guarded(policy, work, permanent=(ETagError,)))
        except (ComponentError, DaprError):
            watch.ended(False)
            raise
        watch.ended(True)
        return result

    async def _bulk(
        self,
        name: str,
        operation: StateOperation,
        requests: Sequence[R],
        single: Callable[[R], Awaitable[None]],
        bulk: Callable[[Sequence[R]], Awaitable[None]],
    ) -> None:
        """A bulk write. Where a policy may repeat it, only the items that failed for no condition are repeated."""
        repeats = len(requests) > 1 and self._repeats(name)
        attempt = _repeatable(requests, single) if repeats else lambda: bulk(requests)
        try:
            await self._watched(name, operation, attempt)
        except ETagError as error:
            if len(requests) == 1:
                raise
            raise ETagError(mismatch=error.mismatch, cause=str(error)) from error


def _repeatable(requests: Sequence[R], single: Callable[[R], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """An attempt at a bulk write that, called again, leaves out what has succeeded or was refused by its condition."""
    remaining = list(requests)
    refused: list[ComponentError] = []

    async def attempt() -> None:
        tried = list(remaining)
        results = await asyncio.gather(*(single(request) for request in tried), return_exceptions=True)
        remaining.clear()
        failures: list[BaseException] = []
        for request, result in zip(tried, results, strict=True):
            if isinstance(result, ETagError):
                refused.append(result)
            elif isinstance(result, BaseException):
                remaining.append(request)
                failures.append(result)
        for failure in (*failures, *refused):
            raise failure

    return attempt


_SAVE_ROWS = (rows.SAVE, rows.SAVE_ETAG_MISMATCH, rows.SAVE_ETAG_INVALID)
_DELETE_ROWS = (rows.DELETE, rows.DELETE_ETAG_MISMATCH, rows.DELETE_ETAG_INVALID)
_BULK_DELETE_ROWS = (rows.BULK_DELETE, rows.BULK_DELETE_ETAG_MISMATCH, rows.BULK_DELETE_ETAG_INVALID)


def _set_requests(loaded: LoadedStore, items: Sequence[SaveItem], metadata: Mapping[str, str]) -> list[SetRequest]:
    """The store's requests for a save. Raises ``DaprError`` for a key that is empty or illegal."""
    requests: list[SetRequest] = []
    for item in items:
        if not item.key:
            raise DaprError(rows.EMPTY_KEY)
        requests.append(loaded.set_request(item, loaded.stored_key(item.key), metadata))
    return requests


def _operations(
    loaded: LoadedStore, items: Sequence[SaveItem | DeleteItem], metadata: Mapping[str, str]
) -> list[Operation]:
    """The store's steps of a transaction. Raises ``DaprError`` for an illegal key."""
    return [loaded.operation(item, metadata) for item in items]


def _query_document(loaded: LoadedStore, body: bytes) -> Mapping[str, Any]:
    """The decoded query. Raises ``ComponentError``."""
    if loaded.cipher is not None:
        raise ComponentError("cannot query encrypted store")
    try:
        document = jsonx.loads(body)
    except jsonx.JSONError as error:
        raise ComponentError(f"failed to parse JSON query body: {error}") from None
    if not isinstance(document, dict):
        raise ComponentError(f"failed to parse JSON query body: {jsonx.mismatch(document, 'query.Query')}")
    return document


def _refused(choice: tuple[ErrorRow, ErrorRow, ErrorRow], error: ComponentError, **params: str) -> DaprError:
    """The block's error for a store's: plain failure, ETag that differs, ETag that is none."""
    failed, mismatch, invalid = choice
    row = failed
    if isinstance(error, ETagError):
        row = mismatch if error.mismatch else invalid
    return DaprError(row, error=error, **params)


def _bulk_item(loaded: LoadedStore, key: str, item: BulkGetItem) -> BulkGetItem:
    """A store's item under the client's key, decrypted."""
    if item.error or loaded.cipher is None or item.data is None:
        return BulkGetItem(key, item.data, item.etag, item.metadata, item.error)
    try:
        data = loaded.cipher.decrypt(item.data)
    except ComponentError as error:
        return BulkGetItem(key, error=str(error))
    return BulkGetItem(key, data, item.etag, item.metadata)
