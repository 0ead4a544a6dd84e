"""The neutral envelope of a call: what a caller wants done, whatever protocol it came by."""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.messages import Body, Headers

NO_VERB: Final = "NONE"


class Marks:
    """What the rules need to know about a call's headers, found in one pass over them."""

    __slots__ = ("content_type", "events", "forwarded", "traceparent")

    def __init__(self) -> None:
        self.content_type = b""
        self.traceparent: bytes | None = None
        self.events = False
        self.forwarded = False

    def see(self, name: bytes, value: bytes) -> None:
        """Look at a header whose name is in ``MARKED``."""
        if name == b"content-type":
            self.content_type = value
        elif name == b"traceparent":
            self.traceparent = self.traceparent or value
        elif name == b"accept":
            self.events = self.events or value.strip().lower() == b"text/event-stream"
        else:
            self.forwarded = True


MARKED: Final = frozenset(
    {b"content-type", b"traceparent", b"accept", b"forwarded", b"x-forwarded-for", b"x-forwarded-host"}
)


_NOTHING_MARKED = Marks()


class Invocation:
    """One call on its way.

    Attributes:
        method: the decoded path at the application, without a leading slash, not yet normalised.
        verb: an HTTP method of ``mesh.codec.VERBS``, or ``NONE``.
        query: the raw query string, without its question mark.
        headers: lower-case names; what the caller sent, host and framing left out.
        length: declared length of the body; None for a streamed body, which is never kept or sent twice.
        content_type: empty when the caller gave none.
        traceparent: the trace context that the headers hold, as it is; None without one.
        deadline: when the caller gives up, in loop time; None when it did not say.
        events: the caller reads server-sent events (api.md §3.6).
        extension: whether the call says how it is one of HTTP (verb and query); HTTP applications refuse others.
        from_grpc: it came by gRPC, so its headers are metadata, with binary values in base64.
        prepared: the headers as messages between sidecars hold them, where somebody has them ready.
        notes: what others made of the call's head, shared with calls of the same head; None where nobody keeps it.
        type_url: the type of the body, when a gRPC caller gave one.
        forwarded: proxies before us left their Forwarded headers.
    """

    __slots__ = (
        "body",
        "content_type",
        "deadline",
        "events",
        "extension",
        "forwarded",
        "from_grpc",
        "headers",
        "length",
        "method",
        "notes",
        "prepared",
        "query",
        "traceparent",
        "type_url",
        "verb",
    )

    def __init__(
        self,
        method: str,
        verb: str,
        headers: Headers,
        *,
        query: bytes = b"",
        body: Body = b"",
        length: int | None = 0,
        marks: Marks | None = None,
    ) -> None:
        """``marks`` are what one pass over the headers found, if the caller has made one."""
        if marks is None:
            marks = Marks()
            for name, value in headers:
                if name in MARKED:
                    marks.see(name, value)
        self.method = method
        self.verb = verb
        self.query = query
        self.headers = headers
        self.body = body
        self.length = len(body) if isinstance(body, bytes) and length == 0 else length
        self.content_type = marks.content_type
        self.traceparent = marks.traceparent
        self.events = marks.events
        self.forwarded = marks.forwarded
        self.deadline: float | None = None
        self.extension = True
        self.from_grpc = False
        self.prepared = b""
        self.type_url = b""
        self.notes: dict[object, bytes] | None = None

    def again(self, body: Body, length: int | None) -> Invocation:
        """A call of the same head with another body."""
        call = Invocation(
            self.method, self.verb, self.headers, query=self.query, body=body, length=length, marks=_NOTHING_MARKED
        )
        call.content_type, call.traceparent = self.content_type, self.traceparent
        call.events, call.forwarded = self.events, self.forwarded
        call.deadline, call.extension, call.from_grpc = self.deadline, self.extension, self.from_grpc
        call.prepared, call.type_url, call.notes = self.prepared, self.type_url, self.notes
        return call

    @property
    def replayable(self) -> bool:
        """Whether the call can be made again once its body has been read."""
        return self.length is not None
