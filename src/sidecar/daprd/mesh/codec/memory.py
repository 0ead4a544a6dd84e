"""What the codec may remember: how much, how long, and never what may hold a credential."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = 4096
"""Header entries kept in each direction; a full memory is emptied."""
ENTRY_BYTES: Final = 256
HEADS: Final = 1024
"""Whole heads kept in each direction."""
HEAD_BYTES: Final = 1024

_SECRET: Final = ("authorization", "cookie", "token", "secret", "password", "api-key", "apikey")
_secret_names: dict[bytes, bool] = {}
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


def carries_secret(name: bytes) -> bool:
    """Whether a header of this name may hold a credential and must not be remembered."""
    known = _secret_names.get(name)
    if known is None:
        text = name.lower().decode("latin-1")
        known = any(word in text for word in _SECRET)
        if len(_secret_names) >= ENTRIES:
            _secret_names.clear()
        _secret_names[name] = known
    return known
