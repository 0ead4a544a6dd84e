"""Heads between HTTP/2 and our values: a request's block to method, target and headers; a response to a block.

What HTTP/2 lets pass and HTTP/1.1 does not is refused here, since handlers forward requests to HTTP/1.1 servers: a
method that is no token, white space or control characters in a target or a value, two hosts. Whatever is about one hop
stays behind in both directions (RFC 9113 §8.2.2).
"""

from __future__ import annotations

import re
from typing import Final

from dapr_core.rpc.fields import CONNECTION_SPECIFIC, is_field_value, is_token
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.hpack import encode_field
from dapr_core.rpc.http1.emitting import clean, http_date
from dapr_core.rpc.http1.heads import ProtocolError, origin_form
from dapr_core.rpc.messages import Headers, Response

_match_target = re.compile(rb"[\x21-\x7e\x80-\xff]+").fullmatch
_match_host = re.compile(rb"[0-9A-Za-z!$%&'()*+,\-.:;=\[\]_~]+").fullmatch
_DROPPED: Final = CONNECTION_SPECIFIC | {b"http2-settings", b"te"}
BODILESS: Final = frozenset((204, 304))


class RequestHead:
    """What a block says of a request; made once per distinct block and then shared: never change it."""

    __slots__ = ("expects_continue", "headers", "method", "target")

    def __init__(self, block: HeaderBlock) -> None:
        """Read a block that HTTP/2 found in order.

        Raises:
            ProtocolError: 400; nothing that could be forwarded.
        """
        pseudo = block.pseudo
        method = pseudo[b":method"]
        if not is_token(method):
            raise ProtocolError(400, "malformed method")
        host, fields = _host(pseudo.get(b":authority"), block.fields)
        self.method = method.decode("ascii")
        self.target = _target(method, pseudo.get(b":path", host))
        self.expects_continue = False
        self.headers: Headers = [(b"host", host)]
        self._take(fields)

    def _take(self, fields: Headers) -> None:
        cookies: list[bytes] = []
        for field in fields:
            name, value = field
            if not is_field_value(value):
                raise ProtocolError(400, "control character in a header value")
            if name == b"cookie":  # cut into crumbs for the sake of compression (RFC 9113 §8.2.3)
                cookies.append(value)
                continue
            if name == b"expect" and value.lower() == b"100-continue":
                self.expects_continue = True
            self.headers.append(field)
        if cookies:
            self.headers.append((b"cookie", b"; ".join(cookies)))


def _host(authority: bytes | None, fields: Headers) -> tuple[bytes, Headers]:
    """The host of a request, and the other fields. Raises ``ProtocolError`` unless there is exactly one host."""
    hosts = [value for name, value in fields if name == b"host"]
    others = [field for field in fields if field[0] != b"host"] if hosts else fields
    if len(hosts) > 1 or (hosts and authority not in (None, hosts[0])):
        raise ProtocolError(400, "too many Host headers")
    host = hosts[0] if authority is None and hosts else authority
    if not host:
        raise ProtocolError(400, "missing required Host header")
    if not _match_host(host):
        raise ProtocolError(400, "malformed Host header")
    return host, others


def _target(method: bytes, path: bytes) -> bytes:
    """The target, in origin form but for CONNECT and ``OPTIONS *`` (RFC 9113 §8.3.1). Raises ``ProtocolError``."""
    if not _match_target(path) or (path[0] != 0x2F and path != b"*" and method != b"CONNECT"):
        raise ProtocolError(400, "malformed path")
    return origin_form(method, path)


def response_block(response: Response, length: int | None, now: float) -> bytes:
    """A response's head as a header block; ``length`` (None: undeclared) becomes its content-length.

    Raises:
        ValueError: the status is none that ends an exchange.
    """
    status = response.status
    if not 200 <= status <= 999:
        raise ValueError(f"{status} is no status of a final response")
    pieces = [encode_field(b":status", b"%d" % status)]
    dated = sized = False
    for name, value in response.headers:
        if not is_field_value(value):
            value = clean(value)
        name = name.lower()
        if name in _DROPPED or not is_token(name):
            continue
        if name == b"content-length":
            if length is not None or sized or not value.isdigit():
                continue
            sized = True
        elif name == b"date":
            dated = True
        pieces.append(encode_field(name, value.strip(b" \t")))
    if length is not None and status not in BODILESS:
        pieces.append(encode_field(b"content-length", b"%d" % length))
    if not dated:
        pieces.append(encode_field(b"date", http_date(now)))
    return b"".join(pieces)
