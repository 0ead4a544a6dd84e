"""``--app-max-concurrency``: how many calls an application has at once (api.md §5.4).

A slot is held until the answer's body has been read to its end or given up, so that a slow reader counts as a call.
Waiting honours cancellation; a slot handed to a waiter that left goes to the next one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from dapr_core.rpc.messages import BodyStream, Response


class Slots:
    """A counting semaphore whose free case costs no task switch."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Wait for a slot."""
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give()
            raise

    def give(self) -> None:
        """Give a slot back, to the longest waiting if there is one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def hold(self, response: Response) -> Response:
        """Let the slot go when the response's body has ended; at once if it is complete already."""
        if isinstance(response.body, bytes):
            self.give()
        else:
            response.body = _Held(response.body, self)
        return response


class _Held(BodyStream):
    """A body that gives its slot back at its end, whichever end that is."""

    def __init__(self, inner: AsyncIterator[bytes] | BodyStream, slots: Slots) -> None:
        self._inner = inner
        self._slots: Slots | None = slots

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._inner:
                yield piece
        finally:
            self._release()

    @property
    def broken(self) -> Exception | None:
        return self._inner.broken if isinstance(self._inner, BodyStream) else None

    def close(self) -> None:
        if isinstance(self._inner, BodyStream):
            self._inner.close()
        self._release()

    def _release(self) -> None:
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.give()

    def __del__(self) -> None:
        self._release()
