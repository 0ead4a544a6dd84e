"""Who is served next, when more come at once than can be served: everybody in turn. No I/O.

Clients wait by address, and addresses take turns: one that opens connections by the hundred waits behind itself, and
whoever comes from elsewhere is the next to be served.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits and how much of it is being served.

    Args:
        slots: how many are served at once.
        places: how many may wait.
    """

    def __init__(self, slots: int, places: int) -> None:
        self._slots = slots
        self._places = places
        self._waiting: dict[str, deque[T]] = {}
        self._count = 0
        self.serving = 0
        """How many are being served."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._count

    @property
    def full(self) -> bool:
        """Nobody else may wait."""
        return self._count >= self._places

    def arrive(self, address: str, item: T) -> None:
        """One more of an address waits."""
        self._waiting.setdefault(address, deque()).append(item)
        self._count += 1

    def next(self) -> tuple[str, T] | None:
        """Serve this one of this address now; None while nobody's turn is."""
        if not self._waiting or self.serving >= self._slots:
            return None
        address = next(iter(self._waiting))
        queue = self._waiting.pop(address)
        item = queue.popleft()
        if queue:
            self._waiting[address] = queue  # behind all other addresses
        self._count -= 1
        self.serving += 1
        return address, item

    def left(self) -> None:
        """One is served."""
        self.serving -= 1

    def clear(self) -> list[T]:
        """Nobody waits any more; gives those who did."""
        items = [item for queue in self._waiting.values() for item in queue]
        self._waiting.clear()
        self._count = 0
        return items
