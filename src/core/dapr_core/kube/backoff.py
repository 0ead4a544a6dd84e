"""How long to wait before the next try: longer each time, and never in step with other clients."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

INITIAL: Final = 0.2
MAXIMUM: Final = 30.0
FACTOR: Final = 2.0


class Backoff:
    """Doubles from ``initial`` to ``maximum`` seconds; each wait is between half and all of that."""

    def __init__(
        self, initial: float = INITIAL, maximum: float = MAXIMUM, *, dice: Callable[[], float] = random.random
    ) -> None:
        self._initial = initial
        self._maximum = maximum
        self._dice = dice
        self._next = initial

    def next(self) -> float:
        """Seconds to wait now."""
        whole, self._next = self._next, min(self._next * FACTOR, self._maximum)
        return whole * (0.5 + self._dice() / 2)

    def reset(self) -> None:
        """It went well: begin anew."""
        self._next = self._initial
