"""Around a store's operation: the metrics of what it took."""

from __future__ import annotations

import time
from typing import Literal, Protocol, TypeAlias, TypeVar

T = TypeVar("T")

StateOperation: TypeAlias = Literal["get", "set", "delete", "bulk_get", "bulk_delete", "transaction", "query"]
"""The ``operation`` label of the state metrics."""


class StateObserver(Protocol):
    """What metrics want to know of state (observability.md §6)."""

    def state(self, component: str, operation: StateOperation, success: bool, elapsed_ms: float) -> None:
        """Told once per operation, retries included, when it has ended; milliseconds."""


class Stopwatch:
    """Tells an observer how one operation ended. Costs nothing without an observer."""

    __slots__ = ("_component", "_observer", "_operation", "_started")

    def __init__(self, observer: StateObserver | None, component: str, operation: StateOperation) -> None:
        self._observer = observer
        self._component = component
        self._operation = operation
        self._started = time.perf_counter() if observer is not None else 0.0

    def ended(self, success: bool) -> None:
        """The operation has ended."""
        if self._observer is not None:
            elapsed = (time.perf_counter() - self._started) * 1000
            self._observer.state(self._component, self._operation, success, elapsed)
