"""The sending side of a server's connection: one write a loop turn, holding the peer back, closing without loss.

``ServerConnection`` builds on it; what is written, and when the connection has served its purpose, is decided there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Final

from dapr_core.rpc.http1.answers import Framing, chunk
from dapr_core.rpc.http1.limits import BUFFERED
from dapr_core.rpc.http1.requests import RequestCore
from dapr_core.rpc.messages import BodyStream

LINGER: Final = 0.5
"""Seconds for which bytes of a refused client are read and dropped, so that a reset does not eat our answer."""


class Wire(asyncio.Protocol):
    """The transport of a connection and its condition."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport
        self._core: RequestCore
        self._out: list[bytes] = []
        self._busy = False
        """A request is in hand."""
        self._keep = True
        """Cleared for good once the connection must end after the answer in hand."""
        self._closing = False
        self._shut = False
        self._reading = True
        self._writable: asyncio.Future[None] | None = None
        self._flush_planned = False
        self._linger_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The client is slow to take what was written."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def _wake_writer(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def _plan_flush(self) -> None:
        if not self._flush_planned:
            self._flush_planned = True
            self._loop.call_soon(self._planned_flush)

    def _planned_flush(self) -> None:
        self._flush_planned = False
        self._flush()

    def _withdraw(self, head: bytes) -> bool:
        """Take an answer back of which nothing has been written; False if the client has begun to get it."""
        for at, piece in enumerate(self._out):
            if piece is head:
                del self._out[at:]
                return True
        return not head

    async def _send_pieces(self, body: AsyncIterable[bytes], framing: Framing, length: int | None) -> None:
        sent = 0
        async for piece in body:
            sent += len(piece)
            if framing is Framing.CHUNKED:
                self._out += chunk(piece)
            elif length is not None and sent > length:
                raise ValueError(f"the response has more than the {length} bytes it declared")
            else:
                self._out.append(piece)
            if len(piece) > BUFFERED or len(self._out) > 64:
                self._flush()
            else:
                self._plan_flush()
            if self._writable is not None:
                await self._writable
        if framing is Framing.LENGTH and sent != length:
            raise ValueError(f"the response has {sent} bytes but declared {length}")

    def _flush(self) -> None:
        """One write for all that was produced; then shut the connection if it has served its purpose."""
        out = self._out
        if self._shut:
            out.clear()
            return
        if out:
            self._out = []
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))
        if self._closing and not self._busy:
            self._shutdown()

    def _shutdown(self) -> None:
        self._shut = True
        transport = self._transport
        unread = self._core.reader is not None or self._core.buffered or not self._keep
        if unread and transport.can_write_eof() and not transport.is_closing():
            transport.write_eof()
            self._release()
            self._linger_timer = self._loop.call_later(LINGER, transport.close)
        else:
            transport.close()

    def _abort(self) -> None:
        self._busy = False
        self._closing = self._shut = True
        self._out.clear()
        self._transport.abort()

    def _hold(self) -> None:
        if self._reading and not self._transport.is_closing():
            self._reading = False
            self._transport.pause_reading()

    def _release(self) -> None:
        if not self._reading and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()


async def close_stream(body: object) -> None:
    """Let the source of a response know that nobody reads on."""
    if isinstance(body, BodyStream):
        body.close()
    elif isinstance(body, AsyncGenerator):
        await body.aclose()
