"""State stores in a process of their own: ``dapr.proto.components.v1.StateStore`` and its optional companions.

Transactions need ``TransactionalStateStore`` and the feature; queries need ``QueriableStateStore``. The protocol has
no listing of keys and no deletion by prefix, so those features are never reported.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from dapr_components.contract import ComponentContext, ComponentError
from dapr_components.pluggable import state_messages as messages
from dapr_components.pluggable.connection import PluggableComponent
from dapr_components.pluggable.errors import RemoteError, bulk_delete_error, state_error
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    Feature,
    GetResult,
    Operation,
    QueryPage,
    SetRequest,
    StateStore,
)
from dapr_core.proto.gen.components.v1 import state_pb2 as pb
from dapr_core.proto.gen.components.v1.common_pb2 import FeaturesRequest, MetadataRequest, PingRequest
from dapr_core.proto.gen.components.v1.state_grpc import (
    QueriableStateStoreStub,
    StateStoreStub,
    TransactionalStateStoreStub,
    TransactionalStoreMultiMaxSizeStub,
)
from dapr_core.rpc.grpc.status import Code

SIZE_LIMIT = 5.0
"""Seconds for the question how large a transaction may be."""
_NEEDS = {
    Feature.ETAG: "StateStore",
    Feature.TTL: "StateStore",
    Feature.PARTITION_KEY: "StateStore",
    Feature.TRANSACTIONAL: "TransactionalStateStore",
    Feature.QUERY_API: "QueriableStateStore",
}
log = logging.getLogger("dapr.state-pluggable-logger")


class PluggableStateStore(PluggableComponent, StateStore):
    """A state store behind a socket."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._stub = StateStoreStub(self.connection.channel)
        self._transactions = TransactionalStateStoreStub(self.connection.channel)
        self._sizes = TransactionalStoreMultiMaxSizeStub(self.connection.channel)
        self._transaction_size = -1
        self._lacks_bulk: set[str] = set()

    async def hello(self) -> None:
        metadata = MetadataRequest(properties=self.properties)
        await self.connection.raw(self._stub.init, pb.InitRequest(metadata=metadata))
        answer = await self.connection.raw(self._stub.features, FeaturesRequest())
        self.features = frozenset(  # type: ignore[misc]  # learnt, where other vendors know
            feature for feature, service in _NEEDS.items() if feature in answer.features and service in self.services
        )
        self._lacks_bulk.clear()
        await self._learn_transaction_size()

    async def _learn_transaction_size(self) -> None:
        self._transaction_size = -1
        if "TransactionalStoreMultiMaxSize" not in self.services:
            return
        try:
            size = await self.connection.raw(self._sizes.multi_max_size, pb.MultiMaxSizeRequest(), timeout=SIZE_LIMIT)
        except ComponentError as error:
            log.error("failed to get multi max size from state store %s: %s", self.context.name, error)
            return
        self._transaction_size = size.max_size

    async def ping(self) -> None:
        await self._ping(self._stub.ping, PingRequest())

    async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
        request = messages.get_request(key, metadata, consistency)
        return messages.get_result(await self.connection.call(self._stub.get, request, convert=state_error))

    async def set(self, request: SetRequest) -> None:
        await self.connection.call(self._stub.set, messages.set_request(request), convert=state_error)

    async def delete(self, request: DeleteRequest) -> None:
        await self.connection.call(self._stub.delete, messages.delete_request(request), convert=state_error)

    async def bulk_get(
        self, keys: Sequence[str], *, metadata: Mapping[str, str], parallelism: int = 10
    ) -> list[BulkGetItem]:
        if "get" not in self._lacks_bulk:
            request = pb.BulkGetRequest(
                items=[messages.get_request(key, metadata) for key in keys],
                options=pb.BulkGetRequestOptions(parallelism=parallelism),
            )
            try:
                answer = await self.connection.call(self._stub.bulk_get, request, convert=state_error)
            except RemoteError as error:
                self._note_lack("get", error)
            else:
                return messages.bulk_items(keys, answer)
        return await super().bulk_get(keys, metadata=metadata, parallelism=parallelism)

    async def bulk_set(self, requests: Sequence[SetRequest]) -> None:
        if "set" not in self._lacks_bulk:
            request = pb.BulkSetRequest(items=[messages.set_request(each) for each in requests])
            try:
                await self.connection.call(self._stub.bulk_set, request, convert=state_error)
            except RemoteError as error:
                self._note_lack("set", error)
            else:
                return
        await super().bulk_set(requests)

    async def bulk_delete(self, requests: Sequence[DeleteRequest]) -> None:
        if "delete" not in self._lacks_bulk:
            request = pb.BulkDeleteRequest(items=[messages.delete_request(each) for each in requests])
            try:
                await self.connection.call(self._stub.bulk_delete, request, convert=bulk_delete_error)
            except RemoteError as error:
                self._note_lack("delete", error)
            else:
                return
        await super().bulk_delete(requests)

    def _note_lack(self, operation: str, error: RemoteError) -> None:
        """Remember that the component has no such bulk call; key by key does the same. Raises any other error."""
        if error.code is not Code.UNIMPLEMENTED:
            raise error
        self._lacks_bulk.add(operation)

    async def transact(self, operations: Sequence[Operation], *, metadata: Mapping[str, str]) -> None:
        request = pb.TransactionalStateRequest(
            operations=[messages.operation(each) for each in operations], metadata=metadata
        )
        await self.connection.call(self._transactions.transact, request, convert=state_error)

    def max_transaction_size(self, metadata: Mapping[str, str]) -> int:
        return self._transaction_size


class QueriablePluggableStateStore(PluggableStateStore):
    """A state store behind a socket that can be queried as well."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._queries = QueriableStateStoreStub(self.connection.channel)

    async def query(self, query: Mapping[str, Any], *, metadata: Mapping[str, str]) -> QueryPage:
        request = pb.QueryRequest(query=messages.query(query), metadata=metadata)
        return messages.query_page(await self.connection.call(self._queries.query, request, convert=state_error))


def state_class(services: frozenset[str]) -> type[PluggableStateStore]:
    """The class for the state services of a socket."""
    return QueriablePluggableStateStore if "QueriableStateStore" in services else PluggableStateStore
