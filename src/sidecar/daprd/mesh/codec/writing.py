"""Invocations written: a message is joined from remembered pieces."""

from __future__ import annotations

from collections.abc import Iterable

from dapr_core.rpc.fields import canonical
from dapr_core.rpc.messages import Headers
from daprd.mesh.codec import memory
from daprd.mesh.codec.fields import field, varint
from daprd.mesh.codec.memory import carries_secret
from daprd.mesh.codec.messages import HeaderError

_written: dict[tuple[bytes, bytes], bytes] = {}
_messages: dict[tuple[bytes, int, bytes, bytes], bytes] = {}


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
    if len(entry) <= memory.ENTRY_BYTES and not carries_secret(name):
        if len(_written) >= memory.ENTRIES:
            _written.clear()
        _written[pair] = entry
    return entry


def _check_utf8(value: bytes) -> None:
    try:
        value.decode()
    except UnicodeDecodeError:
        raise HeaderError("string field contains invalid UTF-8") from None


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
    if not query and len(message) <= memory.ENTRY_BYTES:
        if len(_messages) >= memory.ENTRIES:
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
