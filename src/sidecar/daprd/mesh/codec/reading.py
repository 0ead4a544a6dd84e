"""Invocations read: a walk over a message's tags, in which a header entry that came by before is not parsed again.

Whole heads are remembered too. Both are from the second time on that they come, for much differs from call to call.
"""

from __future__ import annotations

from dapr_core.rpc.fields import is_field_value, is_token
from daprd.mesh.codec import memory
from daprd.mesh.codec.fields import CodecError, read_varint, skip, span
from daprd.mesh.codec.memory import carries_secret
from daprd.mesh.codec.messages import Chunk, Entry, HeaderError, RequestMessage, ResponseMessage

_read: dict[bytes, Entry] = {}
_names: dict[bytes, bytes] = {}
"""Keys that are good names of headers, and those names in lower case."""
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

    None (or IndexError, beyond the end) for anything else; ``_decode_any_chunk`` takes all. This is ``span`` written
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
            start, pos = span(buf, pos + 1, end)
            chunk.leading = buf[start:pos] if chunk.leading is None else chunk.leading + buf[start:pos]
        elif tag == 0x12:
            start, pos = span(buf, pos + 1, end)
            chunk.has_payload = True
            _decode_payload(buf, start, pos, chunk)
        else:
            pos = skip(buf, pos, end)
    return chunk


def _decode_payload(buf: bytes, pos: int, end: int, chunk: Chunk) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = span(buf, pos + 1, end)
            chunk.data = buf[start:pos]
        elif tag == 0x10:
            chunk.seq, pos = read_varint(buf, pos + 1, end)
        else:
            pos = skip(buf, pos, end)


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
            start, pos = span(buf, pos + 1, end)
            raw = buf[start:pos]
            entries.append(_read.get(raw) or _read_entry(raw))
        elif tag == 0x1A:
            start, pos = span(buf, pos + 1, end)
            message.has_message = True
            _decode_invoke_request(buf, start, pos, message)
        elif tag == 0x08:
            message.version, pos = read_varint(buf, pos + 1, end)
        else:
            message.has_actor = message.has_actor or tag == 0x22
            pos = skip(buf, pos, end)
    if not (message.query or message.data) and memory.came_before(buf) and _harmless(buf, entries):
        if len(_requests) >= memory.HEADS:
            _requests.clear()
        _requests[buf] = message
    return message


def _harmless(buf: bytes, entries: list[Entry]) -> bool:
    """Whether a whole head may be remembered: it is short, and no header in it may hold a credential."""
    return len(buf) <= memory.HEAD_BYTES and not any(carries_secret(name) for name, _, _ in entries)


