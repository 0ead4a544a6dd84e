"""The state API over gRPC (api.md §4): decode, ask the block, encode.

Values are bytes and stay as they are, unless an item's metadata call it JSON: then it is stored as the HTTP API would
store it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

from dapr_components.state.contract import GetResult
from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import state_pb2 as pb
from dapr_core.rpc.grpc.status import Code, GrpcError
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import EMPTY, Rpc, Unary, UnaryCall
from daprd.blocks.state import DeleteItem, SaveItem
from daprd.blocks.state.values import NO_METADATA
from daprd.catalogue import state as rows

CONCURRENCY: Final = ("", "first-write", "last-write")
CONSISTENCY: Final = ("", "eventual", "strong")
JSON: Final = "application/json"
LARGE: Final = 64 * 1024
"""Bytes of a save from which encoding belongs on a thread."""


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods of state."""
    api = _State(blocks)
    return {
        "GetState": Unary(pb.GetStateRequest, api.get),
        "GetBulkState": Unary(pb.GetBulkStateRequest, api.bulk_get),
        "SaveState": Unary(pb.SaveStateRequest, api.save),
        "DeleteState": Unary(pb.DeleteStateRequest, api.delete),
        "DeleteBulkState": Unary(pb.DeleteBulkStateRequest, api.bulk_delete),
        "ExecuteStateTransaction": Unary(pb.ExecuteStateTransactionRequest, api.transact),
        "QueryStateAlpha1": Unary(pb.QueryStateRequest, api.query),
    }


class _State:
    def __init__(self, blocks: Blocks) -> None:
        self._block = blocks.state

    def get(self, request: pb.GetStateRequest, call: UnaryCall) -> bytes | Awaitable[bytes]:
        metadata = request.metadata
        got = self._block.get(
            request.store_name,
            request.key,
            consistency=_named(CONSISTENCY, request.consistency),
            metadata=dict(metadata) if metadata else NO_METADATA,
        )
        return _value(got) if isinstance(got, GetResult) else _value_later(got)

    async def bulk_get(self, request: pb.GetBulkStateRequest, call: UnaryCall) -> bytes:
        items = await self._block.bulk_get(
            request.store_name, request.keys, metadata=dict(request.metadata), parallelism=request.parallelism
        )
        answer = pb.GetBulkStateResponse()
        for item in items:
            answer.items.add(
                key=item.key, data=item.data or b"", etag=item.etag or "", error=item.error, metadata=item.metadata
            )
        return bytes(answer.SerializeToString())

    def save(self, request: pb.SaveStateRequest, call: UnaryCall) -> bytes | Awaitable[bytes]:
        name = request.store_name
        self._block.require(name)
        items = [save_item(item) for item in request.states]
        if sum(len(item.value) for item in request.states) >= LARGE:
            return _done(self._block.save_large(name, items))
        pending = self._block.save(name, items)
        return EMPTY if pending is None else _done(pending)

    def delete(self, request: pb.DeleteStateRequest, call: UnaryCall) -> bytes | Awaitable[bytes]:
        pending = self._block.delete(request.store_name, _delete_item(request))
        return EMPTY if pending is None else _done(pending)

    async def bulk_delete(self, request: pb.DeleteBulkStateRequest, call: UnaryCall) -> bytes:
        await self._block.bulk_delete(request.store_name, [_delete_item(item) for item in request.states])
        return EMPTY

    async def transact(self, request: pb.ExecuteStateTransactionRequest, call: UnaryCall) -> bytes:
        name = request.storeName
        self._block.require_transactional(name)
        items = [_operation(operation) for operation in request.operations]
        await self._block.transact(name, items, metadata=dict(request.metadata))
        return EMPTY

    async def query(self, request: pb.QueryStateRequest, call: UnaryCall) -> bytes:
        page = await self._block.query(request.store_name, request.query.encode(), metadata=dict(request.metadata))
        if not page.items:
            return EMPTY
        answer = pb.QueryStateResponse(token=page.token, metadata=page.metadata)
        for item in page.items:
            answer.results.add(key=item.key, data=item.data or b"", etag=item.etag or "", error=item.error)
        return bytes(answer.SerializeToString())


def _value(got: GetResult) -> bytes:
    if got.data is None:
        return EMPTY
    answer = pb.GetStateResponse(data=got.data, etag=got.etag or "")
    if got.metadata:
        answer.metadata.update(got.metadata)
    return bytes(answer.SerializeToString())


async def _value_later(pending: Awaitable[GetResult]) -> bytes:
    return _value(await pending)


async def _done(pending: Awaitable[None]) -> bytes:
    await pending
    return EMPTY


def _named(names: tuple[str, ...], number: int) -> str:
    """What stores call a value of an enumeration; numbers that nobody defined mean nothing."""
    return names[number] if 0 <= number < len(names) else ""


def save_item(item: common_pb2.StateItem) -> SaveItem:
    """An item to save. Raises ``GrpcError`` when it says that it is JSON and is none."""
    metadata = dict(item.metadata) if item.metadata else {}
    saved = SaveItem(item.key, item.value, item.etag.value if item.HasField("etag") else None, metadata)
    if item.HasField("options"):
        saved.concurrency = _named(CONCURRENCY, item.options.concurrency)
        saved.consistency = _named(CONSISTENCY, item.options.consistency)
    if metadata:
        saved.content_type = metadata.get("contentType")
        if saved.content_type == JSON:
            saved.value = _decoded(item.value)
    return saved


def _decoded(value: bytes) -> Any:
    try:
        return jsonx.loads_go(value)
    except jsonx.JSONError as error:
        raise GrpcError(Code.UNKNOWN, str(error)) from None


def _delete_item(item: pb.DeleteStateRequest | common_pb2.StateItem) -> DeleteItem:
    options = item.options
    return DeleteItem(
        item.key,
        item.etag.value if item.HasField("etag") else None,
        dict(item.metadata) if item.metadata else {},
        _named(CONCURRENCY, options.concurrency),
        _named(CONSISTENCY, options.consistency),
    )


def _operation(operation: pb.TransactionalStateOperation) -> SaveItem | DeleteItem:
    kind = operation.operationType
    if kind == "upsert":
        return save_item(operation.request)
    if kind == "delete":
        return _delete_item(operation.request)
    raise DaprError(rows.UNKNOWN_OPERATION, operation=kind)
