"""Go's words for a value of the wrong type (``json: cannot unmarshal number into Go struct field …``).

Request bodies of the API are decoded into typed values; a client that sends a number where a string belongs gets the
text of Go's decoder inside the documented error.
"""

from __future__ import annotations

from typing import Any


def go_kind(value: Any) -> str:
    """What Go's decoder calls a decoded JSON value: object, array, string, bool, null or number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "number"


def mismatch(value: Any, wanted: str, *, field: str = "") -> str:
    """Go's text for a value that does not fit.

    Args:
        value: what came, decoded.
        wanted: the Go type that was expected, e.g. ``string`` or ``[]state.SetRequest``.
        field: ``Struct.field`` when it is a field's value; empty for a whole document.
    """
    target = f"Go struct field {field} of type" if field else "Go value of type"
    return f"json: cannot unmarshal {go_kind(value)} into {target} {wanted}"
