"""The field tables: complete enough to make a parser and a CRD of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from dapr_core.resources.loader import MODELS
from dapr_core.resources.schema import FieldType, table


def models(model: type[Any], seen: set[type[Any]]) -> Iterator[type[Any]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    for _, row in table(model):
        inner: FieldType | None = row.type
        while inner is not None:
            if inner.model is not None:
                yield from models(inner.model, seen)
            inner = inner.item


SEEN: set[type[Any]] = set()
ALL = [each for kind in MODELS.values() for each in models(kind, SEEN)]


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_field_has_a_row_with_its_meaning(model: type[Any]) -> None:
    rows = table(model)
    assert len(rows) == len(dataclasses.fields(model))
    assert len({row.key.lower() for _, row in rows}) == len(rows)
    for _, row in rows:
        assert row.doc.endswith(".")
        assert (row.type.kind in ("list", "map")) == (row.type.item is not None)
    assert model.__doc__


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_models_are_small_immutable_values(model: type[Any]) -> None:
    value = model()
    assert not hasattr(value, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(model)[0].name, None)
    assert value == model()
