"""The messages of an invocation as they are read, and what header entries and verbs are in them."""

from __future__ import annotations

from typing import Final

VERBS: Final = {
    "GET": 1,
    "HEAD": 2,
    "POST": 3,
    "PUT": 4,
    "DELETE": 5,
    "CONNECT": 6,
    "OPTIONS": 7,
    "TRACE": 8,
    "PATCH": 9,
}
"""``HTTPExtension.Verb`` by name; NONE is 0."""
VERB_NAMES: Final = ("NONE", *VERBS)

Entry = tuple[bytes, tuple[bytes, ...], bytes]
"""A header as read: lower-case name, values, and the name as it was spelt."""


class HeaderError(ValueError):
    """A header that no HTTP message may carry."""


class RequestMessage:
    """An ``InternalInvokeRequest`` as read. ``has_message`` and ``has_extension`` tell absent from empty.

    Equal bytes may give one and the same object: treat it as a constant. ``derived`` is for whoever works on messages
    to keep what follows from one.
    """

    __slots__ = (
        "content_type",
        "data",
        "derived",
        "entries",
        "has_actor",
        "has_extension",
        "has_message",
        "method",
        "query",
        "type_url",
        "verb",
        "version",
    )

    def __init__(self) -> None:
        self.version = 0
        self.derived: object = None
        self.entries: list[Entry] = []
        self.has_message = False
        self.has_actor = False
        self.has_extension = False
        self.method = ""
        self.data = b""
        self.type_url = b""
        self.content_type = b""
        self.verb = 0
        self.query = b""

    def declaring(self, length: int) -> RequestMessage:
        """A copy whose metadata also tells the length of the body."""
        copied = RequestMessage()
        copied.version = self.version
        copied.has_message = self.has_message
        copied.has_actor = self.has_actor
        copied.has_extension = self.has_extension
        copied.method = self.method
        copied.data = self.data
        copied.type_url = self.type_url
        copied.content_type = self.content_type
        copied.verb = self.verb
        copied.query = self.query
        copied.entries = [*self.entries, (b"content-length", (b"%d" % length,), b"content-length")]
        return copied


class ResponseMessage:
    """An ``InternalInvokeResponse`` as read; a constant like ``RequestMessage``."""

    __slots__ = (
        "content_type",
        "data",
        "derived",
        "entries",
        "message",
        "status",
        "status_details",
        "trailers",
        "type_url",
    )

    def __init__(self) -> None:
        self.status = 0
        self.derived: object = None
        self.message = ""
        self.status_details: list[bytes] = []
        self.entries: list[Entry] = []
        self.trailers: list[Entry] = []
        self.data = b""
        self.type_url = b""
        self.content_type = b""


class Chunk:
    """A message of either stream: what leads it, if anything, and its payload."""

    __slots__ = ("data", "has_payload", "leading", "seq")

    def __init__(
        self, leading: bytes | None = None, data: bytes = b"", seq: int = 0, has_payload: bool = False
    ) -> None:
        self.leading = leading
        self.data = data
        self.seq = seq
        self.has_payload = has_payload
