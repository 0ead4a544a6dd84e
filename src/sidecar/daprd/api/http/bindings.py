"""The endpoint of output bindings (api.md §1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dapr_components.bindings.contract import InvokeRequest
from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Headers, Request, Response
from daprd.api.http.render import METADATA_PREFIX, error_response, no_content
from daprd.api.http.routing import Params, Route
from daprd.blocks.bindings import BindingsBlock, OutputBindingError
from daprd.catalogue import bindings as rows
from daprd.catalogue import common

_GO_STRUCT = "OutputBindingRequest"
_TRACE_HEADERS = (b"traceparent", b"tracestate", b"baggage")


def routes(block: BindingsBlock) -> list[Route]:
    """The routes of bindings over a block."""

    async def invoke(request: Request, params: Params) -> Response:
        wanted = await _invoke_request(request)
        try:
            result = await block.invoke(params["name"], wanted)
        except OutputBindingError as error:
            return error_response(error, metadata_fields(error.metadata))
        headers = metadata_fields(result.metadata)
        if result.data is None:
            return no_content(headers)
        content_type = (result.content_type or "application/json").encode("latin-1", "replace")
        return Response(200, [(b"content-type", content_type), *headers], result.data)

    return [
        Route(
            methods=("POST", "PUT"), template="v1.0/bindings/{name}", endpoint=invoke,
            group="bindings", version="v1", name="InvokeBinding",
        )
    ]  # fmt: skip


async def _invoke_request(request: Request) -> InvokeRequest:
    """Read the body: operation, metadata, and data as JSON again."""
    try:
        fields = _fields(jsonx.loads_go(await request.read()))
    except (BodyTooLargeError, BodyBrokenError, _UnfitError) as error:
        raise DaprError(common.MALFORMED_REQUEST, error=str(error)) from None
    except jsonx.JSONError as error:
        raise DaprError(common.MALFORMED_REQUEST, error=error.stream_text) from None
    operation, data, metadata = fields
    try:
        body = jsonx.dumps(data)
    except (ValueError, TypeError) as error:
        raise DaprError(rows.MALFORMED_REQUEST_DATA, error=str(error)) from None
    for name in _TRACE_HEADERS:
        value = request.header(name)
        if value:
            metadata[name.decode()] = value.decode("latin-1")
    return InvokeRequest(operation, body, metadata)


class _UnfitError(Exception):
    """A field has another type than the endpoint takes; the text is Go's."""


def _fields(document: Any) -> tuple[str, Any, dict[str, str]]:
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise _UnfitError(jsonx.mismatch(document, "http.OutputBindingRequest"))
    folded = {key.lower(): value for key, value in document.items()}
    operation = folded.get("operation")
    if operation is not None and not isinstance(operation, str):
        raise _UnfitError(jsonx.mismatch(operation, "string", field=f"{_GO_STRUCT}.operation"))
    return operation or "", folded.get("data"), _metadata(folded.get("metadata"))


def _metadata(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _UnfitError(jsonx.mismatch(value, "map[string]string", field=f"{_GO_STRUCT}.metadata"))
    for item in value.values():
        if item is not None and not isinstance(item, str):
            raise _UnfitError(jsonx.mismatch(item, "string", field=f"{_GO_STRUCT}.metadata"))
    return {key: item or "" for key, item in value.items()}


def metadata_fields(metadata: Mapping[str, str]) -> Headers:
    """Response metadata as header fields, in the order of their names."""
    fields = sorted((METADATA_PREFIX + key).lower() for key in metadata)
    values = {(METADATA_PREFIX + key).lower(): value for key, value in metadata.items()}
    return [(name.encode("latin-1", "replace"), _one_line(values[name])) for name in fields]


def _one_line(value: str) -> bytes:
    return value.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")
