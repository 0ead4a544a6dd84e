"""The end under load, clients that do not read, and secrets that must not come out when something fails."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.echo_app import Answer, Received, echo_app
from support.hostile import LIMIT, ask
from support.load import load
from support.manifests import component, folder
from support.odd_app import OddApp, odd_app
from support.ports import free_port
from support.processes import Daprd, daprd
from support.redis_server import RedisServer, redis_server

SELF = f"self{os.getpid()}"
SECRET = "s3cr3t-hunter2"


# -- the end


def test_requests_in_flight_end_well_and_new_ones_are_refused(tmp_path: Path) -> None:
    def slow(request: Received) -> Answer | None:
        if request.target == "/slow":
            time.sleep(0.2)
        return None

    resources = folder(tmp_path, component("mem", "state.in-memory"))
    with echo_app(slow) as app, daprd(SELF, app_port=app.port, resources=resources) as sidecar:
        target = f"/v1.0/invoke/{SELF}/method/slow"
        with load(lambda _: ask(sidecar.http_port, "GET", target).code, clients=8) as seen:
            app.wait_for(lambda request: request.target == "/slow", count=16)
            sidecar.popen.send_signal(signal.SIGTERM)
            assert sidecar.popen.wait(10) == 0
            seen.wait_for(1, "refused")
        delivered = [request for request in app.received if request.target == "/slow"]
    assert seen.count(200) == len(delivered), "a call reached the application and its caller never heard of it"
    others = [outcome for outcome in seen.outcomes.values() if outcome not in (200, "refused")]
    assert [outcome for outcome in others if not str(outcome).startswith("Connection")] == []
    assert "Daprd shutdown gracefully" in sidecar.output


def test_a_second_signal_ends_it_at_once_with_failure() -> None:
    held = threading.Event()

    def hold(request: Received) -> Answer | None:
        if request.target == "/hold":
            held.wait(LIMIT)
        return None

    with echo_app(hold) as app, daprd(SELF, app_port=app.port) as sidecar:
        with socket.create_connection(("127.0.0.1", sidecar.http_port), timeout=LIMIT) as client:
            client.sendall(f"GET /v1.0/invoke/{SELF}/method/hold HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            app.wait_for(lambda request: request.target == "/hold")
            sidecar.popen.send_signal(signal.SIGTERM)
            sidecar.wait_for_line("beginning shutdown")
            assert sidecar.popen.poll() is None
            sidecar.popen.send_signal(signal.SIGTERM)
            assert sidecar.popen.wait(2) == 1
        held.set()


def test_a_call_that_does_not_end_is_cut_off_after_the_grace_time() -> None:
    arrived = threading.Event()

    def never(_: socket.socket, __: Received) -> None:
        arrived.set()
        app.released.wait(LIMIT)

    with (
        odd_app(never) as app,
        daprd(SELF, "--dapr-graceful-shutdown-seconds=1", app_port=app.port) as sidecar,
        socket.create_connection(("127.0.0.1", sidecar.http_port), timeout=LIMIT) as client,
    ):
        client.sendall(f"GET /v1.0/invoke/{SELF}/method/x HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert arrived.wait(LIMIT)
        started = time.monotonic()
        sidecar.popen.send_signal(signal.SIGTERM)
        assert sidecar.popen.wait(10) == 1
        assert 0.8 < time.monotonic() - started < 5
        sidecar.wait_for_line("Graceful shutdown timeout exceeded, forcing shutdown")


# -- clients that do not read

LARGE = 64 << 20


def resident(sidecar: Daprd) -> int:
    """Bytes of memory that the process holds."""
    pages = int(Path(f"/proc/{sidecar.popen.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
@pytest.mark.parametrize("where", ["local", "remote"])
def test_a_client_that_stops_reading_holds_the_application_back(where: str) -> None:
    def pours(connection: socket.socket, _: Received) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
        poured.extend(connection.send(bytes(1 << 16)) for _ in range(LARGE >> 16))

    poured: list[int] = []
    with odd_app(pours) as app, daprd(SELF, app_port=app.port) as callee, daprd("reader") as caller:
        sidecars = {"local": callee, "remote": caller}
        before = [resident(sidecar) for sidecar in (callee, caller)]
        with stopped_clients(sidecars[where], 3):
            wait_for_standstill(app, poured)
            grown = [resident(sidecar) - old for sidecar, old in zip((callee, caller), before, strict=True)]
            assert sum(poured) < 3 * LARGE, "the application was never held back"
            assert max(grown) < 48 << 20
            assert ask(sidecars[where].http_port, "GET", "/v1.0/healthz").code == 204


class stopped_clients:
    """Clients that ask for a large answer, read its first bytes and stop."""

    def __init__(self, sidecar: Daprd, count: int) -> None:
        self._sidecar, self._count = sidecar, count
        self._clients: list[socket.socket] = []

    def __enter__(self) -> None:
        for _ in range(self._count):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(60)  # the other clients' megabytes come first where processors are few
            client.connect(("127.0.0.1", self._sidecar.http_port))
            client.sendall(f"GET /v1.0/invoke/{SELF}/method/pour HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
            self._clients.append(client)

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()


def wait_for_standstill(app: OddApp, poured: list[int]) -> None:
    """Until the application has sent nothing for half a second."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        seen = len(poured)
        time.sleep(0.5)
        if len(poured) == seen and len(app.received) == 3:
            return
    raise AssertionError("the application was never held back")


