"""The port of the conversion webhook: TLS with our own identity, one path (control-plane.md §4.8)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final

from dapr_core.process.service import Service
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response
from dapr_operator.conversion.subscriptions import ConversionError, review

log = logging.getLogger("dapr.operator.webhook")

PATH: Final = b"/convert"
MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes: a review may hold a whole page of a list."""
_SLOW: Final = 64 * 1024
"""Bytes above which a review is converted on a thread."""
_DRAIN: Final = 5.0
_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8")]
_JSON: Final = [(b"content-type", b"application/json")]


class ConversionPort(Service):
    """Serves the webhook. ``bound_port`` tells the port where 0 was asked for."""

    name = "conversion webhook"

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._host = host
        self._context = context
        self.bound_port = port
        self._server = HTTP1Server(_answer, Limits(max_body=MAX_BODY))

    async def start(self) -> None:
        """Listen. Raises ``OSError``, with the address in its text, when that cannot be."""
        try:
            bound = await self._server.serve_tcp(self._host or None, self.bound_port, ssl_context=self._context)
        except OSError as error:
            where = f"{self._host}:{self.bound_port}"
            raise OSError(error.errno, f"failed to listen on {where}: {error.strerror}") from None
        self.bound_port = bound[0][1]
        log.info("Conversion webhook is listening on %s:%d", self._host or "[::]", self.bound_port)

    async def stop(self) -> None:
        """Answer what is here, and close."""
        await self._server.drain(_DRAIN)
        await self._server.close()


async def _answer(request: Request) -> Response:
    if request.target.split(b"?")[0] != PATH:
        return Response(404, list(_TEXT), b"404 page not found\n")
    if request.method != "POST":
        return Response(405, [*_TEXT, (b"allow", b"POST")], b"method not allowed\n")
    body = await request.read()
    try:
        answer = review(body) if len(body) <= _SLOW else await asyncio.to_thread(review, body)
    except ConversionError as error:
        return Response(400, list(_TEXT), f"{error}\n".encode())
    return Response(200, list(_JSON), answer)
