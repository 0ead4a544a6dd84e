"""Finding the endpoint of a path: a trie of segments, walked once, without a pattern language.

Matching works on the escaped path after cleaning, so that an escaped slash never splits a segment (api.md §1.1).
Static segments win over parameters, parameters over the wildcard, and a branch without the method is left again for
the next one, as the original's router does. Parameters are unescaped only when their route has matched. Clients repeat
themselves, so what a path led to is remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from daprd.api.http.routing import ANY_METHOD, Params, Route

_NO_PARAMS: Final[Params] = {}
_REMEMBERED: Final = 1024
"""Paths whose route and parameters are remembered; a full memory is emptied."""
_REMEMBERED_PATH: Final = 256


class _Node:
    __slots__ = ("any_method", "param", "routes", "static", "wildcard")

    def __init__(self) -> None:
        self.static: dict[bytes, _Node] = {}
        self.param: _Node | None = None
        self.wildcard: _Node | None = None
        self.routes: dict[str, tuple[Route, tuple[str, ...]]] = {}
        self.any_method: tuple[Route, tuple[str, ...]] | None = None


class UnescapeError(ValueError):
    """A parameter of the path is not validly escaped; the text is what the client reads."""


class Router:
    """The routes of one server. Built once; looking up changes nothing but the memory of paths."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        self.routes: tuple[Route, ...] = tuple(routes)
        self._known: dict[tuple[str, bytes], tuple[Route, Params]] = {}
        for route in self.routes:
            self._add(route)

    def find(self, method: str, path: bytes) -> tuple[Route, Params] | None:
        """The route for a cleaned, still escaped path, and its parameters; None when there is none.

        Raises:
            UnescapeError: the route exists but a parameter cannot be unescaped.
        """
        key = (method, path)
        known = self._known.get(key)
        if known is not None:
            return known
        found = self._match(method, path)
        if found is not None and len(path) <= _REMEMBERED_PATH:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def _match(self, method: str, path: bytes) -> tuple[Route, Params] | None:
        segments = path.split(b"/")
        found = _find(self._root, method, segments, 1, ())
        if found is None:
            return None
        (route, names), values = found
        if not names:
            return route, _NO_PARAMS
        return route, {name: unescape(name, value) for name, value in zip(names, values, strict=True)}

    def methods(self, path: bytes) -> list[str]:
        """The methods that some route of this path answers, for the Allow header of a 405; empty means 404."""
        found: set[str] = set()
        _methods(self._root, path.split(b"/"), 1, found)
        return sorted(found)

    def _add(self, route: Route) -> None:
        node, names = self._root, list[str]()
        for segment in route.template.split("/"):
            if segment == "*":
                names.append("*")
                node.wildcard = node.wildcard or _Node()
                node = node.wildcard
            elif segment.startswith("{") and segment.endswith("}"):
                names.append(segment[1:-1])
                node.param = node.param or _Node()
                node = node.param
            else:
                node = node.static.setdefault(segment.encode(), _Node())
        entry = (route, tuple(names))
        if route.methods == ANY_METHOD:
            node.any_method = entry
        for method in route.methods:
            node.routes[method] = entry


_Found = tuple[tuple[Route, tuple[str, ...]], tuple[bytes, ...]]


def _find(node: _Node, method: str, segments: list[bytes], at: int, values: tuple[bytes, ...]) -> _Found | None:
    if at == len(segments):
        entry = node.routes.get(method) or node.any_method
        return None if entry is None else (entry, values)
    segment = segments[at]
    following = node.static.get(segment)
    if following is not None:
        found = _find(following, method, segments, at + 1, values)
        if found is not None:
            return found
    if node.param is not None and segment:
        found = _find(node.param, method, segments, at + 1, (*values, segment))
        if found is not None:
            return found
    if node.wildcard is not None:
        entry = node.wildcard.routes.get(method) or node.wildcard.any_method
        if entry is not None:
            return entry, (*values, b"/".join(segments[at:]))
    return None


def _methods(node: _Node, segments: list[bytes], at: int, found: set[str]) -> None:
    if at == len(segments):
        found.update(node.routes)
        return
    if (following := node.static.get(segments[at])) is not None:
        _methods(following, segments, at + 1, found)
    if node.param is not None and segments[at]:
        _methods(node.param, segments, at + 1, found)
    if node.wildcard is not None:
        found.update(node.wildcard.routes)


def unescape(name: str, value: bytes) -> str:
    """A parameter's value by the rules of a query: ``%XX`` and ``+`` for a space (api.md §1.1).

    Raises:
        UnescapeError: an escape is broken, or the bytes are not UTF-8.
    """
    plain = b"%" not in value and b"+" not in value
    raw = value if plain else unquote_to_bytes(value.replace(b"+", b" "))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise UnescapeError(f'failed to unescape request parameter "{name}". Error: the value is not UTF-8') from None
