"""``/v1.0/metadata`` (api.md §6.1)."""

from __future__ import annotations

from collections.abc import Awaitable

from dapr_core.rpc.messages import Request, Response
from daprd.api.http.render import JSON_TYPE, json_bytes, no_content
from daprd.api.http.routing import Params, Route
from daprd.blocks.metadata import MetadataBlock


def routes(block: MetadataBlock) -> list[Route]:
    """Reading the metadata, and setting one value; also on the public port."""

    def get(request: Request, params: Params) -> Response:
        # The original's encoder ends its document with a line break.
        return Response(200, [JSON_TYPE], json_bytes(block.get()) + b"\n")

    def put(request: Request, params: Params) -> Response | Awaitable[Response]:
        if isinstance(request.body, bytes):
            return store(params["key"], request.body)
        return put_stream(request, params["key"])

    async def put_stream(request: Request, key: str) -> Response:
        return store(key, await request.read())

    def store(key: str, value: bytes) -> Response:
        block.put(key, value.decode("utf-8", "replace"))
        return no_content()

    return [
        Route(
            methods=("GET",),
            template="v1.0/metadata",
            endpoint=get,
            group="metadata",
            version="v1",
            name="GetMetadata",
            public=True,
        ),
        Route(
            methods=("PUT",),
            template="v1.0/metadata/{key}",
            endpoint=put,
            group="metadata",
            version="v1",
            name="PutMetadata",
            public=True,
        ),
    ]
