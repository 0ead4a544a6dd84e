"""A body still arriving: pieces pushed in by a connection, pulled out by a reader.

The reader's pace rules the peer's: pieces that nobody has taken count against ``BUFFERED``, above which the owner
stops reading the socket. One reader at a time.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from dapr_core.rpc.http1.limits import BUFFERED
from dapr_core.rpc.messages import BodyStream


class BodyOwner(Protocol):
    """The connection behind a body."""

    def body_wanted(self) -> None:
        """A reader waits and nothing is here: read the socket (and ask an expecting client to go on)."""

    def body_closed(self) -> None:
        """The reader has given up on a body that is not complete."""


class ArrivingBody(BodyStream):
    """See the module. ``push``, ``finish`` and ``fail`` are for the owner."""

    __slots__ = ("_error", "_loop", "_owner", "_pieces", "_size", "_waiter", "closed", "finished")

    def __init__(self, owner: BodyOwner, loop: AbstractEventLoop) -> None:
        self._owner = owner
        self._loop = loop
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._waiter: Future[None] | None = None
        self._error: Exception | None = None
        self.finished = False
        """All bytes have come, or never will."""
        self.closed = False
        """The reader wants no more."""

    @property
    def awaited(self) -> bool:
        """A reader waits for more."""
        return self._waiter is not None

    @property
    def broken(self) -> Exception | None:
        """See ``BodyStream``."""
        return self._error

    # The owner's side

    def push(self, piece: bytes) -> bool:
        """Add a piece; True if the owner should hold the peer back. A closed body drops what comes."""
        if self.closed:
            return False
        self._pieces.append(piece)
        self._size += len(piece)
        self._wake()
        return self._size > BUFFERED

    def finish(self) -> None:
        """The body is complete."""
        self.finished = True
        self._wake()

    def fail(self, error: Exception) -> None:
        """The body will not become complete: readers get what has come, then the error."""
        if not self.finished:
            self._error = error
            self.finished = True
            self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # The reader's side

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """The next piece as it came."""
        while not self._pieces:
            await self._more()
        piece = self._pieces.popleft()
        self._size -= len(piece)
        return piece

    async def read(self) -> bytes:
        """The whole rest of the body, joined once."""
        parts: list[bytes] = []
        while True:
            parts += self._pieces
            self._pieces.clear()
            self._size = 0
            try:
                await self._more()
            except StopAsyncIteration:
                return b"".join(parts)

    async def _more(self) -> None:
        """Wait until there is a piece. Raises the body's error, or StopAsyncIteration at its end."""
        if self._error is not None:
            raise self._error
        if self.finished or self.closed:
            raise StopAsyncIteration
        self._owner.body_wanted()
        if self._pieces or self.finished:
            return
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Give up on the rest. Pieces held are dropped; the owner decides what becomes of the connection."""
        if self.closed:
            return
        self.closed = True
        self._pieces.clear()
        self._size = 0
        self._wake()
        if not self.finished:
            self._owner.body_closed()
