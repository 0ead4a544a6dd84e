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
        self._waiting: list[asyncio.Future[bool]] = []


class Turns:
    """The turns of one actor.

    Args:
        max_depth: calls that one turn may have at a time.
        pending: told +1 and -1 as calls begin and cease to wait.
    """

    __slots__ = ("_by_id", "_closed", "_max_depth", "_pending", "_queue")

    def __init__(self, *, max_depth: int = DEFAULT_DEPTH, pending: Callable[[int], None] | None = None) -> None:
        self._max_depth = max_depth
        self._pending = pending
        self._queue: deque[Turn] = deque()
        """The first one runs."""
        self._by_id: dict[str, Turn] = {}
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a call runs or waits."""
        return bool(self._queue)

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
        if reentrancy_id and (turn := self._by_id.get(reentrancy_id)) is not None:
            if self._queue[0] is not turn:
                return None
            self._deepen(turn)
            return turn
        if self._queue:
            return None
        return self._line_up(reentrancy_id)

    async def enter(self, method: str, reentrancy_id: str = "") -> Turn:
        """Wait for a turn; ``leave`` it when the call is done. Being cancelled gives the place in the queue up.

        Raises:
            ActorClosedError, StackDepthError: see there.
        """
        turn = self.enter_at_once(method, reentrancy_id)
        if turn is not None:
            return turn
        joined = self._by_id.get(reentrancy_id) if reentrancy_id else None
        if joined is not None:
            self._deepen(joined)
        turn = joined if joined is not None else self._line_up(reentrancy_id)
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
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
        if turn.depth == 0:
            self._end(turn)

    def close(self) -> None:
        """Take no more calls; those that wait are refused. Those that run are their owner's to cancel."""
        self._closed = True
        for turn in self._queue:
            for waiting in turn._waiting:
                if not waiting.done():
                    waiting.set_result(False)
                    turn.depth -= 1
            turn._waiting.clear()
        self._queue = deque(turn for turn in self._queue if turn.depth > 0)
        self._by_id = {turn.reentrancy_id: turn for turn in self._queue if turn.reentrancy_id}

    def _line_up(self, reentrancy_id: str) -> Turn:
        turn = Turn(reentrancy_id)
        self._queue.append(turn)
        if reentrancy_id:
            self._by_id[reentrancy_id] = turn
        return turn

    def _deepen(self, turn: Turn) -> None:
        if turn.depth >= self._max_depth:
            raise StackDepthError
        turn.depth += 1

    def _give_up(self, turn: Turn, waiting: asyncio.Future[bool]) -> None:
        if waiting in turn._waiting:
            turn._waiting.remove(waiting)
        elif not waiting.cancelled() and not waiting.result():
            return  # refused in the same moment, and counted out already
        self.leave(turn)

    def _end(self, turn: Turn) -> None:
        if turn.reentrancy_id:
            self._by_id.pop(turn.reentrancy_id, None)
        if self._queue and self._queue[0] is turn:
            self._queue.popleft()
            self._begin()
        elif turn in self._queue:
            self._queue.remove(turn)

    def _begin(self) -> None:
        """Let the calls of the turn that is first now run."""
        if not self._queue:
            return
        turn = self._queue[0]
        for waiting in turn._waiting:
            if not waiting.done():
                waiting.set_result(True)
        turn._waiting.clear()
