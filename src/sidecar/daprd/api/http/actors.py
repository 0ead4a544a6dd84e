"""The actor API over HTTP (actors-placement.md §3.4, §4.3, §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred, detoured
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Headers, Request, Response
from daprd.api.http.recurring import Recurring
from daprd.api.http.render import JSON_TYPE, METADATA_PREFIX, no_content
from daprd.api.http.routing import Params, Route
from daprd.blocks.actors.block import ActorsBlock
from daprd.blocks.actors.host import REENTRANCY, ActorAnswer, ActorCall
from daprd.blocks.actors.kept import KeptHeaders
from daprd.blocks.actors.timers import TimerRequest
from daprd.blocks.invoke.headers import CALLER_APP_ID, CALLER_NAMESPACE, NOT_FROM_CLIENTS, app_headers, caller_headers
from daprd.blocks.state.values import DeleteItem, SaveItem
from daprd.catalogue import actors as rows
from daprd.catalogue import common

_ACTOR: Final = "v1.0/actors/{actorType}/{actorId}"
_ALL: Final = ("GET", "POST", "PUT", "DELETE")
_WRITE: Final = ("POST", "PUT")
_API_CALL: Final = (b"dapr-api-call", b"true")


class _UnfitError(Exception):
    """The body, or an operation in it, is not what the endpoint takes."""


def routes(block: ActorsBlock, app_id: str, namespace: str) -> list[Route]:
    """The routes of actors. ``app_id`` and ``namespace`` are whom calls come from."""
    api = _Actors(block, app_id, namespace)
    return [
        _route(_ALL, f"{_ACTOR}/method/{{method}}", api.invoke, "InvokeActor"),
        _route(_WRITE, f"{_ACTOR}/state", api.transact, "ExecuteActorStateTransaction"),
        _route(("GET",), f"{_ACTOR}/state/{{key}}", api.get, "GetActorState"),
        _route(_WRITE, f"{_ACTOR}/reminders/{{name}}", api.put_reminder, "RegisterActorReminder"),
        _route(("DELETE",), f"{_ACTOR}/reminders/{{name}}", api.remove_reminder, "UnregisterActorReminder"),
        _route(("GET",), f"{_ACTOR}/reminders/{{name}}", api.get_reminder, "GetActorReminder"),
        _route(_WRITE, f"{_ACTOR}/timers/{{name}}", api.put_timer, "RegisterActorTimer"),
        _route(("DELETE",), f"{_ACTOR}/timers/{{name}}", api.remove_timer, "UnregisterActorTimer"),
    ]


def _route(methods: tuple[str, ...], template: str, endpoint: Any, name: str) -> Route:
    return Route(methods=methods, template=template, endpoint=endpoint, group="actors", version="v1", name=name)


class _Head:
    """What the headers of a call say, made once for all calls that share them."""

    __slots__ = ("content_type", "headers", "reentrancy")

    def __init__(self, headers: Headers, content_type: bytes, reentrancy: str) -> None:
        self.headers = headers
        self.content_type = content_type
        self.reentrancy = reentrancy


class _Actors:
    def __init__(self, block: ActorsBlock, app_id: str, namespace: str) -> None:
        self._block = block
        self._caller: Headers = [(CALLER_APP_ID, app_id.encode()), (CALLER_NAMESPACE, namespace.encode()), _API_CALL]
        self._heads = Recurring[_Head]()

    def invoke(self, request: Request, params: Params) -> Deferred[Response]:
        body = request.body
        if type(body) is not bytes:
            return detoured(self._arriving(request, params))
        return self._call(request, params, body)

    async def _arriving(self, request: Request, params: Params) -> Response:
        return await self._call(request, params, await _body(request, common.BODY_READ))

    def _call(self, request: Request, params: Params, body: bytes) -> Deferred[Response]:
        key = tuple(request.headers)
        head = self._heads.get(key) or self._head(key, request)
        call = ActorCall(
            params["actorType"],
            params["actorId"],
            params["method"],
            body,
            head.content_type,
            head.headers,
            request.target.partition(b"?")[2],
            head.reentrancy,
        )
        return self._block.invoke(call).turned(_rendered)

    def _head(self, key: tuple[tuple[bytes, bytes], ...], request: Request) -> _Head:
        content_type = request.header(b"content-type") or b""
        given = [pair for pair in request.headers if pair[0] not in NOT_FROM_CLIENTS]
        reentrancy = request.header(REENTRANCY)
        headers = [*app_headers(given, content_type), *self._caller]
        head = _Head(headers, content_type, "" if reentrancy is None else reentrancy.decode("latin-1"))
        if self._heads.worthwhile(key, request.headers):
            head.headers = KeptHeaders(headers)
            self._heads.keep(key, head)
        return head

    async def get(self, request: Request, params: Params) -> Response:
        got = await self._block.get_state(params["actorType"], params["actorId"], params["key"])
        if not got.data:
            return no_content()
        told = [
            ((METADATA_PREFIX + key).lower().encode(), value.encode("latin-1", "replace"))
            for key, value in got.metadata.items()
        ]
        return Response(200, [JSON_TYPE, *told], got.data)

    async def transact(self, request: Request, params: Params) -> Response:
        document = _document(await _body(request, common.MALFORMED_REQUEST))
        if document is not None and not isinstance(document, list):
            text = jsonx.mismatch(document, "[]actors.TransactionalOperation")
            raise DaprError(common.MALFORMED_REQUEST, error=text)
        try:
            items = [_operation(entry) for entry in document or ()]
        except _UnfitError as error:
            raise DaprError(rows.STATE_TRANSACTION_SAVE, error=str(error)) from None
        await self._block.transact(params["actorType"], params["actorId"], items)
        return no_content()

    async def put_timer(self, request: Request, params: Params) -> Response:
        fields = _fields(_document(await _body(request, common.MALFORMED_REQUEST)))
        data = fields.get("data", _MISSING)
        await self._block.put_timer(
            TimerRequest(
                params["actorType"],
                params["actorId"],
                params["name"],
                _text(fields, "duetime"),
                _text(fields, "period"),
                _text(fields, "ttl"),
                _text(fields, "callback"),
                None if data is _MISSING else jsonx.dumps(data),
            )
        )
        return no_content()

    async def remove_timer(self, request: Request, params: Params) -> Response:
        await self._block.remove_timer(params["actorType"], params["actorId"], params["name"])
        return no_content()

    async def put_reminder(self, request: Request, params: Params) -> Response:
        _fields(_document(await _body(request, common.MALFORMED_REQUEST)))
        await self._block.put_reminder(params["actorType"], params["actorId"], params["name"])
        return no_content()

    async def get_reminder(self, request: Request, params: Params) -> Response:
        await self._block.get_reminder(params["actorType"], params["actorId"])
        return no_content()

    async def remove_reminder(self, request: Request, params: Params) -> Response:
        await self._block.remove_reminder(params["actorType"], params["actorId"])
        return no_content()


def _rendered(answer: ActorAnswer | None, error: BaseException | None) -> Response:
    """The step behind a call: its answer as a client of HTTP gets it."""
    if answer is None:
        assert error is not None
        raise error
    headers = caller_headers(answer.headers)
    if answer.content_type and not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", answer.content_type))
    return Response(200, headers, answer.data)


_MISSING: Final = object()


async def _body(request: Request, row: Any) -> bytes:
    try:
        return await request.read()
    except (BodyTooLargeError, BodyBrokenError) as error:
        raise DaprError(row, error=str(error)) from None


def _document(body: bytes) -> Any:
    try:
        return jsonx.loads_go(body)
    except jsonx.JSONError as error:
        raise DaprError(common.MALFORMED_REQUEST, error=error.stream_text) from None


def _fields(document: Any) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise DaprError(common.MALFORMED_REQUEST, error=jsonx.mismatch(document, "actors.Request"))
    return {key.lower(): value for key, value in document.items()}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DaprError(common.MALFORMED_REQUEST, error=jsonx.mismatch(value, "string", field=name))
    return value


def _operation(entry: Any) -> SaveItem | DeleteItem:
    fields = {key.lower(): value for key, value in entry.items()} if isinstance(entry, dict) else {}
    operation, request = fields.get("operation"), fields.get("request")
    if not operation:
        raise _UnfitError("operation is empty")
    if operation not in ("upsert", "delete"):
        raise _UnfitError(f"operation type {operation} not supported")
    if not isinstance(request, dict):
        raise _UnfitError("request data is empty")
    request = {key.lower(): value for key, value in request.items()}
    key, etag = request.get("key") or "", request.get("etag")
    if not isinstance(key, str) or not isinstance(etag, str | None):
        raise _UnfitError("key and etag must be texts")
    metadata = request.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _UnfitError("metadata must be texts")
    if operation == "delete":
        return DeleteItem(key, etag)
    return SaveItem(key, request.get("value"), etag, metadata)
