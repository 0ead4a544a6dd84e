"""Heads of messages, from values to bytes, in the shape of Go's net/http (recordings: http-api.json).

Names in canonical case, fields in the order of their names, then ``Date``, the framing field and ``Connection``. A
field that would split the head (CR, LF) has those bytes replaced by spaces; a name that is no token is left out.
Canonical names are remembered, so that the common head costs one join.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from time import gmtime, time
from typing import Final

from dapr_core.rpc.http1.heads import NEVER_REMEMBERED, is_token
from dapr_core.rpc.messages import Headers

REASONS: Final = {
    100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints",
    200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
    205: "Reset Content", 206: "Partial Content", 207: "Multi-Status", 208: "Already Reported", 226: "IM Used",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    305: "Use Proxy", 307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
    413: "Request Entity Too Large", 414: "Request URI Too Long", 415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable", 417: "Expectation Failed", 418: "I'm a teapot",
    421: "Misdirected Request", 422: "Unprocessable Entity", 423: "Locked", 424: "Failed Dependency",
    425: "Too Early", 426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout", 505: "HTTP Version Not Supported", 506: "Variant Also Negotiates",
    507: "Insufficient Storage", 508: "Loop Detected", 510: "Not Extended", 511: "Network Authentication Required",
}  # fmt: skip
"""Reason phrases in the wording the recordings show (some differ from newer RFCs)."""

STATUS_LINES: Final = {code: f"HTTP/1.1 {code} {text}".encode("ascii") for code, text in REASONS.items()}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK: Final = b"0\r\n\r\n"

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REMEMBERED: Final = 1024
_name_of = itemgetter(0)

# Fields that decide framing are never in here: their absence sends a head down the careful path.
_prefixes: dict[bytes, bytes] = {}
_lines: dict[tuple[bytes, bytes], bytes] = {}
_NO_PARENT: Final = (b"traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00")
"""What every answer of a call without a span tells, unlike the trace contexts of others."""
_FRAMING: Final = frozenset((b"connection", b"content-length", b"transfer-encoding", b"host", b"user-agent"))


def canonical(name: bytes) -> bytes:
    """``x-app`` as ``X-App``; a dot begins no new word (``Metadata.content-Length``), as in Go."""
    return b"-".join([word[:1].upper() + word[1:].lower() for word in name.split(b"-")])


def prefix(name: bytes) -> bytes:
    """What stands before a field's value: line break, canonical name, colon and space; empty for a name to drop."""
    known = _prefixes.get(name)
    if known is not None:
        return known
    made = b"\r\n" + canonical(name) + b": " if is_token(name) else b""
    if made and name not in _FRAMING and len(name) <= 64:
        if len(_prefixes) >= _REMEMBERED:
            _prefixes.clear()
        _prefixes[name] = made
    return made


def clean(value: bytes) -> bytes:
    """A field value that cannot break out of its line."""
    return value.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ").strip(b" \t")


class _DateLine:
    """The Date field, made once a second."""

    __slots__ = ("_line", "_until")

    def __init__(self) -> None:
        self._line = b""
        self._until = 0.0

    def __call__(self) -> bytes:
        now = time()
        # The lower bound notices a clock that was set back.
        if self._until - 1.0 <= now < self._until:
            return self._line
        second = int(now)
        self._line = b"\r\nDate: " + http_date(second)
        self._until = second + 1.0
        return self._line


def http_date(seconds: float) -> bytes:
    """A point in time (seconds since the epoch) as an IMF-fixdate, independent of the locale."""
    t = gmtime(seconds)
    day, month = _DAYS[t.tm_wday], _MONTHS[t.tm_mon - 1]
    return f"{day}, {t.tm_mday:02} {month} {t.tm_year} {t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT".encode("ascii")


date_line = _DateLine()


def status_start(status: int, minor: int) -> bytes:
    """The status line without its line break. A code without a known phrase gets Go's ``status code N``."""
    start = STATUS_LINES.get(status) or f"HTTP/1.1 {status} status code {status}".encode("ascii")
    return start if minor else start.replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def fields(headers: Iterable[tuple[bytes, bytes]], skip: frozenset[bytes] = frozenset()) -> list[bytes]:
    """The pieces of a head for fields in any order and of any content, sorted by name, without those to skip."""
    pieces: list[bytes] = []
    for name, value in sorted(headers, key=_name_of):
        before = prefix(name.lower())
        if before and name not in skip:
            pieces += (before, clean(value))
    return pieces


def plain_fields(headers: Headers) -> list[bytes] | None:
    """The pieces of a head on the fast path; None if ``fields`` must: out of order, of unknown name, or framing."""
    pieces: list[bytes] = []
    known = _lines.get
    previous = b""
    for pair in headers:
        name = pair[0]
        line = known(pair) or _line(pair)
        if line is None or name < previous:
            return None
        pieces.append(line)
        previous = name
    return pieces


def _line(pair: tuple[bytes, bytes]) -> bytes | None:
    """A field that is safe to send as it is, and remembered if it is likely to come again."""
    name, value = pair
    before = _prefixes.get(name)
    if before is None:
        before = prefix(name)
        if name not in _prefixes:
            return None
    if b"\n" in value or b"\r" in value or b"\0" in value:
        return None
    line = before + value
    if len(line) <= 128 and (name not in NEVER_REMEMBERED or pair == _NO_PARENT):
        if len(_lines) >= _REMEMBERED:
            _lines.clear()
        _lines[pair] = line
    return line
