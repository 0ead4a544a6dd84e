"""JSON text passed through: checked and compacted, never re-written.

Numbers keep their text and objects their key order; only insignificant space goes. This is what Go does with a
``json.RawMessage``.
"""

from __future__ import annotations

import json
import re

from dapr_core.jsonx.scanning import check

_STRING_OR_SPACE = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+')
_SPACE = re.compile(rb"[ \t\r\n]")
_HTML = {b"<": rb"\\u003c", b">": rb"\\u003e", b"&": rb"\\u0026"}


class RawJSON:
    """A value that is JSON text already; ``dumps`` puts it in place, compacted."""

    __slots__ = ("_compact", "data")

    def __init__(self, data: bytes, *, trusted: bool = False) -> None:
        """``trusted``: the bytes come from ``dumps`` or ``compact`` and are not checked again."""
        self.data = data
        self._compact = data if trusted else None

    def compacted(self) -> bytes:
        """The text without insignificant space. Raises ``JSONError`` when it is no JSON."""
        if self._compact is None:
            self._compact = compact(self.data)
        return self._compact

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RawJSON) and other.compacted() == self.compacted()

    def __hash__(self) -> int:
        return hash(self.compacted())

    def __repr__(self) -> str:  # values may be secrets
        return f"<RawJSON of {len(self.data)} bytes>"


def compact(data: bytes, *, escape_html: bool = False) -> bytes:
    """Check a document and remove its insignificant space.

    ``escape_html`` also escapes ``<``, ``>``, ``&``, U+2028 and U+2029 as ``dumps`` does.

    Raises:
        JSONError: the text is no JSON.
    """
    _validate(data)
    if _SPACE.search(data) is not None:
        data = _STRING_OR_SPACE.sub(rb"\1", data)
    if escape_html:
        for char, escaped in _HTML.items():
            if char in data:
                data = data.replace(char, escaped[1:])
        if not data.isascii():
            data = data.replace(b"\xe2\x80\xa8", rb"\u2028").replace(b"\xe2\x80\xa9", rb"\u2029")
    return data


def _validate(data: bytes) -> None:
    try:
        _SCAN.decode(data.decode())
    except (ValueError, RecursionError):
        check(data)


def _refuse(word: str) -> None:
    raise json.JSONDecodeError(f"{word} is not JSON", word, 0)


def _ignore(text: str) -> None:
    """Numbers are only checked here, and an integer may be longer than the interpreter converts."""


_SCAN = json.JSONDecoder(parse_float=_ignore, parse_int=_ignore, parse_constant=_refuse)
