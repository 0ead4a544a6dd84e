"""Encoding header blocks without the dynamic table.

A block is then self-contained: it can be put together from parts that were encoded once, sent in any order relative to
other blocks, and remembered by its bytes at the other end. Strings are sent raw: on the links between a sidecar and its
neighbours, bytes are cheaper than Huffman coding. Fields that carry credentials are marked never-indexed, so that no
hop may put them into a table (RFC 7541 §7.1.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dapr_core.rpc.fields import carries_secret
from dapr_core.rpc.hpack.static import FIELD_INDEX, NAME_INDEX

SENSITIVE = frozenset({b"authorization", b"cookie", b"set-cookie", b"proxy-authorization", b"dapr-api-token"})
_NAMES_LIMIT: Final = 1024

_BLOCKS_LIMIT: Final = 1024
_BLOCK_SIZE: Final = 512

_names: dict[bytes, bytes] = {}
_blocks: dict[tuple[tuple[bytes, bytes], ...], bytes] = {}
_seen: set[int] = set()
"""Hashes of the lists that have come once."""


def encode_integer(value: int, prefix_bits: int, first: int = 0) -> bytes:
    """An integer with an N-bit prefix (RFC 7541 §5.1); ``first`` holds the bits above the prefix."""
    limit = (1 << prefix_bits) - 1
    if value < limit:
        return bytes((first | value,))
    out = bytearray((first | limit,))
    value -= limit
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_string(data: bytes) -> bytes:
    """A string literal without Huffman coding (RFC 7541 §5.2)."""
    size = len(data)
    return (bytes((size,)) if size < 0x7F else encode_integer(size, 7)) + data


def _name_prefix(name: bytes) -> bytes:
    """The representation byte and the name of a literal field; remembered, as there are few names."""
    first = 0x10 if name in SENSITIVE else 0x00
    index = NAME_INDEX.get(name, 0)
    prefix = encode_integer(index, 4, first) if index else bytes((first,)) + encode_string(name)
    if len(_names) < _NAMES_LIMIT and len(name) <= 64:
        _names[name] = prefix
    return prefix


def encode_field(name: bytes, value: bytes) -> bytes:
    """One field: indexed when the static table has all of it, else a literal without indexing."""
    index = FIELD_INDEX.get((name, value))
    if index is not None:
        return bytes((0x80 | index,))
    prefix = _names.get(name) or _name_prefix(name)
    size = len(value)
    if size < 0x7F:
        return b"%b%c%b" % (prefix, size, value)
    return prefix + encode_integer(size, 7) + value


def encode(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A header block of the fields, in their order.

    Who sends the same fields again and again gets the same block: short blocks are remembered from the second time on,
    in bounded number, and none in which a field may hold a credential.
    """
    key = tuple(fields)
    return _blocks.get(key) or _encode(key)


def _encode(fields: tuple[tuple[bytes, bytes], ...]) -> bytes:
    block = b"".join([encode_field(name, value) for name, value in fields])
    if len(block) > _BLOCK_SIZE:
        return block
    mark = hash(fields)
    if mark not in _seen:
        if len(_seen) >= _BLOCKS_LIMIT:
            _seen.clear()
        _seen.add(mark)
    elif not any(carries_secret(name) for name, _ in fields):
        if len(_blocks) >= _BLOCKS_LIMIT:
            _blocks.clear()
        _blocks[fields] = block
    return block
