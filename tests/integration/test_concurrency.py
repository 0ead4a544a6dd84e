"""``--app-max-concurrency``: never more calls in the application than that; the others wait, and succeed."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import manifests
from support.calls import Answer as Reply
from support.calls import call
from support.echo_app import Answer, Received, echo_app
from support.grpc_app import CALLBACK, GrpcApp, Told, grpc_app
from support.processes import Daprd, daprd

from dapr_core.proto.gen.common.v1 import common_pb2

CALLS = 6
LIMIT = 20.0


class Room:
    """The inside of an application: who comes in stays until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.inside = self.most = self.came = 0
        self._changed = threading.Condition()

    def stay(self) -> None:
        with self._changed:
            self.inside += 1
            self.came += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
        self.opened.wait(LIMIT)
        with self._changed:
            self.inside -= 1

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.came >= count, LIMIT), f"{self.came} of {count} came"

    def rule(self, request: Received) -> Answer | None:
        """The room as an HTTP application's rule."""
        if not request.target.startswith("/slow"):
            return None
        self.stay()
        return Answer(200, b"", [])

    def on_invoke(self, told: Told, context: object) -> bytes:
        """The room as a gRPC application's method."""
        self.stay()
        return common_pb2.InvokeResponse().SerializeToString()


@contextlib.contextmanager
def application(protocol: str, room: Room) -> Iterator[int]:
    """An application with the room in it; gives its port."""
    try:
        if protocol == "http":
            with echo_app(room.rule) as app:
                yield app.port
        else:
            with grpc_app(GrpcApp({CALLBACK + "OnInvoke": room.on_invoke})) as served:
                yield served.port
    finally:
        room.opened.set()


def let_it_work(sidecar: Daprd) -> None:
    """Round trips, in which the sidecar would have passed on what it has: what it has not passed on then waits."""
    for _ in range(20):
        assert call(sidecar.http_port, "GET", "/v1.0/metadata").status == 200


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CALLS) as made:
        yield made


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize(("limit", "inside"), [(1, 1), (3, 3), (-1, CALLS)])
def test_so_many_calls_are_in_the_application_and_the_others_wait_and_succeed(
    pool: ThreadPoolExecutor, protocol: str, limit: int, inside: int
) -> None:
    room = Room()
    flags = (f"--app-max-concurrency={limit}", f"--app-protocol={protocol}")
    with application(protocol, room) as port, daprd("app", *flags, app_port=port) as sidecar:
        target = "/v1.0/invoke/app/method/slow"
        answers = [pool.submit(call, sidecar.http_port, "POST", target) for _ in range(CALLS)]
        room.wait_for(inside)
        let_it_work(sidecar)
        assert room.inside == inside
        room.opened.set()
        assert [answer.result().status for answer in answers] == [200] * CALLS
        assert room.came == CALLS
        assert room.most == inside


def invoked(sidecar: Daprd) -> Reply:
    return call(sidecar.http_port, "POST", "/v1.0/invoke/app/method/slow")


def test_deliveries_of_messages_and_bindings_and_calls_share_the_limit(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    room, topics = Room(), ["a", "b", "c"]
    folder = manifests.folder(
        tmp_path,
        manifests.component("bus", "pubsub.in-memory"),
        manifests.component("tick", "bindings.cron", schedule="@every 100ms", route="/slow/tick", direction="input"),
        *(manifests.subscription(topic, "bus", topic, f"/slow/{topic}") for topic in topics),
    )
    with (
        application("http", room) as port,
        daprd("app", "--app-max-concurrency=2", app_port=port, resources=folder) as sidecar,
    ):
        room.wait_for(2)
        for topic in topics:
            assert call(sidecar.http_port, "POST", f"/v1.0/publish/bus/{topic}", {"n": 1}).status == 204
        answer = pool.submit(invoked, sidecar)
        let_it_work(sidecar)
        assert room.came == 2
        room.opened.set()
        assert answer.result().status == 200
        room.wait_for(2 + len(topics) + 1)
        assert room.most == 2


def test_a_caller_that_leaves_while_it_waits_takes_no_place(pool: ThreadPoolExecutor) -> None:
    room = Room()
    with application("http", room) as port, daprd("app", "--app-max-concurrency=1", app_port=port) as sidecar:
        first = pool.submit(invoked, sidecar)
        room.wait_for(1)
        with socket.create_connection(("127.0.0.1", sidecar.http_port)) as leaves:
            leaves.sendall(b"POST /v1.0/invoke/app/method/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            let_it_work(sidecar)
        let_it_work(sidecar)
        last = pool.submit(invoked, sidecar)
        let_it_work(sidecar)
        room.opened.set()
        assert [first.result().status, last.result().status] == [200, 200]
        assert room.came == 2


def test_each_httpendpoint_has_the_same_limit_of_its_own(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    rooms = [Room(), Room()]
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(application("http", room)) for room in rooms]
        endpoints = [
            manifests.resource("HTTPEndpoint", f"e{index}", {"baseUrl": f"http://127.0.0.1:{port}"})
            for index, port in enumerate(ports)
        ]
        folder = manifests.folder(tmp_path, *endpoints)
        sidecar = stack.enter_context(daprd("app", "--app-max-concurrency=1", resources=folder))
        targets = [f"/v1.0/invoke/e{index}/method/slow" for index in (0, 1)]
        answers = [pool.submit(call, sidecar.http_port, "POST", target) for target in targets * 2]
        for room in rooms:
            room.wait_for(1)
        let_it_work(sidecar)
        assert [room.inside for room in rooms] == [1, 1]
        for room in rooms:
            room.opened.set()
        assert [answer.result().status for answer in answers] == [200] * 4
        assert [room.most for room in rooms] == [1, 1]
