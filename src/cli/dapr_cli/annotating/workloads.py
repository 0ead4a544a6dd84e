"""Which objects of a manifest can be annotated, and where their pods' annotations stand.

It reads the parser's nodes, not the values made of them: a node knows its place in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Path: TypeAlias = tuple[str | int, ...]
"""How to get from a document's root to a part of it: keys of mappings and places in lists."""

TEMPLATES: dict[str, Path] = {
    "pod": (),
    "deployment": ("spec", "template"),
    "replicaset": ("spec", "template"),
    "statefulset": ("spec", "template"),
    "daemonset": ("spec", "template"),
    "job": ("spec", "template"),
    "cronjob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where the pod is in an object of a kind."""
GROUPS = frozenset({"", "apps", "batch", "extensions"})
"""API groups of those kinds; others have kinds of the same names that are something else."""
LIST = "list"
DEFAULT_NAMESPACE = "default"


class Workload(NamedTuple):
    """An object that can be annotated: of which document, where in it, what it is, and where its pod is."""

    document: int
    path: Path
    kind: str
    name: str
    namespace: str

    def __str__(self) -> str:
        return f"the {self.kind} {self.name}"

    @property
    def pod(self) -> Path:
        """From the document's root to what has the pod's ``metadata``."""
        return self.path + TEMPLATES[self.kind]

    @property
    def default_app_id(self) -> str:
        """The id of an application that is given none (cli-dashboard.md §14)."""
        return f"{self.namespace}-{self.kind}-{self.name}"

    def is_called(self, name: str, namespace: str) -> bool:
        """Whether it has this name, in this namespace; an empty one is any, and case does not count."""
        return self.name.casefold() == name.casefold() and (
            not namespace or self.namespace.casefold() == namespace.casefold()
        )


def workloads(documents: Sequence[Node | None]) -> Iterator[Workload]:
    """All objects that can be annotated, in their order."""
    for number, root in enumerate(documents):
        if isinstance(root, MappingNode):
            yield from _below(number, (), root)


def member(node: Node | None, key: str | int) -> Node | None:
    """The value at a key of a mapping, or at a place of a list; of a key that is there twice the last one counts."""
    found: Node | None = None
    if isinstance(node, SequenceNode) and isinstance(key, int):
        found = node.value[key]
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if isinstance(name, ScalarNode) and name.value == key:
                found = value
    return found


def at(node: Node | None, path: Path) -> Node | None:
    """What is at a path; None where it leads nowhere."""
    for key in path:
        node = member(node, key)
    return node


def is_null(node: Node | None) -> bool:
    """Whether nothing is there, or a null is."""
    return node is None or (isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null")


def _below(number: int, path: Path, node: MappingNode) -> Iterator[Workload]:
    kind = _text(node, "kind").casefold()
    if kind == LIST:
        items = member(node, "items")
        for place, item in enumerate(items.value if isinstance(items, SequenceNode) else ()):
            if isinstance(item, MappingNode):
                yield from _below(number, (*path, "items", place), item)
    elif kind in TEMPLATES and _group(node) in GROUPS:
        name = _text(node, "metadata", "name") or _text(node, "metadata", "generateName").rstrip("-")
        yield Workload(number, path, kind, name, _text(node, "metadata", "namespace") or DEFAULT_NAMESPACE)


def _group(node: MappingNode) -> str:
    group, slash, _ = _text(node, "apiVersion").partition("/")
    return group if slash else ""


def _text(node: Node, *path: str) -> str:
    found = at(node, path)
    return found.value if isinstance(found, ScalarNode) and not is_null(found) else ""
