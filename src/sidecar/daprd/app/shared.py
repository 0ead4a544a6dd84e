"""Headers that many requests have in common.

Callers repeat themselves: the same call of the same application carries the same headers. A list that will come again
unchanged is marked as such, so that the channel can keep what it makes of it with the list itself.
"""

from __future__ import annotations

from typing import Any


class SharedHeaders(list[tuple[bytes, bytes]]):
    """A list of headers that nobody changes any more. ``prepared`` is the channel's: for whom, and what it made."""

    __slots__ = ("prepared",)

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        super().__init__(headers)
        self.prepared: tuple[object, Any] | None = None
