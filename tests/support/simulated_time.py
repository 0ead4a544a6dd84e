"""An event loop whose time passes at once: it jumps to the next timer instead of waiting for it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class _Jumping(selectors.SelectSelector):
    """Tells the loop how far to jump, where a real one would wait."""

    jump: Callable[[float], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            if timeout is None:
                raise RuntimeError("nothing is scheduled: whatever is awaited will never come")
            self.jump(timeout)
        return found


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Time begins at 0 and stands still while anything runs."""

    def __init__(self) -> None:
        self._now = 0.0
        selector = _Jumping()
        selector.jump = self._jump
        super().__init__(selector)

    def time(self) -> float:
        return self._now

    def clock(self) -> datetime:
        """The time of day."""
        return BEGIN + timedelta(seconds=self._now)

    def _jump(self, seconds: float) -> None:
        self._now += seconds


def simulate(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in simulated time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main())


def clock() -> datetime:
    """The time of day in the loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    return loop.clock()
