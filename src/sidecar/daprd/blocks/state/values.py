"""What clients hand over, and the bytes it becomes in a store (components.md §2.0).

A value is either raw bytes (gRPC), kept as they are, or JSON (HTTP), written anew: keys sorted and HTML escaped, or in
order and plain for stores with ``plain_json``, so that what Go sidecars wrote and what we write look alike.
"""

from __future__ import annotations

import json.encoder
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from dapr_core import jsonx
from daprd.blocks.state.insisting import RetryOption

NO_METADATA: Mapping[str, str] = {}
_HTML = (
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    (b"&", rb"\u0026"),
)
_SEPARATORS = (
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
)


@dataclass(slots=True)
class SaveItem:
    """A value to write under a client's key. ``value``: bytes are kept as they are, anything else is JSON.

    A ``RawJSON`` is a value whose text is written already, for the store that it is meant for.
    """

    key: str
    value: Any = None
    etag: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    concurrency: str = ""
    consistency: str = ""
    content_type: str | None = None
    retry: RetryOption | None = None


@dataclass(slots=True)
class DeleteItem:
    """A client's key to remove."""

    key: str
    etag: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    concurrency: str = ""
    consistency: str = ""
    retry: RetryOption | None = None


def encode(value: Any, *, plain: bool) -> bytes:
    """The JSON of a decoded value."""
    if isinstance(value, str):
        return _encode_text(value, plain=plain)
    if isinstance(value, jsonx.RawJSON):
        return value.data if plain else _escape_html(value.data)
    if not plain:
        return jsonx.dumps_decoded(value)
    try:
        try:
            text = _plain(value)
        except _HoldsNumber:
            text = _plain_verbatim(value)
        return text.encode()
    except (RecursionError, UnicodeEncodeError):
        return jsonx.dumps(value)  # very deep, or not quite Unicode: any valid form will do


def _encode_text(text: str, *, plain: bool) -> bytes:
    """A string, the most common value: one pass of the C encoder, then escapes where there is something to escape."""
    try:
        data = json.encoder.encode_basestring(text).encode()
    except UnicodeEncodeError:
        return jsonx.dumps(text)
    return data if plain else _escape_html(data)


def _escape_html(data: bytes) -> bytes:
    for char, escape in _HTML:
        if char in data:
            data = data.replace(char, escape)
    if not data.isascii():
        for char, escape in _SEPARATORS:
            data = data.replace(char, escape)
    return data


def encode_for_encryption(value: Any) -> bytes:
    """What an encrypted store is given: a string without quotes, as clients know it; anything else as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, jsonx.RawJSON) and value.data.startswith(b'"'):
        literal = value.data
        return literal[1:-1] if b"\\" not in literal else str(jsonx.loads(literal)).encode("utf-8", "replace")
    return encode(value, plain=True)


class _HoldsNumber(Exception):
    """The value holds a ``Number`` or ``RawJSON``, whose text the C encoder would quote."""


class _Verbatim(str):
    __slots__ = ()


def _raise(value: object) -> Any:
    if isinstance(value, (jsonx.Number, jsonx.RawJSON)):
        raise _HoldsNumber
    raise TypeError(f"json: unsupported type: {type(value).__name__}")


def _verbatim(value: object) -> Any:
    if isinstance(value, jsonx.Number):
        return _Verbatim(value.text)
    if isinstance(value, jsonx.RawJSON):
        return _Verbatim(value.data.decode())
    raise TypeError(f"json: unsupported type: {type(value).__name__}")


def _quote(text: str) -> str:
    return text if type(text) is _Verbatim else json.encoder.encode_basestring(text)


def _encoder(default: Callable[[object], Any], strings: Callable[[str], str]) -> Callable[[Any], str]:
    make = json.encoder.c_make_encoder  # type: ignore[attr-defined]
    run = cast(Callable[[Any, int], Iterable[str]], make(None, default, strings, None, ":", ",", False, False, False))
    return lambda value: "".join(run(value, 0))


_plain = _encoder(_raise, json.encoder.encode_basestring)
_plain_verbatim = _encoder(_verbatim, _quote)
