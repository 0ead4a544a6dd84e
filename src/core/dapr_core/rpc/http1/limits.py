"""What a peer may ask of us: the bounds of one connection and of a whole server or client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KIB = 1024
COLLECTED = 64 * KIB
"""Bodies with a declared length up to this are gathered before anybody is called: one value, no stream, no task."""

HEADER_SLACK = 4 * KIB
"""Bytes a head may have beyond the configured limit, as the original's server allows (corrections.md, api.md §1.1)."""

DISCARDED = 256 * KIB
"""How much of a body nobody wants is read and dropped to save the connection; beyond it closing is cheaper."""

BUFFERED = 64 * KIB
"""Received bytes waiting for a reader above which the peer is held back (the socket is not read)."""

STALLED: Final = 60.0
"""Seconds for which a client may take nothing of an answer that waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a server or client. Sizes are bytes, times are seconds; ``None`` means unbounded.

    ``max_header_bytes`` is Dapr's ``--read-buffer-size``; ``max_body`` its ``--max-body-size``. ``header_timeout`` runs
    from a request's first byte to the end of its head, ``idle_timeout`` while nothing is under way, and while a handler
    waits for more of a body.
    """

    max_header_bytes: int = 4 * KIB
    max_body: int | None = 4 * KIB * KIB
    header_timeout: float = 10.0
    idle_timeout: float | None = 300.0
    max_connections: int = 16_384

    @property
    def head_bound(self) -> int:
        """The most bytes a head may take, request line and final empty line included."""
        return self.max_header_bytes + HEADER_SLACK
