"""Heads of messages: a request line or status line and its fields, from bytes to values (RFC 9112 §3–5).

Strict where leniency lets two parsers disagree about where a message ends: a bare CR or LF, a folded line, white space
before the colon, a control character or a name that is no token is an error, never repaired. Clients repeat most of
their lines from call to call, so parsed lines are remembered by their bytes in a bounded memory; lines that hold
secrets or change with every call are not.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from dapr_core.quoting import quoted

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_match_request = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e\x80-\xff]+) HTTP/([0-9])\.([0-9])").fullmatch
_match_status = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: [^\x00-\x08\x0a-\x1f\x7f]*)?").fullmatch
_match_field = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)").fullmatch
_match_token = re.compile(_TOKEN).fullmatch
_match_host = re.compile(rb"[0-9A-Za-z!$%&'()*+,\-.:;=\[\]_~]*").fullmatch
_find_bare_newline = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|\x00").search
_find_bad_escape = re.compile(rb"%(?![0-9A-Fa-f]{2})").search
_find_authority_end = re.compile(rb"https?://[^/?#]+", re.IGNORECASE).match

_REMEMBERED: Final = 1024
_REMEMBERED_LINE: Final = 192
NEVER_REMEMBERED: Final = frozenset(
    (
        b"authorization",
        b"cookie",
        b"proxy-authorization",
        b"dapr-api-token",
        b"set-cookie",
        b"traceparent",
        b"tracestate",
        b"grpc-trace-bin",
        b"x-request-id",
        b"etag",
        b"if-match",
    )
)
"""Fields that hold secrets or differ with every message."""

Field: TypeAlias = tuple[tuple[bytes, bytes], int, int]
"""A parsed field: (lower-case name, value), its part in framing (0 or a constant below), and what its value says there:
a length, CHUNKED or UNKNOWN_CODING, CLOSE | KEEP_ALIVE | UPGRADE, or 1 for ``100-continue``."""

CHUNKED: Final = 1
UNKNOWN_CODING: Final = 2
CLOSE: Final = 1
KEEP_ALIVE: Final = 2
UPGRADE: Final = 4
"""The client offers to go on by HTTP/2 (RFC 7540 §3.2): both ``upgrade`` and ``http2-settings`` are named."""

HOST: Final = 1
LENGTH: Final = 2
CODING: Final = 3
CONNECTION: Final = 4
EXPECT: Final = 5
_FRAMING: Final = {
    b"host": HOST,
    b"content-length": LENGTH,
    b"transfer-encoding": CODING,
    b"connection": CONNECTION,
    b"expect": EXPECT,
}


class ProtocolError(Exception):
    """The peer broke HTTP. ``status`` and ``detail`` are what a server answers with before it closes.

    The answer's text is ``400 Bad Request`` or ``400 Bad Request: <detail>`` as the recordings show.
    """

    def __init__(self, status: int = 400, detail: str = "") -> None:
        self.status = status
        self.detail = detail
        super().__init__(f"{status} {detail}".rstrip())


NO_HEAD: Final = b"\r\n\r\n"
"""What no head can be equal to: where a head is compared with the one before it and there was none."""

SHOWN: Final = 100
"""Bytes of a malformed line that an error shows."""


class HeadMemory:
    """Parses heads and remembers their lines. One is shared by all connections of a server or client."""

    __slots__ = ("framing", "plain", "starts", "statuses")

    def __init__(self) -> None:
        self.starts: dict[bytes, tuple[str, bytes, int]] = {}
        self.statuses: dict[bytes, tuple[int, int]] = {}
        self.plain: dict[bytes, tuple[bytes, bytes]] = {}
        self.framing: dict[bytes, Field] = {}

    def request_line(self, line: bytes) -> tuple[str, bytes, int]:
        """Method, target in origin form and minor version of a request line.

        Raises:
            ProtocolError: 400 for a malformed line or a path with a broken escape, 505 for another major version.
        """
        match = _match_request(line)
        if match is None:
            raise ProtocolError
        method, target, major, minor = match.groups()
        if major != b"1":
            raise ProtocolError(505, "unsupported protocol version")
        start = (method.decode("ascii"), origin_form(method, target), int(minor))
        if len(line) <= _REMEMBERED_LINE:
            if len(self.starts) >= _REMEMBERED:
                self.starts.clear()
            self.starts[line] = start
        return start

    def status_line(self, line: bytes) -> tuple[int, int]:
        """Status code and minor version of a response's first line. Raises ``ProtocolError``."""
        match = _match_status(line)
        if match is None:
            raise ProtocolError(502, f"malformed HTTP response {quoted(line[:SHOWN].decode('latin-1'))}")
        status = (int(match[2]), int(match[1]))
        if len(line) <= _REMEMBERED_LINE:
            if len(self.statuses) >= _REMEMBERED:
                self.statuses.clear()
            self.statuses[line] = status
        return status

    def field(self, line: bytes) -> Field:
        """Parse a field line that is not remembered, and remember it. Raises ``ProtocolError``."""
        match = _match_field(line)
        if match is None:
            raise ProtocolError
        name = match[1].lower()
        value = match[2].rstrip(b" \t")
        kind = _FRAMING.get(name, 0)
        field = ((name, value), kind, _meaning(kind, value) if kind else 0)
        if len(line) <= _REMEMBERED_LINE and name not in NEVER_REMEMBERED:
            if len(self.plain) + len(self.framing) >= _REMEMBERED:
                self.plain.clear()
                self.framing.clear()
            if kind:
                self.framing[line] = field
            else:
                self.plain[line] = field[0]
        return field


