"""Addresses of applications that were seen lately. Pure: the time is an argument."""

from __future__ import annotations

from collections.abc import Iterable

ADDRESS_LIFETIME = 60.0
"""Seconds after which an address that was not seen again is forgotten (components.md §2.12)."""

_MAX_ADDRESSES = 1000


class Addresses:
    """Addresses by app id, each with the time until which it is believed."""

    __slots__ = ("_by_app",)

    def __init__(self) -> None:
        self._by_app: dict[str, dict[str, float]] = {}

    def add(self, app_id: str, address: str, now: float) -> None:
        """An address was seen."""
        known = self._by_app.setdefault(app_id, {})
        if address in known or len(known) < _MAX_ADDRESSES:
            known[address] = now + ADDRESS_LIFETIME

    def remove(self, app_id: str, address: str) -> None:
        """An address said goodbye."""
        known = self._by_app.get(app_id)
        if known is not None:
            known.pop(address, None)
            if not known:
                del self._by_app[app_id]

    def of(self, app_id: str, now: float) -> list[str]:
        """The believed addresses: of IPv4 when there is one, else of IPv6; in the order they were found."""
        known = self._by_app.get(app_id)
        if known is None:
            return []
        if len(known) == 1:  # nearly always, and each call of another application asks
            for address, until in known.items():
                if now < until:
                    return [address]
        alive = [address for address, until in known.items() if now < until]
        if len(alive) != len(known):
            self._by_app[app_id] = {address: known[address] for address in alive}
            if not alive:
                del self._by_app[app_id]
        return [address for address in alive if address[0] != "["] or alive

    def apps(self) -> Iterable[str]:
        """The applications that have addresses."""
        return tuple(self._by_app)
