"""The router alias leads paths to other routes of the API."""

from __future__ import annotations

import asyncio
import logging

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.middleware.routeralias import RouterAliasMiddleware
from dapr_core.rpc.messages import Request, Response

ROUTES = """{
  "/mall/info": "/v1.0/invoke/shop/method/info",
  "/orders/{id}/of/{user}": "/v1.0/invoke/shop/method/order",
  "/numbers/{n:[0-9]{1,3}}": "/v1.0/invoke/calc/method/number?base=10",
  "/grüße": "/v1.0/invoke/shop/method/grüße"
}"""


def target(path: str, metadata: dict[str, str]) -> bytes:
    async def main() -> bytes:
        middleware = RouterAliasMiddleware(ComponentContext("alias", "middleware.http.routeralias", "v1", "app"))
        await middleware.init(Metadata(metadata))

        async def following(request: Request) -> Response:
            return Response(200, [], request.target)

        return await (await middleware.wrap(following)(Request("GET", path.encode()))).read()

    return asyncio.run(main())


CASES = {
    "/mall/info": b"/v1.0/invoke/shop/method/info",
    "/mall/info?b=2&a=1": b"/v1.0/invoke/shop/method/info?b=2&a=1",
    "/orders/7/of/me": b"/v1.0/invoke/shop/method/order?id=7&user=me",
    "/orders/7/of/me?x=1&id=0": b"/v1.0/invoke/shop/method/order?id=0&id=7&user=me&x=1",
    "/orders/a%20b/of/c%26d": b"/v1.0/invoke/shop/method/order?id=a+b&user=c%26d",
    "/numbers/42": b"/v1.0/invoke/calc/method/number?base=10&n=42",
    "/numbers/4242": b"/numbers/4242",
    "/gr%C3%BC%C3%9Fe": b"/v1.0/invoke/shop/method/gr%C3%BC%C3%9Fe",
    "/orders/7": b"/orders/7",
    "/mall/info/more": b"/mall/info/more",
    "/v1.0/state/x": b"/v1.0/state/x",
}


@pytest.mark.parametrize(("path", "expected"), CASES.items(), ids=CASES)
def test_a_path_that_fits_a_template_is_rewritten(path: str, expected: bytes) -> None:
    assert target(path, {"routes": ROUTES}) == expected


def test_routes_may_be_yaml() -> None:
    assert target("/a/1", {"routes": '"/a/{x}": /b\n"/c": /d'}) == b"/b?x=1"
    assert target("/a/1", {"routes": ""}) == b"/a/1"


def test_entries_of_the_metadata_are_routes_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert target("/a", {"/a": "/b"}) == b"/b"
    assert "deprecated" in caplog.text


@pytest.mark.parametrize(
    "routes",
    ["[1]", '{"a": "/b"}', '{"/a": "b"}', '{"/a": 5}', '{"/a/{x": "/b"}', '{"/a/{x:(}": "/b"}', "{"],
)
def test_wrong_routes_are_refused(routes: str) -> None:
    with pytest.raises(ComponentError, match="route"):
        target("/", {"routes": routes})
