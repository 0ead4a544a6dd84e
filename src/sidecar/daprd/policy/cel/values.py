"""CEL's operators on decoded JSON values.

Python's own operators would say that ``True == 1`` and compare whatever it can; these follow cel-go: booleans are no
numbers, numbers compare across types, other mixtures are unequal, and only like kinds have an order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dapr_core.jsonx import Number


class CELError(Exception):
    """The expression could not be evaluated: a key is missing, or an operator does not fit its operands."""


def plain(value: Any) -> Any:
    """A number carried by its text, as a float; anything else as it is."""
    return float(value) if isinstance(value, Number) else value


def equal(left: Any, right: Any) -> bool:
    """``==``: by value within a kind, across number types; false for different kinds."""
    if left.__class__ is right.__class__ and left.__class__ in (str, bool, int):
        return bool(left == right)
    left, right = plain(left), plain(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    return left.__class__ is right.__class__ and bool(left == right)


def compare(name: str, ordered: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """An ordering operator: numbers across types, strings, booleans and bytes among themselves."""

    def run(left: Any, right: Any) -> bool:
        left, right = plain(left), plain(right)
        if _order_kind(left) != _order_kind(right) or _order_kind(left) is None:
            raise no_overload(name, left, right)
        return ordered(left, right)

    return run


def contains(item: Any, container: Any) -> bool:
    """``in``: an element of a list, a key of a map."""
    if isinstance(container, list):
        return any(equal(item, element) for element in container)
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    raise no_overload("in", item, container)


def member(value: Any, name: str) -> Any:
    """``value.name``. Raises ``CELError`` when the map lacks it, or the value is no map."""
    if isinstance(value, Mapping):
        try:
            return value[name]
        except KeyError:
            raise CELError(f"no such key: {name}") from None
    raise no_overload(f".{name}", value)


def index(value: Any, key: Any) -> Any:
    """``value[key]``: a map by string, a list by integer."""
    key = plain(key)
    if isinstance(value, Mapping):
        if isinstance(key, str):
            return member(value, key)
        raise CELError(f"no such key: {key}")
    if isinstance(value, list) and isinstance(key, (int, float)) and not isinstance(key, bool) and key == int(key):
        if not 0 <= key < len(value):
            raise CELError(f"index out of bounds: {int(key)}")
        return value[int(key)]
    raise no_overload("[]", value, key)


def size(value: Any) -> int:
    """How many characters, bytes, elements or entries."""
    if isinstance(value, (str, bytes, list, Mapping)):
        return len(value)
    raise no_overload("size", value)


def text_method(name: str, test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """A method of strings that takes a string."""

    def run(value: Any, argument: Any) -> bool:
        if isinstance(value, str) and isinstance(argument, str):
            return test(value, argument)
        raise no_overload(name, value, argument)

    return run


def truth(value: Any) -> bool:
    """The operand of a logical operator, which must be a boolean."""
    if value is True or value is False:
        return bool(value)
    raise no_overload("boolean operand", value)


def no_overload(operator: str, *operands: Any) -> CELError:
    """The error for operands that an operator does not take; their values may be secrets and are not shown."""
    return CELError(f"no such overload: {operator} for {', '.join(map(_kind, operands))}")


def _order_kind(value: Any) -> str | None:
    kind = _kind(value)
    return kind if kind in ("number", "string", "bool", "bytes") else None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float, Number)):
        return "number"
    names: tuple[tuple[type, str], ...] = ((str, "string"), (bytes, "bytes"), (list, "list"), (Mapping, "map"))
    return next((name for kind, name in names if isinstance(value, kind)), "null" if value is None else "unknown")
