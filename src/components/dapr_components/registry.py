"""Find the class for a manifest's ``type`` and ``version``.

Our own vendors are in a table of import paths, so that nothing is imported before a manifest asks for it and no
package metadata is scanned at start. Only a type that the table lacks makes us look for entry points of the group
``dapr.components`` (names ``state.acme`` or ``state.acme/v2``), which is how a third party adds a vendor. Components in
processes of their own (``dapr_components.pluggable``) come first, as in the original: a socket may replace a vendor.

Lookup rule (building-blocks.md §6.3): type and version ignore case; the exact pair first; an empty version, ``v0`` and
``v1`` then fall back to the unversioned name.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TypeVar

from dapr_components.contract import Component

ENTRY_POINT_GROUP = "dapr.components"

BUILTIN: dict[str, str] = {
    "state.in-memory": "dapr_components.state.in_memory:InMemoryStateStore",
    "state.redis": "dapr_components.state.redis:RedisStateStore",
    "state.sqlite": "dapr_components.state.sqlite:SQLiteStateStore",
    "state.sqlite3": "dapr_components.state.sqlite:SQLiteStateStore",
    "pubsub.in-memory": "dapr_components.pubsub.in_memory:InMemoryPubSub",
    "pubsub.redis": "dapr_components.pubsub.redis:RedisPubSub",
    "bindings.cron": "dapr_components.bindings.cron:CronBinding",
    "bindings.http": "dapr_components.bindings.http:HTTPBinding",
    "bindings.localstorage": "dapr_components.bindings.localstorage:LocalStorageBinding",
    "bindings.redis": "dapr_components.bindings.redis:RedisBinding",
    "secretstores.local.env": "dapr_components.secretstores.local_env:LocalEnvSecretStore",
    "secretstores.local.file": "dapr_components.secretstores.local_file:LocalFileSecretStore",
    "secretstores.kubernetes": "dapr_components.secretstores.kubernetes:KubernetesSecretStore",
    "nameresolution.kubernetes": "dapr_components.nameresolution.kubernetes:KubernetesResolver",
    "nameresolution.mdns": "dapr_components.nameresolution.mdns:MDNSResolver",
    "nameresolution.sqlite": "dapr_components.nameresolution.sqlite:SQLiteResolver",
    "middleware.http.uppercase": "dapr_components.middleware.uppercase:UppercaseMiddleware",
    "middleware.http.routeralias": "dapr_components.middleware.routeralias:RouterAliasMiddleware",
    "middleware.http.ratelimit": "dapr_components.middleware.ratelimit:RateLimitMiddleware",
}
UNVERSIONED = frozenset({"", "v0", "v1"})

_discovered: dict[str, type[Component]] = {}

C = TypeVar("C", bound=Component)


class UnknownComponentError(LookupError):
    """No vendor answers to this type and version."""


def find(component_type: str, version: str, contract: type[C]) -> type[C]:
    """The vendor's class for a manifest.

    Args:
        component_type: the manifest's ``spec.type``, e.g. ``state.redis``.
        version: the manifest's ``spec.version``; may be empty.
        contract: the contract the class must fulfil.

    Raises:
        UnknownComponentError: nothing is registered under that name, or what is there has another contract.
    """
    kind, wanted = component_type.lower(), version.lower()
    names = [f"{kind}/{wanted}"] if wanted else []
    if wanted in UNVERSIONED:
        names.append(kind)
    for name in names:
        found = _load(name)
        if found is not None and issubclass(found, contract):
            return found
    raise UnknownComponentError(f"{component_type}/{version}")


def is_known(component_type: str, version: str, contract: type[Component]) -> bool:
    """Whether ``find`` would answer; for kinds that one type may fill twice, as bindings do."""
    try:
        find(component_type, version, contract)
    except UnknownComponentError:
        return False
    return True


def set_discovered(classes: Mapping[str, type[Component]]) -> None:
    """Name the components that were discovered, by unversioned type in lower case, in place of any before."""
    _discovered.clear()
    _discovered.update(classes)


def _load(name: str) -> type[Component] | None:
    if name in _discovered:
        return _discovered[name]
    path = BUILTIN.get(name)
    if path is not None:
        module, _, attribute = path.partition(":")
        loaded = getattr(importlib.import_module(module), attribute)
    else:
        from importlib.metadata import entry_points  # 3 MB, for the types that are nobody's of ours

        points = entry_points(group=ENTRY_POINT_GROUP, name=name)
        if not points:
            return None
        loaded = next(iter(points)).load()
    return loaded if isinstance(loaded, type) and issubclass(loaded, Component) else None
