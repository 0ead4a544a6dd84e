"""The recorded answers of the publish API, replayed on the routes with real brokers behind them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support import recordings, replay
from support.brokers import pubsub_component
from support.redis_server import RedisServer, redis_server

from dapr_components.contract import Metadata
from daprd.api.http.pubsub import routes
from daprd.blocks.pubsub import PubSubBlock


def publish_entries(*contexts: str) -> list[dict[str, Any]]:
    """Entries that reach a publish route: not the router's fallback, the middlewares or the body limit."""
    found = []
    for entry in recordings.load("http-api")["entries"]:
        request = entry.get("request", {})
        if entry["context"] not in contexts or not re.match(r"/v1\.0(-alpha1)?/publish/.", request.get("target", "")):
            continue
        body = str(entry["response"]["body"])
        if "ERR_DIRECT_INVOKE" not in body and "baggage" not in body:
            found.append(entry)
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@asynccontextmanager
async def running_block(address: str) -> AsyncIterator[PubSubBlock]:
    block = PubSubBlock("golden", "default", replay.NoPolicies())
    scoped = {"publishingScopes": "golden=ok,a/b", "allowedTopics": "ok,a/b,other"}
    async with (
        pubsub_component("pubsub.in-memory", name="bus") as bus,
        pubsub_component("pubsub.redis", {"redisHost": address}, name="rbus") as rbus,
    ):
        await block.add("bus", bus, Metadata())
        await block.add("rbus", rbus, Metadata(scoped))
        yield block


@pytest.mark.parametrize("entry", publish_entries("full"), ids=lambda entry: entry["name"])
def test_a_recorded_publish_gets_the_recorded_answer(entry: dict[str, Any], server: RedisServer) -> None:
    async def main() -> None:
        async with running_block(server.address) as block:
            response = await replay.replay(routes(block), entry)
            assert replay.differences(entry, response) == []

    asyncio.run(main())


@pytest.mark.parametrize("entry", publish_entries("bare"), ids=lambda entry: entry["name"])
def test_without_any_broker_every_route_says_so(entry: dict[str, Any]) -> None:
    block = PubSubBlock("golden", "", replay.NoPolicies())
    response = asyncio.run(replay.replay(routes(block), entry))
    assert replay.differences(entry, response) == []


def test_the_battery_covers_both_brokers() -> None:
    assert len(publish_entries("full")) > 55
