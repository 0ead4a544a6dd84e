"""Pub/sub and bindings through a real sidecar, a real broker and a real application."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.processes import Daprd, daprd, wait_until
from support.rawhttp import RawAnswer, exchange, request_bytes
from support.redis_server import RedisServer, redis_server

SUBSCRIPTION = """
apiVersion: dapr.io/v2alpha1
kind: Subscription
metadata:
  name: {name}
spec:
  pubsubname: rbus
  topic: {topic}
  routes:
    default: {path}
"""
BROKER = """
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: rbus
spec:
  type: pubsub.redis
  version: v1
  metadata:
  - name: redisHost
    value: "{address}"
  - name: processingTimeout
    value: "1s"
  - name: redeliverInterval
    value: "200"
"""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def resources(directory: Path, server: RedisServer, **subscriptions: str) -> Path:
    """A Redis broker, and a declarative subscription per topic."""
    (directory / "rbus.yaml").write_text(BROKER.format(address=server.address))
    for topic, path in subscriptions.items():
        (directory / f"{topic}.yaml").write_text(SUBSCRIPTION.format(name=topic, topic=topic, path=path))
    return directory


def publish(sidecar: Daprd, target: str, body: bytes, *headers: str) -> RawAnswer:
    lines = ["Host: x", f"Content-Length: {len(body)}", *headers]
    return exchange(sidecar.http_port, request_bytes("POST", f"/v1.0/publish/{target}", lines, body))


def delivered(app: EchoApp, path: str) -> list[Any]:
    """The data of the events that reached a path."""
    events = [json.loads(request.body) for request in list(app.received) if request.line.startswith(f"POST {path} ")]
    return [event.get("data") for event in events]


# -- nothing acknowledged is lost


def keep_publishing(sidecar: Daprd, topic: str, stop: threading.Event) -> tuple[threading.Thread, set[int], set[int]]:
    """Publish numbers until told to stop; which were acknowledged, and which statuses refused the others."""
    acknowledged: set[int] = set()
    refusals: set[int] = set()

    def run() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                answer = publish(sidecar, f"rbus/{topic}", b"%d" % number, "Content-Type: application/json")
            except (OSError, ConnectionError):
                time.sleep(0.01)
                continue
            (acknowledged if answer.code == 204 else refusals).add(number if answer.code == 204 else answer.code)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, acknowledged, refusals


def test_a_redis_that_dies_under_load_and_comes_back_loses_nothing_acknowledged(tmp_path: Path) -> None:
    data, manifests = tmp_path / "data", tmp_path / "manifests"
    data.mkdir()
    manifests.mkdir()
    server = RedisServer(directory=data, options=("--appendfsync", "always"))
    try:
        server.wait_ready()
        resources(manifests, server, work="/work")
        with (
            echo_app(lambda request: Answer(200) if request.target == "/work" else None) as app,
            daprd("loss", app_port=app.port, resources=manifests) as sidecar,
        ):
            stop = threading.Event()
            thread, acknowledged, refusals = keep_publishing(sidecar, "work", stop)
            app.wait_for(lambda request: request.target == "/work", count=50)
            server.popen.send_signal(signal.SIGKILL)
            server.popen.wait()
            wait_until(lambda: bool(refusals), what="a refused publish")
            port = server.port
            server.terminate()
            server = RedisServer(port=port, directory=data, options=("--appendfsync", "always"))
            server.wait_ready()
            before = len(acknowledged)
            wait_until(lambda: len(acknowledged) > before + 50, what="publishing to go on")
            stop.set()
            thread.join()
            wait_until(lambda: acknowledged <= set(delivered(app, "/work")), what="every acknowledged message")
            assert refusals == {500}
    finally:
        server.terminate()


def test_a_sidecar_that_is_killed_loses_nothing_acknowledged(server: RedisServer, tmp_path: Path) -> None:
    manifests = resources(tmp_path, server, work="/work")
    handled: list[Any] = []

    def slow(request: Received) -> Answer | None:
        if request.target != "/work":
            return None
        time.sleep(0.02)
        handled.append(json.loads(request.body)["data"])
        return Answer(200)

    with echo_app(slow) as app:
        first = Daprd("loss", app_port=app.port, resources=manifests)
        try:
            first.wait_ready()
            stop = threading.Event()
            thread, acknowledged, _ = keep_publishing(first, "work", stop)
            app.wait_for(lambda request: request.target == "/work", count=30)
            first.popen.send_signal(signal.SIGKILL)
            stop.set()
            thread.join()
        finally:
            first.terminate()
        with daprd("loss", app_port=app.port, resources=manifests):
            wait_until(lambda: acknowledged <= set(handled), what="every acknowledged message")


# -- changes and the end


def test_subscriptions_follow_their_files(server: RedisServer, tmp_path: Path) -> None:
    manifests = resources(tmp_path, server, first="/first")
    with (
        echo_app(lambda request: Answer(200) if request.method == "POST" else None) as app,
        daprd("reload", app_port=app.port, resources=manifests) as sidecar,
    ):
        publish(sidecar, "rbus/first", b"1", "Content-Type: application/json")
        wait_until(lambda: delivered(app, "/first") == [1], what="the first delivery")
        resources(manifests, server, first="/moved", second="/second")
        wait_until(lambda: b"second" in server.command_line(b"KEYS *"), what="the new subscription")
        publish(sidecar, "rbus/second", b"2", "Content-Type: application/json")
        publish(sidecar, "rbus/first", b"3", "Content-Type: application/json")
        wait_until(lambda: delivered(app, "/second") == [2], what="a delivery to the added subscription")
        wait_until(lambda: delivered(app, "/moved") == [3], what="a delivery to the changed route")
        assert delivered(app, "/first") == [1]


def test_a_delivery_in_flight_ends_before_the_sidecar_does(server: RedisServer, tmp_path: Path) -> None:
    manifests = resources(tmp_path, server, work="/work")
    released = threading.Event()

    def slow(request: Received) -> Answer | None:
        if request.target != "/work":
            return None
        released.wait(10)
        return Answer(200)

    with echo_app(slow) as app:
        sidecar = Daprd("ending", app_port=app.port, resources=manifests)
        try:
            sidecar.wait_ready()
            publish(sidecar, "rbus/work", b"1", "Content-Type: application/json")
            app.wait_for(lambda request: request.target == "/work")
            sidecar.popen.send_signal(signal.SIGTERM)
            sidecar.wait_for_line("shutdown")
            threading.Timer(0.3, released.set).start()
            assert sidecar.popen.wait(15) == 0
        finally:
            released.set()
            sidecar.terminate()
        assert server.command_line(b"XPENDING work ending").startswith(b"*4\r\n:0\r\n")


def poll(check: Callable[[], bool]) -> bool:
    """Whether a condition comes about within a moment in which it should not."""
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return False


def test_an_unhealthy_application_gets_its_messages_when_it_is_well_again(server: RedisServer, tmp_path: Path) -> None:
    manifests = resources(tmp_path, server, work="/work")
    well = threading.Event()
    well.set()

    def app_rule(request: Received) -> Answer | None:
        if request.target == "/healthz":
            return Answer(200 if well.is_set() else 500)
        return Answer(200) if request.target == "/work" else None

    health = ("--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=1")
    with (
        echo_app(app_rule) as app,
        daprd("health", *health, app_port=app.port, resources=manifests) as sidecar,
    ):
        publish(sidecar, "rbus/work", b"1", "Content-Type: application/json")
        wait_until(lambda: delivered(app, "/work") == [1], what="a delivery")
        well.clear()
        sidecar.wait_for_line("un-healthy")
        assert publish(sidecar, "rbus/work", b"2", "Content-Type: application/json").code == 204
        assert not poll(lambda: 2 in delivered(app, "/work"))
        well.set()
        wait_until(lambda: delivered(app, "/work") == [1, 2], what="the delivery that waited")
