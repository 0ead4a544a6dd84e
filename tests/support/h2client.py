"""A bare HTTP/2 client for tests: it sends what it is told, byte for byte, and notes what comes back.

Its header blocks are made by our own encoder, or given as bytes; the answers are decoded by the ``hpack`` library, so
that a mistake of ours on both sides cannot hide.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Any

import hpack as witness

from dapr_core.rpc.h2 import frames
from dapr_core.rpc.hpack import encode
from support.h2pair import split

GET = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"localhost")]


def request(*changes: tuple[bytes, bytes | None], extra: tuple[tuple[bytes, bytes], ...] = ()) -> list[Any]:
    """The fields of a GET with some replaced (None: left out) and others added."""
    changed = dict(changes)
    fields = [(name, changed.get(name, value)) for name, value in GET]
    return [*[(name, value) for name, value in fields if value is not None], *extra]


@dataclass
class Answer:
    """What one stream has brought so far."""

    heads: list[dict[str, str]] = field(default_factory=list)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        return int(self.heads[-1][":status"])

    @property
    def headers(self) -> dict[str, str]:
        return self.heads[-1]

    @property
    def over(self) -> bool:
        return self.ended or self.reset is not None


class Client:
    """One connection. ``credit`` gives window back for every DATA frame at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, credit: bool = True) -> None:
        self.reader, self.writer, self.credit = reader, writer, credit
        self.answers: dict[int, Answer] = {}
        self.granted: dict[int, int] = {}
        self.settings: dict[int, int] = {}
        self.pongs = self.pings = 0
        self.mute = False
        """Leave PINGs without an answer, as a peer does that hangs."""
        self.goaway: list[tuple[int, int]] = []
        self.goaway_text = b""
        self.eof = False
        self.next_id = 1
        self._decoder = witness.Decoder(max_header_list_size=10**6)
        self._rest = b""
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        preface: bytes = frames.PREFACE,
        settings: tuple[tuple[int, int], ...] = (),
        credit: bool = True,
    ) -> Client:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
        )
        client = cls(reader, writer, credit=credit)
        client.send(preface + frames.settings(settings) + frames.frame(frames.SETTINGS, frames.ACK, 0))
        return client

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def begin(self, fields: list[tuple[bytes, bytes]], *, end: bool = True) -> int:
        """Send HEADERS on a new stream; its id."""
        number, self.next_id = self.next_id, self.next_id + 2
        self.answers[number] = Answer()
        self.send(frames.frame(frames.HEADERS, 0x5 if end else 0x4, number, encode(fields)))
        return number

    def data(self, number: int, data: bytes, *, end: bool = False) -> None:
        self.send(frames.frame(frames.DATA, int(end), number, data))

    def post(self, body: bytes, path: bytes = b"/", *, declared: bool = True) -> int:
        """A whole POST; its stream."""
        extra = ((b"content-length", b"%d" % len(body)),) if declared else ()
        number = self.begin(request((b":method", b"POST"), (b":path", path), extra=extra), end=not body)
        for at in range(0, len(body), 16_384):
            self.data(number, body[at : at + 16_384], end=at + 16_384 >= len(body))
        return number

    async def upload(self, number: int, body: bytes) -> None:
        """Send a body as the server's windows allow, and end the stream."""
        sent = 0
        stream_window = self.settings.get(frames.SETTINGS_INITIAL_WINDOW_SIZE, frames.DEFAULT_WINDOW)

        def room() -> int:
            whole = frames.DEFAULT_WINDOW + self.granted.get(0, 0)
            return min(16_384, whole - sent, stream_window + self.granted.get(number, 0) - sent)

        while True:
            await self.until(lambda: room() > 0 or self.answers[number].over)
            piece = body[sent : sent + room()]
            sent += len(piece)
            self.data(number, piece, end=sent == len(body))
            if sent == len(body) or self.answers[number].over:
                return

    async def until(self, condition: Any, timeout: float = 5.0) -> None:
        """Wait until a condition on this client holds."""
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def answer(self, number: int, timeout: float = 5.0) -> Answer:
        """The answer of a stream once it is over."""
        await self.until(lambda: self.answers[number].over or self.eof, timeout)
        return self.answers[number]

    async def get(self, fields: list[tuple[bytes, bytes]] | None = None) -> Answer:
        """Ask and wait for the answer."""
        return await self.answer(self.begin(request() if fields is None else fields))

    async def _read(self) -> None:
        try:
            while data := await self.reader.read(65_536):
                self._take(data)
                self._changed.set()
        except (OSError, ssl.SSLError):
            pass
        self.eof = True
        self._changed.set()

    def _take(self, data: bytes) -> None:
        data = self._rest + data
        at = 0
        while len(data) - at >= frames.HEADER_SIZE:
            size = int.from_bytes(data[at : at + 3], "big") + frames.HEADER_SIZE
            if len(data) - at < size:
                break
            self._frame(*split(data[at : at + size])[0])
            at += size
        self._rest = data[at:]

    def _frame(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        answer = self.answers.setdefault(number, Answer()) if number else Answer()
        if kind == frames.HEADERS:
            fields = self._decoder.decode(payload, raw=True)
            answer.heads.append({bytes(k).decode("latin-1"): bytes(v).decode("latin-1") for k, v in fields})
            answer.ended = bool(flags & frames.END_STREAM)
        elif kind == frames.DATA:
            answer.body += payload
            answer.ended = bool(flags & frames.END_STREAM)
            if self.credit and payload:
                self.send(frames.window_update(0, len(payload)) + frames.window_update(number, len(payload)))
        elif kind == frames.RST_STREAM:
            answer.reset = frames.uint32(payload)
        elif kind == frames.WINDOW_UPDATE:
            self.granted[number] = self.granted.get(number, 0) + frames.uint32(payload)
        elif kind == frames.GOAWAY:
            self.goaway.append((frames.uint32(payload) & 0x7FFFFFFF, frames.uint32(payload, 4)))
            self.goaway_text = payload[8:]
        elif kind == frames.PING and not flags:
            self.pings += 1
            if not self.mute:
                self.send(frames.frame(frames.PING, frames.ACK, 0, payload))
        elif kind == frames.PING:
            self.pongs += 1
        elif kind == frames.SETTINGS and not flags:
            self.settings |= dict(frames.parse_settings(payload))

    async def close(self) -> None:
        self.writer.close()
        await self._task
        try:
            await self.writer.wait_closed()
        except (OSError, ssl.SSLError):
            pass
