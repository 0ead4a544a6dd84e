"""One request and its answer on a stream, as the server sees it.

A request whose body is declared and short is handed to the handler whole; any other body arrives while the handler
runs, at the reader's pace: what nobody has read closes the stream's window. A handler that answers at once costs no
task. A client that resets its stream cancels the handler's task, and nothing else on the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Coroutine
from time import time
from typing import TYPE_CHECKING

from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.h2.stream import Stream
from dapr_core.rpc.hpack import encode
from dapr_core.rpc.http1.bodies import ArrivingBody
from dapr_core.rpc.http1.heads import ProtocolError
from dapr_core.rpc.http1.limits import COLLECTED, DISCARDED
from dapr_core.rpc.http1.wire import close_stream
from dapr_core.rpc.http2.heads import BODILESS, RequestHead, response_block
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Request, Response

if TYPE_CHECKING:
    from dapr_core.rpc.http2.connection import HTTP2Connection

HOLD = 0.1
"""Seconds for which an answer waits for the end of its request, if the handler did not read that far: an answer must
not hide what is wrong with the rest, and most clients are about to end anyway."""

_CONTINUE = encode([(b":status", b"100")])
_GONE = "the client gave up before its body was complete"


class Exchange(Stream):
    """See the module. ``collecting`` while the handler has not been called for want of a body."""

    ANSWERS = True
    __slots__ = (
        "_body",
        "_continue",
        "_drained",
        "_held_answer",
        "_held_until",
        "_parts",
        "_request",
        "_task",
        "_unbegun",
        "collecting",
        "dropped",
        "owner",
        "received",
        "watched",
        "watched_since",
    )

    def __init__(self, owner: HTTP2Connection, connection: Connection, stream_id: int) -> None:
        super().__init__(connection, stream_id)
        self.owner = owner
        self._request: Request | None = None
        self._parts: list[bytes] = []
        self._body: ArrivingBody | None = None
        self._task: asyncio.Task[None] | None = None
        self._held_answer: tuple[Request, Response, bytes] | None = None
        self._held_until: asyncio.TimerHandle | None = None
        self._unbegun: Response | Awaitable[Response] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._continue = False
        self.collecting = False
        self.received = 0
        """Octets of the body that have come."""
        self.dropped = 0
        # For the connection's sweep:
        self.watched: tuple[object, ...] = ()
        self.watched_since = 0.0

    # --- From frames to a request

    def on_headers(self, block: HeaderBlock, end: bool) -> None:
        if self._request is not None:  # trailers: they end the body and are ignored
            self.on_data(b"", end)
            return
        head = block.parsed
        if head is None:
            try:
                head = block.parsed = RequestHead(block)
            except ProtocolError as error:
                self.refuse(error.status, error.detail)
                return
        length = 0 if end else block.content_length
        self._request = request = Request(
            head.method, head.target, head.headers.copy(), length=length, peer=self.owner.peer, version="2"
        )
        if end:
            self._handle(request)
            return
        self._await_body(request, length, head.expects_continue)

    def begin(self, request: Request) -> None:
        """Handle a request that came whole by other ways than this stream (an upgrade from HTTP/1.1)."""
        self._request = request
        self._handle(request)

    def _await_body(self, request: Request, length: int | None, expects_continue: bool) -> None:
        limit = self.owner.limits.max_body
        collected = COLLECTED if limit is None else min(COLLECTED, limit)
        if length is not None and length <= collected:
            self.collecting = True
            if expects_continue:
                self.send_headers(_CONTINUE)
            return
        self._continue = expects_continue
        body = request.body = self._body = ArrivingBody(self, self.owner.loop)
        if limit is not None and length is not None and length > limit:
            body.fail(BodyTooLargeError())
        self._handle(request)

    def on_data(self, data: bytes, end: bool) -> None:
        self.received += len(data)
        request = self._request
        if self.collecting:
            assert request is not None
            self._parts.append(data)
            if end:
                self.collecting = False
                parts, self._parts = self._parts, []
                request.body = parts[0] if len(parts) == 1 else b"".join(parts)
                self._handle(request)
        elif self._body is not None:
            self._take(self._body, data, end)
            if end:
                self._release_answer()

    def _take(self, body: ArrivingBody, data: bytes, end: bool) -> None:
        limit = self.owner.limits.max_body
        if limit is not None and self.received > limit:
            body.fail(BodyTooLargeError())
        if body.finished or body.closed:
            self._drop(len(data), end)
        elif data and body.push(data):
            self.pause()
        if end:
            body.finish()

    def _drop(self, size: int, end: bool) -> None:
        """More came than anybody wants: some of it is read, as clients expect that; then no more is granted."""
        self.dropped += size
        if self.dropped > DISCARDED and not end:
            self.pause()
            self._release_answer()

    def on_reset(self, code: int, reason: str) -> None:
        if self._body is not None:
            self._body.fail(BodyBrokenError(_GONE))
        self._parts.clear()
        self.collecting = False
        self._held_answer = None
        self._release_answer()
        if self._task is not None:
            self._task.cancel()
        if isinstance(self._unbegun, Coroutine):
            self._unbegun.close()  # a task that is cancelled before its first step never gets to it
        self.on_writable()

    def on_writable(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    # --- From a request to its answer

    def refuse(self, status: int, detail: str) -> None:
        """Answer what is no request that could be handled."""
        self.collecting = False
        text = [(b"content-type", b"text/plain; charset=utf-8")]
        self._answer("", Response(status, text, detail.encode()), detail.encode())

    def _handle(self, request: Request) -> None:
        try:
            result = self.owner.handler(request) if request.target != b"*" else Response(200)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its request's failure only
            result = self._failure(error, request)
        if type(result) is Response and type(result.body) is bytes:
            self._answer_or_fail(request, result, result.body)
        else:
            self._unbegun = result
            self._task = self.owner.loop.create_task(self._serve(request, result))

    async def _serve(self, request: Request, result: Response | Awaitable[Response]) -> None:
        self._unbegun = None
        try:
            try:
                response = result if isinstance(result, Response) else await result
            except Exception as error:  # noqa: BLE001 - as above
                response = self._failure(error, request)
            body = response.body
            if isinstance(body, bytes):
                self._answer_or_fail(request, response, body)
            else:
                await self._stream(request, response, body)
        except asyncio.CancelledError:
            self.reset(ErrorCode.CANCEL)
            raise
        finally:
            self._task = None
            self._finish()

    def _answer_or_fail(self, request: Request, response: Response, body: bytes) -> None:
        if self.remote_open and self._body is not None and self._held_until is None and self.dropped <= DISCARDED:
            self._held_answer = request, response, body
            self._held_until = self.owner.loop.call_later(HOLD, self._release_answer)
            self._body.close()
            return
        try:
            self._answer(request.method, response, body)
        except Exception as error:  # noqa: BLE001 - a response that cannot be written is the handler's failure too
            failure = self._failure(error, request)
            self._answer(request.method, failure, b"Internal Server Error")
        if self._task is None:
            self._finish()

    def _release_answer(self) -> None:
        """Give the answer that waits for the end of its request, if there is one."""
        if self._held_until is not None:
            self._held_until.cancel()
        held, self._held_answer = self._held_answer, None
        if held is not None:
            self._answer_or_fail(*held)

    def _answer(self, method: str, response: Response, body: bytes) -> None:
        length = None if response.length is None else len(body)
        if method == "HEAD" and not body and response.header(b"content-length") is not None:
            length = None  # what a GET would get
        block = response_block(response, length, time())
        if not body or method == "HEAD" or response.status in BODILESS:
            self.send_headers(block, True)
            return
        self.send_headers(block)
        self.send_data(body, True)

    async def _stream(self, request: Request, response: Response, body: AsyncIterable[bytes]) -> None:
        """Send a response piece by piece. If it cannot be completed its stream is reset, so that nobody can take what
        was sent for the whole."""
        length = response.length
        try:
            bodiless = request.method == "HEAD" or response.status in BODILESS
            self.send_headers(response_block(response, length, time()), bodiless)
            if not bodiless:
                await self._send_pieces(body, length)
                self.send_data(b"", True)
        except Exception as error:  # noqa: BLE001 - reported, and the client sees a reset
            self._report(error, request)
            self.reset(ErrorCode.INTERNAL_ERROR)
        finally:
            await close_stream(body)

    async def _send_pieces(self, body: AsyncIterable[bytes], length: int | None) -> None:
        sent = 0
        async for piece in body:
            sent += len(piece)
            if length is not None and sent > length:
                raise ValueError(f"the response has more than the {length} bytes it declared")
            if piece:
                self.send_data(piece)
            if not self.writable and self.local_open:
                self._drained = self.owner.loop.create_future()
                await self._drained
        if length is not None and sent != length:
            raise ValueError(f"the response has {sent} bytes but declared {length}")

    def _finish(self) -> None:
        """The handler is done: what comes of the body now is nobody's."""
        if self._body is not None:
            self._body.close()

    def _failure(self, error: Exception, request: Request) -> Response:
        self._report(error, request)
        return Response(500, [(b"content-type", b"text/plain; charset=utf-8")], b"Internal Server Error")

    def _report(self, error: Exception, request: Request) -> None:
        try:
            self.owner.host.on_error(error, request)
        except Exception as hook_error:  # noqa: BLE001 - a broken hook must not take the stream with it
            self.owner.stream_failed(hook_error)

    # --- The request body's side (BodyOwner)

    def body_wanted(self) -> None:
        """A reader waits."""
        if self._continue:
            self._continue = False
            if not self.received:
                self.send_headers(_CONTINUE)
        self.resume()

    def body_closed(self) -> None:
        """Nobody reads on: what has come unread is dropped, and once we have answered the client is told to stop."""
        self.resume()
