"""What the codec may remember: how much, how long, and never what may hold a credential."""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.fields import carries_secret

__all__ = ["ENTRIES", "ENTRY_BYTES", "HEADS", "HEAD_BYTES", "came_before", "carries_secret"]

ENTRIES: Final = 4096
"""Header entries kept in each direction; a full memory is emptied."""
ENTRY_BYTES: Final = 256
HEADS: Final = 1024
"""Whole heads kept in each direction."""
HEAD_BYTES: Final = 1024

_seen: set[int] = set()


def came_before(head: bytes) -> bool:
    """Whether a head comes for the second time at least, or one that cannot be told from it: only then is it worth
    keeping. Nothing of it is kept for that."""
    mark = hash(head)
    if mark in _seen:
        return True
    if len(_seen) >= HEADS:
        _seen.clear()
    _seen.add(mark)
    return False
