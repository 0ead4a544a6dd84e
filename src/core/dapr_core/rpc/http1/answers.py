"""How a response is framed (RFC 9112 §6; Go's choices as recorded): which head it gets and how its body is sent.

A complete body goes with a length if it is short and in one chunk if it is longer than Go's 2 KiB buffer or its
``length`` is None; a stream goes by its length or in chunks; HTTP/1.0 gets a length or the end of the connection.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from dapr_core.rpc.http1.emitting import (
    LAST_CHUNK,
    REASONS,
    STATUS_LINES,
    date_line,
    fields,
    plain_fields,
    prefix,
    status_start,
)
from dapr_core.rpc.messages import Headers, Response

LENGTH_UP_TO: Final = 2048
"""Longer bodies without a declared length are sent chunked, as Go's server does (it buffers that much)."""

_BODILESS: Final = frozenset((204, 304))
_OURS: Final = frozenset((b"transfer-encoding", b"connection", b"content-length"))


class Framing(Enum):
    """How the end of a body shows."""

    NONE = "there is no body"
    LENGTH = "declared length"
    CHUNKED = "chunks"
    CLOSE = "the connection ends"


def short_answer(response: Response, body: bytes) -> bytes | None:
    """A whole answer with a complete body to an HTTP/1.1 client that keeps the connection; the fast path.

    None if the head needs more care: framing fields set by the handler, unsorted or new names, odd characters.
    """
    status = response.status
    start = STATUS_LINES.get(status)
    pieces = plain_fields(response.headers)
    if start is None or pieces is None or status < 200:
        return None
    if response.header(b"date") is None:
        pieces.append(date_line())
    if status in _BODILESS:
        return b"".join((start, *pieces, b"\r\n\r\n"))
    size = len(body)
    if response.length is not None and size <= LENGTH_UP_TO:
        return b"".join((start, *pieces, b"\r\nContent-Length: %d\r\n\r\n" % size, body))
    head = b"".join((start, *pieces, b"\r\nTransfer-Encoding: chunked\r\n\r\n"))
    return b"".join((head, b"%x\r\n" % size, body, b"\r\n0\r\n\r\n")) if size else head + LAST_CHUNK


def careful_answer(
    response: Response, body: bytes, method: str, minor: int, keep_alive: bool
) -> tuple[list[bytes], bool]:
    """The same for every other case: the pieces to write, and whether the connection may be kept after it."""
    length = len(body)
    long = response.length is None or length > LENGTH_UP_TO
    declared = response.header(b"content-length")
    if method == "HEAD" and not body and declared is not None and declared.isdigit():
        length = int(declared)
    head, framing, keep = framed_head(
        response.status,
        response.headers,
        None if long and declared is None and minor else length,
        method=method,
        minor=minor,
        keep_alive=keep_alive,
    )
    if framing is Framing.NONE or (framing is not Framing.CHUNKED and not body):
        return [head], keep
    if framing is Framing.CHUNKED:
        return [head, *chunk(body), LAST_CHUNK], keep
    return [head, body], keep


def framed_head(
    status: int, headers: Headers, length: int | None, *, method: str, minor: int, keep_alive: bool
) -> tuple[bytes, Framing, bool]:
    """The head of any response, how its body of ``length`` bytes (None: unknown) is framed, and whether to keep on.

    ``keep_alive`` is what the client asked for and the server allows; HTTP/1.0 without a length cannot have it.
    """
    names = {name for name, _ in headers}
    framing = _choose(status, length, method, minor)
    asked = _connection(headers) if b"connection" in names else b""
    keep = keep_alive and framing is not Framing.CLOSE and asked != b"close"
    sorted_in = list(headers)
    if b"content-length" in names and framing is not Framing.CHUNKED and length is not None and status != 204:
        sorted_in = [(n, b"%d" % length if n == b"content-length" else v) for n, v in headers]
        skip = _OURS - {b"content-length"}
    else:
        skip = _OURS
    if keep and asked:
        skip = skip - {b"connection"}
    pieces = [status_start(status, minor), *fields(sorted_in, skip)]
    if b"date" not in names:
        pieces.append(date_line())
    if framing is Framing.CHUNKED:
        pieces.append(b"\r\nTransfer-Encoding: chunked")
    elif b"content-length" in skip and length is not None and status not in _BODILESS and status >= 200:
        pieces.append(b"\r\nContent-Length: %d" % length)
    if not keep and minor:
        pieces.append(b"\r\nConnection: close")
    elif keep and not minor and not asked:
        pieces.append(b"\r\nConnection: keep-alive")
    pieces.append(b"\r\n\r\n")
    return b"".join(pieces), framing, keep


def _choose(status: int, length: int | None, method: str, minor: int) -> Framing:
    if method == "HEAD" or status in _BODILESS or status < 200:
        return Framing.NONE
    if length is not None:
        return Framing.LENGTH
    return Framing.CHUNKED if minor else Framing.CLOSE


def _connection(headers: Headers) -> bytes:
    return b",".join([value.strip().lower() for name, value in headers if name == b"connection"])


def chunk(data: bytes) -> tuple[bytes, ...]:
    """The pieces of one chunk; of none for empty data, which would end the body."""
    return (b"%x\r\n" % len(data), data, b"\r\n") if data else ()


def refusal(status: int, detail: str, minor: int = 1) -> bytes:
    """The answer to bytes that are no request: text, no Date, ended by closing (recordings: "bad request line")."""
    reason = REASONS[status] + (f": {detail}" if detail else "")
    text = f"{status} {reason}"
    return (
        f"HTTP/1.{minor} {text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{text}"
    ).encode("ascii")


# The names that our own answers carry most, so that the first of them is fast too.
for _name in (
    b"content-type",
    b"traceparent",
    b"tracestate",
    b"etag",
    b"x-content-type-options",
    b"baggage",
    b"allow",
    b"date",
):
    prefix(_name)
