"""A manifest's text with one workload annotated: what changes is proved by parsing, what does not is not touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .editing import Edit, applied, set_entries
from .table import APP_ID
from .workloads import Path, Workload, at, is_null, member, workloads

MAX_NODES = 5_000_000
"""Nodes that a manifest may have once its aliases are written out; a few lines can stand for billions."""
METADATA, ANNOTATIONS = "metadata", "annotations"

# The C parser is ten times as fast; it is part of all usual builds of the library.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


Plain: TypeAlias = "tuple[str, str] | list[Plain] | dict[object, Plain] | None"
"""What a node says: a scalar with its type, a list, a mapping; None is an empty document."""


class ManifestError(Exception):
    """A manifest cannot be read, or a workload in it cannot be annotated; the message says why."""


class Annotated(NamedTuple):
    """The new text, the workload that was annotated (None if there is none), and whether its comments were kept."""

    text: str
    workload: Workload | None
    kept: bool = True


def annotate(text: str, annotations: Mapping[str, str], is_meant: Callable[[Workload], bool]) -> Annotated:
    """Annotate the first workload that is meant.

    Args:
        text: YAML or JSON, any number of documents.
        annotations: what to set. An id of the application that is not among them and not in the text is made up.
        is_meant: which workload.

    Raises:
        ManifestError: see there.
    """
    text, documents = _documents(text)
    workload = next(filter(is_meant, workloads(documents)), None)
    if workload is None:
        return Annotated(text, None)
    root = documents[workload.document]
    pod = at(root, workload.pod)
    if not isinstance(pod, MappingNode):
        where = ".".join(map(str, workload.pod[len(workload.path) :]))
        raise ManifestError(f"{workload} has no {where} that could be annotated")
    wanted = dict(annotations)
    present = at(pod, (METADATA, ANNOTATIONS))
    if APP_ID not in wanted and is_null(member(present, APP_ID)):
        if not workload.name:
            raise ManifestError(f"a {workload.kind} without a name has no id to be called by; give --app-id")
        wanted[APP_ID] = workload.default_app_id
    assert root is not None
    fresh = _with_nodes(root, (*workload.pod, METADATA, ANNOTATIONS), wanted)
    expected = [_plain(fresh if each is root else each) for each in documents]
    for first in (False, True):
        changed = applied(text, _edits(text, pod, wanted, first=first))
        if _is(changed, expected):
            return Annotated(changed, workload)
    changed = applied(text, [_rewritten(text, root, fresh)])
    if not _is(changed, expected):
        raise ManifestError(f"{workload} is written in a way that cannot be changed safely")
    return Annotated(changed, workload, kept=False)


def _documents(text: str) -> tuple[str, list[Node | None]]:
    try:
        documents = _composed(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        text = _json_anew(text, error)
        documents = _composed(text)
    if sum(map(_size, documents)) > MAX_NODES:
        raise ManifestError(f"with its aliases written out it has more than {MAX_NODES} parts")
    return text, documents


def _composed(text: str) -> list[Node | None]:
    return list(yaml.compose_all(text, Loader=_Loader))


def _json_anew(text: str, error: Exception) -> str:
    """JSON that is no YAML (it may be indented by tabs), written so that it is both."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError):
        raise ManifestError(f"it is no YAML: {' '.join(str(error).split())[:300]}") from None


def _size(root: Node | None) -> int:
    """Nodes of a document with its aliases written out. Raises ManifestError where one holds itself."""
    sizes: dict[int, int] = {}
    stack = [] if root is None else [(root, False)]
    while stack:
        node, counted = stack.pop()
        if counted:
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in _children(node))
        elif id(node) not in sizes:
            sizes[id(node)] = -1  # under way
            stack.append((node, True))
            for child in _children(node):
                if sizes.get(id(child)) == -1:
                    raise ManifestError("an alias in it stands for something that holds the alias")
                stack.append((child, False))
        elif sizes[id(node)] == -1:
            continue
    return sizes.get(id(root), 0)


def _children(node: Node) -> Iterable[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, SequenceNode) else ()


def _edits(text: str, pod: MappingNode, annotations: Mapping[str, str], *, first: bool) -> list[Edit]:
    if isinstance(member(pod, METADATA), MappingNode):
        return set_entries(text, pod, {METADATA: {ANNOTATIONS: annotations}}, first=first)
    return set_entries(text, pod, {METADATA: {ANNOTATIONS: annotations}}, first=True)


def _is(text: str, expected: list[Plain]) -> bool:
    try:
        return [_plain(each) for each in _composed(text)] == expected
    except (yaml.YAMLError, RecursionError, ValueError):
        return False


def _plain(node: Node | None) -> Plain:
    """What a node says, without how and where: to be compared."""
    if isinstance(node, ScalarNode):
        return node.tag, node.value
    if isinstance(node, SequenceNode):
        return [_plain(each) for each in node.value]
    if isinstance(node, MappingNode):
        return {_key(key): _plain(value) for key, value in node.value}
    return None


def _key(node: Node) -> object:
    return (node.tag, node.value) if isinstance(node, ScalarNode) else repr(_plain(node))


def _rewritten(text: str, root: Node, fresh: Node) -> Edit:
    """The document of a workload written anew: without its comments, with all scalars as they are written."""
    written = yaml.serialize(fresh, Dumper=yaml.SafeDumper, width=float("inf"), allow_unicode=True)
    start, end = root.start_mark.index, root.end_mark.index
    opening = "\n" if start and text[start - 1] != "\n" else ""
    return Edit(start, end, opening + written)


def _with_nodes(node: Node | None, path: Path, annotations: Mapping[str, str]) -> Node:
    if not path:
        kept = [pair for pair in _pairs(node) if pair[0].value not in annotations]
        return _mapping(node, [*kept, *((_scalar(key), _scalar(value, '"')) for key, value in annotations.items())])
    key, *rest = path
    if isinstance(key, int) and isinstance(node, SequenceNode):
        items = [_with_nodes(each, tuple(rest), annotations) if n == key else each for n, each in enumerate(node.value)]
        return SequenceNode(node.tag, items, flow_style=node.flow_style)
    fresh = _with_nodes(member(node, key), tuple(rest), annotations)
    kept = [pair for pair in _pairs(node) if pair[0].value != key]
    place = next((n for n, pair in enumerate(_pairs(node)) if pair[0].value == key), len(kept))
    return _mapping(node, [*kept[:place], (_scalar(str(key)), fresh), *kept[place:]])


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    return list(node.value) if isinstance(node, MappingNode) else []


def _mapping(like: Node | None, pairs: list[tuple[Node, Node]]) -> MappingNode:
    flow = like.flow_style if isinstance(like, MappingNode) and like.value else False
    return MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow)


def _scalar(value: str, style: str | None = None) -> ScalarNode:
    return ScalarNode("tag:yaml.org,2002:str", value, style=style)
