"""Messages. Generated from dapr/proto/placement/v1/state.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.placement.v1 import placement_pb2 as _placement_v1_placement_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b"\n#dapr/proto/placement/v1/state.proto\x12\x17dapr.proto.placement.v1\x1a'"
    b'dapr/proto/placement/v1/placement.proto"\xd2\x01\n\x14StatePlacementTables'
    b'\x12Q\n\x06tables\x18\x01 \x03(\x0b29.dapr.proto.placement.v1.StatePlacementTables.'
    b'TablesEntryR\x06tables\x1ag\n\x0bTablesEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12B\n\x05value\x18\x02 '
    b'\x01(\x0b2,.dapr.proto.placement.v1.StatePlacementTableR\x05value:\x028\x01"d\n\x13'
    b'StatePlacementTable\x123\n\x05hosts\x18\x01 \x03(\x0b2\x1d.dapr.proto.placement.v1.Hos'
    b'tR\x05hosts\x12\x18\n\x07version\x18\x02 \x01(\x04R\x07versionb\x06proto3'
)
