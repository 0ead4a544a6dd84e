"""An application's answer as an HTTP client gets it (api.md §3.5, §3.6)."""

from __future__ import annotations

from typing import Final

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Headers, Response
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke.envelope import Invocation
from daprd.catalogue.invoke import MALFORMED_RESPONSE
from daprd.grpcapp import GrpcAnswer, StatusFormError

_EVENTS: Final[Headers] = [
    (b"cache-control", b"no-cache"),
    (b"connection", b"keep-alive"),
    (b"content-type", b"text/event-stream"),
]
_EVENT_NAMES: Final = frozenset(name for name, _ in _EVENTS)


def http_form(response: Response) -> Response:
    """The answer as one of HTTP. Raises ``DaprError`` (MALFORMED_RESPONSE)."""
    if not isinstance(response, GrpcAnswer):
        return response
    try:
        return response.as_http()
    except StatusFormError as error:
        raise DaprError(MALFORMED_RESPONSE, error=str(error)) from None


def finish(response: Response, call: Invocation) -> bool:
    """Make an answer what the client gets; whether its body must be read whole first.

    Successes are streamed, failures are sent whole, and so have a length and a content type.
    """
    response.headers = rules.caller_headers(response.headers)
    status = response.status
    if 200 <= status < 400 or not call.replayable:
        response.length = None
        if call.events and status < 300:
            response.headers = [pair for pair in response.headers if pair[0] not in _EVENT_NAMES] + _EVENTS
        elif status in (204, 304):
            response.headers = [pair for pair in response.headers if pair[0] != b"content-type"]
        return False
    return True


async def complete(response: Response) -> Response:
    """Read a failure whole."""
    return completed(response, await response.read())


def completed(response: Response, body: bytes) -> Response:
    """A failure that was read whole: it has a length and a content type."""
    response.length = len(body)
    if response.header(b"content-type") is None:
        response.headers.append((b"content-type", b"application/json"))
    response.headers.append((b"content-length", b"%d" % len(body)))
    return response
