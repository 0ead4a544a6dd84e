"""Changes of a manifest's text, at places that the parser points to.

Entries are put into a mapping in the style that it has: below the last one of a block, or inside the braces of a flow,
on lines of their own where the others are. The rest of the text is not touched. Odd places (explicit keys, anchors that
are used elsewhere) are not told apart here: whoever uses the result parses it and compares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .workloads import is_null

Entries: TypeAlias = Mapping[str, "str | Entries"]
"""What is to be in a mapping: texts, and mappings of the same form."""
STEP = 2
"""Spaces by which what we write is indented below its key."""


class Edit(NamedTuple):
    """The characters from ``start`` to ``end`` become ``text``."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits made; they do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def set_entries(text: str, mapping: MappingNode, entries: Entries, *, first: bool = False) -> list[Edit]:
    """Bring entries into a mapping: those that are there get the new value, the others are added.

    Args:
        text: the whole text.
        mapping: where to.
        entries: values by key; a value that is a mapping is added to one that is there.
        first: put new ones before those that are there, instead of behind.
    """
    present = {key.value: (key, value) for key, value in mapping.value if isinstance(key, ScalarNode)}
    edits = []
    for name, value in entries.items():
        if name in present:
            edits += _set_value(text, mapping, *present[name], value)
    added = {name: value for name, value in entries.items() if name not in present}
    return edits + _add(text, mapping, added, first=first) if added else edits


def _set_value(text: str, mapping: MappingNode, key: Node, present: Node, value: str | Entries) -> list[Edit]:
    start, end = _span(present)
    if isinstance(value, str):
        line_end = "\n" if text[start:end].endswith("\n") else ""  # a literal block ends with its line
        space = " " if start and not text[start - 1].isspace() else ""
        return [Edit(start, end, space + quoted(value) + line_end)]
    if isinstance(present, MappingNode):
        return set_entries(text, present, value)
    if not is_null(present) or mapping.flow_style:
        return [Edit(start, end, " " + _flow(value))]
    place = _end_of_line(text, end)
    lines = _block(value, key.start_mark.column + STEP)
    return [Edit(start, end, ""), Edit(place, place, "".join(_break(text) + line for line in lines))]


def _add(text: str, mapping: MappingNode, entries: Entries, *, first: bool) -> list[Edit]:
    if mapping.flow_style:
        return [_add_to_flow(text, mapping, entries)]
    if not mapping.value:  # no block is empty
        return []
    key = mapping.value[0][0].start_mark
    lines = _block(entries, key.column)
    if first:
        line_start = _break(text) + " " * key.column
        return [Edit(key.index, key.index, "".join(line[key.column :] + line_start for line in lines))]
    end = _end(mapping)
    if end and text[end - 1] == "\n":
        return [Edit(end, end, "".join(line + _break(text) for line in lines))]
    place = _end_of_line(text, end)
    return [Edit(place, place, "".join(_break(text) + line for line in lines))]


def _add_to_flow(text: str, mapping: MappingNode, entries: Entries) -> Edit:
    brace = text.index("{", mapping.start_mark.index) + 1
    parts = [f"{quoted(key)}: {_flow_value(value)}" for key, value in entries.items()]
    if not mapping.value:
        return Edit(brace, brace, ", ".join(parts))
    key = mapping.value[0][0].start_mark
    if "\n" not in text[brace : key.index]:
        return Edit(brace, brace, "".join(f"{part}, " for part in parts))
    return Edit(brace, brace, "".join(f"{_break(text)}{' ' * key.column}{part}," for part in parts))


def _block(entries: Entries, column: int) -> list[str]:
    lines = []
    for key, value in entries.items():
        if isinstance(value, str):
            lines.append(f"{' ' * column}{key}: {quoted(value)}")
        else:
            lines += [f"{' ' * column}{key}:", *_block(value, column + STEP)]
    return lines


def _flow(entries: Entries) -> str:
    return "{" + ", ".join(f"{quoted(key)}: {_flow_value(value)}" for key, value in entries.items()) + "}"


def _flow_value(value: str | Entries) -> str:
    return quoted(value) if isinstance(value, str) else _flow(value)


def quoted(value: str) -> str:
    """A text in double quotes, as JSON writes it wherever YAML reads that alike."""
    if value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    return yaml.safe_dump(value, default_style='"', width=float("inf"), allow_unicode=True).strip()


def _span(node: Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def _end(node: Node) -> int:
    """Where the last value in a node ends; that of a block reaches to what comes behind it, comments included."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _end_of_line(text: str, place: int) -> int:
    found = text.find("\n", place)
    if found < 0:
        return len(text)
    return found - 1 if found > place and text[found - 1] == "\r" else found


def _break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
