"""Objects as JSON has them, and the few fields that every one of them has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

Object: TypeAlias = dict[str, Any]
"""An object of the API, as the JSON decoder gives it."""


class Key(NamedTuple):
    """What tells two objects of a kind apart; ``namespace`` is empty where the kind has none."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def metadata(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its ``metadata``; empty when there is none."""
    return section(thing, "metadata")


def section(thing: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The mapping at a path of names; empty when there is none, or something else is there."""
    value: Any = thing
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def text(thing: Mapping[str, Any], name: str) -> str:
    """A member that is a string; empty when it is not."""
    value = thing.get(name)
    return value if isinstance(value, str) else ""


def key_of(thing: Mapping[str, Any]) -> Key:
    """Namespace and name."""
    found = metadata(thing)
    return Key(text(found, "namespace"), text(found, "name"))


def version_of(thing: Mapping[str, Any]) -> str:
    """``resourceVersion``: opaque, but equal for equal states (API concepts, "Resource versions")."""
    return text(metadata(thing), "resourceVersion")


def uid_of(thing: Mapping[str, Any]) -> str:
    """``uid``, which no other object ever has, not even one of the same name."""
    return text(metadata(thing), "uid")


def annotations_of(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """``metadata.annotations``."""
    return section(thing, "metadata", "annotations")
