"""Messages. Generated from dapr/proto/internals/v1/jobs.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.scheduler.v1 import scheduler_pb2 as _scheduler_v1_scheduler_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import struct_pb2 as _google_protobuf_struct_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n"dapr/proto/internals/v1/jobs.proto\x12\x17dapr.proto.internals.v1\x1a!d'
    b"apr/proto/common/v1/common.proto\x1a'dapr/proto/scheduler/v1/schedu"
    b'ler.proto\x1a\x19google/protobuf/any.proto\x1a\x1cgoogle/protobuf/struct.pro'
    b'to"\x8d\x03\n\x0eJobHTTPRequest\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x1f\n\x08schedule\x18\x02 \x01(\tH\x00R\x08s'
    b'chedule\x88\x01\x01\x12\x1d\n\x07repeats\x18\x03 \x01(\rH\x01R\x07repeats\x88\x01\x01\x12\x1e\n\x08due_time\x18\x04 \x01(\tH\x02R\x07d'
    b'ueTime\x88\x01\x01\x12\x15\n\x03ttl\x18\x05 \x01(\tH\x03R\x03ttl\x88\x01\x01\x12*\n\x04data\x18\x06 \x01(\x0b2\x16.google.protobuf'
    b'.ValueR\x04data\x12!\n\toverwrite\x18\x07 \x01(\x08H\x04R\toverwrite\x88\x01\x01\x12R\n\x0efailure_polic'
    b'y\x18\x08 \x01(\x0b2&.dapr.proto.common.v1.JobFailurePolicyH\x05R\rfailurePolicy'
    b'\x88\x01\x01B\x0b\n\t_scheduleB\n\n\x08_repeatsB\x0b\n\t_due_timeB\x06\n\x04_ttlB\x0c\n\n_overwriteB'
    b'\x11\n\x0f_failure_policy"\x9c\x01\n\x08JobEvent\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x12\n\x04name\x18\x02 \x01(\tR'
    b'\x04name\x12@\n\x08metadata\x18\x03 \x01(\x0b2$.dapr.proto.scheduler.v1.JobMetadataR\x08m'
    b'etadata\x12(\n\x04data\x18\x04 \x01(\x0b2\x14.google.protobuf.AnyR\x04datab\x06proto3'
)
