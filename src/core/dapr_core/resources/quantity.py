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


class InvalidQuantityError(ValueError):
    """The text is not a quantity."""


def parse_quantity(text: str) -> int:
    """Read a quantity as whole units (bytes, usually), rounded away from zero.

    Raises:
        InvalidQuantityError: the text is no quantity, or does not fit 64 bits.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise InvalidQuantityError(_complaint(text))
    sign, whole, fraction, exponent, suffix = found.groups()
    scale = Fraction(10) ** int(exponent) if exponent is not None else _SCALES.get(suffix)
    if scale is None:
        raise InvalidQuantityError(_complaint(text))
    digits = whole + (fraction or "")
    value = Fraction(int(digits), 10 ** len(fraction or "")) * scale
    rounded = -(-value.numerator // value.denominator)
    if rounded > _MAX:
        raise InvalidQuantityError(f'quantity "{text[:40]}" does not fit 64 bits')
    return -rounded if sign == "-" else rounded


def _complaint(text: str) -> str:
    return f'"{text[:40]}" is no quantity: write a number of bytes with an optional suffix, as in 4096, 64Ki or 4Mi'
