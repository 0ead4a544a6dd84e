"""From a request's path to the ``path`` label: folded, matched against patterns, or left out (observability.md §2).

A label must not have a value for every key, actor or order that a client names. Folding knows Dapr's own paths;
``pathMatching`` lets the operator name patterns of the application's, in the notation of Go's ServeMux
(``/orders/{orderID}``; a trailing slash matches everything below; the most specific pattern wins).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SLASHES: Final = re.compile(r"//+")
_LITERAL: Final = frozenset({"/dapr/config", "/dapr/metrics", "/dapr/subscribe", "/healthz"})
_INVOKE: Final = "/v1.0/invoke/"


def normalised(path: str) -> str:
    """The path with a leading slash and no empty segments."""
    path = path if path.startswith("/") else "/" + path
    return _SLASHES.sub("/", path) if "//" in path else path


def folded(path: str) -> str:
    """The path with the variable parts of Dapr's own routes replaced or cut off."""
    if not path:
        return path
    path = normalised(path)
    parts = path[1:].split("/", 5)
    if len(parts) < 3:
        return path
    if parts[0] == "actors":
        parts[2] = "{id}"
        return "/".join(parts)
    if parts[1] in ("state", "secrets"):
        return "/" + "/".join(parts[:3])
    if parts[1] == "actors" and len(parts) >= 5:
        parts[3] = "{id}"
        return "/" + "/".join(parts[:5])
    if parts[1] == "workflows" and len(parts) >= 4:
        return _workflow(parts)
    return path


def _workflow(parts: list[str]) -> str:
    if len(parts) == 4:
        parts[3] = "{instanceId}"
    elif parts[4].partition("?")[0] == "start":  # the name of the workflow stands where others have the instance
        parts[4:] = ["start"]
    else:
        parts[3] = "{instanceId}"
        if parts[4] == "raiseEvent" and len(parts) > 5:
            parts[5] = "{eventName}"
    return "/" + "/".join(parts)


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    segments: tuple[str, ...]
    subtree: bool
    rank: tuple[int, ...]
    """Segment by segment: 2 for a literal, 1 for a wildcard, 0 for "everything below"."""

    def matches(self, parts: Sequence[str]) -> bool:
        if len(parts) < len(self.segments) or (len(parts) > len(self.segments) and not self.subtree):
            return False
        if len(parts) == len(self.segments) and self.subtree:
            return False  # /a/ is not /a
        return all(
            segment.startswith("{") or segment == part for segment, part in zip(self.segments, parts, strict=False)
        )


def _pattern(text: str) -> _Pattern:
    parts = normalised(text)[1:].split("/")
    subtree = parts[-1] == "" or parts[-1].endswith("...}")
    exact_end = parts[-1] == "{$}"
    segments = tuple(parts[:-1] if subtree or exact_end else parts)
    if exact_end:
        segments = (*segments, "")
    rank = tuple([1 if segment.startswith("{") else 2 for segment in segments])
    return _Pattern(normalised(text), segments, subtree, (*rank, 0) if subtree else rank)


class PathLabels:
    """The ``path`` label under one Configuration.

    Args:
        increased_cardinality: whether paths that match nothing are kept (folded) or left out.
        patterns: ``http.pathMatching``.
    """

    def __init__(self, *, increased_cardinality: bool = True, patterns: Sequence[str] = ()) -> None:
        self._keep = increased_cardinality
        compiled = [_pattern(text) for text in patterns if text]
        compiled += [
            _pattern(f"{_INVOKE}{{app_id}}/method{each.text}") for each in compiled if not each.text.startswith(_INVOKE)
        ]
        self._patterns = sorted(compiled, key=lambda each: each.rank, reverse=True)

    def label(self, path: str) -> str:
        """The label of a decoded path."""
        if path in _LITERAL:
            return path
        if not self._patterns:
            return folded(path) if self._keep else ""
        matched = self._match(normalised(path)) if path else None
        if matched is not None:
            return matched
        short = folded(path)
        if self._keep:
            return short
        return (self._match(normalised(short)) if short else None) or ""

    def _match(self, path: str) -> str | None:
        parts = path[1:].split("/")
        return next((each.text for each in self._patterns if each.matches(parts)), None)
