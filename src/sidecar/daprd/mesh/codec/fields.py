"""Protobuf's wire format, as far as the messages between sidecars need it: varints, lengths, fields to pass over."""

from __future__ import annotations

from typing import Final

_INVALID: Final = "cannot parse invalid wire-format data"
_FIXED: Final = {1: 8, 5: 4}
"""Bytes of a field by its wire type, where they are always as many."""
_DEEPEST: Final = 100
"""How deep groups may nest, as in protobuf's own runtimes."""
_HIGHEST_FIELD: Final = 2**29 - 1


class CodecError(ValueError):
    """Bytes that are not the message they should be; the text says what is wrong with them."""


def _varint_of(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


_VARINTS: Final = tuple(_varint_of(number) for number in range(3072))
"""Lengths of nearly all fields, ready to be joined."""


def varint(value: int) -> bytes:
    """A non-negative integer in base 128."""
    return _VARINTS[value] if value < 3072 else _varint_of(value)


def field(tag: bytes, value: bytes) -> bytes:
    """A length-delimited field with its tag byte."""
    return tag + varint(len(value)) + value


def span(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """Where a length-delimited field begins and ends; ``pos`` is behind its tag."""
    if pos < end and buf[pos] < 0x80:
        start = pos + 1
        stop = start + buf[pos]
    else:
        length, start = read_varint(buf, pos, end)
        stop = start + length
    if stop > end:
        raise CodecError(_INVALID)
    return start, stop


def read_varint(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """The integer at ``pos``, cut to 64 bits, and where it ends."""
    value = shift = 0
    while True:
        if pos >= end or shift > 63:
            raise CodecError(_INVALID)
        byte = buf[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, pos
        shift += 7


def skip(buf: bytes, pos: int, end: int) -> int:
    """Pass over one field that this reader does not know, or knows under another wire type."""
    groups: list[int] = []
    while True:
        tag, pos = read_varint(buf, pos, end)
        number, wire = tag >> 3, tag & 7
        if not 0 < number <= _HIGHEST_FIELD:
            raise CodecError(_INVALID)
        if wire == 0:
            pos = read_varint(buf, pos, end)[1]
        elif wire == 2:
            pos = span(buf, pos, end)[1]
        elif wire == 3 and len(groups) < _DEEPEST:
            groups.append(number)
        elif wire != 4 or not groups or groups.pop() != number:
            pos += _FIXED.get(wire, end + 1)
        if pos > end:
            raise CodecError(_INVALID)
        if not groups:
            return pos
