"""Cutting a byte stream into frames (RFC 9113 §3.4, §4.1, §4.2).

Pieces may have any size. A frame that is not whole is kept as the list of its pieces and joined once it is, so that a
peer that sends single bytes costs no quadratic copying; what comes after it in the same piece is not copied along. A
frame larger than announced is refused at its header.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.rpc.h2 import frames
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode

_TLS: Final = b"\x16"
"""The first octet of a TLS handshake record (RFC 8446 §5.1)."""

Dispatch = Callable[[int, int, int, bytes], bool]
"""Takes kind, flags, stream id and payload of a frame; False to stop reading."""


class FrameReader:
    """Bytes in, frames out. ``preface`` makes it expect the client's preface first."""

    __slots__ = ("_begun", "_dispatch", "_missing", "_parts", "_preface", "_rest", "limit")

    def __init__(self, limit: int, dispatch: Dispatch, *, preface: bool) -> None:
        self.limit = limit
        """Octets of the largest payload that the peer may send."""
        self._dispatch = dispatch
        self._preface = preface
        self._rest = b""
        """The beginning of a header, or of the preface."""
        self._begun: tuple[int, int, int] | None = None
        """Kind, flags and stream of a frame whose payload is not whole: ``_parts`` of it are here, ``_missing`` not."""
        self._parts: list[bytes] | None = None
        self._missing = 0

    def feed(self, data: bytes) -> None:
        """Take a piece; dispatch every frame that is whole now. Raises ConnectionFault."""
        at = 0
        if self._begun is not None:
            at = self._continue(data)
        elif self._preface:
            at = self._take_preface(data)
        elif self._rest:
            at = self._take_header(data)
        if at >= 0:
            self._cut(data, at)

    def _take_preface(self, data: bytes) -> int:
        preface = frames.PREFACE
        known = self._rest + data[: len(preface) - len(self._rest)]
        if not preface.startswith(known):  # looked at with every piece: a wrong byte is refused as soon as it is here
            found = "a TLS handshake, where clear text is spoken" if known[:1] == _TLS else "not an HTTP/2 preface"
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, found)
        at = len(known) - len(self._rest)
        self._preface = len(known) < len(preface)
        self._rest = known if self._preface else b""
        return -1 if self._preface else at

    def _take_header(self, data: bytes) -> int:
        """Go on with a header that was cut; where to go on in the data, or -1 when there is nothing more."""
        known = self._rest + data[: frames.HEADER_SIZE - len(self._rest)]
        at = len(known) - len(self._rest)
        if len(known) < frames.HEADER_SIZE:
            self._rest = known
            return -1
        self._rest = b""
        high, low, kind, flags, stream_id = frames.unpack_header(known)
        stop = at + self._checked(high << 8 | low)
        if stop > len(data):
            self._begin(kind, flags, stream_id, data[at:], stop - len(data))
            return -1
        return stop if self._dispatch(kind, flags, stream_id & 0x7FFFFFFF, data[at:stop]) else -1

    def _continue(self, data: bytes) -> int:
        """Go on with a payload that was cut, as ``_take_header`` does with a header."""
        assert self._begun is not None
        assert self._parts is not None
        missing = self._missing
        if len(data) < missing:
            self._parts.append(data)
            self._missing = missing - len(data)
            return -1
        self._parts.append(data[:missing])
        payload = b"".join(self._parts)
        (kind, flags, stream_id), self._begun, self._parts = self._begun, None, None
        return missing if self._dispatch(kind, flags, stream_id, payload) else -1

    def _cut(self, data: bytes, at: int) -> None:
        end = len(data)
        unpack, limit, dispatch = frames.unpack_header, self.limit, self._dispatch
        high: int
        low: int
        kind: int
        flags: int
        stream_id: int
        while end - at >= frames.HEADER_SIZE:
            high, low, kind, flags, stream_id = unpack(data, at)
            size = high << 8 | low
            if size > limit:
                self._checked(size)
            at += frames.HEADER_SIZE
            stop = at + size
            if stop > end:
                self._begin(kind, flags, stream_id, data[at:], stop - end)
                return
            if not dispatch(kind, flags, stream_id & 0x7FFFFFFF, data[at:stop]):
                return
            at = stop
        self._rest = data[at:]

    def _checked(self, size: int) -> int:
        if size > self.limit:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "frame larger than announced")
        return size

    def _begin(self, kind: int, flags: int, stream_id: int, part: bytes, missing: int) -> None:
        self._begun = (kind, flags, stream_id & 0x7FFFFFFF)
        self._parts = [part]
        self._missing = missing


def unpad(payload: bytes) -> bytes:
    """The payload without its padding (RFC 9113 §6.1). Raises ConnectionFault."""
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "padding exceeds its frame")
    return payload[1 : len(payload) - payload[0]]
