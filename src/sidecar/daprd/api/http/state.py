"""The state API over HTTP (api.md §1.4): decode, ask the block, encode.

Endpoints are plain functions where the answer can be had at once (an in-memory store, a body that is already here),
so that the server need not start a task; otherwise they give back a coroutine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

from dapr_components.state.contract import BulkGetItem, GetResult, QueryPage
from dapr_core import jsonx
from dapr_core.rpc.messages import Headers, Request, Response
from daprd.api.http.render import JSON_TYPE, METADATA_PREFIX, metadata_headers, query_pairs
from daprd.api.http.routing import Params, Route
from daprd.api.http.state_bodies import (
    LARGE_BODY,
    BodyError,
    bulk_get_body,
    malformed,
    read_body,
    save_items,
    transaction_body,
)
from daprd.blocks.state import DeleteItem, StateBlock
from daprd.blocks.state.values import NO_METADATA

_WRITE = ("POST", "PUT")


def routes(block: StateBlock) -> list[Route]:
    """The routes of the state API."""
    api = _StateAPI(block)
    store = "v1.0/state/{storeName}"
    return [
        _route(("GET",), f"{store}/{{key}}", api.get, "GetState"),
        _route(_WRITE, store, api.save, "SaveState"),
        _route(("DELETE",), f"{store}/{{key}}", api.delete, "DeleteState"),
        _route(_WRITE, f"{store}/bulk", api.bulk_get, "GetBulkState"),
        _route(_WRITE, f"{store}/transaction", api.transact, "ExecuteStateTransaction"),
        _route(_WRITE, "v1.0-alpha1/state/{storeName}/query", api.query, "QueryStateAlpha1", version="v1alpha1"),
    ]


def _route(methods: tuple[str, ...], template: str, endpoint: object, name: str, *, version: str = "v1") -> Route:
    return Route(
        methods=methods,
        template=template,
        endpoint=endpoint,  # type: ignore[arg-type]  # one of the methods below
        group="state",
        version=version,
        name=name,
    )


class _StateAPI:
    def __init__(self, block: StateBlock) -> None:
        self._block = block

    # -- one key

    def get(self, request: Request, params: Params) -> Response | Awaitable[Response]:
        options, metadata = _query(request)
        got = self._block.get(
            params["storeName"], params["key"], consistency=options.get("consistency", ""), metadata=metadata
        )
        return _value(got) if isinstance(got, GetResult) else _value_later(got)

    def save(self, request: Request, params: Params) -> Response | Awaitable[Response]:
        name = params["storeName"]
        self._block.require(name)
        body = request.body
        if type(body) is not bytes or len(body) >= LARGE_BODY:
            return self._save_later(name, request)
        try:
            items = save_items(body)
        except BodyError as error:
            raise malformed(error, plain=True) from None
        pending = self._block.save(name, items, metadata=_query(request)[1])
        return Response(204) if pending is None else _done(pending)

    async def _save_later(self, name: str, request: Request) -> Response:
        try:
            body = await read_body(request)
            large = len(body) >= LARGE_BODY
            plain = self._block.writes_plain(name)
            items = await asyncio.to_thread(save_items, body, plain=plain) if large else save_items(body)
        except BodyError as error:
            raise malformed(error, plain=True) from None
        metadata = _query(request)[1]
        if large:
            await self._block.save_large(name, items, metadata=metadata)
        else:
            pending = self._block.save(name, items, metadata=metadata)
            if pending is not None:
                await pending
        return Response(204)

    def delete(self, request: Request, params: Params) -> Response | Awaitable[Response]:
        options, metadata = _query(request)
        etag = request.header(b"if-match")
        item = DeleteItem(
            params["key"],
            etag.decode("utf-8", "replace") if etag is not None else None,
            metadata,
            options.get("concurrency", ""),
            options.get("consistency", ""),
        )
        pending = self._block.delete(params["storeName"], item)
        return Response(204) if pending is None else _done(pending)

    # -- many keys

    async def bulk_get(self, request: Request, params: Params) -> Response:
        name = params["storeName"]
        self._block.require(name)
        try:
            body = bulk_get_body(await read_body(request))
        except BodyError as error:
            raise malformed(error) from None
        items = await self._block.bulk_get(
            name,
            body.keys,
            metadata={**body.metadata, **_query(request)[1]},
            parallelism=body.parallelism,
        )
        large = sum(len(item.data or b"") for item in items) >= LARGE_BODY
        return Response(200, [JSON_TYPE], await asyncio.to_thread(bulk_json, items) if large else bulk_json(items))

    async def transact(self, request: Request, params: Params) -> Response:
        name = params["storeName"]
        self._block.require_transactional(name)
        try:
            raw = await read_body(request)
            large = len(raw) >= LARGE_BODY
            plain = self._block.writes_plain(name)
            body = await asyncio.to_thread(transaction_body, raw, plain=plain) if large else transaction_body(raw)
        except BodyError as error:
            raise malformed(error) from None
        metadata = _query(request)[1]
        await self._block.transact(
            name, body.operations, item_metadata=metadata, metadata={**body.metadata, **metadata}, large=large
        )
        return Response(204)

    async def query(self, request: Request, params: Params) -> Response:
        name = params["storeName"]
        self._block.require(name, no_app_id=True)
        try:
            body = await read_body(request)
        except BodyError as error:
            raise malformed(error) from None
        page = await self._block.query(name, body, metadata=_query(request)[1])
        return Response(200, [JSON_TYPE], query_json(page)) if page.items else Response(204)


# -- encoding


def _value(got: GetResult) -> Response:
    """The stored bytes as they are; nothing stored, or nothing in it, is 204."""
    if not got.data:
        return Response(204)
    headers: Headers = [JSON_TYPE]
    if got.etag is not None:
        headers.append((b"etag", got.etag.encode()))
    if got.metadata:
        headers += metadata_headers(got.metadata)
    return Response(200, headers, got.data)


async def _value_later(pending: Awaitable[GetResult]) -> Response:
    return _value(await pending)


async def _done(pending: Awaitable[None]) -> Response:
    await pending
    return Response(204)


def bulk_json(items: Sequence[BulkGetItem]) -> bytes:
    """The answer of a bulk read; fields that are empty are left out."""
    return b"[" + b",".join(_bulk_item(item) for item in items) + b"]\n"


def query_json(page: QueryPage) -> bytes:
    """The answer of a query; fields that are empty are left out."""
    found = (_bulk_item(BulkGetItem(item.key, item.data, item.etag, {}, item.error)) for item in page.items)
    parts = [b'{"results":[' + b",".join(found) + b"]"]
    if page.token:
        parts.append(b'"token":' + jsonx.dumps(page.token))
    if page.metadata:
        parts.append(b'"metadata":' + jsonx.dumps(dict(page.metadata)))
    return b",".join(parts) + b"}\n"


def _bulk_item(item: BulkGetItem) -> bytes:
    parts = [b'{"key":' + jsonx.dumps(item.key)]
    if item.data:
        parts.append(b'"data":' + _embedded(item.data))
    if item.etag is not None:
        parts.append(b'"etag":' + jsonx.dumps(item.etag))
    if item.metadata:
        parts.append(b'"metadata":' + jsonx.dumps(dict(item.metadata)))
    if item.error:
        parts.append(b'"error":' + jsonx.dumps(item.error))
    return b",".join(parts) + b"}"


def _embedded(data: bytes) -> bytes:
    """Stored bytes inside a JSON answer: JSON as it is; other text as a string, other bytes as base64."""
    try:
        return jsonx.compact(data, escape_html=True)
    except jsonx.JSONError:
        pass
    try:
        return jsonx.dumps(data.decode())
    except UnicodeDecodeError:
        return jsonx.dumps(data)


# -- queries


def _query(request: Request) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Options and request metadata of the query; the first value of a name wins."""
    _, _, query = request.target.partition(b"?")
    if not query:
        return NO_METADATA, NO_METADATA
    options: dict[str, str] = {}
    metadata: dict[str, str] = {}
    for name, value in query_pairs(query):
        if name.startswith(METADATA_PREFIX):
            metadata.setdefault(name[len(METADATA_PREFIX) :], value)
        else:
            options.setdefault(name, value)
    return options, metadata
