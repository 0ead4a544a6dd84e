"""Applications and peers that fail: calls end in time with the documented error, and go on when they are well again."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from support.echo_app import Answer, Received, echo_app
from support.hostile import LIMIT, answer_to, ask, error_of, unharmed
from support.load import load
from support.manifests import component, folder, resource
from support.odd_app import OddApp, closes, odd_app, resets, says
from support.ports import free_port
from support.processes import Daprd, daprd, http_status, wait_until

OK = b"HTTP/1.1 200 OK\r\n"
ODD, PEER = f"odd{os.getpid()}", f"peer{os.getpid()}"
"""Names that no other sidecar on this network answers to, for tests run beside each other."""

PATIENCE = 1.0
"""Seconds that the time-out policy of these sidecars gives an application."""


@pytest.fixture(scope="module")
def app() -> Iterator[OddApp]:
    with odd_app(closes) as running:
        yield running


@pytest.fixture(scope="module")
def pair(app: OddApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Daprd]]:
    """``local`` has the application, ``remote`` calls it through the other; both time out after a second."""
    policies = {
        "policies": {"timeouts": {"short": f"{PATIENCE:g}s"}},
        "targets": {"apps": {ODD: {"timeout": "short"}}},
    }
    resources = folder(
        tmp_path_factory.mktemp("failures"),
        resource("Resiliency", "short", policies),
        component("mem", "state.in-memory"),
    )
    with (
        daprd(ODD, app_port=app.port, resources=resources) as callee,
        daprd("caller", resources=resources) as caller,
    ):
        assert ask(caller.http_port, "GET", f"/v1.0/invoke/{ODD}/method/found").code == 500
        yield {"local": callee, "remote": caller}


def call(sidecar: Daprd, method: str, path: str = "x") -> bytes:
    length = "Content-Length: 1\r\n\r\n1" if method == "POST" else "\r\n"
    return f"{method} /v1.0/invoke/{ODD}/method/{path} HTTP/1.1\r\nHost: x\r\n{length}".encode()


BROKEN = {
    "closes at once": (closes, "EOF"),
    "is killed": (resets, "EOF"),
    "ends in mid-head": (says(OK + b"Content-Le"), "EOF"),
    "ends in a short body": (says(OK + b"Content-Length: 10\r\n\r\nabc"), "before its body was complete"),
    "breaks its chunks": (says(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"), "broke the framing"),
    "fails and ends in mid-body": (
        says(b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nx"), "before its body was complete"
    ),
    "answers noise": (says(b"\x00\xff noise\r\n\r\n"), "malformed HTTP response"),
    "answers no status": (says(b"HTTP/1.1 abc OK\r\n\r\n"), "malformed HTTP response"),
    "answers a status of two digits": (says(b"HTTP/1.1 99 OK\r\n\r\n"), "malformed HTTP response"),
    "answers two lengths": (says(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "two lengths"),
    "answers headers without end": (says(OK + b"X: y\r\n" * 100_000 + b"\r\n"), "headers exceed the limit"),
    "switches protocols": (says(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "switched protocols unasked"),
}  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("where", ["local", "remote"])
@pytest.mark.parametrize("how", BROKEN)
def test_an_application_that_fails_is_an_invocation_error(
    pair: dict[str, Daprd], app: OddApp, how: str, where: str, method: str
) -> None:
    app.behaviour, cause = BROKEN[how]
    with unharmed(pair[where]):
        told = error_of(answer_to(pair[where].http_port, call(pair[where], method)))
    assert told[:2] == (500, "ERR_DIRECT_INVOKE")
    assert told[2].startswith(f"failed to invoke, id: {ODD}, err: ")
    assert cause in told[2]


def fails_late(connection: socket.socket, _: Received) -> None:
    """Sends the first half of an answer, waits until the client has it, and dies."""
    connection.sendall(OK + b"Content-Length: 200000\r\n\r\n" + b"a" * 100_000)
    assert REACHED.wait(LIMIT)
    resets(connection, _)


REACHED = threading.Event()


@pytest.mark.parametrize("where", ["local", "remote"])
def test_an_answer_that_breaks_off_later_never_looks_complete(pair: dict[str, Daprd], app: OddApp, where: str) -> None:
    app.behaviour = fails_late
    REACHED.clear()
    received = b""
    with unharmed(pair[where]), socket.create_connection(("127.0.0.1", pair[where].http_port), timeout=LIMIT) as client:
        client.sendall(call(pair[where], "GET"))
        try:
            while piece := client.recv(65536):
                received += piece
                REACHED.set()
        except ConnectionError:
            pass
    assert received.startswith(OK)
    assert b"aaaa" in received
    assert not received.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("where", ["local", "remote"])
@pytest.mark.parametrize(
    "before", [b"", OK + b"Content-Length: 10\r\n\r\nabc", b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ids=["says nothing", "stops in mid-body", "fails and stops in mid-body"],
)  # fmt: skip
def test_an_application_that_never_answers_is_timed_out(
    pair: dict[str, Daprd], app: OddApp, where: str, before: bytes
) -> None:
    def stalls(connection: socket.socket, _: Received) -> None:
        connection.sendall(before)
        app.released.wait(LIMIT)

    app.behaviour = stalls
    started = time.monotonic()
    with unharmed(pair[where]):
        told = error_of(answer_to(pair[where].http_port, call(pair[where], "POST")))
    assert told == (500, "ERR_DIRECT_INVOKE", f"failed to invoke, id: {ODD}, err: context deadline exceeded")
    assert PATIENCE * 0.9 < time.monotonic() - started < PATIENCE + 3
    app.released.set()
    app.released.clear()


@pytest.mark.parametrize("where", ["local", "remote"])
def test_bytes_behind_an_answer_are_not_taken_for_the_next(pair: dict[str, Daprd], app: OddApp, where: str) -> None:
    app.behaviour = says(OK + b"Content-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
    for _ in range(3):
        assert answer_to(pair[where].http_port, call(pair[where], "GET")).body == b"abc"


# -- an application that comes later, or again


def test_an_application_that_is_not_there_yet_is_named_and_found_when_it_comes() -> None:
    port = free_port()
    with daprd("early", ready="/v1.0/healthz/outbound", app_port=port) as sidecar:
        told = error_of(ask(sidecar.http_port, "GET", "/v1.0/invoke/early/method/x"))
        assert told[:2] == (500, "ERR_DIRECT_INVOKE")
        assert f"dial tcp 127.0.0.1:{port}: connect: connection refused" in told[2]
        health = error_of(ask(sidecar.http_port, "GET", "/v1.0/healthz"))
        assert health == (500, "ERR_HEALTH_NOT_READY", "dapr is not ready: [runtime]")
        with socket.create_server(("127.0.0.1", port)) as late:
            threading.Thread(target=_answer_all, args=(late,), daemon=True).start()
            wait_until(lambda: http_status(sidecar.http_port, "/v1.0/healthz") == 204, what="the application's sidecar")
            assert ask(sidecar.http_port, "GET", "/v1.0/invoke/early/method/x").body == b"{}"


def _answer_all(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(1)
            try:
                if connection.recv(65536):
                    connection.sendall(OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")
            except OSError:
                continue


# -- a peer that goes and comes


def invoke_remote(caller: Daprd) -> int:
    answer = ask(caller.http_port, "GET", f"/v1.0/invoke/{PEER}/method/hello")
    if answer.code != 200:
        assert json.loads(answer.body)["errorCode"] == "ERR_DIRECT_INVOKE"
    return answer.code


def test_a_peer_that_is_killed_and_restarted_is_found_again_and_stays_fast() -> None:
    with echo_app() as app, daprd("caller") as caller:
        first = Daprd(PEER, app_port=app.port)
        try:
            first.wait_ready()
            with load(lambda _: invoke_remote(caller)) as seen:
                seen.wait_for(50, 200)
                first.popen.send_signal(signal.SIGKILL)
                first.popen.wait()
                seen.wait_for(1, 500)
                with daprd(PEER, app_port=app.port):
                    seen.wait_for(100, 200)
                    settled = len(seen.outcomes)
                    seen.wait_for(500, 200)
                    late = [outcome for number, outcome in seen.outcomes.items() if number > settled + 10]
                    assert set(late) == {200}
                    started = time.monotonic()
                    seen.wait_for(200, 200)
                    assert time.monotonic() - started < 5, "calls still go to the sidecar that is gone"
        finally:
            first.terminate()
        assert set(seen.outcomes.values()) == {200, 500}
        assert seen.slowest < 10


def test_a_peer_that_stops_in_good_order_fails_no_call_that_has_begun() -> None:
    def slow(request: Received) -> Answer | None:
        if request.target == "/hello":
            time.sleep(0.2)
        return None

    with echo_app(slow) as app, daprd("caller") as caller, daprd(PEER, app_port=app.port) as peer:
        wait_until(lambda: invoke_remote(caller) == 200, what="the peer")
        with load(lambda _: invoke_remote(caller), clients=8) as seen:
            seen.wait_for(16, 200)
            assert peer.terminate() == 0
            seen.wait_for(1, 500)
        begun = [request for request in app.received if request.target == "/hello"]
        assert seen.count(200) == len(begun) - 1  # the one before the load
        assert set(seen.outcomes.values()) == {200, 500}
