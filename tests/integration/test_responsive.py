"""Small calls stay quick beside large bodies: p99 within 5 ms, on a sidecar that has 4 MiB to read all the time.

A machine that has other things to do keeps everybody waiting. How long, an idle bystander tells, which is called in
turn with the sidecar; that much is not the sidecar's.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import bystander, heavy_load, manifests
from support.calls import call
from support.processes import Daprd, Process, daprd

LIMIT_MS = 5.0
CALLS = 300
ROUNDS = 8
"""The machine may be busy with something else; the sidecar is quick if it is in one round."""
GET = b"GET /v1.0/state/store/small HTTP/1.1\r\nHost: localhost\r\n\r\n"
OBJECTS = [{"id": number, "name": f"item {number}", "tags": ["a", "b"], "text": "y" * 220} for number in range(14_000)]
VALUES: dict[str, Any] = {
    "one string": "x" * (4 * 1024 * 1024 - 100),
    "moderate objects": OBJECTS,
    "tiny objects": [{"a": number} for number in range(150_000)],
}


pytestmark = pytest.mark.quiet


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    parts = (manifests.component("store", "state.in-memory"), manifests.component("bus", "pubsub.in-memory"))
    folder = manifests.folder(tmp_path_factory.mktemp("resources"), *parts)
    with daprd("responsive", resources=folder) as running:
        assert call(running.http_port, "POST", "/v1.0/state/store", [{"key": "small", "value": 1}]).status == 204
        yield running


def connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(connection: socket.socket) -> tuple[float, bytes]:
    """Milliseconds to an answer, and the answer."""
    started = time.perf_counter()
    connection.sendall(GET)
    answer = connection.recv(4096)
    return (time.perf_counter() - started) * 1000, answer


def p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def delay(port: int) -> float:
    """Milliseconds within which 99 of 100 small reads are answered, without those that the machine took."""
    times: list[float] = []
    machine: list[float] = []
    with Process([sys.executable, bystander.__file__]) as idle:
        idle_port = int(idle.wait_for_line("port").split()[1])
        with connected(port) as connection, connected(idle_port) as aside:
            for _ in range(CALLS):
                taken, answer = exchange(connection)
                assert answer.startswith(b"HTTP/1.1 200")
                times.append(taken)
                machine.append(exchange(aside)[0])
                time.sleep(0.001)
    return p99(times) - p99(machine)


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("work", ["state", "publish"])
def test_small_calls_stay_quick_beside_large_bodies(sidecar: Daprd, tmp_path: Path, kind: str, work: str) -> None:
    body = tmp_path / "body"
    if work == "state":
        body.write_text(json.dumps([{"key": "large", "value": VALUES[kind]}]))
        paths = ["/v1.0/state/store", str(body), "/v1.0/state/store/large"]
    else:
        body.write_text(json.dumps(VALUES[kind]))
        paths = ["/v1.0/publish/bus/topic", str(body)]
    measured: list[float] = []
    with Process([sys.executable, heavy_load.__file__, str(sidecar.http_port), *paths]) as load:
        load.wait_for_line("round")
        while len(measured) < ROUNDS and (not measured or min(measured) > LIMIT_MS):
            done = len(load.lines)
            measured.append(delay(sidecar.http_port))
            assert load.popen.poll() is None, load.output
            load.wait_for_line("round", after=done)
    assert min(measured) <= LIMIT_MS, measured
