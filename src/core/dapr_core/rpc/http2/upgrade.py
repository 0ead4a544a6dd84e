"""From HTTP/1.1 to HTTP/2 by ``Upgrade: h2c`` (RFC 7540 §3.2; api.md §1.1).

RFC 9113 has dropped this way in; Dapr's original still answers it, and so do we, in the clear only. An offer that is
not in order is no offer: the request is then answered on HTTP/1.1, as RFC 7540 §3.2.1 asks.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Final

from dapr_core.rpc.messages import Request

ANSWER: Final = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
_match_alphabet = re.compile(rb"[0-9A-Za-z_-]*").fullmatch
_OFFER: Final = frozenset((b"connection", b"upgrade", b"http2-settings"))


def offered_settings(request: Request) -> bytes | None:
    """The payload of the client's SETTINGS if the request offers h2c, and takes the fields of the offer from it."""
    offers = [value for name, value in request.headers if name == b"upgrade"]
    encoded = [value for name, value in request.headers if name == b"http2-settings"]
    if len(encoded) != 1 or not isinstance(request.body, bytes):
        return None
    if not any(protocol.strip() == b"h2c" for value in offers for protocol in value.lower().split(b",")):
        return None
    settings = _decode(encoded[0])
    if settings is None:
        return None
    request.headers = [field for field in request.headers if field[0] not in _OFFER]
    request.version = "2"
    return settings


def _decode(value: bytes) -> bytes | None:
    """Base64 of the URL alphabet without padding (RFC 7540 §3.2.1); None for anything else."""
    if len(value) % 8 or _match_alphabet(value) is None:  # a setting is six octets, eight characters
        return None
    return urlsafe_b64decode(value)
