"""Types of the messages. Generated from dapr/proto/internals/v1/jobs.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.scheduler.v1 import scheduler_pb2 as _scheduler_v1_scheduler_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import struct_pb2 as _google_protobuf_struct_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class JobHTTPRequest(_Message):
    name: _b.str
    schedule: _b.str
    repeats: _b.int
    due_time: _b.str
    ttl: _b.str
    @property
    def data(self) -> _google_protobuf_struct_pb2.Value: ...
    overwrite: _b.bool
    @property
    def failure_policy(self) -> _common_v1_common_pb2.JobFailurePolicy: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        schedule: _b.str | None = None,
        repeats: _b.int | None = None,
        due_time: _b.str | None = None,
        ttl: _b.str | None = None,
        data: _google_protobuf_struct_pb2.Value | None = None,
        overwrite: _b.bool | None = None,
        failure_policy: _common_v1_common_pb2.JobFailurePolicy | None = None,
    ) -> None: ...

class JobEvent(_Message):
    key: _b.str
    name: _b.str
    @property
    def metadata(self) -> _scheduler_v1_scheduler_pb2.JobMetadata: ...
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        name: _b.str | None = None,
        metadata: _scheduler_v1_scheduler_pb2.JobMetadata | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
    ) -> None: ...
