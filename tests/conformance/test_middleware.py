"""What every HTTP middleware does, whatever it is for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_components.registry import find
from dapr_core.rpc.messages import Peer, Request, Response

VENDORS: dict[str, dict[str, str]] = {
    "uppercase": {"direction": "both"},
    "routeralias": {"routes": '{"/alias/{x}": "/target"}'},
    "ratelimit": {"maxRequestsPerSecond": "1000"},
}


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def made(vendor: str) -> Middleware:
    kind = find(f"middleware.http.{vendor}", "v1", Middleware)  # type: ignore[type-abstract]
    middleware = kind(ComponentContext(vendor, f"middleware.http.{vendor}", "v1", "app"))
    await middleware.init(Metadata(VENDORS[vendor]))
    return middleware


def through(vendor: str, scenario: Callable[[Middleware], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        middleware = await made(vendor)
        try:
            return await scenario(middleware)
        finally:
            await middleware.close()

    return asyncio.run(main())


def request() -> Request:
    return Request("POST", b"/path?q=1", [(b"x-mark", b"1")], b"BODY", peer=Peer("10.0.0.1", 1))


def test_a_request_reaches_the_following_handler_and_its_answer_comes_back(vendor: str) -> None:
    async def scenario(middleware: Middleware) -> None:
        async def following(got: Request) -> Response:
            assert (got.method, got.target, await got.read()) == ("POST", b"/path?q=1", b"BODY")
            assert got.header(b"x-mark") == b"1"
            return Response(201, [(b"x-answer", b"yes")], b"ANSWER")

        answer = await middleware.wrap(following)(request())
        assert (answer.status, answer.header(b"x-answer"), await answer.read()) == (201, b"yes", b"ANSWER")

    through(vendor, scenario)


def test_a_failure_of_the_following_handler_passes_through(vendor: str) -> None:
    async def scenario(middleware: Middleware) -> None:
        async def following(got: Request) -> Response:
            raise ConnectionResetError("gone")

        with pytest.raises(ConnectionResetError, match="gone"):
            await middleware.wrap(following)(request())

    through(vendor, scenario)


def test_one_middleware_may_stand_in_several_pipelines_and_serve_many_requests(vendor: str) -> None:
    async def scenario(middleware: Middleware) -> None:
        def following(name: bytes) -> AsyncHandler:
            async def handle(got: Request) -> Response:
                await asyncio.sleep(0)
                return Response(200, [(b"x-name", name)])

            return handle

        chains = [middleware.wrap(following(name)) for name in (b"ONE", b"TWO")]
        answers = await asyncio.gather(*(chain(request()) for chain in chains for _ in range(10)))
        assert [answer.header(b"x-name") for answer in answers] == [b"ONE"] * 10 + [b"TWO"] * 10

    through(vendor, scenario)
