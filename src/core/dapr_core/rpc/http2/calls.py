"""One request of ours and its answer on a stream, as the client sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Final, cast

from dapr_core.rpc.fields import CONNECTION_SPECIFIC, is_field_value, is_token
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.h2.stream import Stream
from dapr_core.rpc.hpack import encode_field
from dapr_core.rpc.http1.bodies import ArrivingBody
from dapr_core.rpc.http1.emitting import clean
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.limits import COLLECTED
from dapr_core.rpc.http1.origins import Origin
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Request, Response

_WITH_BODY: Final = frozenset(("POST", "PUT", "PATCH"))
_OURS: Final = CONNECTION_SPECIFIC | {b"http2-settings", b"host", b"content-length"}
_CUT = "the server broke the stream off before its body was complete"


def request_block(origin: Origin, request: Request) -> bytes:
    """A request's head as a header block. Fields about the hop are ours to set and dropped from the request's.

    Raises:
        ValueError: a method or target that no request can have.
    """
    method, target = request.method.encode("ascii"), request.target
    if not is_token(method) or not target or not is_field_value(target) or b" " in target:
        raise ValueError("the request's method or target cannot be sent")
    pieces = [
        encode_field(b":method", method),
        encode_field(b":scheme", b"http" if origin.tls is None else b"https"),
        encode_field(b":path", target),
        encode_field(b":authority", request.header(b"host") or origin.host_field),
    ]
    for name, value in request.headers:
        name = name.lower()
        if name in _OURS or not is_token(name) or (name == b"te" and value != b"trailers"):
            continue
        pieces.append(encode_field(name, clean(value)))
    length = len(request.body) if isinstance(request.body, bytes) else request.length
    if length or (length is not None and isinstance(request.body, bytes) and request.method in _WITH_BODY):
        pieces.append(encode_field(b"content-length", b"%d" % length))
    return b"".join(pieces)


class Call(Stream):
    """See the module. ``unprocessed``: the server says that it never looked at the request."""

    __slots__ = ("_body", "_drained", "_loop", "_origin", "_parts", "_response", "_upload", "_waiter", "unprocessed")

    def __init__(self, connection: Connection, loop: asyncio.AbstractEventLoop, origin: Origin) -> None:
        super().__init__(connection)
        self._loop = loop
        self._origin = origin
        self._waiter: asyncio.Future[Response] = loop.create_future()
        self._response: Response | None = None
        self._parts: list[bytes] | None = None
        self._body: ArrivingBody | None = None
        self._upload: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self.unprocessed = False

    async def run(self, request: Request, block: bytes) -> Response:
        """Send the request; its response. Raises ServerClosedError, BadResponseError, or what the body raised."""
        body = request.body
        try:
            self.send_headers(block, body == b"")
        except ConnectionError as error:
            self.unprocessed = True
            raise ServerClosedError(f"{self._origin} takes no more calls: {error}", silent=True) from None
        if isinstance(body, bytes):
            if body:
                self.send_data(body, True)
        else:
            self._upload = self._loop.create_task(self._send(body))
        try:
            return await self._waiter
        except asyncio.CancelledError:
            self._stop_upload()
            self.reset(ErrorCode.CANCEL)
            raise

    async def _send(self, body: BodyStream) -> None:
        try:
            async for piece in cast(AsyncIterable[bytes], body):
                self.send_data(piece)
                if not self.local_open:
                    return
                if not self.writable:
                    self._drained = self._loop.create_future()
                    await self._drained
            self.send_data(b"", True)
        except Exception as error:  # noqa: BLE001 - handed to the caller: its body cannot be read
            self.reset(ErrorCode.CANCEL)
            self._fail(error)
        finally:
            body.close()

    # --- What the server says

    def on_headers(self, block: HeaderBlock, end: bool) -> None:
        if self._response is not None:  # trailers end the body and are ignored
            self.on_data(b"", end)
            return
        length = 0 if end else block.content_length
        self._response = response = Response(int(block.pseudo[b":status"]), list(block.fields), b"", length=length)
        if end:
            self._resolve(response)
        elif length is not None and length <= COLLECTED:
            self._parts = []
        else:
            response.body = self._body = ArrivingBody(self, self._loop)
            self._resolve(response)

    def on_data(self, data: bytes, end: bool) -> None:
        if self._parts is not None:
            self._parts.append(data)
            if end:
                assert self._response is not None
                self._response.body = b"".join(self._parts)
                self._parts = None
                self._resolve(self._response)
        elif self._body is not None:
            if data and self._body.push(data):
                self.pause()
            if end:
                self._body.finish()
                self._stop_upload()
                if self.local_open:  # as in _resolve; servers that do not ask for it keep their stream open for us
                    self.reset(ErrorCode.NO_ERROR)

    def on_reset(self, code: int, reason: str) -> None:
        self._stop_upload()
        self.on_writable()
        if self._body is not None:
            self._body.fail(BodyBrokenError(_CUT))
        self.unprocessed = code == ErrorCode.REFUSED_STREAM
        if code == ErrorCode.PROTOCOL_ERROR:
            self._fail(BadResponseError(self._origin, reason))
            return
        silent = self.unprocessed or (code == ErrorCode.CONNECT_ERROR and self._response is None)
        self._fail(ServerClosedError(f"{self._origin} broke the call off: {reason}", silent=silent))

    def on_writable(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def _resolve(self, response: Response) -> None:
        if self._body is None:
            self._stop_upload()
            if self.local_open:  # answered before it had the whole request
                self.reset(ErrorCode.NO_ERROR)
        if not self._waiter.done():
            self._waiter.set_result(response)

    def _fail(self, error: Exception) -> None:
        if not self._waiter.done():
            self._waiter.set_exception(error)

    def _stop_upload(self) -> None:
        upload, self._upload = self._upload, None
        if upload is not None and upload is not asyncio.current_task(self._loop):
            upload.cancel()

    # --- The response body's side (BodyOwner)

    def body_wanted(self) -> None:
        """A reader waits."""
        self.resume()

    def body_closed(self) -> None:
        """Nobody reads on: the server is told to stop."""
        self._stop_upload()
        self.reset(ErrorCode.CANCEL)
