"""Sizes in Kubernetes' notation: ``4Mi``, ``10k``, ``1.5G``, ``1e3``.

Flags and component settings give sizes in bytes this way. Binary suffixes (Ki, Mi...) count in powers of 1024, decimal
ones (k, M...) in powers of 1000. A fraction of a byte counts as one more byte, as in Kubernetes.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_SCALES: Final = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "": Fraction(1),
    "k": Fraction(10**3),
    **{suffix: Fraction(1000**power) for power, suffix in enumerate("MGTPE", start=2)},
    **{f"{suffix}i": Fraction(1024**power) for power, suffix in enumerate("KMGTPE", start=1)},
}
_QUANTITY: Final = re.compile(r"([+-]?)([0-9]{0,60})(?:\.([0-9]{0,60}))?(?:[eE]([+-]?[0-9]{1,3})|([A-Za-z]{0,2}))")
_MAX: Final = 2**63 - 1
_NANO: Final = 10**9
_LIMIT: Final = (_MAX + 1) * _NANO
_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL: Final = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_EXPONENTS: Final = tuple("" if power == 0 else f"e{power}" for power in range(-9, 19, 3))


class InvalidQuantityError(ValueError):
    """The text is not a quantity."""


def parse_quantity(text: str) -> int:
    """Read a quantity as whole units (bytes, usually), rounded away from zero.

    Raises:
        InvalidQuantityError: the text is no quantity, or does not fit 64 bits.
    """
    minus, value, _ = _read(text)
    rounded = _up(value)
    if rounded > _MAX:
        raise InvalidQuantityError(f'quantity "{text[:40]}" does not fit 64 bits')
    return -rounded if minus else rounded


def canonical_quantity(text: str) -> str:
    """The same quantity as Kubernetes writes it: no fraction, and the largest suffix of its family that allows that.

    ``0.5`` is ``500m``, ``1024Mi`` is ``1Gi``, ``1.5Gi`` is ``1536Mi``, ``1000`` is ``1k``.

    Raises:
        InvalidQuantityError: the text is no quantity.
    """
    minus, value, family = _read(text)
    nano = _up(value * _NANO)
    if not nano:
        return "0"
    if nano >= _LIMIT:
        raise InvalidQuantityError(f'quantity "{text[:40]}" does not fit 64 bits')
    sign = "-" if minus else ""
    if family is _BINARY and nano % _NANO == 0 and nano >= 1024 * _NANO:
        return sign + _shortest(nano // _NANO, 1024, _BINARY)
    # What has a fraction of a unit, or is small, is clearer in decimal form.
    return sign + _shortest(nano, 1000, _EXPONENTS if family is _EXPONENTS else _DECIMAL)


def _read(text: str) -> tuple[bool, Fraction, tuple[str, ...]]:
    """Whether it is negative, its magnitude, and the family of its suffix.

    Raises:
        InvalidQuantityError: the text is no quantity.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise InvalidQuantityError(_complaint(text))
    sign, whole, fraction, exponent, suffix = found.groups()
    scale = Fraction(10) ** int(exponent) if exponent is not None else _SCALES.get(suffix)
    if scale is None:
        raise InvalidQuantityError(_complaint(text))
    value = Fraction(int(whole + (fraction or "")), 10 ** len(fraction or "")) * scale
    family = _EXPONENTS if exponent is not None else _BINARY if suffix.endswith("i") else _DECIMAL
    return sign == "-", value, family


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _shortest(number: int, base: int, suffixes: tuple[str, ...]) -> str:
    """The number with the largest suffix that leaves no fraction."""
    step = 0
    while number % base == 0 and step + 1 < len(suffixes):
        number //= base
        step += 1
    return f"{number}{suffixes[step]}"


def _complaint(text: str) -> str:
    return f'"{text[:40]}" is no quantity: write a number of bytes with an optional suffix, as in 4096, 64Ki or 4Mi'
