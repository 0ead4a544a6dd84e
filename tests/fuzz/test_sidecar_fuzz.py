"""Random bytes and spoilt requests against a live sidecar: it answers or closes in time, and stays well.

Requests are drawn around the routes that exist, then their bytes are changed, left out, doubled or cut. Nothing is
said about the answer but that it is HTTP, shows nothing of our source, and is there in time.
"""

from __future__ import annotations

import base64
import os
import re
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.echo_app import echo_app
from support.hostile import LIMIT, TRACES, unharmed
from support.manifests import component, folder
from support.processes import Daprd, daprd

SELF = f"fuzz{os.getpid()}"
BASIC = base64.b64encode(f"dapr-app-id:{SELF}".encode()).decode()
EXAMPLES = 150
STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-5]\d\d ")

TARGETS = [
    "/v1.0/state/mem", "/v1.0/state/mem/k", "/v1.0/state/mem/bulk", "/v1.0/state/mem/transaction",
    "/v1.0-alpha1/state/mem/query", "/v1.0/publish/bus/t", "/v1.0/publish/bulk/bus/t", "/v1.0/bindings/files",
    "/v1.0/secrets/safe/known", "/v1.0/secrets/safe/bulk", "/v1.0/metadata", "/v1.0/metadata/k", "/v1.0/healthz",
    f"/v1.0/invoke/{SELF}/method/m", "/v1.0/invoke/http://[::1/method/m", "/", "*", "/v1.0/../%2e%2e//x",
]  # fmt: skip
BODIES = [
    b'[{"key":"k","value":{"a":[1,2.5,null,true,"x"]}}]', b'{"keys":["k","l"],"parallelism":2}',
    b'{"operations":[{"operation":"upsert","request":{"key":"k","value":1}}]}',
    b'{"operation":"create","data":"x","metadata":{"fileName":"f"}}',
    b'[{"entryId":"1","event":"x","contentType":"text/plain"}]', b"", b"plain", b"[" * 100,
]  # fmt: skip
HEADERS = [
    "Content-Type: application/json", "Content-Type: application/cloudevents+json", f"dapr-app-id: {SELF}",
    "Connection: close", "Expect: 100-continue", f"Authorization: Basic {BASIC}", "If-Match: 1",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage: a=1", "Accept-Encoding: gzip",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "Origin: http://x",
    "TE: trailers",
]  # fmt: skip
QUERIES = ["", "?metadata.ttlInSeconds=1", "?metadata.rawPayload=true", "?consistency=strong&metadata.a=%zz", "?%FF"]
VERBS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "get", "X-ODD"]


@st.composite
def requests(draw: st.DrawFn, *, last: bool = False) -> bytes:
    """A request in good order, its body framed by length or in chunks; ``last`` asks that the connection be closed."""
    body = draw(st.sampled_from(BODIES) | st.binary(max_size=200))
    target = draw(st.sampled_from(TARGETS)) + draw(st.sampled_from(QUERIES))
    lines = [f"{draw(st.sampled_from(VERBS))} {target} HTTP/1.{draw(st.sampled_from('1110'))}", "Host: localhost"]
    lines += draw(st.lists(st.sampled_from(HEADERS), max_size=4, unique=True))
    if last:
        lines = [line for line in lines if "h2c" not in line] + ["Connection: close"]
    if draw(st.booleans()):
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A request of which some bytes are changed, left out, doubled, or after which it is cut."""
    data = bytearray(draw(requests()))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["change", "insert", "remove", "double", "cut"])):
            case "change" if at < len(data):
                data[at] = draw(st.integers(0, 255))
            case "insert":
                data[at:at] = draw(
                    st.sampled_from([b"\r\n", b"\n", b"\0", b" ", b":", b"%", b"\xff"]) | st.binary(max_size=8)
                )
            case "remove":
                del data[at : at + draw(st.integers(1, 8))]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 64))]
            case "cut":
                del data[at:]
    return bytes(data)


INPUTS = st.one_of(st.binary(max_size=400), requests(), spoilt(), st.lists(spoilt(), max_size=3).map(b"".join))


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    directory = tmp_path_factory.mktemp("fuzz")
    secrets = directory / "secrets.json"
    secrets.write_text('{"known": "value"}')
    resources = folder(
        directory / "resources",
        component("mem", "state.in-memory"),
        component("bus", "pubsub.in-memory"),
        component("files", "bindings.localstorage", rootPath=str(directory / "files")),
        component("safe", "secretstores.local.file", secretsFile=str(secrets)),
    )
    with echo_app() as app, daprd(SELF, "--max-body-size=4Ki", app_port=app.port, resources=resources) as running:
        yield running


def send(port: int, data: bytes, *, end: bool) -> bytes:
    """All that comes back until the sidecar closes; ``end`` says that no more will be sent."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
        try:
            client.sendall(data)
            if end:
                client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                received += piece
        except TimeoutError:
            raise AssertionError(f"the sidecar neither answered nor closed within {LIMIT} s") from None
        except ConnectionError:
            pass
    return received


def test_whatever_comes_is_answered_or_closed_in_time_and_does_no_harm(sidecar: Daprd) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(INPUTS)
    def hostile(data: bytes) -> None:
        received = send(sidecar.http_port, data, end=True)
        assert not TRACES.search(received), received
        assert not received or STATUS_LINE.match(received) or b"PRI * HTTP/2" in data, received

    with unharmed(sidecar):
        hostile()
    assert [line for line in sidecar.lines if "failed unexpectedly" in line] == []


def test_every_request_in_good_order_gets_an_answer(sidecar: Daprd) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests(last=True))
    def odd(data: bytes) -> None:
        received = send(sidecar.http_port, data, end=False)
        assert STATUS_LINE.match(received), received
        assert not TRACES.search(received), received
        assert b"\r\n\r\nInternal Server Error" not in received, "a defect behind the edge"

    with unharmed(sidecar):
        odd()
    assert [line for line in sidecar.lines if "failed unexpectedly" in line] == []
