"""Reads a plain value (from YAML or JSON) into a model, by the model's field table.

Every field that does not fit is reported, not only the first, each with its path and what to write; the model is
built only if there was none. What Go's decoder tolerates is tolerated: unknown keys, nulls (the zero value stays),
scalars where text is expected. Component-like kinds compare keys without case, as Go's JSON does; Configuration files
compare them exactly, as Go's YAML does (crds-helm-config.md §1.0, §2.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, TypeVar

from dapr_core.jsonx import format_float
from dapr_core.resources.problems import FieldProblem
from dapr_core.resources.schema import FieldSpec, FieldType, table

M = TypeVar("M")

_INT_BOUNDS: Final = {"integer": 2**63, "int32": 2**31}


class DecodeError(ValueError):
    """A document does not fit its kind; ``problems`` has one entry for each field."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(each) for each in problems))


def decode(model: type[M], value: object, *, fold_case: bool = True) -> M:
    """Build a model from a plain value.

    Args:
        model: a class whose fields are declared with ``schema.attr``.
        value: what the YAML or JSON parser gave for it.
        fold_case: whether keys are compared without case.

    Raises:
        DecodeError: one or more fields do not fit; all of them are named.
    """
    reader = _Reader(fold_case)
    built = reader.model(model, value, "")
    if reader.problems:
        raise DecodeError(tuple(reader.problems))
    assert isinstance(built, model)
    return built


def scalar_text(value: object) -> str | None:
    """A scalar as Go writes it (``true``, ``1.5``, ``10``); None for what is no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_float(value) if math.isfinite(value) else str(value)
    return None


_tables: dict[tuple[type[Any], bool], dict[str, tuple[str, FieldSpec]]] = {}


def _rows(model: type[Any], fold_case: bool) -> dict[str, tuple[str, FieldSpec]]:
    key = (model, fold_case)
    rows = _tables.get(key)
    if rows is None:
        rows = {(row.key.lower() if fold_case else row.key): (name, row) for name, row in table(model)}
        _tables[key] = rows
    return rows


class _Reader:
    """One walk through one document; collects what does not fit."""

    __slots__ = ("fold_case", "problems")

    def __init__(self, fold_case: bool) -> None:
        self.fold_case = fold_case
        self.problems: list[FieldProblem] = []

    def model(self, model: type[Any], value: object, path: str) -> Any:
        if value is None:
            return model()
        if isinstance(value, str) and hasattr(model, "from_text"):
            return model.from_text(value)
        if not isinstance(value, dict):
            return self._misfit(path, value, "a mapping of fields")
        rows = _rows(model, self.fold_case)
        found: dict[str, Any] = {}
        for key, member in value.items():
            name = key if isinstance(key, str) else scalar_text(key) or ""
            row = rows.get(name.lower() if self.fold_case else name)
            if row is not None and member is not None:
                found[row[0]] = self._field(row[1], member, f"{path}.{row[1].key}" if path else row[1].key)
        return None if self.problems else model(**found)

    def _field(self, row: FieldSpec, value: object, path: str) -> Any:
        read = self.read(row.type, value, path)
        if row.enum and read is not None and read != "" and read not in row.enum:
            self._misfit(path, value, "one of " + ", ".join(row.enum))
        return read

    def read(self, kind: FieldType, value: object, path: str) -> Any:
        if value is None and kind.kind != "any":
            return self._zero(kind)
        return _READERS[kind.kind](self, kind, value, path)

    def _zero(self, kind: FieldType) -> Any:
        if kind.kind == "model":
            assert kind.model is not None
            return kind.model()
        return {"bool": False, "integer": 0, "int32": 0, "list": (), "map": {}, "object": {}}.get(kind.kind, "")

    def _text(self, kind: FieldType, value: object, path: str) -> Any:
        text = scalar_text(value)
        return self._misfit(path, value, "text") if text is None else text

    def _bool(self, kind: FieldType, value: object, path: str) -> Any:
        return value if isinstance(value, bool) else self._misfit(path, value, "true or false (without quotes)")

    def _integer(self, kind: FieldType, value: object, path: str) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return self._misfit(path, value, "a whole number (without quotes)")
        bound = _INT_BOUNDS[kind.kind]
        if not -bound <= value < bound:
            return self._misfit(path, value, f"a whole number between {-bound} and {bound - 1}")
        return value

    def _any(self, kind: FieldType, value: object, path: str) -> Any:
        try:
            return _plain(value)
        except ValueError as error:
            self.problems.append(FieldProblem(path, str(error), "write it in quotes"))
            return None

    def _object(self, kind: FieldType, value: object, path: str) -> Any:
        return self._any(kind, value, path) if isinstance(value, dict) else self._misfit(path, value, "a mapping")

    def _list(self, kind: FieldType, value: object, path: str) -> Any:
        if not isinstance(value, list):
            return self._misfit(path, value, "a list (lines that start with '-')")
        item = kind.item
        assert item is not None
        return tuple([self.read(item, member, f"{path}[{index}]") for index, member in enumerate(value)])

    def _map(self, kind: FieldType, value: object, path: str) -> Any:
        if not isinstance(value, dict):
            return self._misfit(path, value, "a mapping of names to values")
        item = kind.item
        assert item is not None
        named = ((scalar_text(key) or "", member) for key, member in value.items())
        return {name: self.read(item, member, f"{path}.{name}") for name, member in named}

    def _model(self, kind: FieldType, value: object, path: str) -> Any:
        assert kind.model is not None
        return self.model(kind.model, value, path)

    def _misfit(self, path: str, value: object, wanted: str) -> None:
        self.problems.append(FieldProblem(path, f"{_kind_name(value)} is not {wanted}", f"write {wanted} there"))


_READERS: Final[dict[str, Callable[[_Reader, FieldType, object, str], Any]]] = {
    "string": _Reader._text,
    "duration": _Reader._text,
    "bool": _Reader._bool,
    "integer": _Reader._integer,
    "int32": _Reader._integer,
    "any": _Reader._any,
    "object": _Reader._object,
    "list": _Reader._list,
    "map": _Reader._map,
    "model": _Reader._model,
}


def _plain(value: object) -> Any:
    """A free value as JSON can hold it: keys are text, numbers finite. Raises ``ValueError``."""
    if isinstance(value, dict):
        return {scalar_text(key) or "null": _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("an infinite number cannot be passed on")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise ValueError(f"a value of the YAML type {type(value).__name__} cannot be passed on")


def _kind_name(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else "null"
