"""The connection's receive window: what the peer may still send us altogether (RFC 9113 §6.9).

Window is given back when octets arrive, so that one stream nobody reads does not stop its neighbours; but once more
than ``held_limit`` octets lie unread on paused streams, nothing is given back until somebody reads.
"""

from __future__ import annotations

from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode


class ReceiveWindow:
    """Counts octets; says when, and how much, window to announce."""

    __slots__ = ("_credit", "_held", "_held_limit", "_left", "_step")

    def __init__(self, size: int, granted: int, held_limit: int) -> None:
        self._left = granted
        self._step = max(size // 2, 1)
        self._credit = 0
        self._held = 0
        self._held_limit = held_limit

    def take(self, size: int) -> int:
        """Octets have arrived; the increment to announce now, or 0. Raises ConnectionFault beyond the window."""
        self._left -= size
        if self._left < 0:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "peer overran the connection's window")
        self._credit += size
        return self._due()

    def hold(self, size: int) -> None:
        """A paused stream keeps octets that nobody has read."""
        self._held += size

    def release(self, size: int) -> int:
        """They were read, or their stream is over; the increment to announce now, or 0."""
        self._held -= size
        return self._due()

    def _due(self) -> int:
        if self._credit < self._step or self._held > self._held_limit:
            return 0
        due, self._credit = self._credit, 0
        self._left += due
        return due
