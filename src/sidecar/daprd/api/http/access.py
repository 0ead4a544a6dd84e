"""Which routes the Configuration's allow and deny lists leave standing (``spec.api``; api.md §6.4).

A route that is refused is never registered, so it costs nothing per request and answers like any unknown path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daprd.api.http.routing import Route


@dataclass(frozen=True, slots=True)
class ApiRule:
    """One entry of ``spec.api.allowed`` or ``spec.api.denied``.

    ``protocol`` is ``http`` or ``grpc``; a rule without it matches nothing (crds-helm-config.md §2.9).
    """

    name: str
    version: str
    protocol: str = ""

    @property
    def key(self) -> str:
        """What routes are compared with: ``v1/state``, or a beginning of a path such as ``v1.0/state/mem``."""
        return f"{self.version}/{self.name}"


class AccessList:
    """Deny rules are looked at first; then allow rules, of which one must match if there are any."""

    def __init__(self, allowed: Iterable[ApiRule] = (), denied: Iterable[ApiRule] = ()) -> None:
        self._allowed = [rule.key for rule in allowed if rule.protocol == "http"]
        self._denied = [rule.key for rule in denied if rule.protocol == "http"]

    def permits(self, group: str, version: str, template: str) -> bool:
        """Whether an endpoint of this group and path may be served."""
        if _matches(self._denied, group, version, template):
            return False
        return not self._allowed or _matches(self._allowed, group, version, template)

    def filter(self, routes: Sequence[Route]) -> list[Route]:
        """The routes that may be served; those always allowed among them."""
        return [
            route
            for route in routes
            if route.always_allowed or self.permits(route.group, route.version, route.template)
        ]


def _matches(keys: Iterable[str], group: str, version: str, template: str) -> bool:
    own = f"{version}/{group}"
    return any(key == own or template.startswith(key) for key in keys)
