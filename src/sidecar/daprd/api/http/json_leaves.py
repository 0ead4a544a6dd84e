"""Change the leaves of a decoded JSON document in place, however deep it nests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def rewrite(document: Any, leaf: Callable[[Any], Any], key: Callable[[str], str] | None = None) -> Any:
    """Apply ``leaf`` to every value that is neither list nor object, and ``key`` to every name; the document again.

    An explicit stack, since clients may nest deeper than the interpreter recurses.
    """
    root = [document]
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        if type(node) is dict:
            if key is not None and node:
                entries = [(key(name), value) for name, value in node.items()]
                node.clear()
                node.update(entries)
            places: Any = list(node.items())
        else:
            places = enumerate(node)
        for place, value in places:
            if type(value) is dict or type(value) is list:
                pending.append(value)
            else:
                node[place] = leaf(value)
    return root[0]
