"""Values that resources take from Secrets: where they stand in an object, and the object with them put in (§4.4).

A value is written as base64, in which sidecars know it; in a Configuration it is plain text. Where a Secret or its key
is missing the value stays as it was: it is the one resource that cannot work, and its sidecar will say so, while the
others are served.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.kube import Kind
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION
from dapr_operator.kinds import HTTP_ENDPOINT, MCP_SERVER

KUBERNETES_STORE: Final = "kubernetes"

Json = Mapping[str, Any]
SecretData = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that comes from a Secret of the resource's namespace.

    Attributes:
        holder: the object of JSON that has ``secretKeyRef`` and takes ``value``.
        secret, key: where it is.
        plain: whether it is written as it is.
    """

    holder: dict[str, Any]
    secret: str
    key: str
    plain: bool

    def put(self, data: SecretData) -> bool:
        """Write the value; False when the Secret does not have it."""
        value = data.get(self.key)
        if value is None:
            return False
        self.holder["value"] = value.decode(errors="replace") if self.plain else base64.b64encode(value).decode()
        return True


def has_references(kind: Kind, thing: Json) -> bool:
    """Whether an object takes anything from Secrets."""
    return next(_references(kind, thing), None) is not None


def copied(kind: Kind, thing: Json) -> tuple[dict[str, Any], list[Reference]]:
    """A copy of an object that may be written in, and where."""
    own = copy.deepcopy(dict(thing))
    return own, list(_references(kind, own))


def _references(kind: Kind, thing: Json) -> Iterator[Reference]:
    find = _HOLDERS.get(kind)
    if find is None:
        return
    plain = kind == CONFIGURATION
    if not plain and _at(thing, "auth", "secretStore") not in (None, "", KUBERNETES_STORE):
        return
    for holder in find(thing):
        reference = holder.get("secretKeyRef") if isinstance(holder, dict) else None
        if not isinstance(reference, dict):
            continue
        secret, key = reference.get("name"), reference.get("key")
        if isinstance(secret, str) and secret:
            named = key if isinstance(key, str) and key else "" if plain else secret
            yield Reference(holder, secret, named, plain)


def _component(thing: Json) -> Iterator[Any]:
    yield from _items(thing, "spec", "metadata")


def _endpoint(thing: Json) -> Iterator[Any]:
    yield from _items(thing, "spec", "headers")
    for name in ("certificate", "privateKey", "rootCA"):
        yield _at(thing, "spec", "clientTLS", name)


def _mcp_server(thing: Json) -> Iterator[Any]:
    for transport, values in (("streamableHTTP", "headers"), ("sse", "headers"), ("stdio", "env")):
        yield from _items(thing, "spec", "endpoint", transport, values)


def _configuration(thing: Json) -> Iterator[Any]:
    yield from _items(thing, "spec", "tracing", "otel", "headers")


_HOLDERS: Final[dict[Kind, Callable[[Json], Iterator[Any]]]] = {
    COMPONENT: _component,
    HTTP_ENDPOINT: _endpoint,
    MCP_SERVER: _mcp_server,
    CONFIGURATION: _configuration,
}


def _items(thing: Json, *path: str) -> list[Any]:
    found = _at(thing, *path)
    return found if isinstance(found, list) else []


def _at(thing: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(thing, Mapping):
            return None
        thing = thing.get(name)
    return thing