def _decode_invoke_request(buf: bytes, pos: int, end: int, message: RequestMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = span(buf, pos + 1, end)
            message.method = _text(buf[start:pos])
        elif tag == 0x12:
            start, pos = span(buf, pos + 1, end)
            message.data, message.type_url = _any(buf, start, pos)
        elif tag == 0x1A:
            start, pos = span(buf, pos + 1, end)
            message.content_type = _field_value(buf[start:pos])
        elif tag == 0x22:
            start, pos = span(buf, pos + 1, end)
            message.has_extension = True
            _decode_extension(buf, start, pos, message)
        else:
            pos = skip(buf, pos, end)


def _decode_extension(buf: bytes, pos: int, end: int, message: RequestMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x08:
            message.verb, pos = read_varint(buf, pos + 1, end)
        elif tag == 0x12:
            start, pos = span(buf, pos + 1, end)
            message.query = _text(buf[start:pos]).encode()
        else:
            pos = skip(buf, pos, end)


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
            start, pos = span(buf, pos + 1, end)
            raw = buf[start:pos]
            message.entries.append(_read.get(raw) or _read_entry(raw))
        elif tag == 0x0A:
            start, pos = span(buf, pos + 1, end)
            _decode_status(buf, start, pos, message)
        elif tag == 0x22:
            start, pos = span(buf, pos + 1, end)
            _decode_invoke_response(buf, start, pos, message)
        elif tag == 0x1A:
            start, pos = span(buf, pos + 1, end)
            message.trailers.append(_read_entry(buf[start:pos]))
        else:
            pos = skip(buf, pos, end)
    if not message.data and memory.came_before(buf) and _harmless(buf, message.entries):
        if len(_responses) >= memory.HEADS:
            _responses.clear()
        _responses[buf] = message
    return message


def _decode_status(buf: bytes, pos: int, end: int, message: ResponseMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x08:
            message.status, pos = read_varint(buf, pos + 1, end)
        elif tag == 0x12:
            start, pos = span(buf, pos + 1, end)
            message.message = _text(buf[start:pos])
        elif tag == 0x1A:
            start, pos = span(buf, pos + 1, end)
            message.status_details.append(buf[start:pos])
        else:
            pos = skip(buf, pos, end)


def _decode_invoke_response(buf: bytes, pos: int, end: int, message: ResponseMessage) -> None:
    while pos < end:
        tag = buf[pos]
        if tag == 0x0A:
            start, pos = span(buf, pos + 1, end)
            message.data, message.type_url = _any(buf, start, pos)
        elif tag == 0x12:
            start, pos = span(buf, pos + 1, end)
            message.content_type = _field_value(buf[start:pos])
        else:
            pos = skip(buf, pos, end)


def _any(buf: bytes, pos: int, end: int) -> tuple[bytes, bytes]:
    """Value and type of a google.protobuf.Any."""
    value = type_url = b""
    while pos < end:
        tag = buf[pos]
        if tag == 0x12:
            start, pos = span(buf, pos + 1, end)
            value = buf[start:pos]
        elif tag == 0x0A:
            start, pos = span(buf, pos + 1, end)
            type_url = _text(buf[start:pos]).encode()
        else:
            pos = skip(buf, pos, end)
    return value, type_url


def _read_entry(raw: bytes) -> Entry:
    try:
        entry = _read_usual_entry(raw) or _read_any_entry(raw)
    except IndexError:
        entry = _read_any_entry(raw)
    if len(raw) <= memory.ENTRY_BYTES and memory.came_before(raw) and not carries_secret(entry[0]):
        if len(_read) >= memory.ENTRIES:
            _read.clear()
        _read[raw] = entry
    return entry


def _read_usual_entry(raw: bytes) -> Entry | None:
    """An entry of one value under a name that was seen before, all of it below 128 bytes; this is what nearly all are
    that differ from answer to answer. None (or IndexError, beyond the end) for anything else."""
    if raw[0] != 0x0A or raw[1] > 0x7F:
        return None
    at = 2 + raw[1]
    size = raw[at + 3]
    # The list has its one value and nothing else, and ends where the entry does.
    if raw[at] != 0x12 or raw[at + 1] != size + 2 or raw[at + 2] != 0x0A or size > 0x7D or at + 4 + size != len(raw):
        return None
    key = raw[2:at]
    name = _names.get(key)
    return None if name is None else (name, (_field_value(raw[at + 4 :]),), key)


def _read_any_entry(raw: bytes) -> Entry:
    key, values = b"", list[bytes]()
    pos, end = 0, len(raw)
    while pos < end:
        tag = raw[pos]
        if tag == 0x0A:
            start, pos = span(raw, pos + 1, end)
            key = raw[start:pos]
        elif tag == 0x12:
            start, pos = span(raw, pos + 1, end)
            values.extend(_list_values(raw, start, pos))
        else:
            pos = skip(raw, pos, end)
    name = key.lower()
    if not is_token(name[1:] if name[:1] == b":" else name):
        raise HeaderError(f'invalid header field name "{key.decode("latin-1")}"')
    if end <= memory.ENTRY_BYTES and key not in _names:
        if len(_names) >= memory.ENTRIES:
            _names.clear()
        _names[key] = name
    return name, tuple(values), key


def _list_values(raw: bytes, pos: int, end: int) -> list[bytes]:
    values: list[bytes] = []
    while pos < end:
        if raw[pos] == 0x0A:
            start, pos = span(raw, pos + 1, end)
            values.append(_field_value(raw[start:pos]))
        else:
            pos = skip(raw, pos, end)
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
