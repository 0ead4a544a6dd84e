"""Messages. Generated from dapr/proto/internals/v1/reminders.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b"\n'dapr/proto/internals/v1/reminders.proto\x12\x17dapr.proto.internals."
    b'v1\x1a\x19google/protobuf/any.proto\x1a\x1fgoogle/protobuf/timestamp.proto"\xf7'
    b'\x02\n\x08Reminder\x12\x19\n\x08actor_id\x18\x01 \x01(\tR\x07actorId\x12\x1d\n\nactor_type\x18\x02 \x01(\tR\tacto'
    b'rType\x12\x12\n\x04name\x18\x03 \x01(\tR\x04name\x12(\n\x04data\x18\x04 \x01(\x0b2\x14.google.protobuf.AnyR\x04d'
    b'ata\x12\x16\n\x06period\x18\x05 \x01(\tR\x06period\x12C\n\x0fregistered_time\x18\x06 \x01(\x0b2\x1a.google.pr'
    b'otobuf.TimestampR\x0eregisteredTime\x12\x19\n\x08due_time\x18\x07 \x01(\tR\x07dueTime\x12C\n\x0fe'
    b'xpiration_time\x18\x08 \x01(\x0b2\x1a.google.protobuf.TimestampR\x0eexpirationTime'
    b'\x12\x19\n\x08is_timer\x18\t \x01(\x08R\x07isTimer\x12\x1b\n\tskip_lock\x18\n \x01(\x08R\x08skipLock"L\n\tRemi'
    b'nders\x12?\n\treminders\x18\x01 \x03(\x0b2!.dapr.proto.internals.v1.ReminderR\trem'
    b'inders"\x80\x01\n\x0fTimerFiredEvent\x123\n\x07fire_at\x18\x01 \x01(\x0b2\x1a.google.protobuf.Ti'
    b'mestampR\x06fireAt\x12\x18\n\x07timerId\x18\x02 \x01(\x05R\x07timerId\x12\x1e\n\ngeneration\x18\x03 \x01(\x04R\ng'
    b'enerationb\x06proto3'
)
