"""``bindings.http``: call a web server (components.md §2.5).

Operations are HTTP's methods; ``create`` is another word for POST. Request metadata shape the call: ``path`` goes
behind the manifest's ``url``, names that begin with a capital become header fields, ``errorIfNot2XX`` overrides the
manifest. The answer's status and header fields come back as response metadata, also beside an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Mapping
from http import HTTPStatus

from dapr_components.bindings.contract import BindingError, InvokeRequest, InvokeResult, OutputBinding
from dapr_components.bindings.http_settings import HTTPSettings
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_core.rpc.http1.client import HTTP1Client
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Headers, Request, Response
from dapr_core.truth import is_truthy

METHODS = ("create", "get", "head", "post", "put", "patch", "delete", "options", "trace")
WITH_BODY = frozenset({"create", "post", "put", "patch"})
JSON_TYPE = b"application/json; charset=utf-8"
CONNECT_TIMEOUT = 15.0
MAX_HEADER_BYTES = 1024 * 1024
"""What Go's client takes of a response's head."""
TRACE_FIELDS = ("traceparent", "tracestate", "baggage")


class HTTPBinding(OutputBinding):
    """A web server as an output binding."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._client: HTTP1Client | None = None

    async def init(self, metadata: Metadata) -> None:
        """Read the manifest, certificates included. Raises ``ComponentError`` naming the field that is wrong."""
        self._settings = await asyncio.to_thread(HTTPSettings.from_metadata, metadata)
        self._client = HTTP1Client(
            limits=Limits(max_header_bytes=MAX_HEADER_BYTES), connect_timeout=CONNECT_TIMEOUT, max_idle=64
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def operations(self) -> tuple[str, ...]:
        return METHODS

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """Make one call.

        Raises:
            ComponentError: the server cannot be reached or breaks off, or time is up.
            BindingError: it answered outside 2xx, and that counts as an error.
        """
        operation = request.operation.lower()
        if operation not in METHODS:
            raise ComponentError(f"invalid operation: {request.operation}")
        status, headers, body = await self._call(operation, request)
        metadata = _response_metadata(status, headers)
        if not 200 <= status < 300 and self._is_error(request.metadata):
            raise BindingError(f"received status code {status}", metadata)
        return InvokeResult(body, metadata)

    async def _call(self, operation: str, request: InvokeRequest) -> tuple[int, Headers, bytes]:
        assert self._client is not None, "init comes first"
        settings = self._settings
        outgoing = self._request(operation, request)
        try:
            async with asyncio.timeout(settings.response_timeout):
                response = await self._client.request(settings.origin, outgoing)
                return response.status, response.headers, await _limited(response, settings.max_body)
        except TimeoutError as error:
            text = str(error) or f"no answer within responseTimeout ({settings.response_timeout:g}s)"
            raise ComponentError(f"{settings.url}: {text}") from None
        except ConnectionRefusedError as error:
            raise ComponentError(f"{settings.url}: connection refused") from error
        except OSError as error:
            raise ComponentError(f"{settings.url}: {error.strerror or error}") from error
        except (ServerClosedError, BadResponseError, BodyBrokenError, ValueError) as error:
            raise ComponentError(f"{settings.url}: {error}") from error

    def _request(self, operation: str, request: InvokeRequest) -> Request:
        method = "POST" if operation == "create" else operation.upper()
        body = request.data if operation in WITH_BODY else b""
        headers: dict[bytes, bytes] = {b"accept": JSON_TYPE}
        if self._settings.credentials is not None:
            headers[b"authorization"] = self._settings.credentials
        if operation in WITH_BODY:
            headers[b"content-type"] = JSON_TYPE
        for key, value in request.metadata.items():
            if key[:1].isascii() and key[:1].isupper():
                headers[key.lower().encode("latin-1", "replace")] = _value(value)
        for name in TRACE_FIELDS:
            if request.metadata.get(name):
                headers[name.encode()] = _value(request.metadata[name])
        if self._settings.token_header and self._settings.token:
            headers[self._settings.token_header.lower().encode("latin-1")] = _value(self._settings.token)
        target = self._settings.target(request.metadata.get("path", ""))
        return Request(method, target, sorted(headers.items()), body)

    def _is_error(self, metadata: Mapping[str, str]) -> bool:
        given = metadata.get("errorIfNot2XX")
        return self._settings.error_if_not_2xx if given is None else is_truthy(given)


async def _limited(response: Response, limit: int | None) -> bytes:
    """The body, cut off at the limit."""
    body = response.body
    if isinstance(body, bytes):
        return body if limit is None else body[:limit]
    return await _gather(body, limit)


async def _gather(body: BodyStream | AsyncIterable[bytes], limit: int | None) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in body:
        chunks.append(chunk)
        size += len(chunk)
        if limit is not None and size >= limit:
            if isinstance(body, BodyStream):
                body.close()
            break
    whole = b"".join(chunks)
    return whole if limit is None else whole[:limit]


def _response_metadata(status: int, headers: Headers) -> dict[str, str]:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    metadata: dict[str, str] = {}
    for name, value in headers:
        key, text = _canonical(name.decode("latin-1")), value.decode("latin-1")
        metadata[key] = f"{metadata[key]}, {text}" if key in metadata else text
    return {**metadata, "statusCode": str(status), "status": f"{status} {phrase}".rstrip()}


def _canonical(name: str) -> str:
    """A header name as Go spells it: capitals at the start and after hyphens."""
    return "-".join(part.capitalize() for part in name.split("-"))


def _value(text: str) -> bytes:
    """A header value; what would end its line becomes a space."""
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ").encode("utf-8", "replace")
