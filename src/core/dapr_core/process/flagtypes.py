"""What a flag's value may be and how its text is read, in Go's notations (control-plane.md §3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.timing.duration import InvalidDurationError, format_seconds, parse_seconds


@dataclass(frozen=True, slots=True)
class FlagType:
    """A kind of value.

    ``read`` turns text into the value and raises ``ValueError`` with what was expected; ``show`` writes a default for
    the help; ``bare`` is the value of a flag that stands without one (booleans); ``repeats`` says that values add up.
    """

    name: str
    read: Callable[[str], Any]
    show: Callable[[Any], str] = str
    bare: Any = None
    repeats: bool = False


_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def _bool(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("write true or false")


def _int(text: str) -> int:
    try:
        value = int(text, 0) if not text.lstrip("+-").startswith("0") or len(text.lstrip("+-")) < 2 else _based(text)
    except ValueError:
        raise ValueError("write a whole number") from None
    if not -(2**63) <= value < 2**63:
        raise ValueError("write a whole number that fits 64 bits")
    return value


def _based(text: str) -> int:
    # Go reads 010 as octal where Python refuses it; 0x, 0o and 0b are the same in both.
    digits = text.lstrip("+-").lower()
    return int(text, 0) if digits[1] in "xob" else int(text, 8)


def _uint(text: str) -> int:
    value = _int(text)
    if value < 0:
        raise ValueError("write a whole number, 0 or more")
    return value


def _port(text: str) -> int:
    if not text:
        return 0
    value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else -1
    if not 0 <= value <= 65535:
        raise ValueError("write a port number between 0 and 65535")
    return value


def _duration(text: str) -> float:
    try:
        return parse_seconds(text)
    except InvalidDurationError as error:
        raise ValueError(str(error)) from None


def _quantity(text: str) -> int:
    from dapr_core.resources.quantity import InvalidQuantityError, parse_quantity  # with all resources: 2 MB

    try:
        return parse_quantity(text)
    except InvalidQuantityError as error:
        raise ValueError(str(error)) from None


def _list(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    import csv

    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        raise ValueError("write values separated by commas") from None
    return tuple(rows[0]) if rows else ()


def _show_list(value: tuple[str, ...]) -> str:
    return ",".join(value)


STRING: Final = FlagType("string", str)
BOOL: Final = FlagType("", _bool, show=lambda value: str(value).lower(), bare=True)
INT: Final = FlagType("int", _int)
UINT: Final = FlagType("uint", _uint)
PORT: Final = FlagType("port", _port)
"""A TCP port; empty text reads as 0."""
DURATION: Final = FlagType("duration", _duration, show=format_seconds)
"""Go's notation; the value is seconds."""
QUANTITY: Final = FlagType("size", _quantity)
"""Kubernetes' notation; the value is bytes."""
LIST: Final = FlagType("strings", _list, show=_show_list, repeats=True)
"""Values separated by commas; the flag may be repeated. The value is a tuple."""
