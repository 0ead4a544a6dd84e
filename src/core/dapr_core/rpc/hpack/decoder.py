"""Decoding header blocks, dynamic table and Huffman strings included (RFC 7541).

One decoder belongs to one direction of one connection. Beside the fields it tells whether the block was
*self-contained*: no reference to the dynamic table, no insertion, no size update, no never-indexed field. Only such a
block means the same wherever it appears, which is what a memory of decoded blocks depends on.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from dapr_core.rpc.hpack import huffman
from dapr_core.rpc.hpack.errors import HpackError
from dapr_core.rpc.hpack.static import STATIC

ENTRY_OVERHEAD: Final = 32
"""What each field counts beyond its octets, in table size and in header-list size (RFC 7541 §4.1, RFC 9113 §6.5.2)."""

_STATIC_COUNT = len(STATIC)
# Any integer of ours is an index or a length; five continuation bytes hold more than any legal one.
_MAX_CONTINUATION: Final = 5


class Decoder:
    """The receiving end of header compression.

    ``table_limit`` is the size in octets that we announced by SETTINGS_HEADER_TABLE_SIZE (4,096 until acknowledged);
    ``list_limit`` bounds the decoded list.
    """

    __slots__ = ("_size", "_table", "_table_max", "list_limit", "oversized", "self_contained", "table_limit")

    def __init__(self, *, table_limit: int = 4096, list_limit: int = 65536) -> None:
        self.table_limit = table_limit
        self.list_limit = list_limit
        self.self_contained = True
        self.oversized = False
        self._table: deque[tuple[bytes, bytes]] = deque()
        self._size = 0
        self._table_max = table_limit

    def decode(self, block: bytes) -> list[tuple[bytes, bytes]]:
        """The fields of one complete block.

        A list beyond ``list_limit`` sets ``oversized`` and is cut there; the rest is still read, since the dynamic
        table depends on it. ``self_contained`` describes this block.

        Raises:
            HpackError: the block breaks RFC 7541; the connection cannot go on.
        """
        self.self_contained = True
        self.oversized = False
        fields: list[tuple[bytes, bytes]] = []
        room = self.list_limit
        at, end = 0, len(block)
        while at < end:
            first = block[at]
            if first & 0x80:
                index = first & 0x7F
                at += 1
                if index == 0x7F:
                    index, at = _integer(block, at, 0x7F)
                # The commonest case by far, a static field, is looked up in place.
                field = STATIC[index - 1] if 0 < index <= _STATIC_COUNT else self._dynamic(index)
            elif first & 0xE0 == 0x20:
                if fields or self.oversized:
                    raise HpackError("table size update after the first field")
                at = self._resize(block, at)
                continue
            else:
                field, at = self._literal(block, at, first)
            room -= len(field[0]) + len(field[1]) + ENTRY_OVERHEAD
            if room >= 0:
                fields.append(field)
            else:
                self.oversized = True
        return fields

    def limit_table(self, size: int) -> None:
        """The peer acknowledged our announcement of ``size`` octets: from now on a size update may not exceed it.

        A smaller table begins with the peer's own update (RFC 7541 §4.2). One that goes on with the table it had,
        without the update it owes, is understood: that costs no more memory than before.
        """
        self.table_limit = size

    def _literal(self, block: bytes, at: int, first: int) -> tuple[tuple[bytes, bytes], int]:
        """A literal field: with indexing (01), without (0000) or never indexed (0001)."""
        indexing = first & 0x40
        mask = 0x3F if indexing else 0x0F
        index = first & mask
        at += 1
        if index == mask:
            index, at = _integer(block, at, mask)
        if index:
            name = STATIC[index - 1][0] if index <= _STATIC_COUNT else self._dynamic(index)[0]
        else:
            name, at = _string(block, at)
        value, at = _string(block, at)
        field = (name, value)
        if indexing:
            self.self_contained = False
            self._insert(field)
        elif first & 0x10:
            self.self_contained = False
        return field, at

    def _dynamic(self, index: int) -> tuple[bytes, bytes]:
        self.self_contained = False
        at = index - _STATIC_COUNT - 1
        if index == 0 or at >= len(self._table):
            raise HpackError(f"no field has index {index}")
        return self._table[at]

    def _resize(self, block: bytes, at: int) -> int:
        """A dynamic table size update (RFC 7541 §6.3)."""
        size = block[at] & 0x1F
        at += 1
        if size == 0x1F:
            size, at = _integer(block, at, 0x1F)
        if size > self.table_limit:
            raise HpackError(f"table size update to {size} exceeds the announced {self.table_limit}")
        self.self_contained = False
        self._table_max = size
        self._evict(0)
        return at

    def _insert(self, field: tuple[bytes, bytes]) -> None:
        need = len(field[0]) + len(field[1]) + ENTRY_OVERHEAD
        self._evict(need)
        if need <= self._table_max:
            self._table.appendleft(field)
            self._size += need

    def _evict(self, need: int) -> None:
        """Drop the oldest entries until ``need`` more octets fit (or the table is empty)."""
        table = self._table
        while table and self._size + need > self._table_max:
            name, value = table.pop()
            self._size -= len(name) + len(value) + ENTRY_OVERHEAD


def _integer(block: bytes, at: int, value: int) -> tuple[int, int]:
    """The continuation of an integer whose prefix was full (RFC 7541 §5.1)."""
    for shift in range(0, 7 * _MAX_CONTINUATION, 7):
        if at >= len(block):
            raise HpackError("block ends inside an integer")
        byte = block[at]
        at += 1
        value += (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise HpackError("integer too large")


def _string(block: bytes, at: int) -> tuple[bytes, int]:
    if at >= len(block):
        raise HpackError("block ends before a string")
    first = block[at]
    size = first & 0x7F
    at += 1
    if size == 0x7F:
        size, at = _integer(block, at, 0x7F)
    end = at + size
    if end > len(block):
        raise HpackError("string exceeds its block")
    data = block[at:end]
    return (huffman.decode(data) if first & 0x80 else data), end
