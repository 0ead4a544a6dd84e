"""A model's field table as the structural OpenAPI schema that a CRD holds.

Structural means: every field has its type at its place, so that the API server can prune what it does not know and
set defaults. Free JSON is the one exception and says so (``x-kubernetes-preserve-unknown-fields``).
"""

from __future__ import annotations

from typing import Any, Final

from dapr_core.resources.limits import Limits
from dapr_core.resources.schema import FieldSpec, FieldType, Kind, table

Schema = dict[str, Any]

_PLAIN: Final[dict[Kind, Schema]] = {
    "string": {"type": "string"},
    "duration": {"type": "string"},
    "bool": {"type": "boolean"},
    "integer": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "any": {"x-kubernetes-preserve-unknown-fields": True},
    "object": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}
_BOUNDS: Final = (
    ("min_length", "minLength"),
    ("max_length", "maxLength"),
    ("min_items", "minItems"),
    ("max_items", "maxItems"),
)


def object_schema(model: type[Any], description: str = "") -> Schema:
    """The schema of a model: its properties in the table's order, what is required, and its rules."""
    rows = [row for _, row in table(model)]
    schema: Schema = {"type": "object", "description": description or summary(model)}
    schema["properties"] = {row.key: field_schema(row) for row in rows}
    required = [row.key for row in rows if row.required]
    if required:
        schema["required"] = required
    rules = getattr(model, "RULES", ())
    if rules:
        validations = [{"rule": each.expression, "message": each.message} for each in rules]
        schema["x-kubernetes-validations"] = validations
    return schema


def field_schema(row: FieldSpec) -> Schema:
    """The schema of one field, described by its row."""
    if row.type.kind == "model":
        assert row.type.model is not None
        return object_schema(row.type.model, row.doc)
    schema: Schema = {"description": row.doc, **_type_schema(row.type)}
    if row.default is not None:
        schema["default"] = row.default
    if row.enum:
        schema["enum"] = list(row.enum)
    return schema | _limits(row.limits)


def summary(model: type[Any]) -> str:
    """The first paragraph of a model's docstring."""
    paragraph = (model.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


def _type_schema(kind: FieldType) -> Schema:
    if kind.kind == "list":
        assert kind.item is not None
        return {"type": "array", "items": _type_schema(kind.item)}
    if kind.kind == "map":
        assert kind.item is not None
        return {"type": "object", "additionalProperties": _type_schema(kind.item)}
    if kind.kind == "model":
        assert kind.model is not None
        return object_schema(kind.model)
    return _PLAIN[kind.kind] | ({"enum": list(kind.enum)} if kind.enum else {})


def _limits(limits: Limits | None) -> Schema:
    if limits is None:
        return {}
    bounds: Schema = {key: getattr(limits, name) for name, key in _BOUNDS if getattr(limits, name)}
    return bounds | ({"x-kubernetes-list-type": "set"} if limits.unique else {})
