"""Where a client connects to: scheme, host and port, or a Unix socket; and the head of a request to it."""

from __future__ import annotations

import re
import ssl
from typing import Final

from dapr_core.rpc.http1.emitting import fields, plain_fields
from dapr_core.rpc.http1.fixed import FixedHeaders
from dapr_core.rpc.messages import Headers, Request

_METHODS: Final = {
    method: method.encode("ascii") + b" "
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")
}
_find_break = re.compile(rb"[\x00-\x20\x7f]").search
_WITH_BODY: Final = frozenset(("POST", "PUT", "PATCH"))
_OURS: Final = frozenset(
    (b"host", b"user-agent", b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"proxy-connection")
)


class Origin:
    """A server. Create each once and keep it: pools are found by it, and equal ones share a pool.

    ``tls`` is the context for https (it decides what is verified); ``server_name`` the name to verify if it is not
    ``host``. With ``unix_path`` host and port only appear in the ``Host`` field.
    """

    __slots__ = ("_hash", "_key", "host", "host_field", "port", "server_name", "start", "tls", "unix_path")

    def __init__(
        self,
        host: str,
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
        unix_path: str | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.tls = tls
        self.server_name = server_name
        self.unix_path = unix_path
        self._key = (host, port, tls, server_name, unix_path)
        self._hash = hash(self._key)
        name = f"[{host}]" if ":" in host else host
        standard = port == (443 if tls is not None else 80) or port == 0
        self.host_field = (name if standard else f"{name}:{port}").encode("idna" if not name.isascii() else "ascii")
        self.start = b" HTTP/1.1\r\nHost: " + self.host_field

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Origin) and self._key == other._key)

    def __str__(self) -> str:
        if self.unix_path is not None:
            return f"unix:{self.unix_path}"
        return f"{'https' if self.tls is not None else 'http'}://{self.host_field.decode('ascii')}"

    def __repr__(self) -> str:
        return f"<Origin {self}>"


def request_head(origin: Origin, request: Request, length: int | None) -> bytes:
    """A request's head in Go's order: Host, User-Agent, the framing field, the others by name, and an Accept-Encoding
    that stands last in the request after all (as one does that the client added for itself).

    ``length`` is the body's; None sends it in chunks. Fields about the hop (Connection, Transfer-Encoding and such)
    are ours to set and dropped from the request's. Fastest when User-Agent is the first and the others are sorted.

    Raises:
        ValueError: a method or target that would break the request line.
    """
    method = request.method
    headers = request.headers
    if length is None:
        framing = b"\r\nTransfer-Encoding: chunked"
    elif length or method in _WITH_BODY:
        framing = b"\r\nContent-Length: %d" % length
    else:
        framing = b""
    start = _METHODS.get(method)
    target = request.target
    if type(headers) is FixedHeaders:
        lines = headers.lines = headers.lines or _lines(headers)
    else:
        lines = _lines(headers)
    if start is None or lines is None or not target or _breaks_line(target):
        return _careful_head(origin, request, framing)
    agent, others = lines
    return b"".join((start, target, origin.start, agent, framing, others, b"\r\n\r\n"))


def _lines(headers: Headers) -> tuple[bytes, bytes] | None:
    """The line of the agent and those of the others, each behind its line break; None if they need more care."""
    agent = b""
    if headers and headers[0][0] == b"user-agent":
        value = headers[0][1]
        if _breaks_line(value.replace(b" ", b"")):
            return None
        agent = b"\r\nUser-Agent: " + value
        headers = headers[1:]
    last: Headers = []
    if headers and headers[-1][0] == b"accept-encoding":
        last, headers = headers[-1:], headers[:-1]
    pieces, coding = plain_fields(headers), plain_fields(last)
    if pieces is None or coding is None:
        return None
    return agent, b"".join(pieces + coding)


def _careful_head(origin: Origin, request: Request, framing: bytes) -> bytes:
    method = request.method.encode("ascii")
    if not method or not method.isalpha() or not request.target or _breaks_line(request.target):
        raise ValueError("the request's method or target cannot be sent")
    host = request.header(b"host") or origin.host_field
    agents: Headers = [(name, value) for name, value in request.headers if name == b"user-agent"][:1]
    others, last = request.headers, list[tuple[bytes, bytes]]()
    if len(others) > 1 and others[-1][0] == b"accept-encoding":
        others, last = others[:-1], others[-1:]
    return b"".join(
        (
            method,
            b" ",
            request.target,
            b" HTTP/1.1",
            *fields([(b"host", host)]),
            *fields(agents),
            framing,
            *fields(others, _OURS),
            *fields(last),
            b"\r\n\r\n",
        )
    )


def _breaks_line(text: bytes) -> bool:
    return _find_break(text) is not None
