"""One pipelined connection: commands go out joined per loop turn, replies come back in order to one future each.

A command costs one packed buffer, one future and a place in a queue; there is no task and no timer per command. One
timer a connection watches for progress: when replies are owed and none arrives during a whole time-out, the
connection is declared dead and everything waiting on it fails. The reader of the wire is ``hiredis``, in C.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

import hiredis

from dapr_components.common.redis.errors import RedisTimeoutError, RedisUnavailableError

Argument: TypeAlias = bytes | str | int | float
Command: TypeAlias = tuple[Argument, ...]
Reply: TypeAlias = Any
"""None, int, bytes, a list of replies, or a ``hiredis.ReplyError`` as a value."""

_TICKS: Final = 4
"""How finely the progress timer divides the time-out."""
_RESUME_SHARE: Final = 2


class RedisConnection(asyncio.Protocol):
    """An open connection. Made by ``dialling``; ``closed`` once it is of no more use."""

    def __init__(self, peer: str, read_timeout: float | None, max_in_flight: int) -> None:
        self.peer = peer
        self.closed = False
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[Reply]] = deque()
        self._outgoing: list[bytes] = []
        self._read_timeout = read_timeout
        self._timer: asyncio.TimerHandle | None = None
        self._silent_ticks = 0
        self._max_in_flight = max_in_flight
        self._writable = True
        self._room: deque[asyncio.Future[None]] = deque()
        self._lost: asyncio.Future[None] = self._loop.create_future()

    # -- what callers use

    @property
    def has_room(self) -> bool:
        """Whether a command can be sent now without exceeding the bounds on memory."""
        return self._writable and len(self._waiting) < self._max_in_flight

    async def room(self) -> None:
        """Wait until ``has_room``, or until the connection is lost."""
        while not self.has_room and not self.closed:
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._room.append(waiter)
            await waiter

    def send(self, command: Command) -> asyncio.Future[Reply]:
        """Queue one command; the future gives its reply. A cancelled future's reply is dropped when it comes."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        if self.closed:
            future.set_exception(self._broken("connection closed"))
            return future
        self._queue(hiredis.pack_command(command))  # type: ignore[arg-type]  # its stub says a 1-tuple
        self._waiting.append(future)
        return future

    def send_many(self, commands: Sequence[Command]) -> list[asyncio.Future[Reply]]:
        """Queue several commands that go out side by side."""
        return [self.send(command) for command in commands]

    def close(self) -> None:
        """Close now; whatever still waits fails."""
        self._fail(self._broken("connection closed"))

    async def wait_closed(self) -> None:
        """Wait until the socket is gone."""
        if self._transport is not None:
            await asyncio.wait([self._lost])

    # -- writing

    def _queue(self, packed: bytes) -> None:
        outgoing = self._outgoing
        if not outgoing:
            self._loop.call_soon(self._flush)
        outgoing.append(packed)
        if self._timer is None and self._read_timeout is not None:
            self._silent_ticks = 0
            self._timer = self._loop.call_later(self._read_timeout / _TICKS, self._tick)

    def _flush(self) -> None:
        outgoing = self._outgoing
        if not outgoing or self._transport is None or self.closed:
            return
        self._outgoing = []
        self._transport.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))

    def _tick(self) -> None:
        self._timer = None
        if not self._waiting or self._read_timeout is None:
            return
        self._silent_ticks += 1
        if self._silent_ticks > _TICKS:
            self._fail(RedisTimeoutError(f"redis: no reply from {self.peer} within {self._read_timeout:g}s"))
            return
        self._timer = self._loop.call_later(self._read_timeout / _TICKS, self._tick)

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._silent_ticks = 0
        reader, waiting = self._reader, self._waiting
        try:
            reader.feed(data)
            reply = reader.gets()
            while reply is not False:
                future = waiting.popleft()
                if not future.done():
                    future.set_result(reply)
                reply = reader.gets()
        except (hiredis.ProtocolError, IndexError) as error:
            # A push nobody asked for, or bytes that are no reply: the order of replies is lost for good.
            self._fail(self._broken(f"protocol error: {error}"))
            return
        if self._room and self._writable and len(waiting) <= self._max_in_flight // _RESUME_SHARE:
            self._release_room()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)
        self._fail(self._broken(describe(exc) if exc is not None else "connection closed by the server"))

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._release_room()

    # -- ending

    def _release_room(self) -> None:
        room = self._room
        while room:
            waiter = room.popleft()
            if not waiter.done():
                waiter.set_result(None)

    def _broken(self, cause: str) -> RedisUnavailableError:
        return RedisUnavailableError(f"redis: {cause} at {self.peer}")

    def _fail(self, error: RedisUnavailableError) -> None:
        if self.closed:
            return
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
        self._outgoing = []
        waiting, self._waiting = self._waiting, deque()
        for future in waiting:
            if not future.done():
                future.set_exception(error)
        self._release_room()


def describe(error: BaseException) -> str:
    """A short cause for an error text: ``connection refused`` rather than the errno and its address."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError):
        return "connection reset"
    if isinstance(error, BrokenPipeError):
        return "broken pipe"
    if isinstance(error, TimeoutError):
        return "time-out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
