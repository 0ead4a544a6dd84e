"""What metrics want to know of pub/sub (observability.md §6). Durations in milliseconds."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

Processing: TypeAlias = Literal["success", "retry", "drop"]
"""What became of a message: acknowledged, asked for again, or given up."""


class PubSubObserver(Protocol):
    """Told once per operation, when it has ended."""

    def egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        """One message was published, or not."""

    def bulk_egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        """A bulk publish ended; ``success`` when no entry failed."""

    def ingress(self, component: str, topic: str, processing: Processing, status: str, elapsed_ms: float) -> None:
        """One message was delivered; ``status`` is ``success`` for a dropped one that a dead letter topic took."""

    def bulk_ingress(self, component: str, topic: str, processing: Processing, events: int, elapsed_ms: float) -> None:
        """``events`` messages of a batch shared this fate."""


class Unobserved:
    """Tells nobody."""

    def egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        return

    def bulk_egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        return

    def ingress(self, component: str, topic: str, processing: Processing, status: str, elapsed_ms: float) -> None:
        return

    def bulk_ingress(self, component: str, topic: str, processing: Processing, events: int, elapsed_ms: float) -> None:
        return
