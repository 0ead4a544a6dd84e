"""The webhook's one path, ``/mutate``, as a FastAPI application (control-plane.md §5.1, §5.2)."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from dapr_injector.desk import Desk
from dapr_injector.metrics import InjectorMetrics

log = logging.getLogger("dapr.injector.service")

JSON: Final = "application/json"
MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes. An object may have 3 MiB in the API server, and a review holds it and some more."""


class _TooLargeError(Exception):
    """The body is longer than any review."""


def webhook(desk: Desk, metrics: InjectorMetrics) -> FastAPI:
    """The application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    async def mutate(request: Request) -> Response:
        metrics.requests.inc()
        try:
            body = await _body(request)
        except _TooLargeError:
            return _error(413, f"the review is longer than {MAX_BODY} bytes")
        except ClientDisconnect:
            body = b""
        if not body:
            log.error("Empty body")
            return _error(400, "empty body")
        if request.headers.get("content-type") != JSON:
            log.error("Content-Type=%s, expect %s", request.headers.get("content-type", "")[:100], JSON)
            return _error(415, f"invalid Content-Type, expected `{JSON}`")
        return Response(await desk.answer(body), media_type=JSON)

    # A plain route: a review has no parameters to look for, which would cost more than the review.
    app.add_route("/mutate", mutate, methods=["POST"])
    return app


async def _body(request: Request) -> bytes:
    pieces: list[bytes] = []
    length = 0
    async for piece in request.stream():
        length += len(piece)
        if length > MAX_BODY:
            raise _TooLargeError
        pieces.append(piece)
    return b"".join(pieces)


def _error(status: int, text: str) -> Response:
    return Response(text + "\n", status, media_type="text/plain")
