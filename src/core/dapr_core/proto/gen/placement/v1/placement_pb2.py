"""Messages. Generated from dapr/proto/placement/v1/placement.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b"\n'dapr/proto/placement/v1/placement.proto\x12\x17dapr.proto.placement."
    b'v1"\x8a\x01\n\x0ePlacementOrder\x12@\n\x06tables\x18\x01 \x01(\x0b2(.dapr.proto.placement.v1.'
    b'PlacementTablesR\x06tables\x12\x1c\n\toperation\x18\x02 \x01(\tR\toperation\x12\x18\n\x07version'
    b'\x18\x03 \x01(\x04R\x07version"\xb5\x02\n\x0fPlacementTables\x12O\n\x07entries\x18\x01 \x03(\x0b25.dapr.prot'
    b'o.placement.v1.PlacementTables.EntriesEntryR\x07entries\x12\x1c\n\x07version\x18'
    b'\x02 \x01(\tB\x02\x18\x01R\x07version\x12\x1f\n\tapi_level\x18\x03 \x01(\rB\x02\x18\x01R\x08apiLevel\x12-\n\x12replicati'
    b'on_factor\x18\x04 \x01(\x03R\x11replicationFactor\x1ac\n\x0cEntriesEntry\x12\x10\n\x03key\x18\x01 \x01(\tR'
    b"\x03key\x12=\n\x05value\x18\x02 \x01(\x0b2'.dapr.proto.placement.v1.PlacementTableR\x05va"
    b'lue:\x028\x01"\x8a\x03\n\x0ePlacementTable\x12L\n\x05hosts\x18\x01 \x03(\x0b22.dapr.proto.placement'
    b'.v1.PlacementTable.HostsEntryB\x02\x18\x01R\x05hosts\x12!\n\nsorted_set\x18\x02 \x03(\x04B\x02\x18\x01'
    b'R\tsortedSet\x12O\n\x08load_map\x18\x03 \x03(\x0b24.dapr.proto.placement.v1.Placemen'
    b'tTable.LoadMapEntryR\x07loadMap\x12!\n\ntotal_load\x18\x04 \x01(\x03B\x02\x18\x01R\ttotalLoad\x1a'
    b'8\n\nHostsEntry\x12\x10\n\x03key\x18\x01 \x01(\x04R\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\x1aY\n\x0cLoa'
    b'dMapEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x123\n\x05value\x18\x02 \x01(\x0b2\x1d.dapr.proto.placemen'
    b't.v1.HostR\x05value:\x028\x01"\xb8\x02\n\x04Host\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x12\n\x04port\x18\x02 \x01(\x03R'
    b'\x04port\x12\x16\n\x04load\x18\x03 \x01(\x03B\x02\x18\x01R\x04load\x12\x1a\n\x08entities\x18\x04 \x03(\tR\x08entities\x12\x0e\n\x02id\x18'
    b'\x05 \x01(\tR\x02id\x12\x14\n\x03pod\x18\x06 \x01(\tB\x02\x18\x01R\x03pod\x12\x1f\n\tapi_level\x18\x07 \x01(\rB\x02\x18\x01R\x08apiLevel'
    b'\x12\x1c\n\tnamespace\x18\x08 \x01(\tR\tnamespace\x12D\n\toperation\x18\t \x01(\x0e2&.dapr.proto.p'
    b'lacement.v1.HostOperationR\toperation\x12\x1d\n\x07version\x18\n \x01(\x04H\x00R\x07version'
    b'\x88\x01\x01B\n\n\x08_version*J\n\rHostOperation\x12\x0b\n\x07UNKNOWN\x10\x00\x12\n\n\x06REPORT\x10\x01\x12\x08\n\x04LOC'
    b'K\x10\x02\x12\n\n\x06UPDATE\x10\x03\x12\n\n\x06UNLOCK\x10\x042k\n\tPlacement\x12^\n\x10ReportDaprStatus\x12\x1d.d'
    b"apr.proto.placement.v1.Host\x1a'.dapr.proto.placement.v1.PlacementO"
    b'rder(\x010\x01b\x06proto3'
)
