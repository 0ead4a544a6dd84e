"""The server's half of a connection, without the socket: received bytes become requests and pieces of bodies.

``feed`` takes what arrived, ``next`` gives one event at a time: a request, a piece of its body, its end. Nothing is
parsed before it is asked for, so that a client which sends a hundred requests at once costs the bytes of ninety-nine
until the first is answered. A short body of declared length comes inside its request; a longer or chunked one follows
as pieces (``Request.body`` is then for the shell to set).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from dapr_core.rpc.http1.framing import BodyReader, ChunkedReader, LengthReader
from dapr_core.rpc.http1.heads import (
    CHUNKED,
    CLOSE,
    CODING,
    CONNECTION,
    EXPECT,
    HOST,
    KEEP_ALIVE,
    LENGTH,
    NO_HEAD,
    UPGRADE,
    HeadMemory,
    ProtocolError,
    check_incomplete,
)
from dapr_core.rpc.http1.limits import COLLECTED, DISCARDED, Limits
from dapr_core.rpc.messages import Headers, Peer, Request

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client that knows that we speak HTTP/2 begins with (RFC 9113 §3.4)."""

match_foreign = re.compile(rb"[!-~]+ [!-~]+ (?!HTTP/)[!-~]+\r\n").match
"""Finds a first line of the shape of a request line that names another protocol than HTTP."""

_REMEMBERED_HEAD: Final = 1024
_CR: Final = 0x0D


class Mark(Enum):
    """Events of a body that carry no bytes."""

    END = "the body is complete"
    OVERSIZE = "the body went past the limit; what follows of it is counted and dropped"


