"""From an application's id to the address of one of its sidecars (api.md §3.2).

The vendor of name resolution does the looking up. This seam asks again when it has nothing yet, spreads calls over
several addresses, and remembers several for a while, since looking them up may be dear. When an address fails, the
answer it came from is forgotten and the address is passed over while there are others: a sidecar that was killed says
no goodbye, and name resolution may know it for a minute longer.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Final

from dapr_components.contract import ComponentError
from dapr_components.nameresolution.contract import NameResolver
from daprd.mesh.errors import ResolveError

_ATTEMPTS: Final = 5
_PAUSE: Final = 0.1
_KEPT: Final = 20.0
_REMEMBERED: Final = 1024
_AVOIDED: Final = 60.0
"""Seconds for which an address that failed is passed over; mDNS forgets a silent one within that time."""


class Names:
    """The name resolution of one sidecar.

    Args:
        resolver: gives the vendor now, or None while there is none.
        clock: seconds, monotonic.
        choose: picks one of several addresses.
    """

    def __init__(
        self,
        resolver: Callable[[], NameResolver | None],
        *,
        clock: Callable[[], float] = time.monotonic,
        choose: Callable[[Sequence[str]], str] = random.choice,
        pause: float = _PAUSE,
    ) -> None:
        self._resolver = resolver
        self._clock = clock
        self._choose = choose
        self._pause = pause
        self._cache: dict[tuple[str, str], tuple[float, list[str]]] = {}
        self._failed: dict[str, float] = {}

    async def resolve(self, app_id: str, namespace: str) -> str:
        """The address (``host:port``) of one sidecar of the application.

        Raises:
            ResolveError: there is none, or no name resolution; the text names the application.
        """
        kept = self._cache.get((app_id, namespace))
        if kept is not None and self._clock() < kept[0]:
            return self._pick(kept[1])
        addresses = await self._ask(app_id, namespace)
        if len(addresses) == 1:
            return addresses[0]
        if len(self._cache) >= _REMEMBERED:
            self._cache.clear()
        self._cache[app_id, namespace] = (self._clock() + _KEPT, addresses)
        return self._pick(addresses)

    def known(self, app_id: str, namespace: str) -> str | None:
        """What ``resolve`` would give, if that can be told without waiting; else None."""
        kept = self._cache.get((app_id, namespace))
        if kept is not None and self._clock() < kept[0]:
            return self._pick(kept[1])
        resolver = self._resolver()
        addresses = resolver.known(app_id, namespace) if resolver is not None else ()
        # Several are for ``resolve`` to remember.
        return addresses[0] if len(addresses) == 1 else None

    def _pick(self, addresses: Sequence[str]) -> str:
        """One of several, of those that have not failed of late if there are any."""
        if self._failed:
            now = self._clock()
            self._failed = {address: until for address, until in self._failed.items() if now < until}
            addresses = [address for address in addresses if address not in self._failed] or addresses
        return self._choose(addresses)

    async def _ask(self, app_id: str, namespace: str) -> list[str]:
        resolver = self._resolver()
        if resolver is None:
            raise ResolveError(f"failed to resolve {app_id}: name resolution is not initialized; see the sidecar's log")
        for attempt in range(_ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause)
            try:
                addresses = await resolver.resolve(app_id, namespace)
            except ComponentError as error:
                raise ResolveError(str(error)) from error
            if addresses and all(addresses):
                return addresses
        raise ResolveError(f"resolver returned empty address for app id {app_id}/{namespace}")

    def forget(self, app_id: str, namespace: str, address: str) -> None:
        """An address of the application failed: look it up anew next time, and prefer others to that address."""
        self._cache.pop((app_id, namespace), None)
        if len(self._failed) >= _REMEMBERED:
            self._failed.clear()
        self._failed[address] = self._clock() + _AVOIDED
