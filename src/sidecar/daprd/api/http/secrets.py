"""The secrets API over HTTP (api.md §1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dapr_core import jsonx
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.render import JSON_TYPE, query_metadata
from daprd.api.http.routing import Endpoint, Params, Route
from daprd.blocks.secrets import SecretsBlock


def routes(block: SecretsBlock) -> list[Route]:
    """The routes of the secrets API."""

    async def get(request: Request, params: Params) -> Response:
        found = await block.get(params["secretStoreName"], params["key"], metadata=query_metadata(request))
        return Response(204) if found is None else _answer(found)

    async def bulk_get(request: Request, params: Params) -> Response:
        return _answer(await block.bulk_get(params["secretStoreName"], metadata=query_metadata(request)))

    store = "v1.0/secrets/{secretStoreName}"
    return [_route(f"{store}/bulk", bulk_get, "GetBulkSecret"), _route(f"{store}/{{key}}", get, "GetSecret")]


def _route(template: str, endpoint: Endpoint, name: str) -> Route:
    return Route(methods=("GET",), template=template, endpoint=endpoint, group="secrets", version="v1", name=name)


def _answer(value: Mapping[str, Any]) -> Response:
    return Response(200, [JSON_TYPE], jsonx.dumps(dict(value)) + b"\n")
