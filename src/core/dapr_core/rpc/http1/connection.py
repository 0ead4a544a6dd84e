"""One client's connection: the shell that joins transport, core and handler.

Requests are handled one at a time, in order; what the client pipelined waits unparsed. A handler that answers at once
costs no task. All that is produced while the loop runs one callback leaves in one write. A reader that goes away
cancels the handler's task; a handler that is slow to read its body, or a client slow to read its answer, holds the
other side back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable
from typing import TYPE_CHECKING, cast

from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.http1.answers import Framing, careful_answer, framed_head, refusal, short_answer
from dapr_core.rpc.http1.bodies import ArrivingBody
from dapr_core.rpc.http1.emitting import CONTINUE, LAST_CHUNK
from dapr_core.rpc.http1.heads import ProtocolError
from dapr_core.rpc.http1.limits import BUFFERED, DISCARDED, STALLED
from dapr_core.rpc.http1.requests import PREFACE, Mark, RequestCore, match_foreign
from dapr_core.rpc.http1.wire import Wire, close_stream
from dapr_core.rpc.messages import (
    BodyBrokenError,
    BodyTooLargeError,
    Request,
    Response,
)
from dapr_core.rpc.peers import peer_of

if TYPE_CHECKING:
    from dapr_core.rpc.http1.hosting import ConnectionHost


class ServerConnection(Wire):
    """An ``asyncio.Protocol``; made by the server for each accepted socket."""

    def __init__(self, host: ConnectionHost) -> None:
        super().__init__(host.loop)
        self._host = host
        self._handler = host.handler
        self._early: bytes | None = b""
        # The request in hand
        self._task: asyncio.Task[None] | None = None
        self._deferred: Deferred[Response] | None = None
        self._request: Request | None = None
        self._body: ArrivingBody | None = None
        self._started = False
        self._dropped = 0
        # For the server's sweep
        self.requests = 0
        self.watched: tuple[str, int] = ("", 0)
        self.watched_since = 0.0
        self._unsent = 0
        self._arrived: tuple[int, int] | None = None
        self._unsent_since = self._arrived_since = 0.0

    # --- The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._core = RequestCore(self._host.limits, self._host.memory, peer_of(self._transport))
        if not self._host.opened(self):
            self._refuse(ProtocolError(503, "too many connections"))
            self._flush()
            return
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and self._host.http2 and tls.selected_alpn_protocol() == "h2":
            self._early = None
            self._hand_over(self._host.succeed(self), b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = self._shut = True
        self._host.closed(self)
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        if self._body is not None:
            self._body.fail(BodyBrokenError("the client went away before its body was complete"))
            self._body = None
        self._cancel()
        self._wake_writer()

    def data_received(self, data: bytes) -> None:
        if self._early is not None:
            data = self._first(data)
            if not data:
                return
        if self._closing:
            return
        core = self._core
        core.feed(data)
        if self._busy and self._body is None:
            if core.buffered > BUFFERED:
                self._hold()
            return
        self._advance()
        if self._out or self._closing:
            self._flush()

    def eof_received(self) -> bool:
        """The client sends no more. In mid-body whoever reads that answers, for the client may still listen (True keeps
        our side open). Otherwise it means gone, as in the original: an answer under way is cancelled."""
        if self._closing:
            return False
        self._advance()
        if self._body is not None and self._busy:
            self._break_body("the client ended the connection before its body was complete")
            return True
        cut = None if self._busy else self._core.cut_off()
        if cut is not None:
            self._handle_cut(cut)
        elif not self._busy and self._core.buffered:
            self._refuse(ProtocolError())
        self._flush()
        return cut is not None

    def resume_writing(self) -> None:
        self._wake_writer()
        if not self._busy and not self._closing:
            self._release()
            self._advance()
            self._flush()

    def _first(self, data: bytes) -> bytes:
        """Decide by the first bytes between HTTP/1.1 (they are given back) and HTTP/2 (nothing is left for us)."""
        if self._early:
            data = self._early + data
        if not data.startswith(PREFACE[: len(data)]):
            self._early = None
            if self._host.http2 and match_foreign(data):
                # Neither HTTP/1 nor the preface of HTTP/2: no answer of ours would be understood (RFC 9113 §3.4).
                self._abort()
                return b""
            return data
        if len(data) < len(PREFACE):
            self._early = data
            return b""
        self._early = None
        host = self._host
        if host.h2_factory is not None:
            successor = host.h2_factory()
            host.closed(self)
            self._hand_over(successor, data)
        elif host.http2:
            self._hand_over(host.succeed(self), data)
        else:
            self._refuse(ProtocolError())
            self._flush()
        return b""

    def _hand_over(self, successor: asyncio.Protocol, data: bytes) -> None:
        """Let another protocol go on with the transport, beginning with bytes that we have read."""
        self._closing = self._shut = True
        self._transport.set_protocol(successor)
        successor.connection_made(self._transport)
        if data:
            successor.data_received(data)

    def _upgrade(self, request: Request) -> bool:
        """Take a client's offer to go on by HTTP/2, if it is one: then the answer to this request goes there."""
        from dapr_core.rpc.http2.upgrade import ANSWER, offered_settings

        if self._core.reader is not None or self._transport.get_extra_info("ssl_object") is not None:
            return False
        settings = offered_settings(request)
        if settings is None:
            return False
        self._closing = self._shut = True
        self._transport.write(b"".join(self._out) + ANSWER)
        self._out.clear()
        successor = self._host.succeed(self)
        self._transport.set_protocol(successor)
        successor.upgrade(self._transport, request, settings, self._core.take_rest())
        return True

    # --- From bytes to requests

    def _advance(self) -> None:
        """Handle all that has arrived and may be handled now."""
        try:
            while not self._closing:
                body = self._body  # a variable, for the calls below change the attribute
                if body is not None:
                    if not self._take_piece(body):
                        return
                    continue
                if self._busy or self._writable is not None:
                    return
                request = self._core.next()
                if request is None:
                    if self._core.collecting:
                        self._ask_to_continue()
                    return
                self.requests += 1
                if self._core.upgrade and self._host.http2 and self._upgrade(cast("Request", request)):
                    return
                self._handle(request)  # type: ignore[arg-type]  # no body is arriving; a cast would be a call
                if self._core.empty and self._body is None:
                    return
        except ProtocolError as error:
            self._refuse(error)

    def _take_piece(self, body: ArrivingBody) -> bool:
        """Move one piece from the core to the body; False when none is there or the reader must catch up first."""
        if self._dropped > DISCARDED or self._core.dropped > DISCARDED:
            self._give_up_body()
            return False
        event = self._core.next()
        if event is None:
            return False
        if event is Mark.END:
            body.finish()
            self._body = None
            self._release()
        elif event is Mark.OVERSIZE:
            body.fail(BodyTooLargeError())
        else:
            piece = cast(bytes, event)
            if body.closed:
                self._dropped += len(piece)
            elif body.push(piece):
                self._hold()
                return False
        return True

    def _give_up_body(self) -> None:
        """More of an unwanted body has come than a connection is worth: read no more, close after the answer."""
        self._keep = False
        self._hold()
        if not self._busy:
            self._closing = True

    def _refuse(self, error: ProtocolError) -> None:
        """The client broke HTTP: say so where nobody else answers, and close in any case."""
        self._keep = False
        if self._body is not None:
            self._break_body("the client broke the framing of its body")
        if self._busy:
            self._hold()
            return
        self._out.append(refusal(error.status, error.detail))
        self._closing = True

    def _break_body(self, why: str) -> None:
        """No more of the body in hand will come; the answer to its request is the connection's last."""
        body, self._body = self._body, None
        self._keep = False
        if body is not None:
            body.fail(BodyBrokenError(why))

    # --- From requests to answers

    def _handle_cut(self, request: Request) -> None:
        """A short body ended early: its reader gets what came, then the error."""
        body = ArrivingBody(self, self._loop)
        if request.body:
            body.push(cast(bytes, request.body))
        body.fail(BodyBrokenError("the client ended the connection before its body was complete"))
        request.body = body
        self._keep = False
        self.requests += 1
        self._handle(request)

    def _handle(self, request: Request) -> None:
        self._busy = True
        core = self._core
        if core.reader is not None:
            self._body = request.body = ArrivingBody(self, self._loop)
            self._dropped = 0
            if core.oversize:
                self._body.fail(BodyTooLargeError())
        try:
            result = self._handler(request) if request.target != b"*" else Response(200, [(b"content-length", b"0")])
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its request's failure only
            result = self._failure(error, request)
        if type(result) is Response and type(result.body) is bytes:
            self._answer(request, result, result.body)
        elif isinstance(result, Deferred) and not result.done:
            self._deferred, self._request = result, request
            result.tell(self._told)
        else:
            self._task = self._loop.create_task(self._serve(request, result))

    def _told(self, response: Response | None, error: BaseException | None) -> None:
        """A deferred answer is there: it costs no task, unless its body is still to come."""
        request, self._request, self._deferred = self._request, None, None
        assert request is not None
        if response is None:
            if isinstance(error, asyncio.CancelledError):
                self._abort()
                return
            response = self._failure(cast(Exception, error), request)
        body = response.body
        if type(body) is not bytes:
            self._task = self._loop.create_task(self._serve(request, response))
            return
        self._answer(request, response, body)
        if not self._core.empty or self._body is not None:
            self._advance()
        self._flush()

    async def _serve(self, request: Request, result: Response | Awaitable[Response]) -> None:
        try:
            try:
                response = result if isinstance(result, Response) else await result
            except Exception as error:  # noqa: BLE001 - as above
                response = self._failure(error, request)
            body = response.body
            if isinstance(body, bytes):
                self._answer(request, response, body)
            else:
                await self._stream(request, response, body)
        except asyncio.CancelledError:
            self._abort()
            raise
        self._task = None
        self._advance()
        self._flush()

    def _answer(self, request: Request, response: Response, body: bytes) -> None:
        core = self._core
        # The common case of _may_keep, spelled out: this runs for every request.
        keep = self._may_keep() if core.reader is not None or self._host.draining else self._keep and core.keep_alive
        try:
            if keep and core.minor and request.method != "HEAD":
                whole = short_answer(response, body)
                if whole is not None:
                    self._out.append(whole)
                    self._busy = False
                    if self._body is not None:
                        self._body.close()
                    return
            pieces, keep = careful_answer(response, body, request.method, self._core.minor, keep)
        except Exception as error:  # noqa: BLE001 - a response that cannot be written is the handler's failure too
            failure = self._failure(error, request)
            pieces, keep = careful_answer(failure, failure.body, request.method, self._core.minor, keep)  # type: ignore[arg-type]
        self._out += pieces
        self._finish(keep)

    async def _stream(self, request: Request, response: Response, body: AsyncIterable[bytes]) -> None:
        """Send a response piece by piece. If it cannot be completed the client gets an error in its place, or, where it
        has some of it already, a broken connection, so that nobody can take what was sent for the whole."""
        length = response.length
        head = b""
        framing, keep = Framing.NONE, False
        sent = False
        cancelled: asyncio.CancelledError | None = None
        try:
            head, framing, keep = framed_head(
                response.status,
                response.headers,
                length,
                method=request.method,
                minor=self._core.minor,
                keep_alive=self._may_keep(),
            )
            self._started = True
            self._out.append(head)
            self._plan_flush()
            if framing is not Framing.NONE:
                await self._send_pieces(body, framing, length)
            sent = True
        except Exception as error:  # noqa: BLE001 - reported, and the client sees that it went wrong
            if self._withdraw(head):
                failure = self._failure(error, request)
                self._answer(request, failure, cast(bytes, failure.body))
            else:
                self._report(error, request)
                self._abort()
        except asyncio.CancelledError as end:  # raised again when the body is closed
            cancelled = end
        self._started = False
        await close_stream(body)
        if cancelled is not None:
            raise cancelled
        if not sent:
            return
        if framing is Framing.CHUNKED:
            self._out.append(LAST_CHUNK)
        self._finish(keep and self._may_keep())

    def _may_keep(self) -> bool:
        """Whether the connection can live on after this answer, as far as the request goes."""
        if not self._keep or not self._core.keep_alive or self._host.draining:
            return False
        reader = self._core.reader
        if reader is None:
            return True
        left = reader.remaining
        return not self._core.expects_continue and (left is None or left <= DISCARDED)

    def _finish(self, keep: bool) -> None:
        self._busy = False
        if self._body is not None:
            self._body.close()
        if not keep:
            self._closing = True
        elif not self._reading:
            self._release()

    def _failure(self, error: Exception, request: Request) -> Response:
        self._report(error, request)
        return Response(500, [(b"content-type", b"text/plain; charset=utf-8")], b"Internal Server Error")

    def _report(self, error: Exception, request: Request) -> None:
        try:
            self._host.on_error(error, request)
        except Exception as hook_error:  # noqa: BLE001 - a broken hook must not take the connection with it
            self._loop.call_exception_handler({"message": "on_error hook failed", "exception": hook_error})

    # --- The request body's side (BodyOwner)

    def body_wanted(self) -> None:
        self._ask_to_continue()
        self._release()
        self._advance()
        self._flush()

    def body_closed(self) -> None:
        self._release()

    def _ask_to_continue(self) -> None:
        if self._core.expects_continue:
            self._core.expects_continue = False
            if not self._started:
                self._out.append(CONTINUE)

    # --- The server's side

    def condition(self) -> tuple[str, int]:
        """What the connection is at and how far: the server closes one that stays at the same for too long."""
        if self._closing:
            return "closing", 0
        if self._busy:
            return "busy", self.requests
        if self._core.collecting:
            return "body", self._core.buffered
        if self._core.buffered or self._early:
            return "head", self.requests
        return ("body", self._dropped) if self._body is not None else ("idle", self.requests)

    def tend(self, now: float) -> None:
        """Drop a client that takes nothing of its answer for too long; a body that does not come fails for its reader,
        who answers."""
        body, patience = self._body, self._host.limits.idle_timeout
        waiting = body is not None and body.awaited and not self._started
        arrived = (self.requests, self._core.received) if waiting else None
        if arrived is None or arrived != self._arrived:
            self._arrived, self._arrived_since = arrived, now
        elif patience is not None and now - self._arrived_since >= patience:
            self._break_body("no more of the body came in time")
        left = self._transport.get_write_buffer_size() if self._writable is not None else 0
        if not left or left != self._unsent:
            self._unsent, self._unsent_since = left, now
        elif now - self._unsent_since >= STALLED:
            self.kill()

    def drain(self) -> None:
        """Close now if nothing is under way; otherwise the answer under way is the last."""
        if self.condition()[0] == "idle":
            self._closing = True
            self._flush()

    def kill(self) -> None:
        """Cancel what is under way and drop the connection."""
        self._cancel()
        self._abort()

    def _cancel(self) -> None:
        if self._deferred is not None:
            self._deferred.cancel()
        if self._task is not None:
            self._task.cancel()
