"""Placement's messages as bytes, written by hand (wire.md, ``dapr/proto/placement/v1``).

A table reaches a thousand streams, and its parts hardly change from one round to the next. A map field of protobuf is
nothing but its entries one after another, so the bytes of a host can be made once, those of an actor type be joined
from its hosts, and those of a table from its types. The library could only serialise the whole message each time.

Field order is the original's: within ``PlacementOrder`` tables, operation, version; zero values are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final


class Phase(IntEnum):
    """Steps of a round; the numbers are those of ``HostOperation``, by which sidecars acknowledge them."""

    REPORT = 1
    """No round is under way."""
    LOCK = 2
    UPDATE = 3
    UNLOCK = 4


_TABLES: Final = b"\x0a"
_OPERATION: Final = b"\x12"
_VERSION: Final = b"\x18"
_OPERATIONS: Final = {
    phase: _OPERATION + bytes([len(word)]) + word
    for phase, word in ((Phase.LOCK, b"lock"), (Phase.UPDATE, b"update"), (Phase.UNLOCK, b"unlock"))
}


def order(phase: Phase, version: int, tables: bytes | None = None) -> bytes:
    """A ``PlacementOrder``; ``tables`` are the bytes of its ``PlacementTables``."""
    parts = [] if tables is None else [_TABLES, varint(len(tables)), tables]
    parts.append(_OPERATIONS[phase])
    if version:
        parts += [_VERSION, varint(version)]
    return b"".join(parts)


def placement_tables(entries: Iterable[bytes], version: int, replication_factor: int) -> bytes:
    """A ``PlacementTables`` from its entries, each made by ``type_entry``."""
    text = b"%d" % version
    tail = b"\x12%b%b" % (varint(len(text)), text)
    if replication_factor:
        tail += b"\x20" + varint(replication_factor)
    return b"".join([*entries, tail])


def type_entry(actor_type: str, hosts: Iterable[bytes]) -> bytes:
    """One entry of ``PlacementTables.entries``: an actor type and its hosts, each made by ``host_entry``."""
    return _map_entry(b"\x0a", actor_type.encode(), b"".join(hosts))


def host_entry(name: str, host: bytes) -> bytes:
    """One entry of ``PlacementTable.load_map``; ``host`` are the bytes of its ``Host``."""
    return _map_entry(b"\x1a", name.encode(), host)


def _map_entry(tag: bytes, key: bytes, value: bytes) -> bytes:
    key_size, value_size = varint(len(key)), varint(len(value))
    size = varint(2 + len(key_size) + len(key) + len(value_size) + len(value))
    return b"".join((tag, size, b"\x0a", key_size, key, b"\x12", value_size, value))


def varint(value: int) -> bytes:
    """An unsigned number as protobuf writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
