"""One actor's turns: calls one after another, in the order they came; and calls that come back to where they began.

A call with the reentrancy id of a turn that runs, or waits, joins that turn: the actor has called out, directly or
through others, and is called back, which would wait for itself for ever otherwise. How many calls are in one turn at a
time is bounded (actors-placement.md §3.6).

No I/O and no clock; a call that need not wait costs no future.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

DEFAULT_DEPTH: Final = 32


class StackDepthError(Exception):
    """One more call would be more than a turn may have."""

    def __init__(self) -> None:
        super().__init__("maximum stack depth exceeded")


class ActorClosedError(Exception):
    """The actor was deactivated before this call had its turn. Another try may find it elsewhere."""

    def __init__(self, method: str) -> None:
        super().__init__(f"actor is closed, cannot handle {method}")


class Turn:
    """Calls that run together: one, unless calls come back.

    Attributes:
        reentrancy_id: by which others join; empty where nobody can.
        depth: calls in it, those that wait included.
    """

    __slots__ = ("_waiting", "depth", "reentrancy_id")

    def __init__(self, reentrancy_id: str) -> None:
        self.reentrancy_id = reentrancy_id
        self.depth = 1
        self._waiting: list[asyncio.Future[bool]] | None = None


class Turns:
    """The turns of one actor. Most actors are idle, so that what only busy ones need is made when it is needed.

    Args:
        max_depth: calls that one turn may have at a time.
        pending: told +1 and -1 as calls begin and cease to wait.
    """

    __slots__ = ("_closed", "_max_depth", "_pending", "_queue", "_running")

    def __init__(self, *, max_depth: int = DEFAULT_DEPTH, pending: Callable[[int], None] | None = None) -> None:
        self._max_depth = max_depth
        self._pending = pending
        self._running: Turn | None = None
        self._queue: deque[Turn] | None = None
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a call runs or waits."""
        return self._running is not None

    @property
    def closed(self) -> bool:
        """Whether the actor takes no more calls."""
        return self._closed

    def enter_at_once(self, method: str, reentrancy_id: str = "") -> Turn | None:
        """Take a turn if nobody has to be waited for; None where somebody has.

        Raises:
            ActorClosedError, StackDepthError: see there.
        """
        if self._closed:
            raise ActorClosedError(method)
        running = self._running
        if running is None:
            self._running = running = Turn(reentrancy_id)
            return running
        if not reentrancy_id or running.reentrancy_id != reentrancy_id:
            return None
        self._deepen(running)
        return running

    async def enter(self, method: str, reentrancy_id: str = "") -> Turn:
        """Wait for a turn; ``leave`` it when the call is done. Being cancelled gives the place in the queue up.

        Raises:
            ActorClosedError, StackDepthError: see there.
        """
        turn = self.enter_at_once(method, reentrancy_id)
        if turn is not None:
            return turn
        turn = self._line_up(reentrancy_id)
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if turn._waiting is None:
            turn._waiting = []
        turn._waiting.append(waiting)
        if self._pending is not None:
            self._pending(1)
        try:
            admitted = await waiting
        except asyncio.CancelledError:
            self._give_up(turn, waiting)
            raise
        finally:
            if self._pending is not None:
                self._pending(-1)
        if not admitted:
            raise ActorClosedError(method)
        return turn

    def leave(self, turn: Turn) -> None:
        """A call of the turn is done."""
        turn.depth -= 1
        if turn.depth:
            return
        if turn is self._running:
            self._next()
        elif self._queue is not None and turn in self._queue:
            self._queue.remove(turn)

    def close(self) -> None:
        """Take no more calls; those that wait are refused. Those that run are their owner's to cancel."""
        self._closed = True
        queue, self._queue = self._queue, None
        for turn in queue or ():
            for waiting in turn._waiting or ():
                if not waiting.done():
                    waiting.set_result(False)
            turn._waiting = None

    def _line_up(self, reentrancy_id: str) -> Turn:
        """The turn that waits under this id, deeper by one, or a new one at the end."""
        if self._queue is None:
            self._queue = deque()
        if reentrancy_id:
            for turn in self._queue:
                if turn.reentrancy_id == reentrancy_id:
                    self._deepen(turn)
                    return turn
        turn = Turn(reentrancy_id)
        self._queue.append(turn)
        return turn

    def _deepen(self, turn: Turn) -> None:
        if turn.depth >= self._max_depth:
            raise StackDepthError
        turn.depth += 1

    def _give_up(self, turn: Turn, waiting: asyncio.Future[bool]) -> None:
        if turn._waiting is not None and waiting in turn._waiting:
            turn._waiting.remove(waiting)
        elif not waiting.cancelled() and not waiting.result():
            return  # refused in the same moment
        self.leave(turn)

    def _next(self) -> None:
        """Let the calls of the turn that is first in the queue run."""
        queue = self._queue
        if not queue:
            self._running = self._queue = None
            return
        turn = self._running = queue.popleft()
        for waiting in turn._waiting or ():
            if not waiting.done():
                waiting.set_result(True)
        turn._waiting = None
