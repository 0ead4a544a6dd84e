"""What is counted of actors (actors-placement.md §3.13)."""

from __future__ import annotations

from typing import Protocol


class ActorRecord(Protocol):
    """The metrics of actors."""

    def pending(self, actor_type: str, change: int) -> None: ...

    def rebalanced(self, actor_type: str) -> None: ...

    def deactivated(self, actor_type: str) -> None: ...

    def deactivation_failed(self, actor_type: str, reason: str) -> None: ...

    def fired(self, timer: bool, actor_type: str, success: bool) -> None: ...

    def timers(self, actor_type: str, count: int) -> None: ...
