"""``nameresolution.kubernetes``: other sidecars by the Services that the operator keeps (components.md §2.12).

The Service of an application is headless, so its name stands for the addresses of all its pods. They are looked up
here, so that calls can be spread over them, and kept for a few seconds: a pod that is gone is soon not tried any more,
and most calls wait for no lookup.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.contract import NameResolver, Registration

FRESH: Final = 5.0
"""Seconds for which looked-up addresses are used without a look."""
STALE: Final = 60.0
"""Seconds for which they are used where the lookup fails."""
_REMEMBERED: Final = 1024
_DEFAULT_DOMAIN: Final = "cluster.local"
_PLACEHOLDER: Final = re.compile(r"\{\{\s*\.(\w+)(?:\.(\w+))?\s*\}\}")

Lookup = Callable[[str], Awaitable[list[str]]]


@dataclass(slots=True)
class _Known:
    """What a lookup gave, when, and the one under way."""

    addresses: tuple[str, ...] = ()
    at: float = float("-inf")
    looking: asyncio.Task[None] | None = None


class KubernetesResolver(NameResolver):
    """Resolves by DNS. ``lookup`` gives the addresses of a host; raises ``OSError``."""

    def __init__(self, context: ComponentContext, lookup: Lookup | None = None) -> None:
        super().__init__(context)
        self._lookup = lookup or _dns
        self._domain = _DEFAULT_DOMAIN
        self._template = ""
        self._port = 50002
        self._known: dict[str, _Known] = {}

    async def init(self, metadata: Metadata) -> None:
        self._domain = metadata.get("clusterDomain") or _DEFAULT_DOMAIN
        self._template = metadata.get("template", "")
        _filled(self._template, {"ID": "a", "Namespace": "b", "Port": "1"})

    async def register(self, registration: Registration) -> None:
        # The cluster announces us; sidecars of one cluster listen for one another on one port.
        self._port = registration.internal_port

    async def close(self) -> None:
        for known in self._known.values():
            if known.looking is not None:
                known.looking.cancel()

    async def resolve(self, app_id: str, namespace: str) -> list[str]:
        target = self._target(app_id, namespace)
        if len(self._known) >= _REMEMBERED and target not in self._known:
            self._known.clear()
        known = self._known.setdefault(target, _Known())
        if self._age(known) >= FRESH or not known.addresses:
            await asyncio.shield(self._look(target, known))
        if not known.addresses:
            raise ComponentError(f"couldn't find service: {app_id}: nothing answers to {target.rpartition(':')[0]}")
        return list(known.addresses)

    def known(self, app_id: str, namespace: str) -> Sequence[str]:
        target = self._target(app_id, namespace)
        known = self._known.get(target)
        if known is None or not known.addresses or self._age(known) >= STALE:
            return ()
        if self._age(known) >= FRESH:
            self._look(target, known)
        return known.addresses

    def _target(self, app_id: str, namespace: str) -> str:
        if self._template:
            return _filled(self._template, {"ID": app_id, "Namespace": namespace, "Port": str(self._port)})
        return f"{app_id}-dapr.{namespace}.svc.{self._domain}:{self._port}"

    def _age(self, known: _Known) -> float:
        return asyncio.get_running_loop().time() - known.at

    def _look(self, target: str, known: _Known) -> asyncio.Task[None]:
        if known.looking is None:
            known.looking = asyncio.create_task(self._refresh(target, known), name=f"look up {target}")
        return known.looking

    async def _refresh(self, target: str, known: _Known) -> None:
        host, _, port = target.rpartition(":")
        try:
            found = await self._lookup(host.strip("[]"))
        except OSError:
            # A name server that is away for a moment takes nobody's addresses; after a minute they are worth nothing.
            if self._age(known) >= STALE:
                known.addresses = ()
        else:
            known.addresses = tuple(f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for each in found)
            known.at = asyncio.get_running_loop().time()
        finally:
            known.looking = None


async def _dns(host: str) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _filled(template: str, values: dict[str, str]) -> str:
    """Go's ``{{.ID}}`` and its like, which is all that this vendor's templates hold."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "Data" or name not in values:
            raise ComponentError(f"template: {{{{.{name}}}}} is unknown; use .ID, .Namespace and .Port")
        return values[name]

    filled = _PLACEHOLDER.sub(value, template)
    if "{{" in filled:
        raise ComponentError("template: only {{.ID}}, {{.Namespace}} and {{.Port}} can be used")
    return filled
