"""One state store as the block knows it: the vendor, its key scheme, and how values become bytes there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dapr_components.state.contract import (
    DeleteRequest,
    Feature,
    GetResult,
    InstantStateStore,
    Operation,
    SetRequest,
    StateStore,
)
from dapr_core.errors import DaprError
from dapr_core.keys import IllegalKeyError, StateKeys
from daprd.blocks.state.encryption import StateCipher
from daprd.blocks.state.values import DeleteItem, SaveItem, encode, encode_for_encryption
from daprd.catalogue import state as rows


class LoadedStore:
    """A store in service."""

    __slots__ = ("cipher", "features", "instant", "keys", "name", "store", "transactional")

    def __init__(self, name: str, store: StateStore, keys: StateKeys, cipher: StateCipher | None) -> None:
        self.name = name
        self.store = store
        self.keys = keys
        self.cipher = cipher
        self.features = store.features
        self.transactional = Feature.TRANSACTIONAL in store.features
        self.instant = store if isinstance(store, InstantStateStore) else None

    def stored_key(self, key: str, *, in_transaction: bool = False) -> str:
        """The key in the store. Raises ``DaprError`` when the client's key is illegal."""
        try:
            return self.keys.stored(key)
        except IllegalKeyError as error:
            raise DaprError(rows.ILLEGAL_KEY, key=error.key, name=self.name, in_transaction=in_transaction) from None

    def opened(self, got: GetResult) -> GetResult:
        """A stored value as the client wrote it. Raises ``ComponentError`` when it cannot be decrypted."""
        if self.cipher is None or got.data is None:
            return got
        return GetResult(self.cipher.decrypt(got.data), got.etag, got.metadata)

    def set_request(self, item: SaveItem, key: str, metadata: Mapping[str, str] | None = None) -> SetRequest:
        """The store's request for an item; ``metadata`` overrides the item's."""
        data, is_json = self._encoded(item.value)
        merged = item.metadata if not metadata else {**item.metadata, **metadata}
        return SetRequest(key, data, item.etag, merged, item.concurrency, item.consistency, item.content_type, is_json)

    def operation(self, item: SaveItem | DeleteItem, metadata: Mapping[str, str]) -> Operation:
        """One step of a transaction."""
        key = self.stored_key(item.key, in_transaction=True)
        if isinstance(item, SaveItem):
            return self.set_request(item, key, metadata)
        return delete_request(item, key, metadata)

    def _encoded(self, value: Any) -> tuple[bytes, bool]:
        if self.cipher is not None:
            return self.cipher.encrypt(value if isinstance(value, bytes) else encode_for_encryption(value)), False
        if isinstance(value, bytes):
            return value, False
        return encode(value, plain=self.store.plain_json), True


def delete_request(item: DeleteItem, key: str, metadata: Mapping[str, str] | None = None) -> DeleteRequest:
    """The store's request for an item; ``metadata`` overrides the item's."""
    merged = item.metadata if not metadata else {**item.metadata, **metadata}
    return DeleteRequest(key, item.etag, merged, item.concurrency, item.consistency)
