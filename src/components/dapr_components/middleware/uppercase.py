"""``middleware.http.uppercase``: bodies in upper case; an aid for tests of pipelines (building-blocks.md §7)."""

from __future__ import annotations

from dapr_components.common.metadata import Fields
from dapr_components.contract import ComponentContext, Metadata
from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_core.rpc.messages import Headers, Request, Response


class UppercaseMiddleware(Middleware):
    """Turns the request's body, the response's, or both. Field: ``direction`` = request, response or both."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._request = True
        self._response = False

    async def init(self, metadata: Metadata) -> None:
        """Read ``direction``. Raises ``ComponentError`` when it is none of the three."""
        direction = Fields(metadata).choice("direction", ("request", "response", "both"), "request")
        self._request = direction in ("request", "both")
        self._response = direction in ("response", "both")

    def wrap(self, following: AsyncHandler) -> AsyncHandler:
        """See ``Middleware.wrap``. Streams are read whole."""

        async def handle(request: Request) -> Response:
            if self._request:
                request.body = _upper(await request.read())
                request.length = len(request.body)
                _set_length(request.headers, request.length)
            response = await following(request)
            if self._response:
                response.body = _upper(await response.read())
                response.length = len(response.body)
                _set_length(response.headers, response.length)
            return response

        return handle


def _upper(body: bytes) -> bytes:
    """Each character by its own capital; those whose capital is several characters stay, as in Go."""
    text = body.decode(errors="surrogateescape")
    capitals = text.upper()
    if len(capitals) != len(text):
        capitals = "".join(upper if len(upper := char.upper()) == 1 else char for char in text)
    return capitals.encode(errors="surrogateescape")


def _set_length(headers: Headers, length: int) -> None:
    for index, (name, _) in enumerate(headers):
        if name == b"content-length":
            headers[index] = (name, b"%d" % length)
