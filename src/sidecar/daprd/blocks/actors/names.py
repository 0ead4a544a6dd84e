"""What may name an actor, and one of its methods (actors-placement.md §3.4).

Ids stand in paths of the application and in keys of state stores; a method is a path below the actor, which must not
lead out of it.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final

RESERVED: Final = "dapr.internal."
"""What types begin with that only the runtime itself may use."""

_BAD_IN_ID: Final = re.compile(r"[#?/\\\x00-\x1f\x7f]")
_BAD_IN_METHOD: Final = re.compile(r"[#?\x00-\x1f\x7f]")


class InvalidNameError(ValueError):
    """A name that cannot be one; the text says which, and why."""


def check_name(value: str, what: str) -> None:
    """Hold the type or id of an actor, or the name of a timer or reminder, to the rules.

    Args:
        value: the name.
        what: how errors call it, as ``actorId``.

    Raises:
        InvalidNameError: it holds a character that would lead elsewhere, or is a step in a path.
    """
    if value in (".", ".."):
        raise InvalidNameError(f"invalid {what}: it may not be {value!r}")
    found = _BAD_IN_ID.search(value)
    if found is not None:
        raise InvalidNameError(f"invalid {what}: it may not contain {found[0]!r}")


def method_path(value: str) -> str:
    """The method's path below the actor, with ``..`` taken out, so that it never leads above it.

    Raises:
        InvalidNameError: it holds a character that would end the path.
    """
    found = _BAD_IN_METHOD.search(value)
    if found is not None:
        raise InvalidNameError(f"invalid actor method: it may not contain {found[0]!r}")
    if "/" not in value and value not in (".", ".."):
        return value
    return posixpath.normpath("/" + value).lstrip("/")


def is_reserved(actor_type: str) -> bool:
    """Whether a type is the runtime's own."""
    return actor_type.startswith(RESERVED)
