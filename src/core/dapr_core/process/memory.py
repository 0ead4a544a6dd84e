"""How the C library keeps large blocks: each in pages of its own, so that what nobody has written to costs nothing.

glibc begins that way and gives it up as soon as large blocks have come and gone, since reusing the heap is faster. For
a process with a thousand TLS connections that is dear: uvloop gives each of them a buffer of 256 KiB of which it uses a
few hundred bytes, and out of a heap that tables have passed through all of those pages are real memory (mallopt(3)).
"""

from __future__ import annotations

import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
LARGE: Final = 131_072
"""Bytes from which on a block gets pages of its own: what glibc begins with."""


def keep_large_blocks_apart() -> bool:
    """Hold the C library to it for the life of the process; False where it has no such setting (musl, macOS)."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE))
    except (OSError, AttributeError):
        return False