def _meaning(kind: int, value: bytes) -> int:
    """A framing field's value as a number. Raises ``ProtocolError`` for a value that no reading makes safe."""
    if kind == LENGTH:
        return content_length(value)
    if kind == CODING:
        return CHUNKED if value.lower() == b"chunked" else UNKNOWN_CODING
    if kind == CONNECTION:
        options = tokens(value)
        upgrade = b"upgrade" in options and b"http2-settings" in options
        keep = KEEP_ALIVE if b"keep-alive" in options else 0
        return (CLOSE if b"close" in options else 0) | keep | (UPGRADE if upgrade else 0)
    if kind == EXPECT:
        return 1 if value.lower() == b"100-continue" else 0
    if _match_host(value) is None:
        raise ProtocolError(400, "malformed Host header")
    return 0


def origin_form(method: bytes, target: bytes) -> bytes:
    """The target as path and query: an absolute form loses its scheme and authority (RFC 9112 §3.2.2).

    Raises:
        ProtocolError: neither form, or ``%`` without two hex digits in the path.
    """
    if target[0] != 0x2F:
        if target == b"*" and method == b"OPTIONS":
            return target
        authority = _find_authority_end(target)
        if authority is not None:
            target = target[authority.end() :]
            if target[:1] != b"/":
                target = b"/" + target
        elif method != b"CONNECT":
            raise ProtocolError
    if b"%" in target and _find_bad_escape(target.split(b"?", 1)[0]) is not None:
        raise ProtocolError
    return target


def content_length(value: bytes) -> int:
    """A Content-Length value: digits only, fewer than 19 of them. Raises ``ProtocolError``."""
    if not value.isdigit() or len(value) > 18:
        raise ProtocolError
    return int(value)


def tokens(value: bytes) -> list[bytes]:
    """The lower-case members of a comma-separated list, as in Connection and Transfer-Encoding."""
    return [member.strip(b" \t") for member in value.lower().split(b",") if member.strip(b" \t")]


def is_token(name: bytes) -> bool:
    """Whether bytes are a token, that is, could be a field name or a method."""
    return _match_token(name) is not None


def check_incomplete(head: bytes) -> None:
    """Raise ``ProtocolError`` if an unfinished head can no longer become a good one: a bare CR, LF or a NUL in it."""
    if _find_bare_newline(head) is not None:
        raise ProtocolError


def check_fields(lines: list[bytes]) -> None:
    """Raise ``ProtocolError`` unless every line is a field; used for trailers, whose values nobody reads."""
    for line in lines:
        if _match_field(line) is None:
            raise ProtocolError
