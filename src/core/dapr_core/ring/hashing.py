"""The hash of the ring, and where the virtual nodes of a host lie on it (actors-placement.md §2.1).

Both are fixed by the wire: hosts of one actor type run sidecars of different makes, and all of them must find the same
owner. The hash is an unkeyed BLAKE2b with its full digest of 64 octets, of which the first eight count, little-endian;
BLAKE2b with a digest of eight octets is another function.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from hashlib import blake2b
from typing import Final

DEFAULT_REPLICATION_FACTOR: Final = 100
"""Virtual nodes of a host when nobody says otherwise."""

REMEMBERED_HOSTS: Final = 8192
"""Hosts whose virtual nodes are kept (7 MB at most), so that one more host costs the hashes of one host."""

_LITTLE_ENDIAN: Final = array("Q", b"\x01" + bytes(7))[0] == 1


def hash_key(text: str) -> int:
    """The place of a text on the ring: an actor id, or a virtual node's key. An unsigned number of 64 bits."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogateescape")).digest()[:8], "little")


@lru_cache(maxsize=REMEMBERED_HOSTS)
def virtual_nodes(host: str, replication_factor: int) -> array[int]:
    """The places of a host on the ring, in the order of their index. Shared: never change the array."""
    start = blake2b(host.encode("utf-8", "surrogateescape"))
    digests = bytearray()
    for index in range(replication_factor):
        node = start.copy()
        node.update(b"%d" % index)
        digests += node.digest()[:8]
    nodes = array("Q")
    nodes.frombytes(bytes(digests))
    if not _LITTLE_ENDIAN:
        nodes.byteswap()
    return nodes
