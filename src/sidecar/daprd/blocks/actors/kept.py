"""Headers that calls of actors have in common, and what is made of them.

Callers repeat themselves: with one method of one application come the same headers, whatever the actor and the body.
Whoever reads them from a memory marks them, so that those behind keep what they make of them with the list itself: the
wire its bytes, the application's channel its lines.
"""

from __future__ import annotations

from typing import Any, Final

from dapr_core.rpc.messages import Headers

_NOTES: Final = 64
"""What is kept with one list; a full one is emptied."""


class KeptHeaders(list[tuple[bytes, bytes]]):
    """A list of headers that nobody changes any more."""

    __slots__ = ("_notes",)

    def __init__(self, headers: Headers) -> None:
        super().__init__(headers)
        self._notes: dict[Any, Any] = {}

    def note(self, key: Any) -> Any:
        """What was kept under a key, which begins with who keeps it; None if nothing was."""
        return self._notes.get(key)

    def keep(self, key: Any, made: Any) -> None:
        """Keep what was made of these headers."""
        if len(self._notes) >= _NOTES:
            self._notes.clear()
        self._notes[key] = made
