"""Redis goes away under load and comes back, subscribers are killed: nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from support.echo_app import Answer, Received, echo_app
from support.hostile import ask
from support.load import load
from support.manifests import component, folder, subscription
from support.processes import Daprd, Process, daprd, wait_until
from support.redis_server import RedisServer, redis_server

SUBSCRIBER = f"sub{os.getpid()}"
APP = Path(__file__).parent / "apps" / "diary.py"


def resources(path: Path, address: str) -> Path:
    """A store and a broker in one Redis, and a subscription that is quick to take over from a consumer that died."""
    return folder(
        path,
        component("red", "state.redis", redisHost=address, redisMaxRetries="1"),
        component("bus", "pubsub.redis", redisHost=address, processingTimeout="1s", redeliverInterval="200"),
        {**subscription("orders", "bus", "orders", "/orders"), "scopes": [SUBSCRIBER]},
    )


def publish(sidecar: Daprd, number: int) -> int:
    body = b"%d" % number
    return ask(sidecar.http_port, "POST", "/v1.0/publish/bus/orders", body, "Content-Type: application/json").code


def test_a_redis_that_is_killed_and_comes_back_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    durable = ("--appendfsync", "always")
    server = RedisServer(directory=data, options=durable)
    got: list[int] = []

    def take(request: Received) -> Answer | None:
        if request.target != "/orders":
            return None
        got.append(json.loads(request.body)["data"])
        return Answer(200)

    try:
        server.wait_ready()
        manifests = resources(tmp_path / "resources", server.address)
        with echo_app(take) as app, daprd(SUBSCRIBER, app_port=app.port, resources=manifests) as sidecar:

            def save(number: int) -> int:
                body = json.dumps([{"key": f"k{number}", "value": number}]).encode()
                return ask(sidecar.http_port, "POST", "/v1.0/state/red", body).code

            with (
                load(lambda number: publish(sidecar, number), clients=2) as published,
                load(save, clients=2) as saved,
            ):
                published.wait_for(50, 204)
                saved.wait_for(50, 204)
                server.popen.send_signal(signal.SIGKILL)
                server.popen.wait()
                published.wait_for(2, 500)
                saved.wait_for(2, 500)
                port = server.port
                server.terminate()
                server = RedisServer(port=port, directory=data, options=durable)
                server.wait_ready()
                published.wait_for(50, 204)
                saved.wait_for(50, 204)
            acknowledged = published.numbers(204)
            wait_until(lambda: acknowledged <= set(got), what="every acknowledged message")
            for number in saved.numbers(204):
                answer = ask(sidecar.http_port, "GET", f"/v1.0/state/red/k{number}")
                assert answer.body == b"%d" % number
            assert set(published.outcomes.values()) == set(saved.outcomes.values()) == {204, 500}
            assert max(published.slowest, saved.slowest) < 15
    finally:
        server.terminate()


def diary(path: Path, port: int) -> Process:
    """An application in a process of its own that writes down what it was given before it answers."""
    return Process([sys.executable, str(APP), str(port), str(path)])


def written(path: Path) -> set[int]:
    return {int(line) for line in path.read_text().split()} if path.exists() else set()


def test_a_subscribers_sidecar_that_is_killed_under_load_loses_nothing(tmp_path: Path) -> None:
    got: set[int] = set()

    def take(request: Received) -> Answer | None:
        if request.target != "/orders":
            return None
        got.add(json.loads(request.body)["data"])
        return Answer(200)

    with redis_server() as server, echo_app(take) as app:
        manifests = resources(tmp_path, server.address)
        first = Daprd(SUBSCRIBER, app_port=app.port, resources=manifests)
        try:
            first.wait_ready()
            with (
                daprd("publisher", resources=manifests) as publisher,
                load(lambda number: publish(publisher, number), clients=2) as published,
            ):
                wait_until(lambda: len(got) > 50, what="fifty deliveries")
                first.popen.send_signal(signal.SIGKILL)
                first.popen.wait()
                published.wait_for(50, 204)
                with daprd(SUBSCRIBER, app_port=app.port, resources=manifests):
                    published.wait_for(50, 204)
                    acknowledged = published.numbers(204)
                    wait_until(lambda: acknowledged <= got, what="every acknowledged message")
        finally:
            first.terminate()
        assert set(published.outcomes.values()) == {204}


def test_a_subscribers_application_that_is_killed_under_load_loses_nothing(tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    with redis_server() as server:
        manifests = resources(tmp_path / "resources", server.address)
        first = diary(book, 0)
        port = int(first.wait_for_line("listening on").rsplit(" ", 1)[1])
        try:
            with (
                daprd(SUBSCRIBER, app_port=port, resources=manifests) as sidecar,
                load(lambda number: publish(sidecar, number), clients=2) as published,
            ):
                wait_until(lambda: len(written(book)) > 50, what="fifty deliveries")
                first.popen.send_signal(signal.SIGKILL)
                first.popen.wait()
                published.wait_for(50, 204)
                with diary(book, port) as second:
                    second.wait_for_line("listening on")
                    published.wait_for(50, 204)
                    acknowledged = published.numbers(204)
                    wait_until(lambda: acknowledged <= written(book), what="every acknowledged message")
        finally:
            first.terminate()
        assert set(published.outcomes.values()) == {204}
