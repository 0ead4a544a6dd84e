"""One order on its way to many streams: its frames are made once, whatever their number.

A message goes out plain, or by gzip where that is worth its while and the sidecar takes it (Go's does). A table is
mostly names that look alike, and packs to about a tenth: fewer bytes to write, and it fits into the window that a
client grants at the start, so that no round waits for window updates.
"""

from __future__ import annotations

import zlib
from typing import Final

from dapr_core.rpc.grpc.messages import prefix

PACKED_FROM: Final = 4096
"""Bytes of a message from which on it is packed."""
LEVEL: Final = 4
"""Of gzip: a table of 1,000 hosts (330 KB) becomes 36 KB in 2.5 ms; the default level gives 30 KB in twice the time, in
which nothing else is sent."""


class Frames:
    """A serialised message in the forms in which streams take it."""

    __slots__ = ("_packed", "message", "plain")

    def __init__(self, message: bytes) -> None:
        self.message = message
        self.plain = prefix(message)
        self._packed: bytes | None = None

    @property
    def packed(self) -> bytes:
        """For streams that take gzip: packed on first use, or the plain frame of a small message."""
        if self._packed is None:
            self._packed = self.plain if len(self.message) < PACKED_FROM else _pack(self.message)
        return self._packed


def _pack(message: bytes) -> bytes:
    deflater = zlib.compressobj(LEVEL, wbits=31)
    packed = deflater.compress(message) + deflater.flush()
    return b"\x01" + len(packed).to_bytes(4, "big") + packed
