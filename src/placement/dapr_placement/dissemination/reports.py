"""What a sidecar says on its stream: a ``Host`` message, as the rest of the dissemination wants to see it.

A message is either a report (who the host is and which actor types it runs) or an acknowledgement of a step of a round.
Sidecars before 1.17 say neither: they repeat their report every second with operation ``UNKNOWN`` (§1.5).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, HostOperation

UNKNOWN = int(HostOperation.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Report:
    """One message of a host.

    Attributes:
        name: ``host:port`` of the sidecar's internal server: its place on the ring and the address to dial.
        app_id: id of its application.
        namespace: its namespace.
        entities: the actor types it runs, sorted.
        operation: a number of ``HostOperation``.
        version: of the round it acknowledges; None when absent.
        encoded: the ``Host`` as other sidecars get it: as it came, with sorted entities. Empty for acknowledgements
            without entities, which never get into a table.
    """

    name: str
    app_id: str
    namespace: str
    entities: tuple[str, ...]
    operation: int
    version: int | None = None
    encoded: bytes = field(default=b"", repr=False)


def report_of(host: Host) -> Report:
    """The report in a message; sorts the message's entities."""
    entities: tuple[str, ...] = ()
    encoded = b""
    if host.entities:
        host.entities.sort()
        entities = tuple(host.entities)
        encoded = host.SerializeToString()
    version = host.version if host.HasField("version") else None
    return Report(host.name, host.id, host.namespace, entities, host.operation, version, encoded)
