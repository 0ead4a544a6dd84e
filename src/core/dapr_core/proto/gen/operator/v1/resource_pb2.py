"""Messages. Generated from dapr/proto/operator/v1/resource.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n%dapr/proto/operator/v1/resource.proto\x12\x16dapr.proto.operator.v1\x1a'
    b'\x1fgoogle/protobuf/timestamp.proto"\xd4\x03\n\x0eResourceResult\x12I\n\rresource_'
    b'type\x18\x01 \x01(\x0e2$.dapr.proto.operator.v1.ResourceTypeR\x0cresourceType\x12@'
    b'\n\nevent_type\x18\x02 \x01(\x0e2!.dapr.proto.operator.v1.EventTypeR\teventType'
    b'\x12\x12\n\x04name\x18\x03 \x01(\tR\x04name\x12M\n\tcondition\x18\x04 \x01(\x0e2/.dapr.proto.operator.v1'
    b'.ResourceConditionStatusR\tcondition\x12\x1b\n\x06reason\x18\x05 \x01(\tH\x00R\x06reason\x88\x01\x01'
    b'\x12\x1d\n\x07message\x18\x06 \x01(\tH\x01R\x07message\x88\x01\x01\x12/\n\x13observed_generation\x18\x07 \x01(\x03R\x12ob'
    b'servedGeneration\x12N\n\x15last_transaction_time\x18\x08 \x01(\x0b2\x1a.google.protobu'
    b'f.TimestampR\x13lastTransactionTimeB\t\n\x07_reasonB\n\n\x08_message*U\n\x17Resou'
    b'rceConditionStatus\x12\x12\n\x0eSTATUS_UNKNOWN\x10\x00\x12\x12\n\x0eSTATUS_SUCCESS\x10\x01\x12\x12\n\x0eST'
    b'ATUS_FAILURE\x10\x02*<\n\x0cResourceType\x12\x14\n\x10RESOURCE_UNKNOWN\x10\x00\x12\x16\n\x12RESOURCE'
    b'_COMPONENT\x10\x01*?\n\tEventType\x12\x11\n\rEVENT_UNKNOWN\x10\x00\x12\x0e\n\nEVENT_INIT\x10\x01\x12\x0f\n\x0b'
    b'EVENT_CLOSE\x10\x02b\x06proto3'
)
