"""A raw HTTP application for tests: answers by simple rules and keeps what it was sent, byte-true and in order."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Received:
    """One request as it was on the wire."""

    line: str
    headers: list[str]
    body: bytes
    framing: str

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    def header(self, name: str) -> str | None:
        for line in self.headers:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


@dataclass
class Answer:
    """What the application answers; ``raw`` replaces everything (framing included) and closes the connection."""

    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    raw: bytes | None = None


Rule = Callable[[Received], Answer | None]

REASONS = {200: "OK", 204: "No Content", 404: "Not Found", 500: "Internal Server Error"}


def echo(request: Received) -> Answer:
    """The application of the recordings: an echo with a few special paths."""
    path = request.target.split("?")[0]
    if path in ("/dapr/config", "/dapr/subscribe"):
        return Answer(body=b"{}" if path.endswith("config") else b"[]", headers=[("Content-Type", "application/json")])
    if "/status/" in path:
        code = path.rsplit("/", 1)[1]
        body = json.dumps({"said": code}).encode()
        return Answer(int(code), body, [("Content-Type", "application/json"), ("X-App", "yes")])
    if path.endswith("/empty"):
        return Answer(204)
    if path.endswith("/nolen"):
        return Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/x-nolen\r\n\r\nuntil close")
    if request.method == "GET":
        return Answer(200, b"hello", [("Content-Type", "text/plain"), ("X-App", "yes"), ("X-Line", request.line)])
    kind = request.header("content-type") or "text/plain"
    return Answer(200, request.body or b"hello", [("Content-Type", kind), ("X-App", "yes"), ("X-Line", request.line)])


class EchoApp:
    """A threaded application on an ephemeral loopback port; ``rules`` are asked before the echo."""

    def __init__(self, *rules: Rule, fallback: Rule = echo) -> None:
        self.rules = [*rules, fallback]
        self.received: list[Received] = []
        self._arrived = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while True:
                request = read_request(stream)
                if request is None:
                    return
                with self._arrived:
                    self.received.append(request)
                    self._arrived.notify_all()
                answer = next(answer for rule in self.rules if (answer := rule(request)) is not None)
                if answer.raw is not None:
                    connection.sendall(answer.raw)
                    return
                connection.sendall(render(request, answer))
        self._connections.discard(connection)

    def wait_for(self, match: Callable[[Received], bool], *, timeout: float = 20.0, count: int = 1) -> list[Received]:
        """The first ``count`` requests that match; fails when they do not come in time."""
        with self._arrived:
            found = self._arrived.wait_for(lambda: sum(map(match, self.received)) >= count, timeout)
            hits = [request for request in self.received if match(request)]
        assert found, f"only {len(hits)} of {count}; received: {[request.line for request in self.received]}"
        return hits[:count]

    def close(self) -> None:
        self._listener.close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def render(request: Received, answer: Answer) -> bytes:
    """The bytes of an answer with a length."""
    head = f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    if answer.status != 204:
        head += f"Content-Length: {len(answer.body)}\r\n"
    return head.encode() + b"\r\n" + (b"" if request.method == "HEAD" or answer.status == 204 else answer.body)


def read_request(stream) -> Received | None:  # type: ignore[no-untyped-def]
    """One request from a stream, or None at its end."""
    line = stream.readline().decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    headers: list[str] = []
    while header := stream.readline().decode("latin-1").rstrip("\r\n"):
        headers.append(header)
    found = Received(line, headers, b"", "none")
    length, coding = found.header("content-length"), found.header("transfer-encoding")
    if coding == "chunked":
        found.framing = "chunked"
        while size := int(stream.readline().split(b";")[0], 16):
            found.body += stream.read(size)
            stream.readline()
        stream.readline()
    elif length is not None:
        found.framing, found.body = "content-length", stream.read(int(length))
    return found


@contextlib.contextmanager
def echo_app(*rules: Rule, fallback: Rule = echo) -> Iterator[EchoApp]:
    """A running application."""
    app = EchoApp(*rules, fallback=fallback)
    try:
        yield app
    finally:
        app.close()
