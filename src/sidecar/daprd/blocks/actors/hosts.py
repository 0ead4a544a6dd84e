"""Where actors live: the table in force, and what a new one changes (actors-placement.md §2.1, §3.3).

Immutable: placement's tables come whole, and every look-up is on one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dapr_core.proto.gen.placement.v1.placement_pb2 import PlacementTables
from dapr_core.ring import NoHostsError, Ring, RingHost
from dapr_core.ring.hashing import DEFAULT_REPLICATION_FACTOR

_LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")


class NoAddressError(LookupError):
    """No host has this type."""

    def __init__(self, actor_type: str, actor_id: str) -> None:
        super().__init__(f"did not find address for actor '{actor_type}/{actor_id}'")


@dataclass(frozen=True, slots=True)
class HostTable:
    """Rings by actor type."""

    rings: Mapping[str, Ring] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: PlacementTables) -> HostTable:
        """The table of an order."""
        factor = tables.replication_factor or DEFAULT_REPLICATION_FACTOR
        return cls(
            {
                actor_type: Ring((RingHost(name, host.id, host.port) for name, host in table.load_map.items()), factor)
                for actor_type, table in tables.entries.items()
            }
        )

    def owner(self, actor_type: str, actor_id: str) -> RingHost:
        """The host of an actor.

        Raises:
            NoAddressError: no host has the type.
        """
        ring = self.rings.get(actor_type)
        if ring is not None:
            try:
                return ring.owner(actor_id)
            except NoHostsError:
                pass
        raise NoAddressError(actor_type, actor_id)

    def changed(self, later: HostTable) -> frozenset[str]:
        """The types whose hosts are others in a later table: come, gone, or with other hosts."""
        types = self.rings.keys() | later.rings.keys()
        return frozenset(each for each in types if self.rings.get(each) != later.rings.get(each))


def names_of(own: str) -> frozenset[str]:
    """Every address that is this sidecar's own; names of the loopback interface are one."""
    host, _, port = own.rpartition(":")
    return frozenset({own, *(f"{name}:{port}" for name in _LOCAL)}) if host in _LOCAL else frozenset({own})


def is_same_host(address: str, own: str) -> bool:
    """Whether an address is this sidecar's own."""
    return address in names_of(own)
