"""Request targets: where an object, or a collection, is found (API concepts, "Resource URIs").

A name that were empty, or held a slash, would name something else: deleting the object "" deletes a whole collection.
Such names never leave here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, urlencode

from dapr_core.kube.kinds import Kind

Query: TypeAlias = Mapping[str, str | int | bool | None]
"""Parameters by name; what says nothing is left out."""
MAX_NAME: Final = 253
"""Characters of a name or namespace (RFC 1123 subdomains, which all names are shorter than)."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which objects of a collection are meant, in kubectl's notation; empty means all."""

    labels: str = ""
    fields: str = ""

    @classmethod
    def of_name(cls, name: str) -> Selector:
        """The one object of a name."""
        if "," in name or "=" in name or "\\" in name:
            raise ValueError(f"{name[:60]!r} cannot be the name of an object")
        return cls(fields=f"metadata.name={_checked(name, 'name')}")


def collection(kind: Kind, namespace: str = "") -> str:
    """The path of a collection; of all namespaces when none is given.

    Raises:
        ValueError: the namespace cannot be one, or the kind has none.
    """
    base = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    if not namespace:
        return f"{base}/{kind.plural}"
    if not kind.namespaced:
        raise ValueError(f"{kind} live in no namespace, and {namespace[:60]!r} is given")
    return f"{base}/namespaces/{_segment(namespace, 'namespace')}/{kind.plural}"


def single(kind: Kind, name: str, namespace: str = "", subresource: str = "") -> str:
    """The path of one object, or of a part of it.

    Raises:
        ValueError: the name cannot be one, or the namespace is missing.
    """
    if kind.namespaced and not namespace:
        raise ValueError(f"{kind} live in namespaces, and none is given")
    path = f"{collection(kind, namespace)}/{_segment(name, 'name')}"
    return f"{path}/{subresource}" if subresource else path


def with_query(path: str, parameters: Query) -> str:
    """A path with those parameters that say something."""
    said = {name: _plain(value) for name, value in parameters.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(said)}" if said else path


def _plain(value: str | int | bool | None) -> str:
    return "true" if value is True else str(value)


def _segment(text: str, what: str) -> str:
    return quote(_checked(text, what), safe="")


def _checked(text: str, what: str) -> str:
    if not text or len(text) > MAX_NAME or text in (".", "..") or "/" in text or "%" in text:
        raise ValueError(f"{text[:60]!r} cannot be the {what} of an object")
    return text
