"""What may name an actor, and one of its methods (actors-placement.md §3.4).

Ids stand in paths of the application and in keys of state stores; a method is a path below the actor, which must not
lead out of it.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final

from dapr_core.quoting import quoted

RESERVED: Final = "dapr.internal."
"""What types begin with that only the runtime itself may use."""

_STEPS: Final = (".", "..")
_find_bad: Final = re.compile(r"[#?/\\\x00-\x1f\x7f]").search
_BAD_IN_METHOD: Final = re.compile(r"[#?\x00-\x1f\x7f]")


class InvalidNameError(ValueError):
    """A name that cannot be one; the text says which, and why."""


def check_name(value: str) -> None:
    """Hold the type or id of an actor, or the name of a timer or reminder, to the rules.

    Raises:
        InvalidNameError: it holds a character that would lead elsewhere, or is a step in a path.
    """
    if value in _STEPS:
        raise InvalidNameError(f"name is a path traversal sequence: {quoted(value)}")
    if _find_bad(value) is not None:
        raise InvalidNameError(f"name contains forbidden character: {quoted(value)}")


def check_actor(actor_type: str, actor_id: str) -> None:
    """Hold an actor's type and id to the rules. Raises ``InvalidNameError``."""
    if actor_type not in _STEPS and actor_id not in _STEPS and not (_find_bad(actor_type) or _find_bad(actor_id)):
        return
    for what, value in (("actorType", actor_type), ("actorId", actor_id)):
        try:
            check_name(value)
        except InvalidNameError as error:
            raise InvalidNameError(f"invalid {what}: {error}") from None


def method_path(value: str) -> str:
    """The method's path below the actor, with ``..`` taken out, so that it never leads above it.

    Raises:
        InvalidNameError: it holds a character that would end the path.
    """
    if _BAD_IN_METHOD.search(value) is not None:
        raise InvalidNameError(f"invalid actor method: method contains forbidden character: {quoted(value)}")
    if "/" not in value and value not in (".", ".."):
        return value
    return posixpath.normpath("/" + value).lstrip("/")


def internal_type(namespace: str, app_id: str, kind: str) -> str:
    """The name of a type of the runtime's own for an application; placement takes it from nobody else (§1.3)."""
    return f"{RESERVED}{namespace}.{app_id}.{kind}"


def is_reserved(actor_type: str) -> bool:
    """Whether a type is the runtime's own."""
    return actor_type.startswith(RESERVED)
