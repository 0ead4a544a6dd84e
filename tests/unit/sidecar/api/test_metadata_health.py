"""Metadata, health checks and shutdown, as recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support import recordings

from dapr_core.rpc.messages import BodyStream, Headers, Request, Response
from daprd.api.http import health, metadata, shutdown
from daprd.api.http.server import ApiOptions, api_handler
from daprd.app.contract import Rule, SubscriptionSpec
from daprd.blocks.metadata import ActorInfo, AppConnection, AppHealthInfo, ComponentInfo, MetadataBlock, Snapshot

RECORDED = recordings.load("http-api")["entries"]
CALLBACKS = recordings.load("app-callbacks")


def recorded(context: str, name: str) -> str:
    return next(
        entry["response"]["body"] for entry in RECORDED if entry["context"] == context and entry["name"] == name
    )


class Parts:
    def __init__(self, unready: list[str] | None, outbound: bool = True) -> None:
        self._unready = unready
        self._outbound = outbound

    def unready(self) -> list[str] | None:
        return self._unready

    def outbound_ready(self) -> bool:
        return self._outbound


def ask(routes: Any, method: str, target: str, headers: Headers | None = None, body: Any = b"") -> Response:
    answer = api_handler(routes, ApiOptions())(Request(method, target.encode(), list(headers or []), body))
    if isinstance(answer, Response):
        return answer

    async def wait() -> Response:
        return await answer

    return asyncio.run(wait())


def snapshot_of(answer: dict[str, Any]) -> Snapshot:
    """The values of which a recorded answer tells."""
    app, actors = answer["appConnectionProperties"], answer["actorRuntime"]
    probes = app.get("health")
    return Snapshot(
        app_id=answer["id"],
        runtime_version=answer["runtimeVersion"],
        enabled_features=answer["enabledFeatures"],
        components=[
            ComponentInfo(item["name"], item["type"], item["version"], item.get("capabilities", ()))
            for item in answer.get("components", [])
        ],
        subscriptions=[
            SubscriptionSpec(
                item["pubsubname"],
                item["topic"],
                tuple(Rule(rule.get("match", ""), rule.get("path", "")) for rule in item["rules"]),
                item["deadLetterTopic"],
                item.get("metadata", {}),
                kind=item["type"],
            )
            for item in answer.get("subscriptions", [])
        ],
        http_endpoints=[item["name"] for item in answer.get("httpEndpoints", [])],
        app=AppConnection(
            app["protocol"],
            app["channelAddress"],
            app.get("port", 0),
            health=probes
            and AppHealthInfo(
                probes["healthProbeInterval"],
                probes["healthProbeTimeout"],
                probes["healthThreshold"],
                probes.get("healthCheckPath", ""),
            ),
        ),
        actors=ActorInfo(
            actors["runtimeStatus"],
            actors["hostReady"],
            actors["placement"],
            {item["type"]: item.get("count", 0) for item in actors.get("activeActors", [])},
        ),
        scheduler_addresses=answer.get("scheduler", {}).get("connected_addresses", ()),
    )


@pytest.mark.parametrize(
    "body",
    [
        recorded("full", "metadata"),
        recorded("bare", "metadata"),
        recorded("noapp", "metadata"),
        recorded("actors", "metadata"),
        recorded("actors with scheduler", "metadata"),
        CALLBACKS["http"]["metadata_answer"]["body"],
        CALLBACKS["grpc"]["metadata_answer"]["body"],
    ],
    ids=["full", "bare", "noapp", "actors", "scheduler", "HTTP app with subscriptions", "gRPC app"],
)
def test_the_answer_is_the_recorded_one_to_the_byte(body: str) -> None:
    block = MetadataBlock(lambda: snapshot_of(json.loads(body)))
    answer = ask(metadata.routes(block), "GET", "/v1.0/metadata")
    assert (answer.status, answer.headers) == (200, [(b"content-type", b"application/json")])
    assert answer.body == body.encode()


def test_added_values_appear_among_the_extended_ones() -> None:
    body = recorded("full", "metadata after put")
    block = MetadataBlock(lambda: snapshot_of(json.loads(body)))
    routes = metadata.routes(block)
    for target, value in (
        ("/v1.0/metadata/note", "plain text ☃"),
        ("/v1.0/metadata/a%20b+c", "v"),
        ("/v1.0/metadata/empty", ""),
    ):
        assert ask(routes, "PUT", target, body=value.encode()).status == 204
    assert ask(routes, "GET", "/v1.0/metadata").body == body.encode()


def test_a_value_may_arrive_in_pieces() -> None:
    class Pieces(BodyStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"in "
            yield b"pieces"

    block = MetadataBlock(lambda: Snapshot("a", "1"))
    assert ask(metadata.routes(block), "PUT", "/v1.0/metadata/k", body=Pieces()).status == 204
    assert block.extended() == {"daprRuntimeVersion": "1", "k": "in pieces"}


@pytest.mark.parametrize(
    ("unready", "target", "status", "body"),
    [
        ([], "/v1.0/healthz", 204, ""),
        ([], "/v1.0/healthz?appid=golden", 204, ""),
        ([], "/v1.0/healthz?appid=other", 500, recorded("full", "healthz appid wrong")),
        (["runtime"], "/v1.0/healthz", 500, recorded("app not listening", "healthz")),
        (["runtime"], "/v1.0/healthz?appid=other", 500, recorded("app not listening", "healthz appid wrong")),
        (["a", "b"], "/v1.0/healthz", 500, '{"errorCode":"ERR_HEALTH_NOT_READY","message":"dapr is not ready: [a b]"}'),
        (None, "/v1.0/healthz", 500, '{"errorCode":"ERR_HEALTH_NOT_READY","message":"dapr is not ready: []"}'),
    ],
)
def test_healthz_tells_what_is_not_ready(unready: list[str] | None, target: str, status: int, body: str) -> None:
    answer = ask(health.routes("golden", Parts(unready)), "GET", target)
    assert (answer.status, answer.body) == (status, body.encode())


def test_outbound_health_does_not_wait_for_the_rest() -> None:
    assert ask(health.routes("golden", Parts(["runtime"])), "GET", "/v1.0/healthz/outbound").status == 204
    answer = ask(health.routes("golden", Parts([], outbound=False)), "GET", "/v1.0/healthz/outbound")
    assert (answer.status, json.loads(answer.body)["errorCode"]) == (500, "ERR_OUTBOUND_HEALTH_NOT_READY")  # type: ignore[arg-type]


@pytest.mark.parametrize(("header", "force"), [(b"true", True), (b"TRUE", True), (b"false", False), (None, False)])
def test_shutdown_is_acknowledged_and_may_be_forced(header: bytes | None, force: bool) -> None:
    asked: list[bool] = []
    headers = [] if header is None else [(b"dapr-force-shutdown", header)]
    assert ask(shutdown.routes(asked.append), "POST", "/v1.0/shutdown", headers).status == 204
    assert asked == [force]
