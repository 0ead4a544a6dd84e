"""One connection to a server: the shell that joins transport, core and the one call under way.

A call is a write and a future, or a ``Deferred`` for whoever goes on without a task; the response resolves it from
``data_received``, and only a streamed request body needs a task. After a call the connection gives itself back to its
pool, or closes when another call could not trust it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Protocol, cast

from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.http1.answers import chunk
from dapr_core.rpc.http1.bodies import ArrivingBody
from dapr_core.rpc.http1.emitting import LAST_CHUNK
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.heads import HeadMemory, ProtocolError
from dapr_core.rpc.http1.limits import COLLECTED, DISCARDED, Limits
from dapr_core.rpc.http1.origins import Origin
from dapr_core.rpc.http1.requests import Mark
from dapr_core.rpc.http1.responses import ResponseCore
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Request, Response
from dapr_core.rpc.tls import alert_of


class ConnectionPool(Protocol):
    """Where a connection goes after a call."""

    origin: Origin

    def free(self, connection: ClientConnection) -> None:
        """Ready for another call."""

    def lost(self, connection: ClientConnection) -> None:
        """Closed."""

    def told(self, begun: Begun, response: Response | None, error: BaseException | None) -> None:
        """What became of a call that was begun."""


class Begun(Deferred[Response]):
    """The response to a call that was begun. Whoever gives it up loses the connection with it."""

    __slots__ = ("_connection", "request")

    def __init__(self, connection: ClientConnection, request: Request) -> None:
        super().__init__()
        self._connection = connection
        self.request = request

    def abandoned(self) -> None:
        """Nobody waits for the response: what still comes of it must not be taken for another one's."""
        self._connection.abort()


