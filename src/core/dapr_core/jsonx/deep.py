"""Decoder, encoder and string rewriting without recursion.

The C functions of ``json`` use the interpreter's stack, whose limit lies far below the nesting that Go accepts. What
they give up on comes here: slower, with the same results, and bounded only by ``MAX_DEPTH`` (checked beforehand when
decoding). The encoder also serves documents with Python floats, which need Go's notation.
"""

from __future__ import annotations

import base64
import json.decoder
import json.encoder
import re
from collections.abc import Callable, Iterator
from typing import Any

from dapr_core.jsonx.compacting import RawJSON
from dapr_core.jsonx.numbers import Number, format_float

_TOKEN = re.compile(r"[ \t\r\n:,]*(?:([{}\[\]])|(-?\d+)(?![\d.eE])|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(\")|([tfn]))")
_scan_string: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]
_LITERALS: dict[str, tuple[Any, int]] = {"t": (True, 3), "f": (False, 4), "n": (None, 3)}
_WORDS = {True: "true", False: "false", None: "null"}


def decode(text: str, on_float: Callable[[str], Any], on_int: Callable[[str], Any]) -> Any:
    """Decode a document that ``scanning.check`` has accepted."""
    root: list[Any] = []
    add: Callable[[Any], None] = root.append
    open_: list[Callable[[Any], None]] = []
    at = 0
    while (found := _TOKEN.match(text, at)) is not None:
        at = found.end()
        bracket, integer, number, string, word = found.groups()
        if bracket in ("{", "["):
            container: Any = {} if bracket == "{" else []
            add(container)
            open_.append(add)
            add = _setter(container) if bracket == "{" else container.append
        elif bracket:
            add = open_.pop()
        elif string:
            value, at = _scan_string(text, at, True)
            add(value)
        elif word:
            value, rest = _LITERALS[word]
            at += rest
            add(value)
        else:
            add(on_int(integer) if integer is not None else on_float(number))
    return root[0]


def _setter(target: dict[str, Any]) -> Callable[[Any], None]:
    """Takes key and value in turn."""
    pending: list[str] = []

    def add(item: Any) -> None:
        if pending:
            target[pending.pop()] = item
        else:
            pending.append(item)

    return add


def encode(value: Any) -> str:
    """The text of a value, keys sorted, without escapes of HTML.

    Raises:
        ValueError: a float is not finite.
        TypeError: a value has no JSON form.
    """
    parts: list[str] = []
    stack: list[tuple[Iterator[Any], str]] = [(iter((value,)), "")]
    first = True
    while stack:
        items, closing = stack[-1]
        for item in items:
            if not first:
                parts.append(",")
            first = False
            if closing == "}":
                key, item = item
                parts.append(json.encoder.encode_basestring(key) + ":")
            if isinstance(item, (dict, list, tuple)):
                is_object = isinstance(item, dict)
                parts.append("{" if is_object else "[")
                children = iter(sorted(item.items())) if isinstance(item, dict) else iter(item)
                stack.append((children, "}" if is_object else "]"))
                first = True
                break
            parts.append(_scalar(item))
        else:
            parts.append(closing)
            stack.pop()
            first = False
    return "".join(parts)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return json.encoder.encode_basestring(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, Number):
        return value.text
    if isinstance(value, RawJSON):
        return value.compacted().decode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return json.encoder.encode_basestring(base64.b64encode(value).decode())
    raise TypeError(f"json: unsupported type: {type(value).__name__}")


def may_hold_surrogates(text: str) -> bool:
    """Whether a document's text has an escape that may stand for half a pair."""
    return "\\" in text and ("\\ud" in text or "\\uD" in text)  # one character is found fifty times as fast as two


def rewrite_strings(value: Any, change: Callable[[str], str]) -> Any:
    """Apply ``change`` to every string and key of a decoded document, in place where it is a container."""
    holder = [value]
    work: list[Any] = [holder]
    while work:
        target = work.pop()
        if isinstance(target, dict):
            items = [(change(key), item) for key, item in target.items()]
            target.clear()
            target.update((key, change(item) if isinstance(item, str) else item) for key, item in items)
            work.extend(item for item in target.values() if isinstance(item, (dict, list)))
        else:
            target[:] = [change(item) if isinstance(item, str) else item for item in target]
            work.extend(item for item in target if isinstance(item, (dict, list)))
    return holder[0]
