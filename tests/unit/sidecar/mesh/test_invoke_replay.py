"""Calls through two sidecars: what the application sees and the client gets is what was recorded of the original."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from support import recordings
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.rawhttp import exchange, request_bytes
from support.two_sidecars import TwoSidecars, two_sidecars

RECORDED = recordings.load("invoke-app-side")
ENTRIES = [
    entry
    for entry in RECORDED["entries"]
    if "client_call" not in entry and not entry["name"].startswith(("actor ", "callee "))
]
HEADERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/x-app; charset=utf-8\r\nX-Multi: one\r\nX-Multi: two\r\nx-lower: l\r\n"
    b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\nX-Empty: \r\ngrpc-status: 7\r\ndapr-custom: d\r\n"
    b'X-Data-Bin: AAEC\r\nETag: "abc"\r\nCache-Control: no-store\r\nVary: Accept\r\nServer: golden\r\nbaggage: k=v\r\n'
    b"traceparent: 00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01\r\nDate: Mon, 01 Jan 2001 00:00:00 GMT\r\n"
    b"Content-Length: 2\r\n\r\nok"
)
SPECIAL = {
    "/headers": Answer(raw=HEADERS),
    "/chunked": Answer(
        raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
        b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n"
    ),
    "/big": Answer(200, b"z" * 20000, [("Content-Type", "application/octet-stream")]),
    "/notype": Answer(200, b"no content type"),
    "/notypejson": Answer(200, b'{"a":1}'),
    "/wronglen": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"),
    "/redirect": Answer(301, b"moved", [("Content-Type", "text/plain"), ("Location", "/elsewhere")]),
    "/close": Answer(raw=b"\r\n"),
}
SNIFFED = "a content type that the application did not give is not made up"
LENGTH_OF_NOTHING = "an empty body reaches the application with its length, not in chunks"
CLIENT_CLAIMS = "who calls is for sidecars to say: a client's own claims do not reach the application"
ON_PURPOSE = {
    "POST empty body": LENGTH_OF_NOTHING,
    "POST no body no length": LENGTH_OF_NOTHING,
    "TRACE": LENGTH_OF_NOTHING,
    "odd verb": LENGTH_OF_NOTHING,
    "dapr- headers": CLIENT_CLAIMS,
    "app no content type": SNIFFED,
    "app no content type JSON": SNIFFED,
    "app wrong length": "a body that ends early breaks the answer off: the client must not take it for whole",
    "expect continue": "a client whose body is already here is not told to go on",
    "HTTP/1.0": "an answer that is complete has a length, also for HTTP/1.0",
    "app breaks connection": "the words about what the application sent instead of HTTP are our parser's",
}


def special(request: Received) -> Answer | None:
    path = request.target.split("?")[0]
    if path.startswith("/status/"):
        code = int(path.rsplit("/", 1)[1])
        if code in (204, 304):
            kind = [] if code == 204 else [("Content-Type", "application/json")]
            return Answer(code, b"", [*kind, ("X-App", "yes")])
        body = json.dumps({"said": code}).encode()
        return Answer(code, body, [("Content-Type", "application/json"), ("X-App", "yes")])
    return SPECIAL.get(path)


def plain_echo(request: Received) -> Answer:
    if not request.body:
        return Answer(200, b"hello", [("Content-Type", "text/plain"), ("X-App", "yes")])
    kind = request.header("content-type") or "text/plain"
    return Answer(200, request.body, [("Content-Type", kind), ("X-App", "yes")])


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[EchoApp, TwoSidecars, recordings.Translation]]:
    with echo_app(special, fallback=plain_echo) as app, two_sidecars(app.port) as (_, pair):
        flags = json.dumps(RECORDED["contexts"])
        app_port = re.search(r"--app-port=(\d+)", flags)
        http_port = re.search(r'"--app-id=caller", "--dapr-http-port=(\d+)', flags)
        assert app_port is not None
        assert http_port is not None
        words = recordings.Translation({app_port[1]: str(app.port), http_port[1]: str(pair.http_port)})
        yield app, pair, words


def differences(entry: dict[str, Any], app: EchoApp, pair: TwoSidecars, words: recordings.Translation) -> list[str]:
    app.received.clear()
    if entry["name"] == "non-ASCII header values":  # recorded as Latin-1, which is how it was sent
        lines = [words.to_live(line) for line in entry["request"]["headers"]]
        raw = request_bytes("GET", entry["request"]["target"], []).decode().removesuffix("\r\n")
        answer = exchange(pair.http_port, (raw + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode("latin-1"))
    else:
        answer = recordings.play(entry, pair.http_port, words)
    found = recordings.differences(entry, answer, words)
    if len(app.received) != len(entry["app_received"]):
        return [*found, f"the app received {len(app.received)} requests, recorded {len(entry['app_received'])}"]
    for want, got in zip(entry["app_received"], app.received, strict=True):
        got_headers = [words.to_recorded(line) for line in got.headers]
        if want["line"] != got.line:
            found.append(f"line: {want['line']} != {got.line}")
        if want["headers"] != got_headers:
            found.append(f"headers: {want['headers']} != {got_headers}")
        if recordings.body_of(want["body"]) != got.body:
            found.append(f"body: {str(want['body'])[:200]} != {got.body[:200]!r}")
    return found


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_a_recorded_call_is_repeated_exactly_or_differs_on_purpose(
    entry: dict[str, Any], stage: tuple[EchoApp, TwoSidecars, recordings.Translation]
) -> None:
    found = differences(entry, *stage)
    reason = ON_PURPOSE.get(entry["name"])
    if reason is None:
        assert not found, "\n".join(found)
    else:
        assert found, f"stands in ON_PURPOSE ({reason}) but is equal"
