"""A resource as plain values under its manifest's keys: what ``decoding`` reads, written back.

Fields that hold what an absent field reads as are left out.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from dapr_core.resources.schema import table


def encode(model: Any) -> dict[str, Any]:
    """The fields of a model (a dataclass with a field table) by their keys in the manifest."""
    absent = type(model)()
    return {
        row.key: _plain(value)
        for attribute, row in table(type(model))
        if (value := getattr(model, attribute)) != getattr(absent, attribute)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return encode(value) if dataclasses.is_dataclass(value) else value
