"""A budget for frames that cost us work and carry nothing.

PING and SETTINGS want an answer each, a reset makes a request vanish that was already begun (rapid reset,
CVE-2023-44487), empty frames, informational responses and headers of streams that are over only burn cycles. Each is
legal, and honest peers send some: grpc-go, for one, sends a PING with nearly every call while it estimates bandwidth.
So each costs a price, and only a peer that spends its budget for a whole second within less than that second is sent
away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode

PING_PRICE: Final = 1
PRIORITY_PRICE: Final = 1
WINDOW_UPDATE_PRICE: Final = 1
EMPTY_FRAME_PRICE: Final = 10
RESET_PRICE: Final = 10
SETTINGS_PRICE: Final = 100


class FloodGuard:
    """Counts prices against ``budget`` per second; the clock (in seconds) is read once per spent budget."""

    __slots__ = ("_budget", "_clock", "_since", "_spent")

    def __init__(self, budget: int, clock: Callable[[], float]) -> None:
        self._budget = budget
        self._clock = clock
        self._spent = 0
        self._since = clock()

    def charge(self, price: int) -> None:
        """Take a price. Raises ConnectionFault (ENHANCE_YOUR_CALM) when a budget went in under a second."""
        self._spent += price
        if self._spent < self._budget:
            return
        now = self._clock()
        if now - self._since < 1.0:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many frames that carry nothing")
        self._spent = 0
        self._since = now
