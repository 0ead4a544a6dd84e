"""Heads of requests that come again, and what was made of them.

Clients repeat themselves. What their heads led to is kept from the second time on that they come, within bounds, and
never of a head that may hold a credential or that differs with every call.
"""

from __future__ import annotations

from typing import Final, Generic, TypeAlias, TypeVar

from dapr_core.rpc.fields import carries_secret
from dapr_core.rpc.http1.heads import NEVER_REMEMBERED
from dapr_core.rpc.messages import Headers

_REMEMBERED: Final = 1024
_FIELDS: Final = 32
_BYTES: Final = 1024

Key: TypeAlias = tuple[object, ...]
V = TypeVar("V")


class Recurring(Generic[V]):
    """Values by the heads that they were made of; a full memory is emptied."""

    __slots__ = ("_known", "_seen")

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._known: dict[Key, V] = {}

    def get(self, key: Key) -> V | None:
        """What was kept, or None."""
        return self._known.get(key)

    def worthwhile(self, key: Key, headers: Headers, more: int = 0) -> bool:
        """Whether a head that is not known comes for the second time and may be kept; ``more`` are bytes of its key
        beside the headers."""
        return self._again(hash(key)) and len(key) <= _FIELDS and _harmless(headers, more)

    def keep(self, key: Key, value: V) -> None:
        """Keep what was made of a head."""
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = value

    def _again(self, mark: int) -> bool:
        if mark in self._seen:
            return True
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen.add(mark)
        return False


def _harmless(headers: Headers, size: int) -> bool:
    for name, value in headers:
        size += len(name) + len(value)
        if name in NEVER_REMEMBERED or carries_secret(name):
            return False
    return size <= _BYTES
