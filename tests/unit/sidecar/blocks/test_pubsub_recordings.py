"""What an application was sent for each recorded publish, and what it is sent by this block (app-callbacks.json)."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support import recordings, replay
from support.app_channel import FakeApp
from support.brokers import pubsub_component
from support.redis_server import RedisServer, redis_server

from dapr_components.contract import Metadata
from dapr_core.resources.loader import read_document
from dapr_core.resources.subscription import Subscription
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.pubsub import routes
from daprd.app.contract import Rule, SubscriptionSpec
from daprd.blocks.pubsub import PubSubBlock, declared_subscriptions

RECORDED = recordings.load("app-callbacks")["http"]
STEPS = [step for step in RECORDED["steps"] if "publish" in step and "request" in step["publish"]]
DECLARED = [
    SubscriptionSpec(
        "bus", "declared", (Rule('event.type == "special"', "/declared/special"), Rule("", "/declared")),
        kind="DECLARATIVE",
    ),
    SubscriptionSpec("bus", "declared1", (Rule("", "/declared1"),), kind="DECLARATIVE"),
]  # fmt: skip
# What the channel or the wire adds, and what the recording's token was.
NOT_OURS = {"host", "user-agent", "content-length", "dapr-api-token", "accept-encoding"}


def answer(request: Request) -> Response:
    """The application of the recording."""
    if request.target.startswith((b"/bulk", b"/rbulk")):
        entries = json.loads(request.body)["entries"]
        statuses = [{"entryId": entry["entryId"], "status": "SUCCESS"} for entry in entries]
        return Response(200, body=json.dumps({"statuses": statuses}).encode())
    if request.target == b"/dead":
        return Response(500, body=b"no")
    if request.target == b"/single" and b'"retry"' in request.body:
        return Response(200, body=b'{"status":"RETRY"}')
    if request.target == b"/single" and b'"drop"' in request.body:
        return Response(200, body=b'{"status":"DROP"}')
    if request.target == b"/single" and b'"notfound"' in request.body:
        return Response(404)
    return Response(200)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@asynccontextmanager
async def subscribed(address: str) -> AsyncIterator[tuple[PubSubBlock, FakeApp]]:
    block = PubSubBlock("cbapp", "default", replay.NoPolicies())
    app = FakeApp(answer, subscribe=json.dumps(RECORDED["app_answers"]["/dapr/subscribe"]).encode())
    async with (
        pubsub_component("pubsub.in-memory", name="bus") as bus,
        pubsub_component("pubsub.redis", {"redisHost": address}, name="rbus", app_id="cbapp") as rbus,
    ):
        await block.add("bus", bus, Metadata())
        await block.add("rbus", rbus, Metadata())
        block.subscriptions.declare(DECLARED)
        await block.subscriptions.start(app)
        await asyncio.sleep(0)
        try:
            yield block, app
        finally:
            await block.subscriptions.stop()


def neutral(body: str) -> str:
    """Without ids and times, also inside data that is itself an event."""
    inner = re.compile(r'"data_base64":"([^"]+)"')
    opened = inner.sub(lambda found: f'"data_base64":{json.dumps(base64.b64decode(found[1]).decode("latin-1"))}', body)
    return recordings.neutral(opened)


def received(step: dict[str, Any]) -> list[tuple[str, dict[str, str], str]]:
    found = []
    for request in step["app_received"]:
        headers = {}
        for line in request["headers"]:
            name, _, value = line.partition(": ")
            if name.lower() not in NOT_OURS:
                headers[name.lower()] = value
        found.append((request["line"].split()[1], headers, neutral(request["body"])))
    return found


def sent(request: Request) -> tuple[str, dict[str, str], str]:
    headers = {name.decode(): value.decode() for name, value in request.headers}
    return request.target.decode(), headers, neutral(request.body.decode())


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["step"])
def test_the_application_gets_what_it_got_from_the_original(step: dict[str, Any], server: RedisServer) -> None:
    async def main() -> None:
        server.command_line(b"FLUSHALL")
        async with subscribed(server.address) as (block, app):
            response = await replay.call(
                routes(block),
                step["publish"]["request"]["method"],
                step["publish"]["request"]["target"],
                recordings.body_of(step["publish"]["request"]["body"]),
                dict(line.split(": ", 1) for line in step["publish"]["request"]["headers"]),
            )
            assert response.status == 204
            want = received(step)
            if not want:
                await asyncio.sleep(0.05)
            got = [sent(request) for request in await app.wait(len(want))]
            if step["step"] == "redis bulk":
                assert one_by_one(got) == one_by_one(want)
            else:
                assert sorted(got, key=str) == sorted(want, key=str)

    asyncio.run(main())


def one_by_one(batches: list[tuple[str, dict[str, str], str]]) -> list[Any]:
    """The entries of batches in one order; how messages fall into batches is chance."""
    bodies = [json.loads(body) for _, _, body in batches]
    return sorted((entry for body in bodies for entry in body["entries"]), key=str)


def test_metadata_lists_the_recorded_subscriptions(server: RedisServer) -> None:
    async def main() -> None:
        async with subscribed(server.address) as (block, _):
            want = json.loads(RECORDED["metadata_answer"]["body"])["subscriptions"]
            assert block.listing() == want
            assert [list(item) for item in block.listing()] == [list(item) for item in want]

    asyncio.run(main())


def test_declared_resources_mean_the_recorded_subscriptions() -> None:
    texts = [text for name, text in RECORDED["context"]["resources"].items() if name.startswith("sub")]
    resources = [resource for text in texts if isinstance(resource := read_document(text), Subscription)]
    assert len(resources) == 3
    found = declared_subscriptions(resources, "cbapp")
    assert [dataclasses.replace(spec, name="") for spec in found] == DECLARED
    assert [spec.topic for spec in declared_subscriptions(resources, "someoneelse")] == [
        "declared", "declared1", "declared2",
    ]  # fmt: skip
