"""Cutting a byte stream into frames (RFC 9113 §3.4, §4.1, §4.2).

Pieces may have any size. An incomplete frame is kept as the list of its pieces and joined once it is whole, so that a
peer that sends single bytes costs no quadratic copying. A frame larger than announced is refused at its header.
"""

from __future__ import annotations

from collections.abc import Callable

from dapr_core.rpc.h2 import frames
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode

_TLS = b"\x16"
"""The first octet of a TLS handshake record (RFC 8446 §5.1)."""

Dispatch = Callable[[int, int, int, bytes], bool]
"""Takes kind, flags, stream id and payload of a frame; False to stop reading."""


class FrameReader:
    """Bytes in, frames out. ``preface`` makes it expect the client's preface first."""

    __slots__ = ("_dispatch", "_have", "_limit", "_need", "_parts", "_preface")

    def __init__(self, limit: int, dispatch: Dispatch, *, preface: bool) -> None:
        self._limit = limit
        self._dispatch = dispatch
        self._preface = preface
        self._parts: list[bytes] = []
        self._have = 0
        self._need = 0

    def feed(self, data: bytes) -> None:
        """Take a piece; dispatch every frame that is whole now. Raises ConnectionFault."""
        if self._parts:
            self._parts.append(data)
            self._have += len(data)
            if self._have < self._need:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        at = 0
        if self._preface:
            at = self._take_preface(data)
        if not self._preface:
            self._cut(data, at)

    def _take_preface(self, data: bytes) -> int:
        preface = frames.PREFACE
        if not preface.startswith(data[: len(preface)]):
            found = "a TLS handshake, where clear text is spoken" if data[:1] == _TLS else "not an HTTP/2 preface"
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, found)
        if len(data) < len(preface):
            self._keep(data, 0, 0)  # look again with every piece: a wrong byte is refused as soon as it is here
            return 0
        self._preface = False
        return len(preface)

    def _cut(self, data: bytes, at: int) -> None:
        end = len(data)
        unpack, limit, dispatch = frames.unpack_header, self._limit, self._dispatch
        while end - at >= frames.HEADER_SIZE:
            high, low, kind, flags, stream_id = unpack(data, at)
            size = high << 8 | low
            if size > limit:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "frame larger than announced")
            start = at + frames.HEADER_SIZE
            stop = start + size
            if stop > end:
                return self._keep(data, at, frames.HEADER_SIZE + size)
            at = stop
            if not dispatch(kind, flags, stream_id & 0x7FFFFFFF, data[start:stop]):
                return None
        return self._keep(data, at, frames.HEADER_SIZE)

    def _keep(self, data: bytes, at: int, need: int) -> None:
        """Wait until ``need`` octets from ``at`` on are here."""
        if at < len(data):
            self._parts.append(data[at:] if at else data)
            self._have = len(data) - at
            self._need = need


def unpad(payload: bytes) -> bytes:
    """The payload without its padding (RFC 9113 §6.1). Raises ConnectionFault."""
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "padding exceeds its frame")
    return payload[1 : len(payload) - payload[0]]
