"""Between the values of the state contract and the messages of ``dapr.proto.components.v1``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dapr_components.contract import ComponentError
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    GetResult,
    Operation,
    QueryItem,
    QueryPage,
    SetRequest,
)
from dapr_components.state.rules import check_options
from dapr_core import jsonx
from dapr_core.proto.gen.components.v1 import state_pb2 as pb
from dapr_core.proto.gen.google.protobuf.any_pb2 import Any as AnyMessage

_CONCURRENCY = {"": 0, "first-write": 1, "last-write": 2}
_CONSISTENCY = {"": 0, "eventual": 1, "strong": 2}
_MAX_PAGE = 2**63 - 1


def get_request(key: str, metadata: Mapping[str, str], consistency: str = "") -> pb.GetRequest:
    """The question for one key."""
    return pb.GetRequest(key=key, metadata=metadata, consistency=_CONSISTENCY.get(consistency, 0))


def get_result(answer: pb.GetResponse) -> GetResult:
    """The answer for one key. No data and no ETag: there is no such key."""
    etag = _etag(answer)
    data = answer.data if answer.data or etag is not None else None
    return GetResult(data, etag, dict(answer.metadata))


def set_request(request: SetRequest) -> pb.SetRequest:
    """A write. Raises ``ComponentError`` for words the protocol cannot say."""
    return pb.SetRequest(
        key=request.key, value=request.value, etag=_as_etag(request.etag), metadata=request.metadata,
        options=_options(request), content_type=request.content_type or "",
    )  # fmt: skip


def delete_request(request: DeleteRequest) -> pb.DeleteRequest:
    """A removal. Raises ``ComponentError`` for words the protocol cannot say."""
    return pb.DeleteRequest(
        key=request.key, etag=_as_etag(request.etag), metadata=request.metadata, options=_options(request)
    )


def operation(step: Operation) -> pb.TransactionalStateOperation:
    """One step of a transaction."""
    if isinstance(step, SetRequest):
        return pb.TransactionalStateOperation(set=set_request(step))
    return pb.TransactionalStateOperation(delete=delete_request(step))


def bulk_items(keys: Sequence[str], answer: pb.BulkGetResponse) -> list[BulkGetItem]:
    """The answer for many keys, in the order of ``keys`` whatever the component's is."""
    found = {item.key: item for item in answer.items}
    return [_bulk_item(key, found.get(key)) for key in keys]


def _bulk_item(key: str, item: pb.BulkStateItem | None) -> BulkGetItem:
    if item is None:
        return BulkGetItem(key)
    etag = _etag(item)
    data = item.data if item.data or etag is not None else None
    return BulkGetItem(key, data, etag, dict(item.metadata), item.error)


def query(document: Mapping[str, Any]) -> pb.Query:
    """A decoded query document: filters go as JSON, one per name. Raises ``ComponentError`` when it is malformed."""
    filters, page = (_default(document.get(name), {}) for name in ("filter", "page"))
    sorts = _default(document.get("sort"), [])
    if not isinstance(filters, Mapping) or not isinstance(page, Mapping) or not _are_mappings(sorts):
        raise ComponentError("failed to parse JSON query body: filter and page are objects, sort is a list of objects")
    try:
        limit = int(page.get("limit") or 0)
    except (TypeError, ValueError):
        limit = -1
    if not 0 <= limit <= _MAX_PAGE:
        raise ComponentError("failed to parse JSON query body: page.limit is no number of items")
    return pb.Query(
        filter={name: AnyMessage(value=jsonx.dumps(value)) for name, value in filters.items()},
        sort=[pb.Sorting(key=str(each.get("key", "")), order=int(each.get("order") == "DESC")) for each in sorts],
        pagination=pb.Pagination(limit=limit, token=str(page.get("token") or "")),
    )


def query_page(answer: pb.QueryResponse) -> QueryPage:
    """What a query found."""
    items = [QueryItem(item.key, item.data, _etag(item), item.error) for item in answer.items]
    return QueryPage(items, answer.token, dict(answer.metadata))


def _default(value: Any, empty: Any) -> Any:
    return empty if value is None else value


def _are_mappings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _options(step: Operation) -> pb.StateOptions:
    check_options(step)
    return pb.StateOptions(
        concurrency=_CONCURRENCY.get(step.concurrency, 0), consistency=_CONSISTENCY.get(step.consistency, 0)
    )


def _as_etag(etag: str | None) -> pb.Etag | None:
    return None if etag is None else pb.Etag(value=etag)


def _etag(answer: pb.GetResponse | pb.BulkStateItem | pb.QueryItem) -> str | None:
    return answer.etag.value if answer.HasField("etag") else None
