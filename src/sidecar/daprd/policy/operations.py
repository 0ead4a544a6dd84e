"""Finds the operation of an access policy that a call's path falls under (crds-helm-config.md §2.10).

Patterns are paths. Inside a segment ``*`` stands for any characters; as the last segment it stands for one segment or
none, ``**`` for any number of them. Patterns form a tree by segments: children are tried in the order of their
declaration, the first that fits is taken for good, and a pattern that ends on the way decides what lies below it too.
What follows from that is peculiar here and there, and what the public project's policies are written for.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

ONE: Final = "*"
ANY: Final = "**"


class OperationTree(Generic[Value]):
    """Values by patterns."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: _Node[Value] = _Node("")

    def put(self, pattern: str, value: Value) -> None:
        """Add a pattern that begins with a slash. An identical one that is here already keeps its value."""
        node = self._root
        for segment in pattern.split("/")[1:]:
            node = node.child_named(segment)
        if not node.ends:
            node.ends, node.value = True, value

    def find(self, path: str) -> Value | None:
        """What the path, which begins with a slash, falls under; None when that is nothing."""
        node: _Node[Value] | None = self._root
        segments = path.split("/")[1:]
        last = len(segments) - 1
        for position, segment in enumerate(segments):
            assert node is not None
            node = node.fitting(segment, position == last)
            if node is None:
                return None
            if node.ends and (position == last or node.name != ONE):
                return node.value
        # The path ends above a pattern's end: a final wildcard also stands for nothing at all.
        below = node.fitting(ONE, True) if node is not None else None
        return below.value if below is not None and below.ends else None


class _Node(Generic[Value]):
    """One segment of the patterns; ``ends`` when a pattern ends here."""

    __slots__ = ("_children", "_parts", "ends", "name", "value")

    def __init__(self, name: str) -> None:
        self.name = name
        self.ends = False
        self.value: Value | None = None
        self._parts = name.split("*")
        self._children: list[_Node[Value]] = []

    def child_named(self, name: str) -> _Node[Value]:
        for child in self._children:
            if child.name == name:
                return child
        child = _Node[Value](name)
        self._children.append(child)
        return child

    def fitting(self, segment: str, last: bool) -> _Node[Value] | None:
        """The first child that a segment of a path fits."""
        for child in self._children:
            if child.name == segment:
                return child
            if child.name == ONE:
                if last:
                    return child
            elif child.name == ANY or child._fits(segment):
                return child
        return None

    def _fits(self, segment: str) -> bool:
        """Whether the segment has this node's literal parts, in order and without overlap."""
        first, *others = self._parts
        if not others or not segment.startswith(first):
            return False
        at = len(first)
        for part in others[:-1]:
            found = segment.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return segment.endswith(others[-1]) and len(segment) - len(others[-1]) >= at
