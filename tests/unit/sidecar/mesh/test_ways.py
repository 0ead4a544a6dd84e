"""A call that is begun at once and one that a task makes are the same to the application and to the client."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.rawhttp import exchange, request_bytes
from support.two_sidecars import TwoSidecars, two_sidecars

from daprd.mesh.client import MeshClient

CALLS = {
    "an answer": ("POST", "hello", ["Content-Type: text/plain"], b"hi"),
    "an empty answer": ("GET", "empty", [], b""),
    "a failure": ("GET", "status/404", [], b""),
    "a failure of the server": ("POST", "status/503", [], b"x"),
    "an answer without a length": ("GET", "nolen", [], b""),
    "a large body": ("PUT", "hello", ["Content-Type: application/octet-stream"], b"y" * 50_000),
    "events asked for": ("GET", "hello", ["Accept: text/event-stream"], b""),
    "proxies before us": ("GET", "hello", ["X-Forwarded-For: 9.9.9.9", "Forwarded: for=9.9.9.9"], b""),
    "a trace": ("GET", "hello", ["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], b""),
    "credentials": ("GET", "hello", ["Authorization: Bearer x", "Cookie: a=b"], b""),
    "a query": ("DELETE", "hello?a=1&b=%20", [], b""),
    "a repeated header": ("GET", "hello", ["X-A: 1", "X-A: 2"], b""),
    "the application breaks off": ("GET", "gone", [], b""),
    "no HTTP from the application": ("GET", "nonsense", [], b""),
    "an impossible header": ("GET", "hello", ["X-A: \xff"], b""),
    "a method that may not be": ("GET", "a%23b", [], b""),
}


def breaks(request: Received) -> Answer | None:
    raw = {"/gone": b"", "/nonsense": b"what?\r\n\r\n"}.get(request.target)
    return None if raw is None else Answer(raw=raw)


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app(breaks) as running:
        yield running


def tell(pair: TwoSidecars, app: EchoApp, name: str) -> tuple[Any, ...]:
    """What the client and the application see of a call that is made three times: its head is remembered meanwhile."""
    verb, path, headers, body = CALLS[name]
    app.received.clear()
    lines = ["Host: localhost", f"Content-Length: {len(body)}", *headers]
    raw = request_bytes(verb, f"/v1.0/invoke/callee/method/{path}", lines, body)
    answers = [exchange(pair.http_port, raw) for _ in range(3)]
    seen = [(got.line, sorted(got.headers), got.body, got.framing) for got in app.received]
    fields = [sorted(pair for pair in each.headers if pair[0].lower() != "date") for each in answers]
    return [(each.code, each.body) for each in answers], fields, seen


@pytest.mark.parametrize("name", CALLS)
def test_both_ways_are_the_same_to_whoever_looks(name: str, app: EchoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[bool] = []
    begin = MeshClient.begin

    def watched(*given: Any, **named: Any) -> Any:
        answer = begin(*given, **named)
        begun.append(answer is not None)
        return answer

    monkeypatch.setattr(MeshClient, "begin", watched)
    told: list[tuple[Any, ...]] = []
    for at_once in (True, False):
        with two_sidecars(app.port) as (loop, pair):
            address = pair.names.addresses["callee"]
            loop.run(pair.client.connection(address))
            if not at_once:
                monkeypatch.setattr(pair.names, "known", lambda app_id, namespace: None)
            told.append(tell(pair, app, name))
    assert told[0] == told[1]
    assert begun == ([] if name == "a method that may not be" else [True] * 3)


def test_a_sidecar_that_is_gone_is_the_same_failure_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, bytes]] = []
    for at_once in (True, False):
        with socket.create_server(("127.0.0.1", 0)) as nobody, two_sidecars(None) as (_, pair):
            pair.names.addresses["callee"] = f"127.0.0.1:{nobody.getsockname()[1]}"
            nobody.close()
            if not at_once:
                monkeypatch.setattr(pair.names, "known", lambda app_id, namespace: None)
            answer = exchange(pair.http_port, request_bytes("GET", "/v1.0/invoke/callee/method/x", ["Host: localhost"]))
            told.append((answer.code, answer.body.replace(pair.names.addresses["callee"].encode(), b"address")))
            assert pair.names.forgotten
    assert told[0] == told[1]
