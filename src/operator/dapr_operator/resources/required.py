"""Required fields that an object does not have at all.

Reading gives what is missing its zero value, as Go does, so that the reader cannot tell; the API server can, and
refuses it, but an object may be older than its definition. A field that is there and empty counts as present.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dapr_core.resources.problems import FieldProblem
from dapr_core.resources.schema import FieldSpec, FieldType, table


def missing(model: type[Any], thing: Mapping[str, Any], path: str = "") -> Iterator[FieldProblem]:
    """One problem for each required field that an object of a kind lacks. Keys are compared without case."""
    present = {key.lower(): value for key, value in thing.items() if isinstance(key, str)}
    for _, row in table(model):
        here = f"{path}.{row.key}" if path else row.key
        if row.key.lower() in present:
            yield from _below(row.type, present[row.key.lower()], here)
        elif row.required:
            yield FieldProblem(here, "it is missing", _remedy(row))


def _below(kind: FieldType, value: Any, path: str) -> Iterator[FieldProblem]:
    if kind.kind == "model" and isinstance(value, Mapping):
        assert kind.model is not None
        yield from missing(kind.model, value, path)
    elif kind.kind == "list" and kind.item is not None and isinstance(value, list):
        for index, member in enumerate(value):
            yield from _below(kind.item, member, f"{path}[{index}]")
    elif kind.kind == "map" and kind.item is not None and isinstance(value, Mapping):
        for name, member in value.items():
            yield from _below(kind.item, member, f"{path}.{name}")


def _remedy(row: FieldSpec) -> str:
    return f"add {row.key}: {row.doc}"
