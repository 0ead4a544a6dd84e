"""One declared object, as it is kept and served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dapr_core.kube import Key, Object
from dapr_core.kube.objects import key_of, section, version_of


@dataclass(frozen=True)
class Resource:
    """An object without what only the cluster needs of it: its status, and who manages which of its fields.

    Attributes:
        key: namespace and name.
        version: its resourceVersion.
        thing: the object.
        scopes: ids of the applications it is for; empty is all.
        takes_secrets: whether any value of it comes from a Secret.
    """

    key: Key
    version: str
    thing: Mapping[str, Any]
    scopes: frozenset[str]
    takes_secrets: bool = False

    @classmethod
    def of(cls, thing: Object, *, takes_secrets: bool = False) -> Resource:
        """Keep an object of the API server."""
        metadata = {name: value for name, value in thing["metadata"].items() if name != "managedFields"}
        kept = {name: value for name, value in thing.items() if name != "status"} | {"metadata": metadata}
        scopes = thing.get("scopes")
        names = [scope for scope in scopes if isinstance(scope, str)] if isinstance(scopes, list) else []
        return cls(key_of(thing), version_of(thing), kept, frozenset(names), takes_secrets)

    def says_the_same_as(self, other: Resource) -> bool:
        """Whether nothing has changed since but what a sidecar does not see, such as the status."""
        mine, before = section(self.thing, "metadata"), section(other.thing, "metadata")
        # A generation counts changes of everything but metadata and status.
        return isinstance(mine.get("generation"), int) and all(
            mine.get(name) == before.get(name) for name in ("uid", "generation", "labels", "annotations")
        )

    def is_for(self, app_id: str) -> bool:
        """Whether an application may know it."""
        return not self.scopes or app_id in self.scopes

    @cached_property
    def encoded(self) -> bytes:
        """Its JSON, made once for all sidecars."""
        return encode(self.thing)


def encode(thing: Mapping[str, Any]) -> bytes:
    """An object's JSON."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":")).encode()
