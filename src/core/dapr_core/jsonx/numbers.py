"""Numbers that keep or take the text Go would write.

Go formats a float64 without exponent between 1e-6 and 1e21 and with a short exponent outside (``1e-7``, ``1e+21``);
Python switches at other places. Both use the shortest digits that read back equal, so only the layout differs.
"""

from __future__ import annotations

import math


class Number:
    """A JSON number by its text. Two are equal when their texts are; ``float()`` and ``int()`` convert."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __float__(self) -> float:
        return float(self.text)

    def __int__(self) -> int:
        return int(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Number({self.text!r})"


def format_float(value: float) -> str:
    """The text Go's ``encoding/json`` gives a float64.

    Raises:
        ValueError: NaN and infinities have no JSON form.
    """
    if not math.isfinite(value):
        raise ValueError(f"json: unsupported value: {_unsupported(value)}")
    sign, digits, exponent = _shortest(value)
    magnitude = abs(value)
    if magnitude != 0 and (magnitude < 1e-6 or magnitude >= 1e21):
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        power = exponent + len(digits) - 1
        return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power)}"
    if exponent >= 0:
        return sign + digits + "0" * exponent
    point = len(digits) + exponent
    if point > 0:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    return f"{sign}0.{'0' * -point}{digits}"


def normalise(text: str) -> Number:
    """A number's text as it is after a trip through Go's float64; beyond its range the text is kept."""
    value = float(text)
    return Number(format_float(value)) if math.isfinite(value) else Number(text)


def _shortest(value: float) -> tuple[str, str, int]:
    """Sign, shortest significant digits and decimal exponent: value = sign digits * 10**exponent."""
    text = repr(value)
    sign = "-" if text[0] == "-" else ""
    mantissa, _, power = text.removeprefix("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = int(power or 0) - len(fraction)
    digits = (whole + fraction).lstrip("0")
    stripped = digits.rstrip("0")
    if not stripped:
        return sign, "0", 0
    return sign, stripped, exponent + len(digits) - len(stripped)


def _unsupported(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"
