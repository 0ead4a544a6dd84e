"""What metrics want to know of bindings (observability.md §6). Durations in milliseconds."""

from __future__ import annotations

from typing import Protocol


class BindingsObserver(Protocol):
    """Told once per operation, when it has ended."""

    def output(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        """An output binding was called, or could not be."""

    def input(self, component: str, success: bool, elapsed_ms: float) -> None:
        """An event of an input binding was offered to the application."""


class Unobserved:
    """Tells nobody."""

    def output(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        return

    def input(self, component: str, success: bool, elapsed_ms: float) -> None:
        return
