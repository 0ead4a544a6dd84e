"""Read JSON as Go does, on Python's C decoder.

What the C decoder does otherwise is mended here: bytes that are no UTF-8 and lone surrogates become U+FFFD, the words
NaN and Infinity are refused, nesting is bounded by a number and not by the interpreter's stack, and errors carry Go's
texts. Duplicate keys: the last wins, as in Go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from dapr_core.jsonx import deep
from dapr_core.jsonx.numbers import Number, normalise
from dapr_core.jsonx.scanning import JSONError, check

_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
EXACT_INTEGERS = 2**53
"""Beyond it a float64 no longer holds every integer."""
_LONG_INTEGER = b"0" * 16
"""What an integer beyond it looks like with its digits as zeros; a regular expression costs ten times as much."""
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"000000000")
_NEGATIVE_ZERO = re.compile(r"-0(?![\d.eE])")


def loads(data: bytes | str) -> Any:
    """Decode a document; numbers with a fraction or exponent become floats.

    Raises:
        JSONError: the text is no JSON, nests deeper than ``MAX_DEPTH``, or something follows the document.
    """
    return _decode(data, _FLOATS)


def loads_exact(data: bytes | str) -> Any:
    """Decode a document; numbers that are no plain integers become ``Number`` with their text as written.

    Raises:
        JSONError: as ``loads``.
    """
    return _decode(data, EXACT)


def loads_go(data: bytes | str) -> Any:
    """Decode a document; numbers that are no plain integers become ``Number`` with Go's float64 text.

    Raises:
        JSONError: as ``loads``.
    """
    return _decode(data, GO)


Scanner = Callable[[str, int], tuple[Any, int]]
"""Scans the value at a place of a text: the value, and where it ends."""


class Way:
    """One way to treat numbers: a decoder for the common case and one that sees every integer's text."""

    __slots__ = ("careful", "fast", "on_float", "on_int", "scan", "scan_carefully")

    def __init__(self, on_float: Callable[[str], Any], on_int: Callable[[str], Any]) -> None:
        self.on_float = on_float
        self.on_int = on_int
        self.fast = _decoder(on_float, None)
        self.careful = _decoder(on_float, on_int)
        self.scan: Scanner = self.fast.scan_once  # type: ignore[attr-defined]
        self.scan_carefully: Scanner = self.careful.scan_once  # type: ignore[attr-defined]


def _decode(data: bytes | str, way: Way) -> Any:
    text = data if isinstance(data, str) else _text(data)
    decoder = way.careful if way is not _FLOATS and holds_negative_zero(text) else way.fast
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _explain(data, error) from None
    except RecursionError:
        check(_bytes(text))
        value = deep.decode(text, way.on_float, way.on_int)
    except ValueError:  # an integer of more digits than the interpreter converts
        value = way.careful.decode(text)
    if deep.may_hold_surrogates(text):
        value = deep.rewrite_strings(value, _without_surrogates)
    return value


def holds_negative_zero(text: str) -> bool:
    """Whether a text holds ``-0``, an integer that Python's would lose the sign of."""
    return "-" in text and "-0" in text and _NEGATIVE_ZERO.search(text) is not None


def holds_long_integer(text: bytes) -> bool:
    """Whether a text may hold an integer beyond ``EXACT_INTEGERS``."""
    return _LONG_INTEGER in text.translate(_DIGITS_AS_ZERO)


def _explain(data: bytes | str, error: json.JSONDecodeError) -> JSONError:
    try:
        check(data if isinstance(data, bytes) else _bytes(data))
    except JSONError as known:
        return known
    return JSONError(error.msg, error.pos)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _ESCAPED_BYTE.sub("�", data.decode(errors="surrogateescape"))


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _without_surrogates(text: str) -> str:
    return _SURROGATE.sub("�", text)


def _refuse(word: str) -> Any:
    raise json.JSONDecodeError(f"{word} is not JSON", word, 0)


def _decoder(on_float: Callable[[str], Any], on_int: Callable[[str], Any] | None) -> json.JSONDecoder:
    return json.JSONDecoder(parse_float=on_float, parse_int=on_int, parse_constant=_refuse)


def _integer(text: str) -> int | Number:
    if text == "-0":
        return Number(text)
    try:
        return int(text)
    except ValueError:
        return Number(text)


def _as_float64(text: str) -> int | Number:
    value = _integer(text)
    return value if isinstance(value, int) and -EXACT_INTEGERS <= value <= EXACT_INTEGERS else normalise(text)


_FLOATS = Way(float, _integer)
EXACT = Way(Number, _integer)
GO = Way(normalise, _integer)
FLOAT64 = Way(normalise, _as_float64)
"""As ``GO``, and integers are what a float64 keeps of them; take ``scan_carefully`` where ``holds_long_integer``."""
