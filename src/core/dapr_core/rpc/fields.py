"""Header names: their canonical spelling, and those that belong to one hop only (RFC 9110 §7.6.1).

Values of this project carry names in lower case. Dapr's peers write them canonically (``Content-Type``): the internal
wire keeps that spelling in its metadata, and applications see it in the requests they get. Spelling a name costs a
loop, so known names are remembered; the memory is bounded because names come from the outside.
"""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BAD_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_REMEMBERED: Final = 2048

CONNECTION_SPECIFIC: Final = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)
"""Names that have no place in HTTP/2 (RFC 9113 §8.2.2)."""

HOP_BY_HOP: Final = CONNECTION_SPECIFIC | {
    b"http2-settings", b"te", b"trailer", b"proxy-authorization", b"proxy-authenticate",
}  # fmt: skip
"""Names that a proxy must not forward (api.md §3.4)."""

_canonical: dict[bytes, bytes] = {}


def canonical(name: bytes) -> bytes:
    """The name as Go spells it: upper case at the start and after each hyphen (``x-a`` becomes ``X-A``)."""
    known = _canonical.get(name)
    if known is None:
        known = b"-".join(part[:1].upper() + part[1:].lower() for part in name.split(b"-"))
        if len(_canonical) >= _REMEMBERED:
            _canonical.clear()
        _canonical[name] = known
    return known


def is_token(name: bytes) -> bool:
    """Whether this can be a header's name (RFC 9110 §5.6.2)."""
    return _TOKEN.fullmatch(name) is not None


def is_field_value(value: bytes) -> bool:
    """Whether this can be a header's value: no control characters but tab, so nothing that could end the line."""
    return _BAD_VALUE.search(value) is None


def nominated(connection: bytes) -> frozenset[bytes]:
    """The names that a ``Connection`` header makes hop-by-hop."""
    return frozenset(part.strip().lower() for part in connection.split(b",") if part.strip())


_SECRET: Final = ("authorization", "cookie", "token", "secret", "password", "api-key", "apikey")
_secret_names: dict[bytes, bool] = {}


def carries_secret(name: bytes) -> bool:
    """Whether a header of this name may hold a credential: nothing that remembers headers may remember it."""
    known = _secret_names.get(name)
    if known is None:
        text = name.lower().decode("latin-1")
        known = any(word in text for word in _SECRET)
        if len(_secret_names) >= _REMEMBERED:
            _secret_names.clear()
        _secret_names[name] = known
    return known