class ClientConnection(asyncio.Protocol):
    """An ``asyncio.Protocol``; made by a pool."""

    def __init__(
        self, pool: ConnectionPool, loop: asyncio.AbstractEventLoop, limits: Limits, memory: HeadMemory
    ) -> None:
        self._pool = pool
        self._loop = loop
        self._core = ResponseCore(limits, memory)
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[Response] | Begun | None = None
        self._body: ArrivingBody | None = None
        self._upload: asyncio.Task[None] | None = None
        self._reading = True
        self._dropped = 0
        self._writable: asyncio.Future[None] | None = None
        self.open = True
        self.alert = ""
        """What the server's TLS said when it closed: in TLS 1.3 it checks a client after the handshake."""
        self.used = False
        """A call was made on it: it may have died since, unlike a fresh one."""
        self.idle_since = 0
        """The pool's clock when it last became idle."""

    # --- The pool's side

    def call(self, method: str, data: bytes) -> asyncio.Future[Response]:
        """Send a request whose bytes are complete. The future may raise ``OSError`` subclasses of this module."""
        self.used = True
        self._core.expect(method)
        self._waiter = waiter = self._loop.create_future()
        self._transport.write(data)
        return waiter

    def begin(self, request: Request) -> Begun:
        """Take a request of which the pool is told the response; its bytes follow by ``send``."""
        self.used = True
        self._core.expect(request.method)
        self._waiter = begun = Begun(self, request)
        return begun

    def send(self, begun: Begun, data: bytes) -> None:
        """Send a request that was begun, whole. Ignored if the connection has ended or been given up meanwhile."""
        if self._waiter is begun and self.open:
            self._transport.write(data)

    def call_streaming(
        self, method: str, head: bytes, body: AsyncIterable[bytes], length: int | None
    ) -> asyncio.Future[Response]:
        """Send a request whose body is still arriving. The future may also raise what reading the body raises."""
        waiter = self.call(method, head)
        self._upload = self._loop.create_task(self._send(body, length))
        return waiter

    def fail(self, error: BaseException) -> None:
        """End the call under way with an error; the connection is of no more use."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            self._tell(waiter, None, error)
        self.abort()

    def abort(self) -> None:
        """Drop the connection and what is under way on it."""
        self.open = False
        self._transport.abort()

    def close(self) -> None:
        """Close an idle connection."""
        self.open = False
        self._transport.close()

    # --- The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._waiter is None and self._body is None:
            # Nobody asked: a server that answers twice, or says goodbye (408) before it closes an idle connection.
            self.abort()
            return
        self._core.feed(data)
        self._advance()

    def eof_received(self) -> None:
        """The server ended its side in good order: that completes a body with no other end."""
        self.open = False
        end = self._core.end()
        if end is Mark.END and self._body is not None:
            self._body.finish()
            self._body = None
        elif isinstance(end, Response) and self._waiter is not None:
            self._resolve_short(end)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self.alert = alert_of(exc)
        if self._body is not None:
            self._body.fail(BodyBrokenError("the server closed the connection before its body was complete"))
            self._body = None
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            silent = not self._core.begun
            text = f"{self._pool.origin} closed the connection before it answered" + (f": {exc}" if exc else "")
            self._tell(waiter, None, ServerClosedError(text, silent=silent, alert=self.alert))
        self._stop_upload()
        self._wake_writer()
        self._pool.lost(self)

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        self._wake_writer()

    def _wake_writer(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    # --- From bytes to a response

    def _advance(self) -> None:
        core = self._core
        try:
            while True:
                if self._body is not None:
                    if not self._take_piece(self._body):
                        return
                    continue
                waiter = self._waiter
                if waiter is None:
                    return
                response = core.next()
                if response is None:
                    return
                self._waiter = None
                self._resolve(waiter, response)  # type: ignore[arg-type]  # no body is arriving; a cast would be a call
        except ProtocolError as error:
            self._break(error)

    def _resolve(self, waiter: asyncio.Future[Response] | Begun, response: Response) -> None:
        if self._core.reader is not None:
            self._body = response.body = ArrivingBody(self, self._loop)
            self._dropped = 0
        else:
            self._finish()
        if isinstance(waiter, Begun):  # ``_tell`` in place, since this runs for every call
            self._pool.told(waiter, response, None)
        elif not waiter.done():
            waiter.set_result(response)

    def _resolve_short(self, response: Response) -> None:
        """A response that ended early: its reader gets what came, then the error."""
        waiter, self._waiter = self._waiter, None
        body = ArrivingBody(self, self._loop)
        if response.body:
            body.push(cast(bytes, response.body))
        body.fail(BodyBrokenError("the server closed the connection before its body was complete"))
        response.body = body
        if waiter is not None:
            self._tell(waiter, response)

    def _tell(
        self, waiter: asyncio.Future[Response] | Begun, response: Response | None, error: BaseException | None = None
    ) -> None:
        """Tell the outcome of a call, unless nobody waits for it any more."""
        if isinstance(waiter, Begun):
            self._pool.told(waiter, response, error)
        elif waiter.done():
            return
        elif error is not None:
            waiter.set_exception(error)
        else:
            waiter.set_result(response)  # type: ignore[arg-type]  # without an error there is a response

    def _take_piece(self, body: ArrivingBody) -> bool:
        event = self._core.next()
        if event is None:
            return False
        if event is Mark.END:
            self._body = None
            body.finish()
            self._release()
            self._finish()
            return True
        piece = cast(bytes, event)
        if body.closed:
            self._dropped += len(piece)
            if self._dropped > DISCARDED:
                self.abort()
                return False
        elif body.push(piece):
            self._hold()
            return False
        return True

    def _break(self, error: ProtocolError) -> None:
        if self._body is not None:
            self._body.fail(BodyBrokenError("the server broke the framing of its body"))
            self._body = None
        self.fail(BadResponseError(self._pool.origin, error.detail or "bad framing"))

    def _finish(self) -> None:
        """The response is complete: back to the pool, or away."""
        if self._upload is not None and not self._upload.done():
            # Answered before it had the whole request: what is left of that must not be taken for another one.
            self._stop_upload()
            self.close()
        elif self._core.keep_alive and self._core.clean and self.open:
            self._pool.free(self)
        else:
            self.close()

    # --- The request body

    async def _send(self, body: AsyncIterable[bytes], length: int | None) -> None:
        sent = 0
        transport = self._transport
        try:
            async for piece in body:
                sent += len(piece)
                if length is None:
                    transport.writelines(chunk(piece))
                elif sent > length:
                    raise ValueError(f"the request has more than the {length} bytes it declared")
                else:
                    transport.write(piece)
                if self._writable is not None:
                    await self._writable
                if transport.is_closing():
                    return
            if length is None:
                transport.write(LAST_CHUNK)
            elif sent != length:
                raise ValueError(f"the request has {sent} bytes but declared {length}")
        except Exception as error:  # noqa: BLE001 - handed to the caller: its body cannot be read
            self.fail(error)
        finally:
            if isinstance(body, BodyStream):
                body.close()

    def _stop_upload(self) -> None:
        if self._upload is not None:
            self._upload.cancel()
            self._upload = None

    # --- The response body's side (BodyOwner)

    def body_wanted(self) -> None:
        self._release()
        self._advance()

    def body_closed(self) -> None:
        """Nobody reads on: take the rest if little is known to be left, else drop the connection."""
        reader = self._core.reader
        left = None if reader is None else reader.remaining
        if left is None or left > COLLECTED:
            self.abort()
        else:
            self.body_wanted()

    def _hold(self) -> None:
        if self._reading and not self._transport.is_closing():
            self._reading = False
            self._transport.pause_reading()

    def _release(self) -> None:
        if not self._reading and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()
