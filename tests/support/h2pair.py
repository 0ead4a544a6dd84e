"""HTTP/2 cores without sockets for tests: a shell that records, a stream that records, and a wire between two cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dapr_core.rpc.h2 import Connection, H2Config, HeaderBlock, Stream, frames
from dapr_core.rpc.hpack import encode

REQUEST = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/s/m"),
    (b":authority", b"a"),
    (b"te", b"trailers"),
]
ANSWER = [(b":status", b"200"), (b"content-type", b"application/grpc")]
TRAILERS = [(b"grpc-status", b"0")]


class Shell:
    """An owner that notes what it is told."""

    def __init__(self) -> None:
        self.ready = False
        self.idle = 0
        self.draining: list[str] = []
        self.failed: list[str] = []
        self.errors: list[Exception] = []
        self.pongs: list[bytes] = []

    def wake(self) -> None:
        pass

    def connection_ready(self) -> None:
        self.ready = True

    def headers_begun(self) -> None:
        pass

    def connection_idle(self) -> None:
        self.idle += 1

    def connection_draining(self, reason: str) -> None:
        self.draining.append(reason)

    def connection_failed(self, reason: str) -> None:
        self.failed.append(reason)

    def pong(self, payload: bytes) -> None:
        self.pongs.append(payload)

    def stream_failed(self, error: Exception) -> None:
        self.errors.append(error)


class Tape(Stream):
    """A stream that notes what happens to it, and may act on its headers, data or end."""

    __slots__ = ("body", "ended", "events", "on", "reset_code")

    def __init__(
        self, connection: Connection, stream_id: int = 0, on: Callable[[Tape, str], None] | None = None
    ) -> None:
        super().__init__(connection, stream_id)
        self.events: list[tuple[Any, ...]] = []
        self.body = b""
        self.ended = False
        self.reset_code: int | None = None
        self.on = on

    def _note(self, *event: Any) -> None:
        self.events.append(event)
        if self.on is not None:
            self.on(self, event[0])

    def on_headers(self, block: HeaderBlock, end: bool) -> None:
        self.ended = self.ended or end
        self._note("headers", dict(block.pseudo), list(block.fields), end)

    def on_data(self, data: bytes, end: bool) -> None:
        self.body += data
        self.ended = self.ended or end
        self._note("data", len(data), end)

    def on_reset(self, code: int, reason: str) -> None:
        self.reset_code = code
        self._note("reset", code, reason)

    def on_writable(self) -> None:
        self._note("writable")


class Wire:
    """A client core and a server core; ``run`` carries bytes until nobody has any."""

    def __init__(
        self,
        *,
        client: H2Config | None = None,
        server: H2Config | None = None,
        on: Callable[[Tape, str], None] | None = None,
    ) -> None:
        self.client_shell, self.server_shell = Shell(), Shell()
        self.accepted: list[Tape] = []
        self.on = on
        self.client = Connection(self.client_shell, client or H2Config(), lambda: 0.0)
        self.server = Connection(self.server_shell, server or H2Config(), lambda: 0.0, accept=self._accept)
        self.client.start()
        self.server.start()
        self.run()

    def _accept(self, connection: Connection, stream_id: int) -> Tape:
        tape = Tape(connection, stream_id, self.on)
        self.accepted.append(tape)
        return tape

    def step(self) -> bool:
        """Carry what waits, once in each direction; whether there was anything."""
        up = self.client.take_output()
        self.server.receive(up)
        down = self.server.take_output()
        self.client.receive(down)
        return bool(up or down)

    def run(self) -> None:
        while self.step():
            pass

    def request(self, body: bytes | None = None, *, on: Callable[[Tape, str], None] | None = None) -> Tape:
        """Begin a request; with a body (possibly empty), end it too."""
        tape = Tape(self.client, on=on)
        tape.send_headers(encode(REQUEST), end=False)
        if body is not None:
            tape.send_data(body, end=True)
        return tape


class Raw:
    """A server core that a test feeds frames by hand."""

    def __init__(self, config: H2Config | None = None, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.shell = Shell()
        self.accepted: list[Tape] = []
        self.core = Connection(self.shell, config or H2Config(), clock, accept=self._accept)
        self.core.start()
        self.core.receive(frames.PREFACE + frames.settings([]) + frames.frame(frames.SETTINGS, frames.ACK, 0))
        self.core.take_output()

    def _accept(self, connection: Connection, stream_id: int) -> Tape:
        tape = Tape(connection, stream_id)
        self.accepted.append(tape)
        return tape

    def feed(self, data: bytes) -> list[tuple[int, int, int, bytes]]:
        """Feed bytes; the frames it answers with as (kind, flags, stream id, payload)."""
        self.core.receive(data)
        return split(self.core.take_output())


def split(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """Whole frames as (kind, flags, stream id, payload)."""
    out, at = [], 0
    while at < len(data):
        high, low, kind, flags, stream_id = frames.unpack_header(data, at)
        size = high << 8 | low
        out.append((kind, flags, stream_id, data[at + 9 : at + 9 + size]))
        at += 9 + size
    return out


def headers(stream_id: int, fields: list[tuple[bytes, bytes]] | None = None, flags: int = 0x5) -> bytes:
    """A HEADERS frame; END_STREAM and END_HEADERS unless told otherwise."""
    return frames.frame(frames.HEADERS, flags, stream_id, encode(REQUEST if fields is None else fields))
