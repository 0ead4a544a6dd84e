"""The protobuf bytes of an invocation between sidecars, written and read by hand.

``InternalInvokeRequestStream`` and ``InternalInvokeResponseStream`` (wire.md) travel once or more per call and are
mostly maps of headers, which cost the generated classes several microseconds each way. Here a message is joined from
remembered pieces and read by walking over its tags; a header entry that came by before (same bytes) is not parsed
again. The bytes are those any protobuf runtime would write and read: tests hold this codec against the generated
classes.

Memories hold header entries of clients and are therefore bounded in number and size, and never keep names that carry
credentials.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dapr_core.rpc.fields import canonical, is_field_value, is_token
from dapr_core.rpc.messages import Headers

VERBS: Final = {
    "GET": 1,
    "HEAD": 2,
    "POST": 3,
    "PUT": 4,
    "DELETE": 5,
    "CONNECT": 6,
    "OPTIONS": 7,
    "TRACE": 8,
    "PATCH": 9,
}
"""``HTTPExtension.Verb`` by name; NONE is 0."""
VERB_NAMES: Final = ("NONE", *VERBS)

_REMEMBERED_ENTRIES: Final = 4096
_REMEMBERED_BYTES: Final = 256
_REMEMBERED_HEADS: Final = 1024
_REMEMBERED_HEAD: Final = 1024
_SECRET: Final = ("authorization", "cookie", "token", "secret", "password", "api-key", "apikey")

Entry = tuple[bytes, tuple[bytes, ...], bytes]
"""A header as read: lower-case name, values, and the name as it was spelt."""


class CodecError(ValueError):
    """Bytes that are not the message they should be; the text says what is wrong with them."""


class HeaderError(ValueError):
    """A header that no HTTP message may carry."""


# --- writing -------------------------------------------------------------------------------------------------------


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


_written: dict[tuple[bytes, bytes], bytes] = {}
_messages: dict[tuple[bytes, int, bytes, bytes], bytes] = {}
_secret_names: dict[bytes, bool] = {}


def field(tag: bytes, value: bytes) -> bytes:
    """A length-delimited field with its tag byte."""
    return tag + varint(len(value)) + value


def header_entry(key: bytes, values: Iterable[bytes]) -> bytes:
    """One entry of a ``map<string, ListStringValue>``, without the map's own tag.

    Raises:
        HeaderError: a value is not UTF-8, which protobuf strings must be.
    """
    items = b""
    for value in values:
        if not value.isascii():
            _check_utf8(value)
        items += field(b"\x0a", value)
    return field(b"\x0a", key) + field(b"\x12", items)


def encode_headers(headers: Headers) -> bytes:
    """Headers as map entries (field 2 of both messages), names spelt canonically, repeated names in one entry."""
    if len({name for name, _ in headers}) != len(headers):
        return _encode_repeated(headers)
    return b"".join([_written.get(pair) or _write_entry(pair) for pair in headers])


def _encode_repeated(headers: Headers) -> bytes:
    grouped: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return b"".join([field(b"\x12", header_entry(canonical(name), values)) for name, values in grouped.items()])


def _write_entry(pair: tuple[bytes, bytes]) -> bytes:
    name, value = pair
    entry = field(b"\x12", header_entry(canonical(name), (value,)))
    if len(entry) <= _REMEMBERED_BYTES and not carries_secret(name):
        if len(_written) >= _REMEMBERED_ENTRIES:
            _written.clear()
        _written[pair] = entry
    return entry


def _check_utf8(value: bytes) -> None:
    try:
        value.decode()
    except UnicodeDecodeError:
        raise HeaderError("string field contains invalid UTF-8") from None


def carries_secret(name: bytes) -> bool:
    """Whether a header of this name may hold a credential and must not be remembered."""
    known = _secret_names.get(name)
    if known is None:
        text = name.lower().decode("latin-1")
        known = any(word in text for word in _SECRET)
        if len(_secret_names) >= _REMEMBERED_ENTRIES:
            _secret_names.clear()
        _secret_names[name] = known
    return known


def encode_request(
    method: bytes, verb: int, headers: Headers, *, query: bytes = b"", content_type: bytes = b"", extra: bytes = b""
) -> bytes:
    """An ``InternalInvokeRequest`` of API version V1; ``extra`` are finished metadata entries with their tags.

    Raises:
        HeaderError: a header is not UTF-8.
    """
    key = (method, verb, query, content_type)
    message = _messages.get(key) or _write_message(key)
    return b"".join((b"\x08\x01", encode_headers(headers), extra, message))


def _write_message(key: tuple[bytes, int, bytes, bytes]) -> bytes:
    method, verb, query, content_type = key
    extension = b"\x08" + varint(verb) if verb else b""
    if query:
        extension += field(b"\x12", query)
    message = field(b"\x0a", method) if method else b""
    if content_type:
        message += field(b"\x1a", content_type)
    message = field(b"\x1a", message + field(b"\x22", extension))
    # Queries may hold credentials, and hardly ever come twice.
    if not query and len(message) <= _REMEMBERED_BYTES:
        if len(_messages) >= _REMEMBERED_ENTRIES:
            _messages.clear()
        _messages[key] = message
    return message


def with_data(request: bytes, data: bytes) -> bytes:
    """A request for the unary call: the same bytes with the body in ``message.data``.

    A second occurrence of a message field is merged into the first (protobuf's encoding guide), so nothing of the
    request need be taken apart.
    """
    return request + field(b"\x1a", field(b"\x12", field(b"\x12", data)))


def encode_response(status: int, headers: Headers, *, content_type: bytes = b"", data: bytes | None = None) -> bytes:
    """An ``InternalInvokeResponse`` with an HTTP status; ``data`` only in the unary form."""
    message = field(b"\x0a", field(b"\x12", data)) if data is not None else b""
    if content_type:
        message += field(b"\x12", content_type)
    code = varint(status)
    return b"".join(
        (
            b"\x0a",
            varint(len(code) + 1),
            b"\x08",
            code,
            encode_headers(headers),
            b"\x22",
            varint(len(message)),
            message,
        )
    )


def encode_chunk(leading: bytes, data: bytes, seq: int) -> bytes:
    """A stream message: the request or response (empty but in the first one) and a piece of the body.

    An empty piece sends no payload at all, as the original does.
    """
    if not data:
        return field(b"\x0a", leading) if leading else b""
    size = varint(len(data))
    number = b"\x10" + varint(seq) if seq else b""
    inner = varint(len(data) + len(size) + len(number) + 1)
    if leading:
        return b"".join((b"\x0a", varint(len(leading)), leading, b"\x12", inner, b"\x0a", size, data, number))
    return b"".join((b"\x12", inner, b"\x0a", size, data, number))


# --- reading -------------------------------------------------------------------------------------------------------


class RequestMessage:
    """An ``InternalInvokeRequest`` as read. ``has_message`` and ``has_extension`` tell absent from empty.

    Equal bytes may give one and the same object: treat it as a constant. ``derived`` is for whoever works on messages
    to keep what follows from one.
    """

    __slots__ = (
        "content_type",
        "data",
        "derived",
        "entries",
        "has_actor",
        "has_extension",
        "has_message",
        "method",
        "query",
        "verb",
        "version",
    )

    def __init__(self) -> None:
        self.version = 0
        self.derived: object = None
        self.entries: list[Entry] = []
        self.has_message = False
        self.has_actor = False
        self.has_extension = False
        self.method = ""
        self.data = b""
        self.content_type = b""
        self.verb = 0
        self.query = b""

    def declaring(self, length: int) -> RequestMessage:
        """A copy whose metadata also tells the length of the body."""
        copied = RequestMessage()
        for slot in self.__slots__:
            setattr(copied, slot, getattr(self, slot))
        copied.derived = None
        copied.entries = [*self.entries, (b"content-length", (b"%d" % length,), b"content-length")]
        return copied


class ResponseMessage:
    """An ``InternalInvokeResponse`` as read; a constant like ``RequestMessage``."""

    __slots__ = ("content_type", "data", "derived", "entries", "message", "status", "status_details")

    def __init__(self) -> None:
        self.status = 0
        self.derived: object = None
        self.message = ""
        self.status_details: list[bytes] = []
        self.entries: list[Entry] = []
        self.data = b""
        self.content_type = b""


class Chunk:
    """A message of either stream: what leads it, if anything, and its payload."""

    __slots__ = ("data", "has_payload", "leading", "seq")

    def __init__(
        self, leading: bytes | None = None, data: bytes = b"", seq: int = 0, has_payload: bool = False
    ) -> None:
        self.leading = leading
        self.data = data
        self.seq = seq
        self.has_payload = has_payload


_read: dict[bytes, Entry] = {}
_requests: dict[bytes, RequestMessage] = {}
_responses: dict[bytes, ResponseMessage] = {}


def decode_chunk(buf: bytes) -> Chunk:
    """Split a stream message; ``leading`` is left in bytes for ``decode_request`` or ``decode_response``.

    Raises:
        CodecError: the bytes are no such message.
    """
    try:
        return _decode_usual(buf) or _decode_any_chunk(buf)
    except IndexError:
        return _decode_any_chunk(buf)


def _decode_usual(buf: bytes) -> Chunk | None:
    """The chunk that comes first in every call: a head, then at most a payload without a number, both below 16 KiB.

    None (or IndexError, beyond the end) for anything else; ``_decode_any_chunk`` takes all. This is ``_span`` written
    out three times, because it runs once per call.
    """
    end = len(buf)
    if buf[0] != 0x0A:
        return None
    size, pos = buf[1], 2
    if size > 0x7F:
        if buf[2] > 0x7F:
            return None
        size, pos = size & 0x7F | buf[2] << 7, 3
    stop = pos + size
    if stop == end:
        return Chunk(buf[pos:stop])
    if buf[stop] != 0x12:
        return None
    leading = buf[pos:stop]
    size, pos = buf[stop + 1], stop + 2
    if size > 0x7F:
        if buf[pos] > 0x7F:
            return None
        size, pos = size & 0x7F | buf[pos] << 7, pos + 1
    if pos + size != end or buf[pos] != 0x0A:
        return None
    size, pos = buf[pos + 1], pos + 2
    if size > 0x7F:
        if buf[pos] > 0x7F:
            return None
        size, pos = size & 0x7F | buf[pos] << 7, pos + 1
    return Chunk(leading, buf[pos:], 0, True) if pos + size == end else None


def _decode_any_chunk(buf: bytes) -> Chunk:
    chunk = Chunk()
    pos, end = 0, len(buf)
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = _span(buf, pos + 1, end)
            chunk.leading = buf[start:pos] if chunk.leading is None else chunk.leading + buf[start:pos]
        elif tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            chunk.has_payload = True
            _decode_payload(buf, start, pos, chunk)
        else:
            pos = _skip(buf, pos, end)
    return chunk


def _decode_payload(buf: bytes, pos: int, end: int, chunk: Chunk) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = _span(buf, pos + 1, end)
            chunk.data = buf[start:pos]
        elif tag == 0x10:
            chunk.seq, pos = _varint(buf, pos + 1, end)
        else:
            pos = _skip(buf, pos, end)


def decode_request(buf: bytes) -> RequestMessage:
    """Read an ``InternalInvokeRequest``.

    Raises:
        CodecError: the bytes are no such message.
        HeaderError: a metadata entry could not be an HTTP header.
    """
    known = _requests.get(buf)
    if known is not None:
        return known
    message = RequestMessage()
    entries = message.entries
    pos, end = 0, len(buf)
    while pos < end:
        tag = buf[pos]
        if tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            raw = buf[start:pos]
            entries.append(_read.get(raw) or _read_entry(raw))
        elif tag == 0x1A:
            start, pos = _span(buf, pos + 1, end)
            message.has_message = True
            _decode_invoke_request(buf, start, pos, message)
        elif tag == 0x08:
            message.version, pos = _varint(buf, pos + 1, end)
        else:
            message.has_actor = message.has_actor or tag == 0x22
            pos = _skip(buf, pos, end)
    if not (message.query or message.data) and _harmless(buf, entries):
        if len(_requests) >= _REMEMBERED_HEADS:
            _requests.clear()
        _requests[buf] = message
    return message


def _harmless(buf: bytes, entries: list[Entry]) -> bool:
    """Whether a whole head may be remembered: it is short, and no header in it may hold a credential."""
    return len(buf) <= _REMEMBERED_HEAD and not any(carries_secret(name) for name, _, _ in entries)


def _decode_invoke_request(buf: bytes, pos: int, end: int, message: RequestMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = _span(buf, pos + 1, end)
            message.method = _text(buf[start:pos])
        elif tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            message.data = _any_value(buf, start, pos)
        elif tag == 0x1A:
            start, pos = _span(buf, pos + 1, end)
            message.content_type = _field_value(buf[start:pos])
        elif tag == 0x22:
            start, pos = _span(buf, pos + 1, end)
            message.has_extension = True
            _decode_extension(buf, start, pos, message)
        else:
            pos = _skip(buf, pos, end)


def _decode_extension(buf: bytes, pos: int, end: int, message: RequestMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x08:
            message.verb, pos = _varint(buf, pos + 1, end)
        elif tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            message.query = _text(buf[start:pos]).encode()
        else:
            pos = _skip(buf, pos, end)


def decode_response(buf: bytes) -> ResponseMessage:
    """Read an ``InternalInvokeResponse``.

    Raises:
        CodecError: the bytes are no such message.
        HeaderError: a header entry could not be an HTTP header.
    """
    known = _responses.get(buf)
    if known is not None:
        return known
    message = ResponseMessage()
    pos, end = 0, len(buf)
    while pos < end:
        tag = buf[pos]
        if tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            raw = buf[start:pos]
            message.entries.append(_read.get(raw) or _read_entry(raw))
        elif tag == 0x0A:
            start, pos = _span(buf, pos + 1, end)
            _decode_status(buf, start, pos, message)
        elif tag == 0x22:
            start, pos = _span(buf, pos + 1, end)
            _decode_invoke_response(buf, start, pos, message)
        else:
            pos = _skip(buf, pos, end)
    if not message.data and _harmless(buf, message.entries):
        if len(_responses) >= _REMEMBERED_HEADS:
            _responses.clear()
        _responses[buf] = message
    return message


def _decode_status(buf: bytes, pos: int, end: int, message: ResponseMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x08:
            message.status, pos = _varint(buf, pos + 1, end)
        elif tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            message.message = _text(buf[start:pos])
        elif tag == 0x1A:
            start, pos = _span(buf, pos + 1, end)
            message.status_details.append(buf[start:pos])
        else:
            pos = _skip(buf, pos, end)


def _decode_invoke_response(buf: bytes, pos: int, end: int, message: ResponseMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = _span(buf, pos + 1, end)
            message.data = _any_value(buf, start, pos)
        elif tag == 0x12:
            start, pos = _span(buf, pos + 1, end)
            message.content_type = _field_value(buf[start:pos])
        else:
            pos = _skip(buf, pos, end)


def _any_value(buf: bytes, pos: int, end: int) -> bytes:
    """The ``value`` of a google.protobuf.Any."""
    value = b""
    while pos < end:
        if buf[pos] == 0x12:
            start, pos = _span(buf, pos + 1, end)
            value = buf[start:pos]
        else:
            pos = _skip(buf, pos, end)
    return value


def _read_entry(raw: bytes) -> Entry:
    key, values = b"", list[bytes]()
    pos, end = 0, len(raw)
    while pos < end:
        tag = raw[pos]
        if tag == 0x0A:
            start, pos = _span(raw, pos + 1, end)
            key = raw[start:pos]
        elif tag == 0x12:
            start, pos = _span(raw, pos + 1, end)
            values.extend(_list_values(raw, start, pos))
        else:
            pos = _skip(raw, pos, end)
    name = key.lower()
    if not is_token(name[1:] if name[:1] == b":" else name):
        raise HeaderError(f'invalid header field name "{key.decode("latin-1")}"')
    entry = (name, tuple(values), key)
    if end <= _REMEMBERED_BYTES and not carries_secret(name):
        if len(_read) >= _REMEMBERED_ENTRIES:
            _read.clear()
        _read[raw] = entry
    return entry


def _list_values(raw: bytes, pos: int, end: int) -> list[bytes]:
    values: list[bytes] = []
    while pos < end:
        if raw[pos] == 0x0A:
            start, pos = _span(raw, pos + 1, end)
            values.append(_field_value(raw[start:pos]))
        else:
            pos = _skip(raw, pos, end)
    return values


def _field_value(value: bytes) -> bytes:
    if not is_field_value(value):
        raise HeaderError("invalid header field value")
    return value


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise CodecError("string field contains invalid UTF-8") from None


def _span(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """Where a length-delimited field begins and ends; ``pos`` is behind its tag."""
    if pos < end and buf[pos] < 0x80:
        start = pos + 1
        stop = start + buf[pos]
    else:
        length, start = _varint(buf, pos, end)
        stop = start + length
    if stop > end:
        raise CodecError("cannot parse invalid wire-format data")
    return start, stop


def _varint(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if pos >= end or shift > 63:
            raise CodecError("cannot parse invalid wire-format data")
        byte = buf[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, pos
        shift += 7


def _skip(buf: bytes, pos: int, end: int) -> int:
    """Pass over one field that this reader does not know, or knows under another wire type."""
    tag, pos = _varint(buf, pos, end)
    wire = tag & 7
    if tag >> 3 == 0:
        raise CodecError("cannot parse invalid wire-format data")
    if wire == 0:
        return _varint(buf, pos, end)[1]
    if wire == 2:
        return _span(buf, pos, end)[1]
    pos += {1: 8, 5: 4}.get(wire, end + 1)
    if pos > end:
        raise CodecError("cannot parse invalid wire-format data")
    return pos
