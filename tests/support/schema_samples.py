"""Objects made from an OpenAPI schema: one with every field set, and ones with a single field wrong.

Whoever reads resources can be held to all of them: the API server refuses each wrong one and names the field; a
reader of ours neither crashes nor lets it stop the others.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """An object with one mistake: where it is and of which sort."""

    path: str
    sort: str
    value: Any

    def __str__(self) -> str:
        return f"{self.path} {self.sort}"


def full(schema: Schema, *, leave_out: frozenset[str] = frozenset(), path: str = "") -> Any:
    """A value with every field set, but those whose path (``spec.endpoint.sse``) is to be left out."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(schema, leave_out, path)
        case "array":
            return [full(schema["items"], leave_out=leave_out, path=f"{path}[]")]
        case "string":
            return "2030-01-01T00:00:00Z" if schema.get("format") == "date-time" else "text"
        case "integer":
            return 7
        case "boolean":
            return True
    return {"free": ["form", 1]}


def _object(schema: Schema, leave_out: frozenset[str], path: str) -> Any:
    if "additionalProperties" in schema:
        return {"one": full(schema["additionalProperties"], leave_out=leave_out, path=f"{path}.*")}
    below = {key: f"{path}.{key}" if path else key for key in schema.get("properties", {})}
    return {
        key: full(schema["properties"][key], leave_out=leave_out, path=here)
        for key, here in below.items()
        if here not in leave_out
    }


def wrong(schema: Schema, valid: Any) -> Iterator[Wrong]:
    """Every field of ``valid`` wrong in turn: of another type, missing, unknown, out of its enumeration or bounds."""
    for path, here, value in _walk(schema, valid, ()):
        for sort, replaced in _mistakes(here, value):
            if not path and not isinstance(replaced, dict):
                continue  # what is no object at all has no kind either
            yield Wrong(_text(path), sort, _with(valid, path, replaced))
        for key in here.get("required", ()):
            if isinstance(value, dict) and key in value:
                without = {name: member for name, member in value.items() if name != key}
                yield Wrong(_text((*path, key)), "is missing", _with(valid, path, without))


def _walk(schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, Schema, Any]]:
    yield path, schema, value
    if isinstance(value, dict) and "properties" in schema:
        for key, member in value.items():
            yield from _walk(schema["properties"][key], member, (*path, key))
    elif isinstance(value, dict) and "additionalProperties" in schema:
        for key, member in value.items():
            yield from _walk(schema["additionalProperties"], member, (*path, key))
    elif isinstance(value, list) and "items" in schema:
        for index, member in enumerate(value):
            yield from _walk(schema["items"], member, (*path, index))


def _mistakes(schema: Schema, value: Any) -> Iterator[tuple[str, Any]]:
    kind = schema.get("type")
    if kind is not None:
        yield "is of another type", ["x"] if kind == "object" else {"x": 1}
    if kind in ("boolean", "integer"):
        yield "is text", "1"
    if kind == "string":
        yield "is a number", 1
    if schema.get("format") == "int32":
        yield "does not fit into 32 bits", 2**31
    if "enum" in schema:
        yield "is not in the enumeration", "elsewhere"
    if "minLength" in schema:
        yield "is too short", ""
    if "maxLength" in schema:
        yield "is too long", "x" * (schema["maxLength"] + 1)
    if "minItems" in schema:
        yield "has too few entries", []
    if "maxItems" in schema:
        yield "has too many entries", [copy.deepcopy(value[0]) for _ in range(schema["maxItems"] + 1)]
    if schema.get("x-kubernetes-list-type") == "set":
        yield "has an entry twice", [value[0], value[0]]
    if kind == "object" and "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        yield "has an unknown field", {**value, "unheardOf": 1}


def _with(root: Any, path: Path, value: Any) -> Any:
    """A copy of ``root`` with the value at ``path`` replaced."""
    if not path:
        return value
    changed = copy.deepcopy(root)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def _text(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
