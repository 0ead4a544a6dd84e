"""The table of one namespace: which connected host runs which actor types, and its bytes.

Hosts are kept by stream, since two streams may name the same host for a while: a sidecar that reconnects is back before
its old connection is known to be dead. In a table, which is keyed by host name, the younger stream then counts.

Bytes are made where they change and kept: an entry per host, and per actor type the entries of its hosts. One more host
costs the types it runs, whatever the number of hosts and streams.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dapr_placement.dissemination import wire
from dapr_placement.dissemination.reports import Report


@dataclass(frozen=True, slots=True)
class StoredHost:
    """A host in the table: what it reported, and its entry in the host map of an actor type."""

    report: Report
    entry: bytes = field(repr=False)


class HostTable:
    """Hosts by stream. A host without actor types is in no table."""

    def __init__(self, replication_factor: int) -> None:
        self._replication_factor = replication_factor
        self._hosts: dict[int, StoredHost] = {}
        self._types: dict[str, dict[int, StoredHost]] = {}
        self._encoded: dict[str, bytes] = {}

    def __contains__(self, stream: int) -> bool:
        return stream in self._hosts

    def __iter__(self) -> Iterator[StoredHost]:
        return iter(self._hosts.values())

    @property
    def types(self) -> int:
        """How many actor types there are."""
        return len(self._types)

    def differs(self, stream: int, report: Report) -> bool:
        """Whether ``put`` would change the table. A new name or port alone does not (§1.4)."""
        stored = self._hosts.get(stream)
        if stored is None:
            return bool(report.entities)
        old = stored.report
        return (old.entities, old.app_id, old.namespace) != (report.entities, report.app_id, report.namespace)

    def put(self, stream: int, report: Report) -> bool:
        """Take a host in, exchange it, or, without actor types, put it out. Returns whether the table has changed."""
        if not self.differs(stream, report):
            return False
        self.remove(stream)
        if report.entities:
            host = self._hosts[stream] = StoredHost(report, wire.host_entry(report.name, report.encoded))
            for actor_type in report.entities:
                self._types.setdefault(actor_type, {})[stream] = host
                self._encoded.pop(actor_type, None)
        return True

    def remove(self, stream: int) -> bool:
        """Put a host out. Returns whether it was in."""
        host = self._hosts.pop(stream, None)
        if host is None:
            return False
        for actor_type in dict.fromkeys(host.report.entities):
            hosts = self._types[actor_type]
            del hosts[stream]
            self._encoded.pop(actor_type, None)
            if not hosts:
                del self._types[actor_type]
        return True

    def encode(self, version: int) -> bytes:
        """The ``PlacementTables`` of a version, serialised."""
        entries = [self._encoded.get(name) or self._encode_type(name) for name in self._types]
        return wire.placement_tables(entries, version, self._replication_factor)

    def _encode_type(self, actor_type: str) -> bytes:
        # Later streams overwrite earlier ones of the same name: ids grow with time.
        hosts = self._types[actor_type]
        by_name = {hosts[stream].report.name: hosts[stream].entry for stream in sorted(hosts)}
        encoded = self._encoded[actor_type] = wire.type_entry(actor_type, by_name.values())
        return encoded
