"""Invocations of applications and clients that speak gRPC, written: names as they are, statuses with their details.

Metadata of gRPC travel under lower-case names; the original tells by the spelling of ``content-type`` which protocol a
call came by. ``InvokeRequest`` is also what the application itself is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from dapr_core.rpc.messages import Headers
from daprd.mesh.codec import memory
from daprd.mesh.codec.fields import field, varint
from daprd.mesh.codec.memory import carries_secret
from daprd.mesh.codec.writing import header_entry

_METADATA: Final = b"\x12"
_TRAILERS: Final = b"\x1a"
_written: dict[tuple[bytes, tuple[bytes, bytes]], bytes] = {}
_invokes: dict[tuple[bytes, int, bytes, bool], tuple[bytes, bytes]] = {}


def encode_metadata(fields: Headers, tag: bytes = _METADATA) -> bytes:
    """Metadata as map entries under a tag; repeated names share one. Raises ``HeaderError`` for what is no UTF-8."""
    if len({name for name, _ in fields}) == len(fields):
        return b"".join([_written.get((tag, pair)) or _write(tag, pair) for pair in fields])
    grouped: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        grouped.setdefault(name, []).append(value)
    return b"".join([field(tag, header_entry(name, values)) for name, values in grouped.items()])


def _write(tag: bytes, pair: tuple[bytes, bytes]) -> bytes:
    name, value = pair
    entry = field(tag, header_entry(name, (value,)))
    if len(entry) <= memory.ENTRY_BYTES and not carries_secret(name):
        if len(_written) >= memory.ENTRIES:
            _written.clear()
        _written[tag, pair] = entry
    return entry


def encode_any(value: bytes, type_url: bytes = b"") -> bytes:
    """A ``google.protobuf.Any``."""
    packed = field(b"\x0a", type_url) if type_url else b""
    return packed + field(b"\x12", value) if value else packed


def encode_invoke(
    method: bytes,
    verb: int,
    *,
    data: bytes = b"",
    type_url: bytes = b"",
    query: bytes = b"",
    content_type: bytes = b"",
    extension: bool = True,
) -> bytes:
    """An ``InvokeRequest``; ``extension`` says whether it has an HTTP extension at all."""
    key = (method, verb, content_type, extension)
    head, rest = _invokes.get(key) or _write_invoke(key)
    if query and extension:
        http = (b"\x08" + varint(verb) if verb else b"") + field(b"\x12", query)
        rest = (field(b"\x1a", content_type) if content_type else b"") + field(b"\x22", http)
    return b"".join((head, field(b"\x12", encode_any(data, type_url)), rest))


def _write_invoke(key: tuple[bytes, int, bytes, bool]) -> tuple[bytes, bytes]:
    """What stands before and behind the data, without a query, which may hold credentials."""
    method, verb, content_type, extension = key
    head = field(b"\x0a", method) if method else b""
    rest = field(b"\x1a", content_type) if content_type else b""
    if extension:
        rest += field(b"\x22", b"\x08" + varint(verb) if verb else b"")
    if len(head) + len(rest) <= memory.ENTRY_BYTES:
        if len(_invokes) >= memory.ENTRIES:
            _invokes.clear()
        _invokes[key] = head, rest
    return head, rest


def encode_grpc_request(invoke: bytes, metadata: Headers, extra: bytes = b"") -> bytes:
    """An ``InternalInvokeRequest`` around an ``InvokeRequest``; ``extra`` are finished metadata entries."""
    return b"".join((b"\x08\x01", encode_metadata(metadata), extra, field(b"\x1a", invoke)))


def encode_grpc_response(
    code: int,
    message: str,
    details: Sequence[bytes],
    headers: Headers,
    trailers: Headers,
    *,
    content_type: bytes = b"",
    type_url: bytes = b"",
    data: bytes = b"",
) -> bytes:
    """An ``InternalInvokeResponse`` with a gRPC status; ``data`` only in the unary form."""
    return b"".join(
        (
            field(b"\x0a", _status(code, message, details)),
            encode_metadata(headers),
            encode_metadata(trailers, _TRAILERS),
            field(b"\x22", encode_invoked(data, content_type, type_url)),
        )
    )


def encode_invoked(data: bytes, content_type: bytes = b"", type_url: bytes = b"") -> bytes:
    """An ``InvokeResponse``."""
    message = field(b"\x0a", encode_any(data, type_url))
    return message + field(b"\x12", content_type) if content_type else message


def _status(code: int, message: str, details: Iterable[bytes]) -> bytes:
    status = b"\x08" + varint(code) if code else b""
    if message:
        status += field(b"\x12", message.encode("utf-8", "replace"))
    return status + b"".join([field(b"\x1a", detail) for detail in details])
