"""Write JSON as Go's ``json.Marshal`` does, on Python's C encoder.

Keys are sorted, nothing is spaced, ``<``, ``>``, ``&``, U+2028 and U+2029 are escaped, and a byte that was no UTF-8 (a
surrogate of ``surrogateescape``) becomes the escape ``\\ufffd``. ``bytes`` become base64 text. The C encoder writes
floats in Python's notation; a document that seems to hold one is written again by the slower encoder of ``deep``.
"""

from __future__ import annotations

import base64
import json
import json.encoder
import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from dapr_core.jsonx import deep
from dapr_core.jsonx.compacting import RawJSON
from dapr_core.jsonx.decoding import EXACT, FLOAT64, holds_long_integer, holds_negative_zero, loads_exact
from dapr_core.jsonx.numbers import Number
from dapr_core.jsonx.slicing import WINDOW, Form, UnslicedError, outline, rewrite

# A number with a fraction or exponent behind a separator; inside a string it is a false alarm that only costs time.
_MAYBE_FLOAT = re.compile(r"[:,\[]-?\d+[.e]")
# One look at the types of a flat document spares it that search, which costs several microseconds a KiB.
_FLOATLESS = frozenset((str, int, bool, type(None), bytes))
_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Any) -> bytes:
    """The document of a value made of dict, list, str, int, float, bool, None, bytes, ``Number`` and ``RawJSON``.

    Raises:
        ValueError: a float is NaN or infinite, or a ``RawJSON`` is no JSON.
        TypeError: a value has no JSON form.
    """
    return _dress(_text(value))


def canonical(data: bytes | str) -> bytes:
    """A document as Go writes it after reading it with exact numbers: sorted, escaped, unspaced.

    The same as ``dumps(loads_exact(data))`` and cheaper. A large one is handled in slices: call it on a thread.

    Raises:
        JSONError: the text is no JSON.
    """
    if len(data) > WINDOW and isinstance(data, bytes):
        try:
            return rewrite(data, EXACT_FORM)
        except UnslicedError:
            pass  # the ordinary way has the texts of errors, and no limits
    return dumps_decoded(loads_exact(data))


def dumps_decoded(value: Any) -> bytes:
    """``dumps`` for what ``loads_exact`` and ``loads_go`` give: such a value holds no floats to look for."""
    try:
        return _dress(_c_text(value))
    except RecursionError:
        return _dress(deep.encode(value))


def outline_exact(data: bytes, levels: int) -> Any:
    """``loads_exact`` for a document that may be large; call it on a thread then.

    Large values ``levels`` deep, and large strings, are ``RawJSON`` in the form of ``canonical``.

    Raises:
        JSONError: as ``loads_exact``.
    """
    if len(data) > WINDOW:
        try:
            return outline(data, EXACT_FORM, levels)
        except UnslicedError:
            pass  # as above
    return loads_exact(data)


def quote(text: str) -> str:
    """One string as a JSON string literal, escaped as ``dumps`` does; for callers that write fixed layouts."""
    if len(text) > WINDOW:  # in pieces, for other threads
        pieces = (quote(text[at : at + WINDOW])[1:-1] for at in range(0, len(text), WINDOW))
        return f'"{"".join(pieces)}"'
    literal = json.encoder.encode_basestring(text)
    if literal.isascii():
        return _escape_html(literal)
    return _dress(literal).decode()


def _text(value: Any) -> str:
    try:
        text = _c_text(value)
    except RecursionError:
        return deep.encode(value)
    if type(value) is dict and _FLOATLESS.issuperset(map(type, value.values())):
        return text
    if _MAYBE_FLOAT.search(text) is not None or isinstance(value, float):
        return deep.encode(value)
    return text


def _c_text(value: Any) -> str:
    try:
        return _fast(value)
    except _Exact:
        return _exact(value)


def _dress(text: str) -> bytes:
    escaped = _escape_html(text)
    try:
        return escaped.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(r"\\ufffd", escaped).encode()


def _escape_html(text: str) -> str:
    if "<" in text:
        text = text.replace("<", "\\u003c")
    if ">" in text:
        text = text.replace(">", "\\u003e")
    if "&" in text:
        text = text.replace("&", "\\u0026")
    if not text.isascii():
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text


class _Exact(Exception):
    """The value holds a ``Number`` or ``RawJSON``: the C encoder needs the verbatim hook."""


class _Verbatim(str):
    """A string that the encoder below writes without quotes."""

    __slots__ = ()


def _fast_default(value: object) -> Any:
    if isinstance(value, (Number, RawJSON)):
        raise _Exact
    return _other(value)


def _exact_default(value: object) -> Any:
    if isinstance(value, Number):
        return _Verbatim(value.text)
    if isinstance(value, RawJSON):
        return _Verbatim(value.compacted().decode())
    return _other(value)


def _other(value: object) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    raise TypeError(f"json: unsupported type: {type(value).__name__}")


def _verbatim_or_quoted(text: str) -> str:
    return text if type(text) is _Verbatim else json.encoder.encode_basestring(text)


def _encoder(default: Callable[[object], Any], strings: Callable[[str], str]) -> Callable[[Any], str]:
    """The C encoder, made once: the ``json`` module makes a new one for every call."""
    make = json.encoder.c_make_encoder  # type: ignore[attr-defined]
    encode = cast(Callable[[Any, int], Iterable[str]], make(None, default, strings, None, ":", ",", True, False, False))
    return lambda value: "".join(encode(value, 0))


_fast = _encoder(_fast_default, json.encoder.encode_basestring)
_exact = _encoder(_exact_default, _verbatim_or_quoted)

EXACT_FORM = Form(EXACT.scan, EXACT.scan_carefully, holds_negative_zero, dumps_decoded, ordered=True)
"""Exact numbers, sorted keys: what ``canonical`` gives."""


def float64_form(write: Callable[[Any], bytes], *, ordered: bool) -> Form:
    """Numbers as a float64 keeps them, for values that Go decodes without knowing their type."""
    return Form(FLOAT64.scan, FLOAT64.scan_carefully, _needs_care, write, ordered)


def _needs_care(text: str) -> bool:
    return holds_negative_zero(text) or holds_long_integer(text.encode(errors="replace"))
