"""Publish endpoints (api.md §1.5)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from dapr_core.errors import DaprError
from dapr_core.events import Trace
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Headers, Request, Response
from daprd.api.http.bulk_events import parse_bulk
from daprd.api.http.render import json_bytes, json_response, no_content, query_metadata
from daprd.api.http.routing import Params, Route
from daprd.blocks.pubsub import BulkFailure, PubSubBlock, Target
from daprd.blocks.pubsub.publishing import LARGE
from daprd.catalogue import pubsub as rows

_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_NO_TRACE = Trace()


def routes(block: PubSubBlock) -> list[Route]:
    """The routes of pub/sub over a block."""
    endpoints = _Endpoints(block)
    bulk = "publish/bulk/{pubsubname}/*"
    methods = ("POST", "PUT")
    return [
        Route(
            methods=methods, template="v1.0/publish/{pubsubname}/*", endpoint=endpoints.publish,
            group="publish", version="v1", name="PublishEvent",
        ),
        Route(
            methods=methods, template=f"v1.0/{bulk}", endpoint=endpoints.bulk_publish,
            group="publish", version="v1", name="BulkPublishEvent",
        ),
        Route(
            methods=methods, template=f"v1.0-alpha1/{bulk}", endpoint=endpoints.bulk_publish,
            group="publish", version="v1alpha1", name="BulkPublishEvent",
        ),
    ]  # fmt: skip


class _Endpoints:
    def __init__(self, block: PubSubBlock) -> None:
        self._app_id = block.app_id
        self._publisher = block.publisher

    async def publish(self, request: Request, params: Params) -> Response:
        """One message: the body is its data, the content type the data's."""
        target = self._publisher.target(params["pubsubname"], params["*"], query_metadata(request))
        data = await _body(request, target)
        content_type = (request.header(b"content-type") or b"").decode("latin-1")
        await self._publisher.publish(target, data, content_type=content_type, trace=_trace(request))
        return no_content()

    async def bulk_publish(self, request: Request, params: Params) -> Response:
        """Many messages in a JSON array; 204 only when every one of them was published."""
        target = self._publisher.target(params["pubsubname"], params["*"], query_metadata(request))
        data = await _body(request, target)
        if len(data) >= LARGE:
            messages = await asyncio.to_thread(parse_bulk, data, target, self._app_id)
        else:
            messages = parse_bulk(data, target, self._app_id)
        failed = await self._publisher.bulk_publish(target, messages, trace=_trace(request))
        return _bulk_failure(target, failed) if failed else no_content()


async def _body(request: Request, target: Target) -> bytes:
    try:
        return await request.read()
    except (BodyTooLargeError, BodyBrokenError) as error:
        raise DaprError(rows.PUBLISH, name=target.name, topic=target.topic, error=str(error)) from None


def _trace(request: Request) -> Trace:
    """The caller's trace context; none when it is not a valid one."""
    parent = request.header(b"traceparent")
    if parent is None or not _TRACEPARENT.fullmatch(parent):
        return _NO_TRACE
    return Trace(parent.decode(), (request.header(b"tracestate") or b"").decode("latin-1"))


def _bulk_failure(target: Target, failed: Sequence[BulkFailure]) -> Response:
    """The answer that says which entries failed, in its body and, as the original does, in headers too."""
    error = DaprError(rows.PUBLISH, name=target.name, topic=target.topic, error=failed[0].error)
    entries = [{"entryId": failure.entry_id, "error": failure.error} for failure in failed]
    body = {"failedEntries": entries, "errorCode": rows.PUBLISH.tag}
    headers: Headers = [
        (b"metadata.responsedata", json_bytes(body)),
        (b"metadata.error", f"api error: code = Internal desc = {error.message('http')}".encode()),
    ]
    return json_response(rows.PUBLISH.http_status, body, [(name, _one_line(value)) for name, value in headers])


def _one_line(value: bytes) -> bytes:
    """A header value: what would end the line becomes a space."""
    return value.translate(_SPACES)


_SPACES = bytes(0x20 if byte < 0x20 or byte == 0x7F else byte for byte in range(256))
