"""Where a body ends: by length, by chunks, or with the connection (RFC 9112 §6, §7).

Each reader is fed bytes and gives back what of them is body; it never holds more than a chunk's size line.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Final

from dapr_core.rpc.http1.heads import ProtocolError, check_fields

_match_size = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[^\x00-\x08\x0a-\x1f\x7f]*)?").fullmatch
_MAX_SIZE_LINE: Final = 1024
_MAX_EXTENSIONS: Final = 16 * 1024

_SIZE, _DATA, _DATA_END, _TRAILER, _DONE = range(5)


class BodyReader(ABC):
    """Splits received bytes into body and what follows it."""

    __slots__ = ("broken", "done", "rest")

    def __init__(self) -> None:
        self.done = False
        """The body is complete; ``rest`` is what was received after it."""
        self.rest = b""
        self.broken: ProtocolError | None = None
        """The framing broke after the bytes last given out; to be raised once those are used."""

    @abstractmethod
    def read(self, data: bytes) -> bytes:
        """The body's part of newly received bytes; may be empty. Raises ``ProtocolError``."""

    @property
    def remaining(self) -> int | None:
        """Bytes still to come, where the framing tells."""
        return None


class LengthReader(BodyReader):
    """A body of declared length."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        super().__init__()
        self._left = length
        self.done = length == 0

    def read(self, data: bytes) -> bytes:
        """Take up to the declared length."""
        size = len(data)
        if size < self._left:
            self._left -= size
            return data
        taken = data if size == self._left else data[: self._left]
        self.rest = data[self._left :]
        self._left = 0
        self.done = True
        return taken

    @property
    def remaining(self) -> int | None:
        """Bytes still to come."""
        return self._left


class CloseReader(BodyReader):
    """A response body that ends with the connection."""

    __slots__ = ()

    def read(self, data: bytes) -> bytes:
        """Everything is body."""
        return data


class ChunkedReader(BodyReader):
    """Chunked coding. Extensions and trailers are checked, bounded and dropped."""

    __slots__ = ("_extensions", "_kept", "_left", "_state", "_trailer_bound")

    def __init__(self, trailer_bound: int) -> None:
        super().__init__()
        self._state = _SIZE
        self._left = 0
        self._kept = b""
        self._extensions = 0
        self._trailer_bound = trailer_bound

    def read(self, data: bytes) -> bytes:
        """Decode as many chunks as the bytes hold; parts of a chunk are given out as they come."""
        if self._kept:
            data, self._kept = self._kept + data, b""
        parts: list[bytes] = []
        try:
            self._decode(data, parts)
        except ProtocolError as error:
            if not parts:
                raise
            self.broken = error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _decode(self, data: bytes, parts: list[bytes]) -> None:
        pos = 0
        while pos >= 0:
            if self._state == _DATA:
                pos = self._take_data(data, pos, parts)
            elif self._state == _SIZE:
                pos = self._take_size(data, pos)
            elif self._state == _DATA_END:
                pos = self._take_data_end(data, pos)
            else:
                pos = self._take_trailer(data, pos)

    # Each step returns the next position, or -1 when it needs more bytes (it has then kept what is unread) or is done.

    def _take_size(self, data: bytes, pos: int) -> int:
        end = data.find(b"\r\n", pos, pos + _MAX_SIZE_LINE)
        if end < 0:
            if len(data) - pos >= _MAX_SIZE_LINE or b"\n" in data[pos:]:
                raise ProtocolError
            self._kept = data[pos:]
            return -1
        match = _match_size(data, pos, end)
        if match is None:
            raise ProtocolError
        self._extensions += end - match.end(1)
        if self._extensions > _MAX_EXTENSIONS:
            raise ProtocolError
        self._left = int(match[1], 16)
        self._state = _DATA if self._left else _TRAILER
        return end + 2

    def _take_data(self, data: bytes, pos: int, parts: list[bytes]) -> int:
        have = len(data) - pos
        if have < self._left:
            if have:
                parts.append(data[pos:])
                self._left -= have
            return -1
        end = pos + self._left
        parts.append(data[pos:end])
        self._left = 0
        self._state = _DATA_END
        return end

    def _take_data_end(self, data: bytes, pos: int) -> int:
        end = data[pos : pos + 2]
        if end == b"\r\n":
            self._state = _SIZE
            return pos + 2
        if end in (b"", b"\r"):
            self._kept = end
            return -1
        raise ProtocolError

    def _take_trailer(self, data: bytes, pos: int) -> int:
        if data[pos : pos + 2] == b"\r\n":
            return self._finish(data, pos + 2)
        end = data.find(b"\r\n\r\n", pos, pos + self._trailer_bound)
        if end < 0:
            if len(data) - pos >= self._trailer_bound:
                raise ProtocolError(431)
            self._kept = data[pos:]
            return -1
        check_fields(data[pos:end].split(b"\r\n"))
        return self._finish(data, end + 4)

    def _finish(self, data: bytes, pos: int) -> int:
        self.rest = data[pos:]
        self.done = True
        self._state = _DONE
        return -1
