"""The client's half of a connection, without the socket: received bytes become responses and pieces of bodies.

The mirror of ``requests``, but for what only a response can be: the answer to HEAD, an interim one (dropped), one that
ends with the connection. Where Go's client forgives a server, so do we: a repeated equal Content-Length, or a length
beside chunks (which then rule, and the connection is not used again).
"""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.http1.framing import BodyReader, ChunkedReader, CloseReader, LengthReader
from dapr_core.rpc.http1.heads import (
    CHUNKED,
    CLOSE,
    CODING,
    CONNECTION,
    KEEP_ALIVE,
    LENGTH,
    NO_HEAD,
    HeadMemory,
    ProtocolError,
    check_incomplete,
)
from dapr_core.rpc.http1.limits import COLLECTED, Limits
from dapr_core.rpc.http1.requests import Mark
from dapr_core.rpc.messages import Headers, Response

_REMEMBERED_HEAD: Final = 1024


class ResponseCore:
    """Parses the responses of one connection. Not usable any more once it has raised ``ProtocolError``."""

    __slots__ = (
        "_bound",
        "_data",
        "_have",
        "_last_head",
        "_last_response",
        "_memory",
        "_method",
        "_need",
        "_parts",
        "_pending",
        "begun",
        "keep_alive",
        "reader",
    )

    def __init__(self, limits: Limits, memory: HeadMemory) -> None:
        self._bound = limits.head_bound
        self._memory = memory
        self._method = "GET"
        self._data = b""
        self._pending: Response | None = None
        self._parts: list[bytes] = []
        self._have = 0
        self._need = 0
        # Servers repeat themselves within a second: a head equal to the one before it means the same.
        self._last_head = NO_HEAD
        self._last_response = Response(0)
        self.begun = False
        """Bytes have come since the latest request was sent."""
        self.keep_alive = True
        """Whether the latest response leaves the connection fit for another request."""
        self.reader: BodyReader | None = None
        """Splits the body that is arriving in pieces; None when none is."""

    def expect(self, method: str) -> None:
        """A request was sent; the next response answers it."""
        self._method = method
        self.begun = False

    @property
    def clean(self) -> bool:
        """Nothing was received beyond the last response."""
        return not self._data

    def feed(self, data: bytes) -> None:
        """Take bytes as they came from the connection."""
        self.begun = True
        if self._pending is not None:
            self._parts.append(data)
            self._have += len(data)
        else:
            self._data = self._data + data if self._data else data

    def next(self) -> Response | bytes | Mark | None:
        """The next event, or None if it needs more bytes. Raises ``ProtocolError`` (its status is of no use here)."""
        if self.reader is not None:
            return self._next_piece(self.reader)
        if self._pending is not None:
            return self._collect(self._pending)
        data = self._data
        while data:
            end = data.find(b"\r\n\r\n", 0, self._bound)
            if end < 0:
                if len(data) >= self._bound:
                    raise ProtocolError(502, "the response's headers exceed the limit")
                check_incomplete(data)
                return None
            self._data = data[end + 4 :]
            head = data[:end]
            if head == self._last_head and self._method != "HEAD":
                last = self._last_response
                self._need = last.length or 0
                again = Response(last.status, last.headers.copy())
                again.length = last.length
                return self._body(again)
            response = self._parse(head)
            if response is not None:
                return self._body(response)
            data = self._data
        return None

    def end(self) -> Mark | Response | None:
        """The connection ended in good order: the end of a body that had no other, or a short response as it stands.

        A response whose declared body did not come whole is given with the part that came as its body; ``length``
        tells what was promised. None if nothing was under way that an end could complete.
        """
        if isinstance(self.reader, CloseReader):
            self.reader = None
            return Mark.END
        if self._pending is None:
            return None
        response, self._pending = self._pending, None
        response.body = b"".join(self._parts)
        self._parts = []
        self.keep_alive = False
        return response

    def _parse(self, head: bytes) -> Response | None:
        """The response of a head, its body not begun; None for an interim one."""
        memory = self._memory
        lines = iter(head.split(b"\r\n"))
        first = next(lines)
        status, minor = memory.statuses.get(first) or memory.status_line(first)
        plain = memory.plain
        headers: Headers = []
        length = -1
        coding = connection = 0
        for line in lines:
            pair = plain.get(line)
            if pair is None:
                pair, kind, number = memory.framing.get(line) or memory.field(line)
                if kind == LENGTH:
                    if length not in (-1, number):
                        raise ProtocolError(502, "the response declares two lengths")
                    length = number
                elif kind == CONNECTION:
                    connection |= number
                elif kind == CODING:
                    if coding or number != CHUNKED:
                        raise ProtocolError(502, "the response has an unsupported transfer encoding")
                    coding = number
            headers.append(pair)
        if status < 200:
            if status == 101:
                raise ProtocolError(502, "the server switched protocols unasked")
            return None
        self.keep_alive = not connection & CLOSE if minor else connection == KEEP_ALIVE
        if coding and length >= 0:
            self.keep_alive = False
        if self._method == "HEAD" or status in (204, 304):
            self._need = 0
        elif coding:
            self._need = -1
        elif length >= 0:
            self._need = length
        else:
            self._need = -2
            self.keep_alive = False
        response = Response(status, headers)
        response.length = length if length >= 0 and not coding else None
        if self._need == length and self.keep_alive and self._method != "HEAD" and len(head) <= _REMEMBERED_HEAD:
            self._last_head = head
            self._last_response = Response(status, headers.copy())
            self._last_response.length = length
        else:
            self._last_head = NO_HEAD
        return response

    def _body(self, response: Response) -> Response | None:
        need = self._need
        if need == 0:
            # A bodiless answer may declare the length of the body it would have had; that is the caller's to read.
            response.body = b""
            return response
        if need == -1:
            self.reader = ChunkedReader(self._bound)
        elif need == -2:
            self.reader = CloseReader()
        elif need > COLLECTED:
            self.reader = LengthReader(need)
        else:
            return self._take(response)
        return response

    def _take(self, response: Response) -> Response | None:
        data = self._data
        need = self._need
        if len(data) < need:
            self._pending = response
            self._parts = [data]
            self._have = len(data)
            self._data = b""
            return None
        response.body = data if len(data) == need else data[:need]
        self._data = data[need:]
        return response

    def _collect(self, response: Response) -> Response | None:
        if self._have < self._need:
            return None
        self._data = b"".join(self._parts)
        self._parts = []
        self._pending = None
        return self._take(response)

    def _next_piece(self, reader: BodyReader) -> bytes | Mark | None:
        while not reader.done:
            if reader.broken is not None:
                raise reader.broken
            if not self._data:
                return None
            piece = reader.read(self._data)
            self._data = reader.rest
            if piece:
                return piece
        self.reader = None
        return Mark.END
