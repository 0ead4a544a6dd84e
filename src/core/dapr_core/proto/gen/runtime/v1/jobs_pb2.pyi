"""Types of the messages. Generated from dapr/proto/runtime/v1/jobs.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class Job(_Message):
    name: _b.str
    schedule: _b.str
    repeats: _b.int
    due_time: _b.str
    ttl: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
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
        data: _google_protobuf_any_pb2.Any | None = None,
        failure_policy: _common_v1_common_pb2.JobFailurePolicy | None = None,
    ) -> None: ...

class ScheduleJobRequest(_Message):
    @property
    def job(self) -> Job: ...
    overwrite: _b.bool
    def __init__(
        self,
        *,
        job: Job | None = None,
        overwrite: _b.bool | None = None,
    ) -> None: ...

class ScheduleJobResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class GetJobRequest(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class GetJobResponse(_Message):
    @property
    def job(self) -> Job: ...
    def __init__(
        self,
        *,
        job: Job | None = None,
    ) -> None: ...

class DeleteJobRequest(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class DeleteJobResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class DeleteJobsByPrefixRequestAlpha1(_Message):
    name_prefix: _b.str
    def __init__(
        self,
        *,
        name_prefix: _b.str | None = None,
    ) -> None: ...

class DeleteJobsByPrefixResponseAlpha1(_Message):
    def __init__(
        self,
    ) -> None: ...

class DeleteJobsByPrefixRequest(_Message):
    name_prefix: _b.str
    def __init__(
        self,
        *,
        name_prefix: _b.str | None = None,
    ) -> None: ...

class DeleteJobsByPrefixResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class ListJobsRequestAlpha1(_Message):
    def __init__(
        self,
    ) -> None: ...

class ListJobsResponseAlpha1(_Message):
    @property
    def jobs(self) -> _c.RepeatedCompositeFieldContainer[Job]: ...
    def __init__(
        self,
        *,
        jobs: _Iterable[Job] | None = None,
    ) -> None: ...

class ListJobsRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class ListJobsResponse(_Message):
    @property
    def jobs(self) -> _c.RepeatedCompositeFieldContainer[Job]: ...
    def __init__(
        self,
        *,
        jobs: _Iterable[Job] | None = None,
    ) -> None: ...
