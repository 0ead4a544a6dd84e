"""The field table of a resource kind, written once as the fields of its dataclass.

Each field of a model says its key in the manifest, its type, what it means, and, where the CRD has them, its default,
its enumeration and that it is required. ``decoding`` reads that table to parse documents and to word its errors; the
CRD export reads the same table. A model is a frozen slotted dataclass, so instances are small, comparable (hot
reload compares them) and never half built.

``required`` describes the CRD. A standalone sidecar, like the original, accepts a document that lacks a required
field and sees the zero value; the API server does not (crds-helm-config.md §1.0).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from dapr_core.resources.limits import Limits

Kind: TypeAlias = Literal["string", "bool", "integer", "int32", "duration", "any", "object", "list", "map", "model"]

SPEC: Final = "spec"


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field holds. ``item`` is the type of a list's or a map's members; ``model`` the class of an object.

    ``enum`` has the only values of a list's member; that of a field stands in its row.
    """

    kind: Kind
    item: FieldType | None = None
    model: type[Any] | None = None
    enum: tuple[str, ...] = ()


STRING: Final = FieldType("string")
BOOL: Final = FieldType("bool")
INTEGER: Final = FieldType("integer")
INT32: Final = FieldType("int32")
DURATION: Final = FieldType("duration")
"""Text in Go's notation; kept as text, since each reader has its own default for text that is no duration."""
ANY: Final = FieldType("any")
"""Any JSON value."""
OBJECT: Final = FieldType("object")
"""A free-form JSON object."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One row of a kind's table.

    ``default`` is the CRD's default, absent when None; what an absent field reads as in Python is the dataclass
    field's own default.
    """

    key: str
    type: FieldType
    doc: str
    required: bool = False
    default: Any = None
    enum: tuple[str, ...] = ()
    limits: Limits | None = None


def list_of(item: FieldType | type[Any]) -> FieldType:
    """A list of scalars or of models; it reads as a tuple."""
    return FieldType("list", item=_as_type(item))


def map_of(item: FieldType | type[Any]) -> FieldType:
    """A map from free names to scalars or models; it reads as a dict."""
    return FieldType("map", item=_as_type(item))


def attr(
    key: str,
    kind: FieldType | type[Any],
    doc: str,
    *,
    required: bool = False,
    default: Any = None,
    enum: tuple[str, ...] = (),
    absent: Any = None,
    optional: bool = False,
    limits: Limits | None = None,
) -> Any:
    """Declare a field of a model. What is absent reads as ``absent``, else its default, else its type's zero value.

    Args:
        key: the manifest's key, in the CRD's spelling.
        kind: a ``FieldType``, or a model class for a nested object.
        doc: what the field means; it becomes the CRD's description.
        required: in the CRD's ``required`` list.
        default: the CRD's default.
        enum: the only values the field takes.
        absent: what an absent field reads as, where that is no default of the CRD.
        optional: an absent field reads as None, so that absence can be told from the zero value.
        limits: bounds of the text or list.
    """
    spec = FieldSpec(key, _as_type(kind), doc, required, default, enum, limits)
    metadata = {SPEC: spec}
    if optional:
        return dataclasses.field(default=None, metadata=metadata)
    if absent is not None or default is not None:
        return dataclasses.field(default=default if absent is None else absent, metadata=metadata)
    if spec.type.kind in ("map", "object"):
        return dataclasses.field(default_factory=dict, metadata=metadata)
    if spec.type.kind == "model":
        assert spec.type.model is not None
        return dataclasses.field(default_factory=spec.type.model, metadata=metadata)
    return dataclasses.field(default=_ZEROS[spec.type.kind], metadata=metadata)


def table(model: type[Any]) -> tuple[tuple[str, FieldSpec], ...]:
    """The rows of a model in declaration order, each with the name of its Python attribute.

    Fields without a row (where a document came from, say) are not in it.
    """
    return tuple((each.name, each.metadata[SPEC]) for each in dataclasses.fields(model) if SPEC in each.metadata)


_ZEROS: Final[dict[Kind, Any]] = {
    "string": "",
    "duration": "",
    "bool": False,
    "integer": 0,
    "int32": 0,
    "any": None,
    "list": (),
}


def _as_type(kind: FieldType | type[Any]) -> FieldType:
    return kind if isinstance(kind, FieldType) else FieldType("model", model=kind)
