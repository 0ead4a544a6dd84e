"""The recorded answers of the bindings API, replayed on the route with real bindings behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support import recordings, replay
from support.echo_app import EchoApp, echo_app
from support.redis_server import RedisServer, redis_server

from dapr_components.bindings.contract import OutputBinding
from dapr_components.contract import Component, ComponentContext, Metadata
from dapr_components.registry import find
from daprd.api.http.bindings import routes
from daprd.blocks.bindings import BindingsBlock

DIRECTORY = "/any/golden-irkgqbte/files"


def binding_entries(*contexts: str) -> list[dict[str, Any]]:
    """Entries that reach the route: not the router's fallback, the middlewares or the body limit."""
    found = []
    for entry in recordings.load("http-api")["entries"]:
        if entry["context"] not in contexts or "/bindings/" not in entry.get("request", {}).get("target", ""):
            continue
        body = str(entry["response"]["body"])
        if "ERR_DIRECT_INVOKE" not in body and "baggage" not in body:
            found.append(entry)
    return found


@asynccontextmanager
async def running_block(app: EchoApp, server: RedisServer, files: Path) -> AsyncIterator[BindingsBlock]:
    manifests = {
        "httpb": ("bindings.http", {"url": f"http://127.0.0.1:{app.port}/hb"}),
        "httpbad": ("bindings.http", {"url": f"http://127.0.0.1:{app.port}/status/404"}),
        "locb": ("bindings.localstorage", {"rootPath": str(files)}),
        "redb": ("bindings.redis", {"redisHost": server.address}),
        "cronb": ("bindings.cron", {"schedule": "@every 1h"}),
    }
    block = BindingsBlock(replay.NoPolicies())
    started: list[Component] = []
    try:
        for name, (kind, metadata) in manifests.items():
            component = find(kind, "v1", Component)(  # type: ignore[type-abstract]
                ComponentContext(name=name, type=kind, version="v1", app_id="golden")
            )
            started.append(component)
            await component.init(Metadata(metadata))
            await block.add(name, component, Metadata(metadata))
        yield block
    finally:
        for component in started:
            await component.close()


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


def test_every_recorded_call_of_a_binding_gets_the_recorded_answer(
    app: EchoApp, server: RedisServer, tmp_path: Path
) -> None:
    entries = binding_entries("full")
    assert len(entries) == 28

    async def main() -> list[str]:
        wrong: list[str] = []
        async with running_block(app, server, tmp_path) as block:
            for entry in entries:  # in their order: what one creates the next reads
                response = await replay.replay(routes(block), entry)
                if entry["name"] == "binding local list":
                    assert response.body.count(str(tmp_path).encode()) == 2
                    continue
                found = replay.differences(entry, response, {DIRECTORY: str(tmp_path)})
                wrong += [f"{entry['name']}: {text}" for text in found]
        return wrong

    assert asyncio.run(main()) == []


@pytest.mark.parametrize("entry", binding_entries("bare"), ids=lambda entry: entry["name"])
def test_without_any_binding_the_route_says_so(entry: dict[str, Any]) -> None:
    response = asyncio.run(replay.replay(routes(BindingsBlock(replay.NoPolicies())), entry))
    assert replay.differences(entry, response) == []


def test_an_output_binding_that_its_manifest_restricts_to_input_cannot_be_called(server: RedisServer) -> None:
    async def main() -> None:
        kind = find("bindings.redis", "v1", OutputBinding)  # type: ignore[type-abstract]
        block = BindingsBlock(replay.NoPolicies())
        binding = kind(ComponentContext(name="b", type="bindings.redis", version="v1", app_id="a"))
        await block.add("b", binding, Metadata({"direction": "input"}))
        body = b'{"operation":"get","metadata":{"key":"k"}}'
        response = await replay.call(routes(block), "POST", "/v1.0/bindings/b", body)
        assert response.status == 500
        assert b"couldn't find output binding b" in await response.read()

    asyncio.run(main())