class RequestCore:
    """Parses the requests of one connection. Not usable any more once it has raised ``ProtocolError``."""

    __slots__ = (
        "_bound",
        "_collected",
        "_data",
        "_have",
        "_last_head",
        "_last_request",
        "_last_tail",
        "_max_body",
        "_memory",
        "_need",
        "_parts",
        "_peer",
        "_pending",
        "_pos",
        "_skipped",
        "dropped",
        "expects_continue",
        "keep_alive",
        "minor",
        "oversize",
        "reader",
        "received",
        "upgrade",
    )

    def __init__(self, limits: Limits, memory: HeadMemory, peer: Peer | None = None) -> None:
        self._bound = limits.head_bound
        self._max_body = limits.max_body
        self._collected = COLLECTED if limits.max_body is None else min(COLLECTED, limits.max_body)
        self._memory = memory
        self._peer = peer
        # Bytes not parsed yet are _data from _pos on; while a short body is gathered they are _parts.
        self._data = b""
        self._pos = 0
        self._skipped = False
        self._pending: Request | None = None
        self._parts: list[bytes] = []
        self._have = 0
        self._need = 0
        # Of the latest request:
        self.reader: BodyReader | None = None
        """Splits the body that is arriving in pieces; None when none is."""
        self.keep_alive = True
        self.minor = 1
        self.upgrade = False
        """The client offers to go on by HTTP/2."""
        self.expects_continue = False
        """The client waits for ``100 Continue`` before it sends the body (and has sent nothing of it)."""
        self.oversize = False
        self.dropped = 0
        """Bytes of an oversize body that were dropped."""
        self.received = 0
        """Bytes that came of a body that arrives in pieces."""
        # Clients repeat themselves: a head equal to the one before it means the same, and so do equal fields.
        self._last_head = self._last_tail = NO_HEAD
        self._last_request = Request("", b"")

    def feed(self, data: bytes) -> None:
        """Take bytes as they came from the connection."""
        if self._pending is not None:
            self._parts.append(data)
            self._have += len(data)
        elif self._data:
            self._data = self._data[self._pos :] + data
            self._pos = 0
        else:
            self._data = data

    @property
    def buffered(self) -> int:
        """Bytes received and not parsed yet."""
        return self._have if self._pending is not None else len(self._data) - self._pos

    def take_rest(self) -> bytes:
        """Everything that is not parsed, for whoever takes the connection over."""
        rest, self._data, self._pos = self._data[self._pos :], b"", 0
        return rest

    @property
    def empty(self) -> bool:
        """Nothing is left to parse."""
        return not self._data

    @property
    def collecting(self) -> bool:
        """A head is complete and its short body is not."""
        return self._pending is not None

    def next(self) -> Request | bytes | Mark | None:
        """The next event, or None if it needs more bytes.

        Raises:
            ProtocolError: the client broke HTTP or its limits; answer as the error says and close.
        """
        if self.reader is not None:
            return self._next_piece(self.reader)
        if self._pending is not None:
            return self._collect(self._pending)
        data = self._data
        if not data:
            return None
        pos = self._pos
        end = data.find(b"\r\n\r\n", pos, pos + self._bound)
        if end <= pos or data[pos] == _CR:
            return self._no_head(data, pos, end)
        head = data[pos:end]
        start = end + 4
        if head == self._last_head:
            last = self._last_request
            length = last.length or 0
            request = Request(last.method, last.target, last.headers.copy(), length=length, peer=self._peer)
        elif (same := self._with_last_fields(head)) is not None:
            request = same
            length = request.length or 0
        else:
            request = self._parse(head)
            declared = request.length
            if declared is None or declared > self._collected:
                self._last_head = self._last_tail = NO_HEAD
                self._stream(request, start)
                return request
            length = declared
            self._repeatable(head, request)
        stop = start + length
        if stop > len(data):
            self._await_body(request, start, length)
            return None
        if length:
            request.body = data[start:stop]
            self.expects_continue = False
        if stop == len(data):
            self._data, self._pos = b"", 0
        else:
            self._pos = stop
        return request

    def _repeatable(self, head: bytes, request: Request) -> None:
        """Remember a head as the connection's latest, unless it is long or has more to it than the request shows."""
        plain = len(head) <= _REMEMBERED_HEAD and self.minor and not (self.expects_continue or self.upgrade)
        self._last_head = head if plain else NO_HEAD
        self._last_tail = head[head.find(b"\r\n") :] if plain and request.headers else NO_HEAD
        self._last_request = Request(request.method, request.target, request.headers.copy(), length=request.length)

    def _with_last_fields(self, head: bytes) -> Request | None:
        """The request of a head that differs from the latest in its first line alone; None for any other."""
        end = head.find(b"\r\n")
        if end < 0 or head[end:] != self._last_tail:
            return None
        first = head[:end]
        method, target, minor = self._memory.starts.get(first) or self._memory.request_line(first)
        if minor != self.minor:
            return None  # what the fields mean for the connection is another thing then
        self._skipped = False
        last = self._last_request
        return Request(method, target, last.headers.copy(), length=last.length or 0, peer=self._peer)

    def _parse(self, head: bytes) -> Request:
        self._skipped = False
        memory = self._memory
        lines = iter(head.split(b"\r\n"))
        first = next(lines)
        method, target, minor = memory.starts.get(first) or memory.request_line(first)
        plain = memory.plain
        headers: Headers = []
        length = -1
        hosts = coding = connection = expect = 0
        for line in lines:
            pair = plain.get(line)
            if pair is None:
                pair, kind, number = memory.framing.get(line) or memory.field(line)
                if kind == HOST:
                    hosts += 1
                elif kind == LENGTH:
                    if length >= 0:
                        raise ProtocolError
                    length = number
                elif kind == CONNECTION:
                    connection |= number
                elif kind == CODING:
                    coding = number if not coding else -1
                elif kind == EXPECT:
                    expect = number
            headers.append(pair)
        if hosts != 1 and (hosts or minor):
            raise ProtocolError(400, "too many Host headers" if hosts else "missing required Host header")
        self.minor = minor
        self.keep_alive = not connection & CLOSE if minor else connection == KEEP_ALIVE
        self.upgrade = connection >= UPGRADE and minor > 0
        self.expects_continue = bool(expect) and minor > 0 and (length > 0 or coding > 0)
        if coding:
            _check_coding(coding, length, minor)
            return Request(method, target, headers, length=None, peer=self._peer)
        return Request(
            method,
            target,
            headers,
            length=length if length > 0 else 0,
            peer=self._peer,
            version="1.1" if minor else "1.0",
        )

    def _no_head(self, data: bytes, pos: int, end: int) -> Request | bytes | Mark | None:
        """No head can be read: it is incomplete, too long, or an empty line stands before it (RFC 9112 §2.2)."""
        if data.startswith(b"\r\n", pos):
            # One empty line before a request is tolerated; a second one is an empty request line, an error.
            if self._skipped:
                raise ProtocolError
            self._skipped = True
            self._pos = pos + 2
            if self._pos == len(data):
                self._data, self._pos = b"", 0
            return self.next()
        if end < 0 and len(data) - pos >= self._bound:
            raise ProtocolError(431)
        check_incomplete(data[pos:])
        return None

    def _await_body(self, request: Request, start: int, length: int) -> None:
        self._pending = request
        rest = self._data[start:]
        self._parts = [rest]
        self._have = len(rest)
        self._need = length
        if rest:
            self.expects_continue = False
        self._data, self._pos = b"", 0

    def _collect(self, request: Request) -> Request | None:
        if self._have < self._need:
            return None
        joined = b"".join(self._parts)
        request.body = joined[: self._need]
        self._data, self._pos = joined[self._need :], 0
        self._parts = []
        self._pending = None
        self.expects_continue = False
        return request

    def cut_off(self) -> Request | None:
        """No more bytes will come: the request whose short body was being gathered, with what came of that."""
        request, self._pending = self._pending, None
        if request is not None:
            request.body = b"".join(self._parts)
            self._parts = []
        return request

    def _stream(self, request: Request, start: int) -> None:
        length = request.length
        self.reader = ChunkedReader(self._bound) if length is None else LengthReader(length)
        # A body that is a little too long is read up to the limit like any other, and its rest is dropped to save the
        # connection; one that is far too long, or that its client can still keep to itself, is refused unread.
        over = 0 if length is None or self._max_body is None else length - self._max_body
        self.oversize = over > DISCARDED or (over > 0 and self.expects_continue)
        self.received = self.dropped = 0
        if start < len(self._data):
            self.expects_continue = False
            self._pos = start
        else:
            self._data, self._pos = b"", 0

    def _next_piece(self, reader: BodyReader) -> bytes | Mark | None:
        while not reader.done:
            if reader.broken is not None:
                raise reader.broken
            data = self._data
            if not data:
                return None
            piece = reader.read(data[self._pos :] if self._pos else data)
            self._data, self._pos = reader.rest, 0
            size = len(piece)
            self.received += size
            if self.oversize:
                self.dropped += size
            elif self._max_body is not None and self.received > self._max_body:
                self.oversize = True
                self.dropped = self.received - self._max_body
                return Mark.OVERSIZE
            elif size:
                return piece
        self.reader = None
        return Mark.END


def _check_coding(coding: int, length: int, minor: int) -> None:
    """Refuse what two servers could frame differently (RFC 9112 §6.1, §6.3): a length beside a coding, two codings."""
    if length >= 0 or coding < 0 or not minor:
        raise ProtocolError
    if coding != CHUNKED:
        raise ProtocolError(501, "unsupported transfer encoding")
