"""What a field's type alone does not say: bounds of texts and lists, and rules between the fields of an object.

The CRD export writes both for the API server (``minLength`` …, ``x-kubernetes-validations``); ``constraints`` holds
resources that come from files to the same (crds-helm-config.md §1.5, §1.6). A rule therefore stands in two languages:
CEL for the server, Python for us; tests give both the same objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one field, each absent when 0: characters of a text, members of a list."""

    min_length: int = 0
    max_length: int = 0
    min_items: int = 0
    max_items: int = 0
    unique: bool = False
    """Whether a list is a set: each member once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over one object, listed in its model's ``RULES``.

    Args:
        expression: the rule in CEL, with the object as ``self``.
        message: what is wrong when it does not hold, worded so that its author can mend it.
        holds: the same rule over the model.
    """

    expression: str
    message: str
    holds: Callable[[Any], bool]