# -- secrets


@pytest.fixture(scope="module")
def locked() -> Iterator[RedisServer]:
    with redis_server(options=("--requirepass", "another-password")) as server:
        yield server


@pytest.mark.parametrize("kind", ["state.redis", "pubsub.redis", "bindings.redis"])
def test_a_wrong_password_is_told_without_the_password(locked: RedisServer, kind: str, tmp_path: Path) -> None:
    wrong = component("red", kind, redisHost=locked.address, redisPassword=SECRET)
    wrong["spec"]["ignoreErrors"] = True
    resources = folder(tmp_path, wrong)
    with daprd("secrets", "--log-level=debug", resources=resources) as sidecar:
        sidecar.wait_for_line("refused the login")
        answers = [
            ask(sidecar.http_port, "GET", "/v1.0/metadata"),
            ask(sidecar.http_port, "GET", "/v1.0/state/red/k"),
            ask(sidecar.http_port, "POST", "/v1.0/publish/red/t", b"1"),
            ask(sidecar.http_port, "POST", "/v1.0/bindings/red", b'{"operation":"get"}'),
        ]
    assert SECRET not in sidecar.output
    assert [answer.body for answer in answers if SECRET.encode() in answer.body] == []


def secrets_everywhere(directory: Path) -> list[Any]:
    """Components that hold a secret and cannot work."""
    store = directory / "store.json"
    store.write_text(f'{{"password": "{SECRET}"}}')
    endpoint = {
        "apiVersion": "dapr.io/v1alpha1", "kind": "HTTPEndpoint", "metadata": {"name": "away"},
        "spec": {
            "baseUrl": f"http://127.0.0.1:{free_port()}",
            "headers": [{"name": "Authorization", "value": f"Bearer {SECRET}"}],
        },
    }  # fmt: skip
    hook = f"http://user:{SECRET}@127.0.0.1:{free_port()}/hook?code={SECRET}"
    return [
        component("store", "secretstores.local.file", secretsFile=str(store)),
        component("hook", "bindings.http", url=hook, securityToken=SECRET, securityTokenHeader="X-Token"),
        endpoint,
    ]


def test_errors_of_calls_that_carry_secrets_do_not_show_them(tmp_path: Path) -> None:
    resources = folder(tmp_path / "resources", *secrets_everywhere(tmp_path))
    flags = ("--log-level=debug", "--enable-api-logging=true")
    env = {"DAPR_API_TOKEN": SECRET, "APP_API_TOKEN": SECRET}
    token = f"dapr-api-token: {SECRET}"
    with daprd("secrets", *flags, resources=resources, env=env) as sidecar:
        answers = [
            ask(sidecar.http_port, "GET", "/v1.0/metadata", b"", "dapr-api-token: wrong"),
            ask(sidecar.http_port, "GET", "/v1.0/metadata", b"", token),
            ask(sidecar.http_port, "GET", "/v1.0/secrets/store/unknown", b"", token),
            ask(sidecar.http_port, "POST", "/v1.0/bindings/hook", b'{"operation":"post","data":1}', token),
            ask(sidecar.http_port, "GET", "/v1.0/invoke/away/method/x", b"", token),
            ask(sidecar.http_port, "GET", f"/v1.0/invoke/http://127.0.0.1:{free_port()}/method/x", b"", token),
        ]
    assert [answer.code for answer in answers] == [401, 200, 500, 500, 500, 500]
    assert [answer.body for answer in answers if SECRET.encode() in answer.body] == []
    assert SECRET not in sidecar.output
