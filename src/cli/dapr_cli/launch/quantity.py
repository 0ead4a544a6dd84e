"""Sizes as Kubernetes writes them: ``4Mi``, ``16Ki``, ``1M``, or plain bytes."""

from __future__ import annotations

import math
import re
from decimal import Decimal

FACTORS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?")
UNSET = -1


def size_in_bytes(text: str) -> int:
    """The bytes a quantity stands for, a fraction rounded up; a negative one means "the default" and gives -1.

    Raises ValueError, with the accepted forms, on anything else.
    """
    match = QUANTITY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is no size; write bytes or a quantity such as 512Ki, 4Mi or 1Gi')
    number, unit = Decimal(match[1]), match[2] or ""
    exact = number * FACTORS[unit]
    return UNSET if exact < 0 else math.ceil(exact)
