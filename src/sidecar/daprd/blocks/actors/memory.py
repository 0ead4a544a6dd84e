"""State of actors: one store for all of them, keys of their own, changes all or none (actors-placement.md §4).

Keys have the application and the actor before them, whatever prefix the store's own keys have. An actor may write only
where it is active: that is what keeps two hosts from writing for one actor. While a type's hosts change, state waits as
calls do; but calls under way that are waited for may use it, since they could not end without. Where placement is lost
they may not, as their actors may live elsewhere by now, and so they are not waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from dapr_components.contract import ComponentError
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    Feature,
    GetResult,
    Operation,
    StateStore,
)
from dapr_core.errors import DaprError
from daprd.blocks.actors.claims import Claim, Claims, RebalancedError
from daprd.blocks.registry import Entry
from daprd.blocks.state.loaded import LoadedStore
from daprd.blocks.state.values import DeleteItem, SaveItem
from daprd.catalogue import actors as rows

_NEEDED: Final = (Feature.ETAG, Feature.TRANSACTIONAL)
_PARTITION: Final = "partitionKey"
_TTL: Final = "ttlInSeconds"
_UNFIT: Final = (
    "actors: state store does not exist or incorrectly configured. Have you set the property "
    '\'{"name": "actorStateStore", "value": "true"}\' in your state store component file?'
)

Lease = Callable[[], Entry[LoadedStore] | None]
"""Gives the store of actors' state, as it is in service now."""


class ActorState:
    """The state of this application's actors.

    Args:
        app_id: what keys begin with.
        store: see ``Lease``.
        claims: state of a type is not touched while its hosts change, but by calls that are waited for.
        active: whether an actor is active here.
        ttl: whether values may have a time to live (feature ``ActorStateTTL``).
    """

    def __init__(
        self, app_id: str, store: Lease, claims: Claims, active: Callable[[str, str], bool], *, ttl: bool
    ) -> None:
        self._app_id = app_id
        self._store = store
        self._claims = claims
        self._active = active
        self._ttl = ttl

    @property
    def configured(self) -> bool:
        """Whether there is a store."""
        return self._store() is not None

    async def get(self, actor_type: str, actor_id: str, key: str) -> GetResult:
        """One value. Raises ``DaprError``."""
        prefix = self._prefix(actor_type, actor_id)
        try:
            async with await self._claimed(actor_type, actor_id):
                with self._fit() as loaded:
                    return loaded.opened(await loaded.store.get(f"{prefix}||{key}", metadata={_PARTITION: prefix}))
        except (ComponentError, RebalancedError) as error:
            raise DaprError(rows.STATE_GET, error=str(error)) from error

    async def get_many(self, actor_type: str, actor_id: str, keys: Sequence[str]) -> list[GetResult]:
        """Several values, in the order asked for. Raises ``DaprError``, also when one of them cannot be read."""
        prefix = self._prefix(actor_type, actor_id)
        try:
            async with await self._claimed(actor_type, actor_id):
                with self._fit() as loaded:
                    stored = [f"{prefix}||{key}" for key in keys]
                    items = await loaded.store.bulk_get(stored, metadata={_PARTITION: prefix})
                    return [loaded.opened(_whole(item)) for item in items]
        except (ComponentError, RebalancedError) as error:
            raise DaprError(rows.STATE_GET, error=str(error)) from error

    async def transact(self, actor_type: str, actor_id: str, items: Sequence[SaveItem | DeleteItem]) -> None:
        """Apply all changes in order, or none. Raises ``DaprError``."""
        if not self._active(actor_type, actor_id):
            raise DaprError(rows.INSTANCE_MISSING)
        prefix = self._prefix(actor_type, actor_id)
        try:
            async with await self._claimed(actor_type, actor_id):
                with self._fit() as loaded:
                    operations = [self._operation(loaded, prefix, item) for item in items]
                    if operations:
                        await _transact(loaded.store, operations, prefix)
        except (ComponentError, RebalancedError) as error:
            raise DaprError(rows.STATE_TRANSACTION_SAVE, error=str(error)) from error

    def _prefix(self, actor_type: str, actor_id: str) -> str:
        return f"{self._app_id}||{actor_type}||{actor_id}"

    async def _claimed(self, actor_type: str, actor_id: str) -> Claim:
        claims = self._claims
        while claims.open_for(actor_type) is None:
            if self._active(actor_type, actor_id):
                if claims.finishing(actor_type):
                    break
                claims.stranded(actor_type)
            await claims.change()
        return self._claims.claim(actor_type)

    def _fit(self) -> Entry[LoadedStore]:
        entry = self._store()
        if entry is None:
            raise DaprError(rows.RUNTIME_NOT_FOUND)
        if not all(feature in entry.component.features for feature in _NEEDED):
            raise ComponentError(_UNFIT)
        return entry

    def _operation(self, loaded: LoadedStore, prefix: str, item: SaveItem | DeleteItem) -> Operation:
        if not item.key:
            raise ComponentError("missing key")
        if _TTL in item.metadata and not self._ttl:
            raise ComponentError(f'{_TTL} is not supported without the "ActorStateTTL" feature enabled')
        key = f"{prefix}||{item.key}"
        if isinstance(item, SaveItem):
            return loaded.set_request(item, key, {_PARTITION: prefix})
        return DeleteRequest(key, item.etag, {**item.metadata, _PARTITION: prefix})


def _whole(item: BulkGetItem) -> GetResult:
    if item.error:
        raise ComponentError(item.error)
    return GetResult(item.data, item.etag, item.metadata)


async def _transact(store: StateStore, operations: Sequence[Operation], prefix: str) -> None:
    metadata = {_PARTITION: prefix}
    limit = store.max_transaction_size(metadata)
    if 0 < limit < len(operations):
        raise ComponentError("the transaction contains more operations than supported by the state store")
    await store.transact(operations, metadata=metadata)
