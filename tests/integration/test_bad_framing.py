"""Bytes that are no HTTP, or HTTP that two servers could read differently, and clients that stop in the middle.

The sidecar answers what it can, closes the connection where it cannot know where the next request begins, and never
takes bytes of a body for a request (RFC 9112 §6.3, §11.2).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.echo_app import EchoApp, echo_app
from support.hostile import LIMIT, TRACES, answer_to, ask, error_of, talk, unharmed
from support.manifests import component, folder
from support.processes import Daprd, daprd
from support.rawhttp import read_answer

SAVE = b"POST /v1.0/state/mem HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = b"POST /v1.0/invoke/shop/method/smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1"


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


@pytest.fixture(scope="module")
def shop(app: EchoApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    directory = tmp_path_factory.mktemp("bad-framing")
    resources = folder(
        directory / "resources",
        component("mem", "state.in-memory"),
        component("bus", "pubsub.in-memory"),
        component("files", "bindings.localstorage", rootPath=str(directory / "files")),
    )
    with daprd("shop", app_port=app.port, resources=resources) as sidecar:
        yield sidecar


# -- what is no request

NO_REQUEST = {
    "noise": (b"\x00\x01\xfe\xff\r\n\r\n", 400),
    "a TLS hello": (bytes.fromhex("1603010200010001fc0303") + bytes(200) + b"\r\n\r\n", 400),
    "no version": (b"GET /v1.0/healthz\r\nHost: x\r\n\r\n", 400),
    "a version to come": (b"GET /v1.0/healthz HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    "spaces in the target": (b"GET /v1.0/he althz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no host": (b"GET /v1.0/healthz HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: y\r\n\r\n", 400),
    "bare LF": (b"GET /v1.0/healthz HTTP/1.1\nHost: x\n\n", 400),
    "bare LF in the head": (b"GET /v1.0/healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", 400),
    "bare CR": (GET + b"X: a\rY: b\r\n\r\n", 400),
    "a folded line": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "a folded first line": (b"GET /v1.0/healthz HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\x00b\r\n\r\n", 400),
    "no name": (GET + b": b\r\n\r\n", 400),
    "no colon": (GET + b"header\r\n\r\n", 400),
    "a space before the colon": (GET + b"X : b\r\n\r\n", 400),
    "a head over the limit": (GET + b"X: " + b"y" * 9000 + b"\r\n\r\n", 431),
    "a head of many fields over the limit": (GET + b"X: y\r\n" * 2000 + b"\r\n", 431),
    "a head over the limit that never ends": (GET + b"X: " + b"y" * 100_000, 431),
    "a target over the limit": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
}


@pytest.mark.parametrize("name", NO_REQUEST)
def test_what_is_no_request_is_refused_and_the_connection_closed(shop: Daprd, name: str) -> None:
    data, status = NO_REQUEST[name]
    with unharmed(shop):
        received = talk(shop.http_port, data + GET + b"\r\n")
    assert received.startswith(b"HTTP/1.1 %d " % status)
    assert received.count(b"HTTP/1.1 ") == 1, "what followed on the connection was taken for a request"
    assert b"\r\nConnection: close\r\n" in received


# -- forms that smuggle a request past a proxy

AMBIGUOUS = {
    "length and chunked": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[] ",
    "the same length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n[]",
    "a signed length": b"Content-Length: +2\r\n\r\n[]",
    "a negative length": b"Content-Length: -2\r\n\r\n",
    "a hexadecimal length": b"Content-Length: 0x2\r\n\r\n[]",
    "a length of other digits": b"Content-Length: \xb2\r\n\r\n[]",
    "a length beyond 64 bits": b"Content-Length: 99999999999999999999\r\n\r\n",
    "no length": b"Content-Length:\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding before chunked": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "identity": b"Transfer-Encoding: identity\r\n\r\n",
    "almost chunked": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a hidden coding": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a coding behind a tab": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a chunk of negative size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n[]\r\n0\r\n\r\n",
    "a chunk of any size": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
    "a chunk beyond 64 bits": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n[]\r\n0\r\n\r\n",
    "a chunk without its end": b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]0\r\n\r\n",
    "chunks of bare LF": b"Transfer-Encoding: chunked\r\n\r\n2\n[]\n0\n\n",
    "a long chunk extension": b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 100_000 + b"\r\n[]\r\n0\r\n\r\n",
    "endless trailers": b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
    "a trailer that is none": b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nnone\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_body_of_two_readings_is_refused_and_nothing_behind_it_is_served(
    shop: Daprd, app: EchoApp, name: str
) -> None:
    with unharmed(shop):
        received = talk(shop.http_port, SAVE + AMBIGUOUS[name] + SMUGGLED)
    assert received.split(b" ")[1] in (b"400", b"501")
    assert received.count(b"HTTP/1.1 ") == 1
    assert not TRACES.search(received)
    assert [request.line for request in app.received if "smuggled" in request.line] == []


def test_chunks_are_no_framing_for_http_1_0(shop: Daprd) -> None:
    data = b"POST /v1.0/state/mem HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert b" 400 " in talk(shop.http_port, data).partition(b"\r\n")[0]


# -- bodies that end early

BODIES = {
    "a short body": b"Content-Length: 100\r\n\r\n[{",
    "a long body": b"Content-Length: 100000\r\n\r\n[{",
    "a chunk": b"Transfer-Encoding: chunked\r\n\r\nff\r\n[{",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n2\r\n[{\r\n",
}
READS_BODY = {
    "save": ("POST /v1.0/state/mem", 400, "ERR_MALFORMED_REQUEST"),
    "bulk get": ("POST /v1.0/state/mem/bulk", 400, "ERR_MALFORMED_REQUEST"),
    "transaction": ("POST /v1.0/state/mem/transaction", 400, "ERR_MALFORMED_REQUEST"),
    "publish": ("POST /v1.0/publish/bus/t", 500, "ERR_PUBSUB_PUBLISH_MESSAGE"),
    "bulk publish": ("POST /v1.0/publish/bulk/bus/t", 500, "ERR_PUBSUB_PUBLISH_MESSAGE"),
    "binding": ("POST /v1.0/bindings/files", 400, "ERR_MALFORMED_REQUEST"),
    "metadata": ("PUT /v1.0/metadata/k", 400, "ERR_BODY_READ"),
    "invoke": ("POST /v1.0/invoke/shop/method/m", 500, "ERR_DIRECT_INVOKE"),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("route", READS_BODY)
def test_a_body_that_ends_early_has_the_documented_error(shop: Daprd, route: str, body: str) -> None:
    line, status, code = READS_BODY[route]
    data = f"{line} HTTP/1.1\r\nHost: x\r\n".encode() + BODIES[body]
    assert error_of(answer_to(shop.http_port, data, end=True))[:2] == (status, code)


def test_clients_that_leave_in_mid_body_leave_nothing_behind(shop: Daprd, app: EchoApp) -> None:
    with unharmed(shop):
        for line, _, _ in READS_BODY.values():
            for body in BODIES.values():
                with socket.create_connection(("127.0.0.1", shop.http_port), timeout=LIMIT) as client:
                    client.sendall(f"{line} HTTP/1.1\r\nHost: x\r\n".encode() + body)
    assert ask(shop.http_port, "GET", "/v1.0/state/mem/x").code == 204


# -- clients that stop

HALF_OPEN = {
    "half a line": b"GET /v1.0",
    "half a head": GET,
    "half a preface of HTTP/2": b"PRI * HTTP/2.0\r\n",
    "half a short body": SAVE + b"Content-Length: 100\r\n\r\n[{",
    "an answered request and half a head": GET + b"\r\n" + GET,
}


def test_a_client_that_stops_in_mid_request_is_closed_after_ten_seconds(shop: Daprd) -> None:
    """ReadHeaderTimeout of api.md §1.1; all of them wait at once, beside requests that are served."""
    started = time.monotonic()
    with unharmed(shop), ThreadPoolExecutor(len(HALF_OPEN) + 1) as pool:
        closed = {name: pool.submit(talk, shop.http_port, data) for name, data in HALF_OPEN.items()}
        slow = pool.submit(_byte_by_byte, shop.http_port)
        assert ask(shop.http_port, "GET", "/v1.0/healthz").code == 204
        received = {name: waiting.result() for name, waiting in closed.items()}
        assert slow.result() < 15
    took = time.monotonic() - started
    assert received == {
        **dict.fromkeys(HALF_OPEN, b""),
        "an answered request and half a head": received["an answered request and half a head"],
    }
    assert received["an answered request and half a head"].startswith(b"HTTP/1.1 204 ")
    assert 9 < took < 15


def _byte_by_byte(port: int) -> float:
    """How long a client lasts that drips a head, a byte at a time."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.25) as client:
        while time.monotonic() - started < LIMIT:
            try:
                client.sendall(b"G")
                if not client.recv(100):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
    return time.monotonic() - started


def test_a_client_that_sends_nothing_harms_nobody_and_ends_with_the_sidecar(tmp_path: Path) -> None:
    resources = folder(tmp_path, component("mem", "state.in-memory"))
    with daprd("idle", resources=resources) as sidecar:
        silent = [socket.create_connection(("127.0.0.1", sidecar.http_port), timeout=LIMIT) for _ in range(200)]
        with unharmed(sidecar):
            assert ask(sidecar.http_port, "GET", "/v1.0/state/mem/k").code == 204
        assert sidecar.terminate() == 0
        for client in silent:
            with client:
                assert client.recv(1) == b""


def test_requests_that_come_before_their_turn_are_answered_in_order(shop: Daprd) -> None:
    many = b"".join(b"GET /v1.0/invoke/shop/method/n%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(50))
    with (
        socket.create_connection(("127.0.0.1", shop.http_port), timeout=LIMIT) as client,
        client.makefile("rb") as stream,
    ):
        client.sendall(many + b"NONSENSE\r\n\r\n")
        lines = [read_answer(stream).header("x-line") for _ in range(50)]
        assert lines == [f"GET /n{number} HTTP/1.1" for number in range(50)]
        assert read_answer(stream).code == 400
        assert stream.read() == b""
