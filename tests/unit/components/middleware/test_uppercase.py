"""The uppercase middleware capitalises the bodies of its direction."""

from __future__ import annotations

import asyncio

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.middleware.uppercase import UppercaseMiddleware
from dapr_core.rpc.messages import Request, Response


def call(direction: str | None, body: bytes = b"abc") -> tuple[Request, Response]:
    async def main() -> tuple[Request, Response]:
        middleware = UppercaseMiddleware(ComponentContext("up", "middleware.http.uppercase", "v1", "app"))
        await middleware.init(Metadata({} if direction is None else {"direction": direction}))
        seen: list[Request] = []

        async def following(request: Request) -> Response:
            seen.append(request)
            return Response(200, [(b"content-length", b"3")], b"xyz")

        response = await middleware.wrap(following)(
            Request("POST", b"/", [(b"content-length", b"%d" % len(body))], body)
        )
        return seen[0], response

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("direction", "request_body", "response_body"),
    [
        (None, b"ABC", b"xyz"),
        ("request", b"ABC", b"xyz"),
        ("response", b"abc", b"XYZ"),
        ("both", b"ABC", b"XYZ"),
    ],
)
def test_the_direction_says_whose_body_is_capitalised(
    direction: str | None, request_body: bytes, response_body: bytes
) -> None:
    request, response = call(direction)
    assert (request.body, response.body) == (request_body, response_body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [("grüße", "GRÜßE".encode()), ("ıx", b"IX"), (b"a\xffb", b"A\xffB")],
    ids=["several capitals", "shorter", "no UTF-8"],
)
def test_lengths_follow_the_body(body: str | bytes, expected: bytes) -> None:
    request, _ = call("request", body.encode() if isinstance(body, str) else body)
    assert request.body == expected
    assert request.length == len(expected)
    assert request.headers == [(b"content-length", b"%d" % len(expected))]


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ComponentError, match="direction"):
        call("sideways")
