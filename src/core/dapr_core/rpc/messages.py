"""The values that every HTTP handler and client of ours takes and gives, whatever protocol carries them.

They are plain slotted classes: the data plane makes two or three of each for every call, so nothing is parsed,
copied or validated before somebody asks. Header names are lower-case bytes as they come from the wire's parser;
values are bytes with surrounding whitespace removed. Order and repetition are kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from mypy_extensions import mypyc_attr

Headers: TypeAlias = list[tuple[bytes, bytes]]
"""Header fields in wire order: lower-case name, value."""


class BodyTooLargeError(Exception):
    """A body exceeded the limit its reader was given. The text is the one Dapr's clients know."""

    def __init__(self) -> None:
        super().__init__("stream too large")


class BodyBrokenError(Exception):
    """The peer went away or broke framing before the body was complete."""


@mypyc_attr(allow_interpreted_subclasses=True)
class BodyStream(ABC):
    """A body still arriving. Reading it is what lets the peer send more (back-pressure)."""

    @abstractmethod
    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield non-empty chunks as they arrive.

        Raises:
            BodyTooLargeError: more bytes came than the server's limit allows.
            BodyBrokenError: the peer ended the connection or broke framing in mid-body.
        """

    @property
    def broken(self) -> Exception | None:
        """The error that reading will end with, if that is known already."""
        return None

    async def read(self) -> bytes:
        """The whole body, joined."""
        return b"".join([chunk async for chunk in self])

    def close(self) -> None:
        """Give up on the rest: the connection is drained or closed by its owner. Safe to call twice."""


Body: TypeAlias = bytes | BodyStream
"""A body is either complete (``bytes``) or still arriving."""


@dataclass(slots=True, frozen=True)
class Peer:
    """Who is at the other end of a connection.

    ``address`` is an IP address, or a path for a Unix socket; ``spiffe_id`` is set once mTLS has proved it.
    """

    address: str
    port: int = 0
    tls: bool = False
    spiffe_id: str | None = None


@mypyc_attr(allow_interpreted_subclasses=True)
class Request:
    """One HTTP request. ``target`` is the request target exactly as sent (path and query, undecoded)."""

    __slots__ = ("body", "headers", "length", "method", "peer", "target", "version")

    def __init__(
        self,
        method: str,
        target: bytes,
        headers: Headers | None = None,
        body: Body = b"",
        *,
        length: int | None = 0,
        peer: Peer | None = None,
        version: str = "1.1",
    ) -> None:
        self.method = method
        self.target = target
        self.headers: Headers = [] if headers is None else headers
        self.body = body
        # The declared length in bytes; None for a body of unknown length (chunked, or HTTP/2 without the field).
        self.length = len(body) if isinstance(body, bytes) and length == 0 else length
        self.peer = peer
        self.version = version

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header by its lower-case name, or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    async def read(self) -> bytes:
        """The whole body. Raises what ``BodyStream`` raises."""
        if isinstance(self.body, bytes):
            return self.body
        self.body = await self.body.read()
        return self.body

    def __repr__(self) -> str:  # headers and body may hold secrets
        return f"<Request {self.method} {self.target.split(b'?')[0]!r}>"


@mypyc_attr(allow_interpreted_subclasses=True)
class Response:
    """One HTTP response. A ``bytes`` body is framed by length, a stream by chunks or by its own ``length``."""

    __slots__ = ("body", "headers", "length", "status")

    def __init__(
        self,
        status: int,
        headers: Headers | None = None,
        body: Body | AsyncIterator[bytes] = b"",
        *,
        length: int | None = None,
    ) -> None:
        self.status = status
        self.headers: Headers = [] if headers is None else headers
        self.body = body
        self.length = len(body) if isinstance(body, bytes) else length

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header by its lower-case name, or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    async def read(self) -> bytes:
        """The whole body. Raises what ``BodyStream`` raises."""
        if not isinstance(self.body, bytes):
            self.body = b"".join([chunk async for chunk in self.body])
        return self.body

    def __repr__(self) -> str:
        return f"<Response {self.status}>"


Handler: TypeAlias = Callable[[Request], Response | Awaitable[Response]]
"""What a server calls per request. Answering with a plain ``Response`` costs no task; an awaitable gets one."""
