"""Clients that do not keep to the rules: they send any bytes, stop in the middle, end early.

Each tells what came back."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

from support.processes import Daprd
from support.rawhttp import RawAnswer, exchange, read_answer, request_bytes

LIMIT = 20.0
"""Seconds after which a client that still waits has found a defect."""

TRACES = re.compile(rb"Traceback|File \"|\.py\b|dapr_core|dapr_components|daprd\.|object at 0x")
"""What an answer never shows: anything of our source."""


def talk(port: int, data: bytes, *, end: bool = False, limit: float = LIMIT) -> bytes:
    """Send bytes and give all that comes back until the server closes; ``end`` says that no more will be sent.

    A reset counts as the end. The sidecar hangs, and the test fails, when it has not closed within ``limit`` seconds.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=limit) as client, contextlib.suppress(ConnectionError):
        received = b""
        try:
            client.sendall(data)
            if end:
                client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                received += piece
        except TimeoutError:
            raise AssertionError(
                f"still open after {limit} s: sent {data[:80]!r}, received {received[:80]!r}"
            ) from None
        except ConnectionError:
            return received
    return received


def answer_to(port: int, data: bytes, *, end: bool = False, head: bool = False) -> RawAnswer:
    """Send bytes and read one answer, which must be clean."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
        client.sendall(data)
        if end:
            client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as stream:
            answer = read_answer(stream, head=head)
    assert not TRACES.search(answer.body), answer.body
    return answer


def ask(port: int, method: str, target: str, body: bytes = b"", *headers: str) -> RawAnswer:
    """A request in good order, whatever it asks for; the answer must be clean."""
    lines = ["Host: x", *([f"Content-Length: {len(body)}"] if body or method in ("POST", "PUT") else []), *headers]
    answer = exchange(port, request_bytes(method, target, lines, body), timeout=LIMIT)
    assert not TRACES.search(answer.body), answer.body
    return answer


def error_of(answer: RawAnswer) -> tuple[int, str, str]:
    """Status, code and message of a documented error."""
    told: dict[str, Any] = json.loads(answer.body)
    return answer.code, told["errorCode"], told["message"]


@contextlib.contextmanager
def unharmed(sidecar: Daprd) -> Iterator[None]:
    """Whatever happens inside: afterwards the sidecar runs, serves the next requests well and has logged no defect."""
    seen = len(sidecar.lines)
    yield
    assert sidecar.popen.poll() is None, sidecar.output
    assert ask(sidecar.http_port, "GET", "/v1.0/healthz").code == 204
    assert ask(sidecar.http_port, "POST", "/v1.0/state/mem", b'[{"key":"well","value":"yes"}]').code == 204
    assert ask(sidecar.http_port, "GET", "/v1.0/state/mem/well").body == b'"yes"'
    assert [line for line in sidecar.lines[seen:] if "Traceback" in line] == []
