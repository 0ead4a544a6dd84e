"""Pipelines run the listed middlewares that are loaded, in order, and are exchanged under live requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_core.rpc.messages import Request, Response
from daprd.pipeline.pipelines import Loaded, Pipeline, Pipelines


@dataclass(frozen=True)
class Listed:
    name: str
    type: str = "middleware.http.mark"
    version: str = ""


@dataclass(frozen=True)
class Spec:
    handlers: tuple[Listed, ...] = ()


class Mark(Middleware):
    """Notes its name in the request on the way in."""

    def __init__(self, name: str) -> None:
        super().__init__(ComponentContext(name, "middleware.http.mark", "v1", "app"))

    async def init(self, metadata: Metadata) -> None: ...

    def wrap(self, following: AsyncHandler) -> AsyncHandler:
        async def handle(request: Request) -> Response:
            request.target += b"/" + self.context.name.encode()
            return await following(request)

        return handle


async def innermost(request: Request) -> Response:
    return Response(200, [], request.target)


async def path(handler: AsyncHandler) -> bytes:
    return await (await handler(Request("GET", b""))).read()


def offer(pipelines: Pipelines, name: str, kind: str = "middleware.http.mark", version: str = "v1") -> None:
    pipelines.add(name, kind, version, Mark(name))


def test_the_first_listed_is_the_outermost() -> None:
    pipelines = Pipelines(Spec((Listed("a"), Listed("b"))), Spec())
    offer(pipelines, "b")
    offer(pipelines, "a")
    assert asyncio.run(path(pipelines.api(innermost))) == b"/a/b"


def test_the_two_pipelines_have_their_own_lists() -> None:
    pipelines = Pipelines(Spec((Listed("a"),)), Spec((Listed("b"),)))
    api, app = pipelines.api(innermost), pipelines.app(innermost)
    offer(pipelines, "a")
    offer(pipelines, "b")
    assert asyncio.run(path(api)) == b"/a"
    assert asyncio.run(path(app)) == b"/b"


@pytest.mark.parametrize(
    ("kind", "version", "runs"),
    [
        ("middleware.http.mark", "v1", True),
        ("Middleware.HTTP.Mark", "", True),
        ("middleware.http.mark", "v2", False),
        ("middleware.http.other", "v1", False),
    ],
)
def test_a_handler_that_is_missing_or_differs_is_skipped(kind: str, version: str, runs: bool) -> None:
    pipelines = Pipelines(Spec((Listed("missing"), Listed("a"))), Spec())
    offer(pipelines, "a", kind, version)
    assert asyncio.run(path(pipelines.api(innermost))) == (b"/a" if runs else b"")


def test_an_empty_list_costs_nothing() -> None:
    assert Pipelines(Spec(), Spec()).api(innermost) is innermost


def test_middlewares_come_and_go_while_serving() -> None:
    pipelines = Pipelines(Spec((Listed("a"),)), Spec())
    serve = pipelines.api(innermost)

    async def main() -> list[bytes]:
        seen = [await path(serve)]
        offer(pipelines, "a")
        seen.append(await path(serve))
        pipelines.remove("a")
        pipelines.remove("never there")
        seen.append(await path(serve))
        return seen

    assert asyncio.run(main()) == [b"", b"/a", b""]


def test_a_request_in_flight_finishes_in_the_chain_it_began_with() -> None:
    async def main() -> None:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def slow(request: Request) -> Response:
            entered.set()
            await leave.wait()
            return await innermost(request)

        pipeline = Pipeline([Listed("a")], slow)
        pipeline.rebuild({"a": Loaded("middleware.http.mark", "v1", Mark("a"))})
        running = asyncio.create_task(path(pipeline))
        await entered.wait()
        pipeline.rebuild({})
        leave.set()
        assert await running == b"/a"
        assert await path(pipeline.handler) == b""

    asyncio.run(main())
