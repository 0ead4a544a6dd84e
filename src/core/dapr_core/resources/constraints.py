"""Holds a resource to its field table's limits and rules, as the API server holds objects to the CRD.

``decoding`` says whether a document reads; this says whether what was read may be so. A required text that is empty
and a required object that is missing are told here as well, since reading gives both their zero value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from dapr_core.resources.limits import Limits
from dapr_core.resources.problems import FieldProblem
from dapr_core.resources.schema import FieldSpec, FieldType, table

_NONE: Final = Limits()


def violations(resource: Any) -> tuple[FieldProblem, ...]:
    """Every limit and rule that a model breaks, with the path of the field; empty when it keeps them all."""
    return tuple(_of_model(resource, ""))


def _of_model(value: Any, path: str) -> Iterator[FieldProblem]:
    for rule in getattr(type(value), "RULES", ()):
        if not rule.holds(value):
            yield FieldProblem(path, rule.message)
    for attribute, row in table(type(value)):
        yield from _of_field(row, getattr(value, attribute), f"{path}.{row.key}" if path else row.key)


def _of_field(row: FieldSpec, value: Any, path: str) -> Iterator[FieldProblem]:
    if value is None:
        if row.required:
            yield FieldProblem(path, "it is missing", f"add {row.key}: {row.doc}")
        return
    limits = row.limits or _NONE
    if isinstance(value, str) and (value or row.required):
        yield from _of_text(value, limits, path)
    if row.enum and value not in row.enum and (value or row.required):
        yield FieldProblem(path, "the value is unknown", "write one of " + ", ".join(row.enum))
    yield from _of_value(row.type, value, limits, path)


def _of_value(kind: FieldType, value: Any, limits: Limits, path: str) -> Iterator[FieldProblem]:
    if dataclasses.is_dataclass(value):
        yield from _of_model(value, path)
    elif isinstance(value, dict) and kind.kind == "map":
        assert kind.item is not None
        for name, member in value.items():
            yield from _of_value(kind.item, member, _NONE, f"{path}.{name}")
    elif isinstance(value, tuple):
        yield from _of_list(kind, value, limits, path)


def _of_list(kind: FieldType, values: tuple[Any, ...], limits: Limits, path: str) -> Iterator[FieldProblem]:
    if len(values) < limits.min_items:
        yield FieldProblem(path, f"it has {len(values)} entries", f"write at least {limits.min_items}")
    if limits.max_items and len(values) > limits.max_items:
        yield FieldProblem(path, f"it has {len(values)} entries", f"write at most {limits.max_items}")
    assert kind.item is not None
    for index, value in enumerate(values):
        here = f"{path}[{index}]"
        if kind.item.enum and value not in kind.item.enum:
            yield FieldProblem(here, "the value is unknown", "write one of " + ", ".join(kind.item.enum))
        if limits.unique and value in values[:index]:
            yield FieldProblem(here, "the value stands there already", "write each value once")
        yield from _of_value(kind.item, value, _NONE, here)


def _of_text(value: str, limits: Limits, path: str) -> Iterator[FieldProblem]:
    if len(value) < limits.min_length:
        yield FieldProblem(path, "it is empty or missing", f"write at least {limits.min_length} characters")
    if limits.max_length and len(value) > limits.max_length:
        yield FieldProblem(path, f"it has {len(value)} characters", f"write at most {limits.max_length}")
