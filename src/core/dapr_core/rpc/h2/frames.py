"""The frames of HTTP/2 as bytes (RFC 9113 §4, §6)."""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import Final

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_SIZE: Final = 9

# Constants by their own literals: compiled code then holds the numbers, and looks up no names.
DATA: Final = 0x0
HEADERS: Final = 0x1
PRIORITY: Final = 0x2
RST_STREAM: Final = 0x3
SETTINGS: Final = 0x4
PUSH_PROMISE: Final = 0x5
PING: Final = 0x6
GOAWAY: Final = 0x7
WINDOW_UPDATE: Final = 0x8
CONTINUATION: Final = 0x9

END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
PRIORITY_FLAG: Final = 0x20
UNUSUAL: Final = END_HEADERS | PADDED | PRIORITY_FLAG
"""Flags of HEADERS; nearly all have the first and neither of the others."""

SETTINGS_HEADER_TABLE_SIZE: Final = 0x1
SETTINGS_ENABLE_PUSH: Final = 0x2
SETTINGS_MAX_CONCURRENT_STREAMS: Final = 0x3
SETTINGS_INITIAL_WINDOW_SIZE: Final = 0x4
SETTINGS_MAX_FRAME_SIZE: Final = 0x5
SETTINGS_MAX_HEADER_LIST_SIZE: Final = 0x6

DEFAULT_TABLE_SIZE: Final = 4_096
DEFAULT_WINDOW: Final = 65_535
DEFAULT_FRAME_SIZE: Final = 16_384
LARGEST_WINDOW: Final = 0x7FFF_FFFF
LARGEST_FRAME_SIZE: Final = 0xFF_FFFF
LARGEST_STREAM_ID: Final = 0x7FFF_FFFF

# length (16 high bits, 8 low bits), type, flags, stream id
_HEADER = Struct(">HBBBL")
unpack_header = _HEADER.unpack_from
pack_header = _HEADER.pack
_SETTING = Struct(">HL")
_UINT32 = Struct(">L")
_GOAWAY = Struct(">LL")


def header(length: int, kind: int, flags: int, stream_id: int) -> bytes:
    """The nine octets before a payload."""
    return pack_header(length >> 8, length & 0xFF, kind, flags, stream_id)


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """A whole frame."""
    return header(len(payload), kind, flags, stream_id) + payload


def settings(values: Iterable[tuple[int, int]]) -> bytes:
    """A SETTINGS frame of (identifier, value) pairs."""
    return frame(SETTINGS, 0, 0, b"".join([_SETTING.pack(*pair) for pair in values]))


def parse_settings(payload: bytes) -> list[tuple[int, int]]:
    """The pairs of a SETTINGS payload whose length is a multiple of six."""
    return list(_SETTING.iter_unpack(payload))


def window_update(stream_id: int, increment: int) -> bytes:
    """A WINDOW_UPDATE frame; stream 0 is the connection."""
    return b"\x00\x00\x04\x08\x00" + _GOAWAY.pack(stream_id, increment)


def rst_stream(stream_id: int, code: int) -> bytes:
    """A RST_STREAM frame."""
    return b"\x00\x00\x04\x03\x00" + _GOAWAY.pack(stream_id, code)


def goaway(last_stream_id: int, code: int, debug: bytes = b"") -> bytes:
    """A GOAWAY frame."""
    return frame(GOAWAY, 0, 0, _GOAWAY.pack(last_stream_id, code) + debug)


def uint32(payload: bytes, at: int = 0) -> int:
    """A 32-bit number of a payload."""
    value: int = _UINT32.unpack_from(payload, at)[0]
    return value


def header_frames(stream_id: int, block: bytes, end_stream: bool, limit: int) -> bytes:
    """HEADERS, and CONTINUATION frames where the block exceeds the peer's frame size."""
    flags = END_STREAM if end_stream else 0
    if len(block) <= limit:
        return frame(HEADERS, flags | END_HEADERS, stream_id, block)
    parts = [block[at : at + limit] for at in range(0, len(block), limit)]
    out = [frame(HEADERS, flags, stream_id, parts[0])]
    out += [frame(CONTINUATION, 0, stream_id, part) for part in parts[1:-1]]
    out.append(frame(CONTINUATION, END_HEADERS, stream_id, parts[-1]))
    return b"".join(out)
