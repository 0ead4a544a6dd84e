"""How a call of an HTTP/1.1 client fails. They stand apart: exceptions of the system's kinds are not compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dapr_core.rpc.http1.origins import Origin


class ServerClosedError(ConnectionResetError):
    """The server closed the connection before a response came.

    ``silent``: it had sent nothing at all of one. ``cause``: ``EOF``, or what its TLS refused, as Go's client says it.
    """

    def __init__(self, text: str, *, silent: bool, alert: str = "") -> None:
        super().__init__(text)
        self.silent = silent
        self.cause = f"remote error: tls: {alert}" if alert else "EOF"


class BadResponseError(ConnectionError):
    """What the server sent is no HTTP/1.1 response, or exceeds the limits; ``detail`` says how, without the origin."""

    def __init__(self, origin: Origin, detail: str) -> None:
        super().__init__(f"{origin} sent a malformed response: {detail}")
        self.detail = detail
