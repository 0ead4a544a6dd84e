"""Decode a manifest's ``spec.metadata`` into typed values (components.md §3.2).

Every vendor reads its fields through ``Fields``, so that all of them take the same spellings (names without regard to
case, aliases, Go durations, the truthy words) and all complaints name the field, what it holds and what to write
instead. Values may be secrets: an error shows a value only where the field cannot be one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from dapr_components.contract import ComponentError, Metadata
from dapr_core.truth import is_truthy

_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TERM = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
MAX_TTL_SECONDS = 2**31 - 1

PlainUnit = Literal["s", "ms"]
"""What a duration written as a bare integer counts."""


def parse_duration(text: str, plain: PlainUnit = "s") -> float:
    """A Go duration (``1h30m``, ``500ms``), or a bare integer counting ``plain``; in seconds. Empty text is 0.

    Raises:
        ValueError: the text is neither.
    """
    trimmed = text.strip()
    if not trimmed:
        return 0.0
    if _INTEGER.fullmatch(trimmed):
        return int(trimmed) * _UNIT_SECONDS[plain]
    sign = -1.0 if trimmed[0] == "-" else 1.0
    rest = trimmed[1:] if trimmed[0] in "+-" else trimmed
    total, position = 0.0, 0
    while position < len(rest):
        term = _TERM.match(rest, position)
        if term is None:
            raise ValueError(f"{text!r} is not a duration")
        total += float(term[1]) * _UNIT_SECONDS[term[2]]
        position = term.end()
    if not rest:
        raise ValueError(f"{text!r} is not a duration")
    return sign * total


def request_ttl(metadata: Mapping[str, str], name: str = "ttlInSeconds") -> int | None:
    """The ``ttlInSeconds`` of a request's metadata; None when absent (components.md §2.0).

    Raises:
        ComponentError: it is no integer between -1 and 2147483647.
    """
    text = metadata.get(name)
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise ComponentError(f"incorrect value for metadata '{name}': must be an integer number of seconds")
    ttl = int(text)
    if not -1 <= ttl <= MAX_TTL_SECONDS:
        raise ComponentError(f"incorrect value for metadata '{name}': must be -1 or greater, up to {MAX_TTL_SECONDS}")
    return ttl


class Fields:
    """The fields of one manifest, read by name or by an alias (used only when the name is absent or empty)."""

    __slots__ = ("_metadata",)

    def __init__(self, metadata: Metadata) -> None:
        """Raises ``ComponentError`` when two names differ only by case."""
        seen: dict[str, str] = {}
        for name in metadata:
            other = seen.setdefault(name.lower(), name)
            if other != name:
                raise ComponentError(f"metadata fields {other!r} and {name!r} differ only by case: keep one of them")
        self._metadata = metadata

    def raw(self, name: str, *aliases: str) -> str:
        """The text of a field; "" when it is absent."""
        for candidate in (name, *aliases):
            value = self._metadata.get(candidate)
            if value:
                return value
        return ""

    def has(self, name: str) -> bool:
        """Whether the manifest gives the field a value."""
        return bool(self._metadata.get(name))

    def required(self, name: str, *aliases: str) -> str:
        """The text of a field that must be there. Raises ``ComponentError``."""
        value = self.raw(name, *aliases)
        if not value:
            raise ComponentError(f"metadata field {name!r} is required: add it to spec.metadata")
        return value

    def flag(self, name: str, *aliases: str, default: bool = False) -> bool:
        """A boolean field."""
        value = self.raw(name, *aliases)
        return is_truthy(value) if value else default

    def integer(self, name: str, *aliases: str, default: int = 0, minimum: int | None = None) -> int:
        """An integer field. Raises ``ComponentError`` when it is something else or below ``minimum``."""
        text = self.raw(name, *aliases).strip()
        if not text:
            return default
        if not _INTEGER.fullmatch(text):
            raise ComponentError(f"metadata field {name!r} must be an integer")
        value = int(text)
        if minimum is not None and value < minimum:
            raise ComponentError(f"metadata field {name!r} is {value}: it must be at least {minimum}")
        return value

    def seconds(self, name: str, *aliases: str, default: float = 0.0, plain: PlainUnit = "s") -> float:
        """A duration field, in seconds. Raises ``ComponentError`` when it is no duration."""
        text = self.raw(name, *aliases)
        if not text:
            return default
        try:
            return parse_duration(text, plain)
        except ValueError:
            unit = "seconds" if plain == "s" else "milliseconds"
            raise ComponentError(
                f"metadata field {name!r} must be a duration such as '500ms' or '1m30s', or a number of {unit}"
            ) from None

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """A field that takes one of a few words, compared without case. Raises ``ComponentError`` for another."""
        value = self.raw(name)
        if not value:
            return default
        if value.lower() not in allowed:
            raise ComponentError(f"metadata field {name!r} is {value!r}: it must be one of {', '.join(allowed)}")
        return value.lower()

    def listing(self, name: str) -> list[str]:
        """A comma-separated field; parts keep their spaces."""
        value = self.raw(name)
        return value.split(",") if value else []
