"""The neutral envelope of a call: what a caller wants done, whatever protocol it came by."""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.messages import Body, Headers

NO_VERB: Final = "NONE"


class Invocation:
    """One call on its way.

    Attributes:
        method: the decoded path at the application, without a leading slash, not yet normalised.
        verb: an HTTP method of ``mesh.codec.VERBS``, or ``NONE``.
        query: the raw query string, without its question mark.
        headers: lower-case names; what the caller sent, host and framing left out.
        length: declared length of the body; None for a streamed body, which is never kept or sent twice.
        content_type: empty when the caller gave none.
    """

    __slots__ = ("body", "content_type", "headers", "length", "method", "query", "verb")

    def __init__(
        self,
        method: str,
        verb: str,
        headers: Headers,
        *,
        query: bytes = b"",
        body: Body = b"",
        length: int | None = 0,
        content_type: bytes = b"",
    ) -> None:
        self.method = method
        self.verb = verb
        self.query = query
        self.headers = headers
        self.body = body
        self.length = len(body) if isinstance(body, bytes) and length == 0 else length
        self.content_type = content_type

    @property
    def replayable(self) -> bool:
        """Whether the call can be made again once its body has been read."""
        return self.length is not None

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header by its lower-case name, or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def wants_events(self) -> bool:
        """Whether the caller reads server-sent events (api.md §3.6)."""
        accept = self.header(b"accept")
        return accept is not None and accept.strip().lower() == b"text/event-stream"
