"""Whether bytes decode as ``io.cloudevents.v1.CloudEvent``, by their wire format.

``application/x-protobuf`` says nothing about the message inside; the sidecar treats it as an event when its bytes
parse as one (building-blocks.md §1.3). A protobuf parser accepts unknown fields, so what can fail is the wire format
itself and UTF-8 in the string fields; that is all we check, and the generated module need not be loaded for it.
"""

from __future__ import annotations

_VARINT, _FIXED64, _BYTES, _START, _END, _FIXED32 = 0, 1, 2, 3, 4, 5
_ID, _SOURCE, _SPEC_VERSION, _TYPE, _ATTRIBUTES, _TEXT, _ANY = 1, 2, 3, 4, 5, 7, 8
_STRINGS = frozenset((_ID, _SOURCE, _SPEC_VERSION, _TYPE, _TEXT))
_MAX_GROUPS = 100


class _Malformed(Exception):
    """The bytes are no protobuf message of that shape."""


def looks_like_cloudevent(data: bytes) -> bool:
    """Whether a protobuf parser would accept the bytes as a CloudEvent."""
    try:
        for field, value in _fields(data):
            if value is None:
                continue
            if field in _STRINGS:
                value.decode()
            elif field == _ATTRIBUTES:
                _check_attribute(value)
            elif field == _ANY:
                _check_strings(value, (1,))
    except (_Malformed, UnicodeDecodeError):
        return False
    return True


def _check_attribute(entry: bytes) -> None:
    """A map entry: the key is a string, the value a message whose fields 3, 5 and 6 are strings."""
    for field, value in _fields(entry):
        if value is None:
            continue
        if field == 1:
            value.decode()
        elif field == 2:
            _check_strings(value, (3, 5, 6))


def _check_strings(message: bytes, fields: tuple[int, ...]) -> None:
    for field, value in _fields(message):
        if value is not None and field in fields:
            value.decode()


def _fields(data: bytes) -> list[tuple[int, bytes | None]]:
    """The fields of a message; the value only of length-delimited ones."""
    fields: list[tuple[int, bytes | None]] = []
    groups: list[int] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        field, wire = tag >> 3, tag & 7
        if not 0 < field < 1 << 29:
            raise _Malformed
        value: bytes | None = None
        if wire == _VARINT:
            _, at = _varint(data, at)
        elif wire == _BYTES:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        elif wire == _START and len(groups) < _MAX_GROUPS:
            groups.append(field)
        elif wire != _END or not groups or groups.pop() != field:
            raise _Malformed
        if at > len(data):
            raise _Malformed
        if not groups:
            fields.append((field, value))
    if groups:
        raise _Malformed
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _Malformed
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                raise _Malformed
            return value, at
    raise _Malformed
