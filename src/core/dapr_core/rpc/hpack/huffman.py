"""The static Huffman code of HPACK (RFC 7541 §5.2, appendix B).

The code is canonical: codes of one length are consecutive and ordered by symbol, so the lengths alone define it. The
decoder walks the code tree a byte at a time; each (node, byte) step is worked out once, when it is first met, and
remembered for the process, at most 256 × 256 steps.
"""

from __future__ import annotations

from dapr_core.rpc.hpack.errors import HpackError

EOS = 256
# Bits of the code of each symbol 0..255 and of EOS (RFC 7541 appendix B).
# fmt: off
LENGTHS = (
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15,
    6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22,
    20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23,
    23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22,
    22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26,
    27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27,
    26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
)
# fmt: on


def _canonical_codes() -> list[tuple[int, int]]:
    """(code, length) of each symbol, from the lengths."""
    codes = [(0, 0)] * len(LENGTHS)
    code = previous = 0
    for symbol in sorted(range(len(LENGTHS)), key=lambda s: (LENGTHS[s], s)):
        code <<= LENGTHS[symbol] - previous
        previous = LENGTHS[symbol]
        codes[symbol] = (code, previous)
        code += 1
    return codes


CODES = _canonical_codes()


def encode(data: bytes) -> bytes:
    """The code of a string, padded with ones to whole bytes."""
    bits = length = 0
    for byte in data:
        code, size = CODES[byte]
        bits = bits << size | code
        length += size
    padding = -length % 8
    return (bits << padding | (1 << padding) - 1).to_bytes((length + padding) // 8, "big")


def _build_tree() -> tuple[list[list[int]], frozenset[int]]:
    """Inner nodes as [child for 0, child for 1], root first, and the nodes at which a string may end.

    A child ≥ 0 is a node; a child below zero is the symbol ``-1 - child``. A string ends at the root or inside a
    padding of fewer than eight ones.
    """
    tree = [[0, 0]]
    for symbol, (code, length) in enumerate(CODES):
        node = 0
        for shift in range(length - 1, 0, -1):
            bit = code >> shift & 1
            if tree[node][bit] == 0:
                tree.append([0, 0])
                tree[node][bit] = len(tree) - 1
            node = tree[node][bit]
        tree[node][code & 1] = -1 - symbol
    ends, node = [0], 0
    for _ in range(7):
        node = tree[node][1]
        ends.append(node)
    return tree, frozenset(ends)


_TREE, _ENDS = _build_tree()


class _Steps(dict[int, tuple[int, bytes]]):
    """``node << 8 | byte`` → (next node << 8, symbols completed by this byte); filled on demand."""

    def __missing__(self, key: int) -> tuple[int, bytes]:
        node, byte = key >> 8, key & 0xFF
        symbols = bytearray()
        for shift in range(7, -1, -1):
            node = _TREE[node][byte >> shift & 1]
            if node < 0:
                symbol = -1 - node
                if symbol == EOS:
                    raise HpackError("Huffman string holds the end-of-string symbol")
                symbols.append(symbol)
                node = 0
        step = self[key] = (node << 8, bytes(symbols))
        return step


_STEPS = _Steps()


def decode(data: bytes) -> bytes:
    """The string behind a code.

    Raises:
        HpackError: the code holds EOS, or its padding is longer than seven bits or not all ones (RFC 7541 §5.2).
    """
    node = 0
    steps = _STEPS
    pieces = []
    for byte in data:
        node, symbols = steps[node | byte]
        pieces.append(symbols)
    if node >> 8 not in _ENDS:
        raise HpackError("Huffman string ends in a bad padding")
    return b"".join(pieces)
