"""Types of the messages. Generated from dapr/proto/scheduler/v1/scheduler.proto by tools/generate_protos.py: do not edit."""

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

class _JobTargetType(_EnumValues):
    JOB_TARGET_TYPE_JOB: _b.int
    JOB_TARGET_TYPE_ACTOR_REMINDER: _b.int

JobTargetType: _JobTargetType
JOB_TARGET_TYPE_JOB: _b.int
JOB_TARGET_TYPE_ACTOR_REMINDER: _b.int

class _WatchJobsRequestResultStatus(_EnumValues):
    SUCCESS: _b.int
    FAILED: _b.int

WatchJobsRequestResultStatus: _WatchJobsRequestResultStatus
SUCCESS: _b.int
FAILED: _b.int

class Job(_Message):
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
        schedule: _b.str | None = None,
        repeats: _b.int | None = None,
        due_time: _b.str | None = None,
        ttl: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        failure_policy: _common_v1_common_pb2.JobFailurePolicy | None = None,
    ) -> None: ...

class TargetJob(_Message):
    def __init__(
        self,
    ) -> None: ...

class TargetActorReminder(_Message):
    id: _b.str
    type: _b.str
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        type: _b.str | None = None,
    ) -> None: ...

class JobTargetMetadata(_Message):
    @property
    def job(self) -> TargetJob: ...
    @property
    def actor(self) -> TargetActorReminder: ...
    def __init__(
        self,
        *,
        job: TargetJob | None = None,
        actor: TargetActorReminder | None = None,
    ) -> None: ...

class JobMetadata(_Message):
    app_id: _b.str
    namespace: _b.str
    @property
    def target(self) -> JobTargetMetadata: ...
    concurrency_key: _b.str
    def __init__(
        self,
        *,
        app_id: _b.str | None = None,
        namespace: _b.str | None = None,
        target: JobTargetMetadata | None = None,
        concurrency_key: _b.str | None = None,
    ) -> None: ...

class WatchJobsRequest(_Message):
    @property
    def initial(self) -> WatchJobsRequestInitial: ...
    @property
    def result(self) -> WatchJobsRequestResult: ...
    def __init__(
        self,
        *,
        initial: WatchJobsRequestInitial | None = None,
        result: WatchJobsRequestResult | None = None,
    ) -> None: ...

class WatchJobsRequestInitial(_Message):
    app_id: _b.str
    namespace: _b.str
    @property
    def actor_types(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def accept_job_types(self) -> _c.RepeatedScalarFieldContainer[_b.int]: ...
    @property
    def concurrency_limits(self) -> _c.RepeatedCompositeFieldContainer[ConcurrencyLimit]: ...
    def __init__(
        self,
        *,
        app_id: _b.str | None = None,
        namespace: _b.str | None = None,
        actor_types: _Iterable[_b.str] | None = None,
        accept_job_types: _Iterable[_b.int] | None = None,
        concurrency_limits: _Iterable[ConcurrencyLimit] | None = None,
    ) -> None: ...

class ConcurrencyLimit(_Message):
    max_concurrent: _b.int
    name: _b.str
    @property
    def actor(self) -> ConcurrencyLimitActor: ...
    def __init__(
        self,
        *,
        max_concurrent: _b.int | None = None,
        name: _b.str | None = None,
        actor: ConcurrencyLimitActor | None = None,
    ) -> None: ...

class ConcurrencyLimitActor(_Message):
    type: _b.str
    def __init__(
        self,
        *,
        type: _b.str | None = None,
    ) -> None: ...

class WatchJobsRequestResult(_Message):
    id: _b.int
    status: _b.int
    def __init__(
        self,
        *,
        id: _b.int | None = None,
        status: _b.int | None = None,
    ) -> None: ...

class WatchJobsResponse(_Message):
    name: _b.str
    id: _b.int
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def metadata(self) -> JobMetadata: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        id: _b.int | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        metadata: JobMetadata | None = None,
    ) -> None: ...

class ScheduleJobRequest(_Message):
    name: _b.str
    @property
    def job(self) -> Job: ...
    @property
    def metadata(self) -> JobMetadata: ...
    overwrite: _b.bool
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        job: Job | None = None,
        metadata: JobMetadata | None = None,
        overwrite: _b.bool | None = None,
    ) -> None: ...

class ScheduleJobResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class GetJobRequest(_Message):
    name: _b.str
    @property
    def metadata(self) -> JobMetadata: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        metadata: JobMetadata | None = None,
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
    @property
    def metadata(self) -> JobMetadata: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        metadata: JobMetadata | None = None,
    ) -> None: ...

class DeleteJobResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class NamedJob(_Message):
    name: _b.str
    @property
    def metadata(self) -> JobMetadata: ...
    @property
    def job(self) -> Job: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        metadata: JobMetadata | None = None,
        job: Job | None = None,
    ) -> None: ...

class ListJobsRequest(_Message):
    @property
    def metadata(self) -> JobMetadata: ...
    def __init__(
        self,
        *,
        metadata: JobMetadata | None = None,
    ) -> None: ...

class ListJobsResponse(_Message):
    @property
    def jobs(self) -> _c.RepeatedCompositeFieldContainer[NamedJob]: ...
    def __init__(
        self,
        *,
        jobs: _Iterable[NamedJob] | None = None,
    ) -> None: ...

class WatchHostsRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class WatchHostsResponse(_Message):
    @property
    def hosts(self) -> _c.RepeatedCompositeFieldContainer[Host]: ...
    def __init__(
        self,
        *,
        hosts: _Iterable[Host] | None = None,
    ) -> None: ...

class Host(_Message):
    address: _b.str
    def __init__(
        self,
        *,
        address: _b.str | None = None,
    ) -> None: ...

class DeleteByMetadataRequest(_Message):
    @property
    def metadata(self) -> JobMetadata: ...
    id_prefix_match: _b.bool
    def __init__(
        self,
        *,
        metadata: JobMetadata | None = None,
        id_prefix_match: _b.bool | None = None,
    ) -> None: ...

class DeleteByMetadataResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class DeleteByNamePrefixRequest(_Message):
    name_prefix: _b.str
    @property
    def metadata(self) -> JobMetadata: ...
    def __init__(
        self,
        *,
        name_prefix: _b.str | None = None,
        metadata: JobMetadata | None = None,
    ) -> None: ...

class DeleteByNamePrefixResponse(_Message):
    def __init__(
        self,
    ) -> None: ...
