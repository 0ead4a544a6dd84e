"""The book's messaging walk-throughs as they are done today: topics, Redis Streams, output bindings (B21, B22, B43,
B44, B47)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.book import Play, node, play, python
from support.calls import call
from support.cli import Cli, unique_id
from support.echo_app import Answer, EchoApp, Received, Rule, echo, echo_app
from support.manifests import component, folder
from support.processes import daprd, wait_until
from support.redis_server import RedisServer, redis_server
from support.redis_words import ask


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def resources(tmp_path: Path, redis: RedisServer) -> Path:
    return folder(tmp_path / "components", component("bus", "pubsub.redis", redisHost=redis.address))


def events(app: Play, route: str, count: int) -> list[dict[str, Any]]:
    """The first events that the application printed for a route."""
    mark = f"== APP == event {route} application/cloudevents+json "
    wait_until(lambda: app.output.count(mark) >= count, what=f"{count} events on {route}")
    return [json.loads(line.partition(mark)[2]) for line in app.output.splitlines() if mark in line][:count]


TOPICS_OF_2020 = [{"topic": "A", "route": "A"}, {"topic": "B", "route": "B"}]
"""As the book prints it: a topic names no component (N04), its route begins with no slash."""


@pytest.mark.parametrize("language", ["python", "node"])
def test_B21_each_publication_arrives_at_the_route_of_its_topic(cli: Cli, resources: Path, language: str) -> None:
    command = node("subscriber.js") if language == "node" else python("subscriber.py")
    app = play(
        cli, unique_id(f"{language}-sub"), command, resources=resources, SUBSCRIPTIONS=json.dumps(TOPICS_OF_2020)
    )
    for topic in ("A", "B"):
        for number in (1, 2):
            assert call(app.port, "POST", f"/v1.0/publish/bus/{topic}", {"n": number}).status == 204
    for topic in ("A", "B"):
        assert sorted(event["data"]["n"] for event in events(app, f"/{topic}", 2)) == [1, 2]


def test_B21_a_subscription_of_today_names_its_component(cli: Cli, resources: Path) -> None:
    wanted = [{"pubsubname": "bus", "topic": "A", "route": "/A"}, {"pubsubname": "bus", "topic": "B", "route": "B"}]
    app = play(cli, unique_id("sub"), python("subscriber.py"), resources=resources, SUBSCRIPTIONS=json.dumps(wanted))
    for topic in ("A", "B"):
        assert call(app.port, "POST", f"/v1.0/publish/bus/{topic}", {"n": topic}).status == 204
        assert events(app, f"/{topic}", 1)[0]["data"] == {"n": topic}


def test_B22_a_published_message_is_wrapped_as_a_cloud_event(cli: Cli, resources: Path) -> None:
    wanted = [{"pubsubname": "bus", "topic": "wrapped", "route": "/wrapped"}]
    subscriber = play(
        cli, unique_id("sub"), python("subscriber.py"), resources=resources, SUBSCRIPTIONS=json.dumps(wanted)
    )
    publisher = unique_id("pub")
    with daprd(publisher, resources=resources) as sidecar:
        answer = call(sidecar.http_port, "POST", "/v1.0/publish/bus/wrapped", {"message": "hello"})
        assert (answer.status, answer.body) == (204, b"")
        assert call(sidecar.http_port, "POST", "/v1.0/publish/wrapped", {"message": "2020"}).status == 404
    [event] = events(subscriber, "/wrapped", 1)
    assert event.pop("id")
    assert event.pop("time")
    assert [event.pop(name) for name in ("traceid", "traceparent", "tracestate")] == ["", "", ""], "tracing is off"
    assert event == {
        "data": {"message": "hello"}, "datacontenttype": "application/json", "pubsubname": "bus", "source": publisher,
        "specversion": "1.0", "topic": "wrapped", "type": "com.dapr.event.sent",
    }  # fmt: skip


def test_B43_an_event_stays_pending_until_the_application_has_answered(
    redis: RedisServer, resources: Path, tmp_path: Path
) -> None:
    app_id = unique_id("streams")
    pending_inside: list[Any] = []

    def rule(request: Received) -> Answer | None:
        if request.target == "/dapr/subscribe":
            return Answer(body=json.dumps([{"pubsubname": "bus", "topic": app_id, "route": "/t"}]).encode())
        if request.target == "/t":
            pending_inside.append(ask(redis.port, "XPENDING", app_id, app_id)[0])
            return Answer()
        return None

    with echo_app(rule) as app, daprd(app_id, resources=resources, app_port=app.port):
        by_hand = json.dumps({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": 35235.6})
        entry = ask(redis.port, "XADD", app_id, "*", "data", by_hand)
        [request] = app.wait_for(lambda each: each.target == "/t")
        assert json.loads(request.body)["data"] == 35235.6
        wait_until(lambda: ask(redis.port, "XPENDING", app_id, app_id)[0] == 0, what="the acknowledgement")
    assert pending_inside == [1]
    assert ask(redis.port, "XREAD", "STREAMS", app_id, "0")[0][1][0][0] == entry


def test_B43_what_a_dead_consumer_had_read_is_claimed_by_another(redis: RedisServer, tmp_path: Path) -> None:
    app_id = unique_id("claim")
    bus = component(
        "bus", "pubsub.redis", redisHost=redis.address, processingTimeout="500ms", redeliverInterval="200ms"
    )
    resources = folder(tmp_path / "claiming", bus)
    subscribe = Answer(body=json.dumps([{"pubsubname": "bus", "topic": app_id, "route": "/t"}]).encode())

    def subscribes(request: Received) -> Answer | None:
        return subscribe if request.target == "/dapr/subscribe" else None

    with stuck_app(subscribes) as (stuck, release):
        with daprd(app_id, resources=resources, app_port=stuck.port) as first:
            assert call(first.http_port, "POST", f"/v1.0/publish/bus/{app_id}", {"n": 1}).status == 204
            stuck.wait_for(lambda each: each.target == "/t")
            first.popen.kill()
        with echo_app(subscribes) as app, daprd(app_id, resources=resources, app_port=app.port):
            [request] = app.wait_for(lambda each: each.target == "/t")
            assert json.loads(request.body)["data"] == {"n": 1}
            wait_until(lambda: ask(redis.port, "XPENDING", app_id, app_id)[0] == 0, what="the acknowledgement")
        release()


@contextmanager
def stuck_app(rule: Rule) -> Iterator[tuple[EchoApp, Callable[[], None]]]:
    """An application that takes an event and does not answer until it is released."""
    go = threading.Event()

    def hold(request: Received) -> Answer | None:
        if request.target == "/t":
            go.wait(30)
        return echo(request)

    with echo_app(rule, hold) as app:
        try:
            yield app, go.set
        finally:
            go.set()


def test_B44_the_cli_publishes_to_listening_scripts(cli: Cli, resources: Path) -> None:
    subscribe = json.dumps([{"topic": "A", "route": "/A"}])
    ps, second = (
        play(
            cli, unique_id(name), python("subscriber.py"), "--protocol", "http", "--components-path", str(resources),
            old_names=True, SUBSCRIPTIONS=subscribe,
        )
        for name in ("ps", "second")
    )  # fmt: skip
    message = ("--topic", "A", "--payload", '{ "message": "This is a test" }')
    done = cli.run("publish", "--publish-app-id", ps.app_id, "--pubsub", "bus", *message)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Event published successfully" in done.stdout
    for app in (ps, second):
        assert events(app, "/A", 1)[0]["data"] == {"message": "This is a test"}, "each application gets its own copy"


def test_B44_the_command_of_2020_is_told_what_it_lacks(cli: Cli) -> None:
    done = cli.run("publish", "--topic", "A", "--payload", '{ "message": "This is a test" }')
    assert done.returncode != 0
    assert "publish-app-id" in done.stderr
    assert "pubsub" in done.stderr


def test_B47_orders_of_an_output_loop_land_in_the_sink(cli: Cli, redis: RedisServer, tmp_path: Path) -> None:
    sink = folder(tmp_path / "sink", component("sample-topic", "bindings.redis", redisHost=redis.address))
    running = cli.start(
        "run", "--app-id", unique_id("outputs"), "--resources-path", str(sink), "--", *python("outputs.py"),
        OPERATION="create",
    )  # fmt: skip
    status, said = running.wait()
    assert status == 0, said
    assert said.count(" 204 ") == 3, said
    assert [json.loads(ask(redis.port, "GET", f"o-{number}")) for number in (1, 2, 3)] == [
        {"orderId": number} for number in (1, 2, 3)
    ]


def test_B47_the_body_of_2020_is_told_what_it_lacks(redis: RedisServer, tmp_path: Path) -> None:
    sink = folder(tmp_path / "sink", component("sample-topic", "bindings.redis", redisHost=redis.address))
    with daprd(unique_id("old"), resources=sink) as sidecar:
        answer = call(sidecar.http_port, "POST", "/v1.0/bindings/sample-topic", {"data": {"orderId": 1}})
        assert (answer.status, answer.json["errorCode"]) == (500, "ERR_INVOKE_OUTPUT_BINDING")
        assert "operation field is missing from request" in answer.json["message"]
