"""A body that comes in messages of a stream: pushed by callbacks, pulled by a reader, held back when nobody reads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

from dapr_core.rpc.messages import BodyStream

_BUFFERED: Final = 64 * 1024


class MessageBody(BodyStream):
    """One reader, one writer, both on the loop. ``pause`` and ``resume`` rule the stream that the pieces come from."""

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None], abandon: Callable[[], None]) -> None:
        self._pause = pause
        self._resume = resume
        self._abandon = abandon
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._done = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def push(self, piece: bytes) -> None:
        """Add a piece that has come."""
        if self._done:
            return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _BUFFERED and not self._paused:
            self._paused = True
            self._pause()
        self._wake()

    def finish(self, error: Exception | None = None) -> None:
        """No more will come; with an error, readers get it after what has come."""
        if not self._done:
            self._done = True
            self._error = error
            self._wake()

    @property
    def broken(self) -> Exception | None:
        """See ``BodyStream``."""
        return self._error

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._size -= len(piece)
                if self._paused and self._size <= _BUFFERED // 2:
                    self._paused = False
                    self._resume()
                yield piece
            if self._done:
                if self._error is not None:
                    raise self._error
                return
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def close(self) -> None:
        if not self._done:
            self._done = True
            self._pieces.clear()
            self._abandon()


class Whole(BodyStream):
    """A complete body in the clothes of an arriving one, for a request that must go out in chunks."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        data, self._data = self._data, b""
        if data:
            yield data
