"""The contract of a name resolver (components.md §2.12)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from dapr_components.contract import Component


@dataclass(frozen=True, slots=True)
class Registration:
    """What this sidecar announces about itself: ports and the host address others reach it by."""

    app_id: str
    namespace: str
    host_address: str
    internal_port: int
    http_port: int
    grpc_port: int

    @property
    def internal_address(self) -> str:
        """Where other sidecars reach this one: ``host:port``, an IPv6 address in brackets."""
        host = f"[{self.host_address}]" if ":" in self.host_address else self.host_address
        return f"{host}:{self.internal_port}"


class NameResolver(Component):
    """A vendor of name resolution. ``init`` gets the Configuration's ``spec.nameResolution.configuration``."""

    @abstractmethod
    async def register(self, registration: Registration) -> None:
        """Announce this sidecar until ``close``."""

    @abstractmethod
    async def resolve(self, app_id: str, namespace: str) -> list[str]:
        """Addresses ``host:port`` of that application's sidecars, at least one; the caller picks.

        Raises:
            ComponentError: nobody answers to that id. The text names it.
        """

    def known(self, app_id: str, namespace: str) -> Sequence[str]:
        """The same addresses, if they can be told without waiting for anything; else none.

        A vendor that keeps addresses saves its callers a task for each call.
        """
        return ()
