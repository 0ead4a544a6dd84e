"""Types of the messages. Generated from durabletask/orchestration.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _StalledReason(_EnumValues):
    PATCH_MISMATCH: _b.int
    VERSION_NOT_AVAILABLE: _b.int
    PAYLOAD_SIZE_EXCEEDED: _b.int

StalledReason: _StalledReason
PATCH_MISMATCH: _b.int
VERSION_NOT_AVAILABLE: _b.int
PAYLOAD_SIZE_EXCEEDED: _b.int

class _OrchestrationStatus(_EnumValues):
    ORCHESTRATION_STATUS_RUNNING: _b.int
    ORCHESTRATION_STATUS_COMPLETED: _b.int
    ORCHESTRATION_STATUS_CONTINUED_AS_NEW: _b.int
    ORCHESTRATION_STATUS_FAILED: _b.int
    ORCHESTRATION_STATUS_CANCELED: _b.int
    ORCHESTRATION_STATUS_TERMINATED: _b.int
    ORCHESTRATION_STATUS_PENDING: _b.int
    ORCHESTRATION_STATUS_SUSPENDED: _b.int
    ORCHESTRATION_STATUS_STALLED: _b.int

OrchestrationStatus: _OrchestrationStatus
ORCHESTRATION_STATUS_RUNNING: _b.int
ORCHESTRATION_STATUS_COMPLETED: _b.int
ORCHESTRATION_STATUS_CONTINUED_AS_NEW: _b.int
ORCHESTRATION_STATUS_FAILED: _b.int
ORCHESTRATION_STATUS_CANCELED: _b.int
ORCHESTRATION_STATUS_TERMINATED: _b.int
ORCHESTRATION_STATUS_PENDING: _b.int
ORCHESTRATION_STATUS_SUSPENDED: _b.int
ORCHESTRATION_STATUS_STALLED: _b.int

class _HistoryPropagationScope(_EnumValues):
    HISTORY_PROPAGATION_SCOPE_NONE: _b.int
    HISTORY_PROPAGATION_SCOPE_OWN_HISTORY: _b.int
    HISTORY_PROPAGATION_SCOPE_LINEAGE: _b.int

HistoryPropagationScope: _HistoryPropagationScope
HISTORY_PROPAGATION_SCOPE_NONE: _b.int
HISTORY_PROPAGATION_SCOPE_OWN_HISTORY: _b.int
HISTORY_PROPAGATION_SCOPE_LINEAGE: _b.int

class TaskRouter(_Message):
    sourceAppID: _b.str
    targetAppID: _b.str
    targetAppNamespace: _b.str
    def __init__(
        self,
        *,
        sourceAppID: _b.str | None = None,
        targetAppID: _b.str | None = None,
        targetAppNamespace: _b.str | None = None,
    ) -> None: ...

class WorkflowVersion(_Message):
    @property
    def patches(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    name: _b.str
    def __init__(
        self,
        *,
        patches: _Iterable[_b.str] | None = None,
        name: _b.str | None = None,
    ) -> None: ...

class WorkflowInstance(_Message):
    instanceId: _b.str
    @property
    def executionId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        executionId: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class TaskFailureDetails(_Message):
    errorType: _b.str
    errorMessage: _b.str
    @property
    def stackTrace(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def innerFailure(self) -> TaskFailureDetails: ...
    isNonRetriable: _b.bool
    def __init__(
        self,
        *,
        errorType: _b.str | None = None,
        errorMessage: _b.str | None = None,
        stackTrace: _google_protobuf_wrappers_pb2.StringValue | None = None,
        innerFailure: TaskFailureDetails | None = None,
        isNonRetriable: _b.bool | None = None,
    ) -> None: ...

class ParentInstanceInfo(_Message):
    taskScheduledId: _b.int
    @property
    def name(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def workflowInstance(self) -> WorkflowInstance: ...
    appID: _b.str
    appNamespace: _b.str
    def __init__(
        self,
        *,
        taskScheduledId: _b.int | None = None,
        name: _google_protobuf_wrappers_pb2.StringValue | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        workflowInstance: WorkflowInstance | None = None,
        appID: _b.str | None = None,
        appNamespace: _b.str | None = None,
    ) -> None: ...

class RerunParentInstanceInfo(_Message):
    instanceID: _b.str
    def __init__(
        self,
        *,
        instanceID: _b.str | None = None,
    ) -> None: ...

class RetryParentInstanceInfo(_Message):
    instanceID: _b.str
    def __init__(
        self,
        *,
        instanceID: _b.str | None = None,
    ) -> None: ...

class TraceContext(_Message):
    traceParent: _b.str
    spanID: _b.str
    @property
    def traceState(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        traceParent: _b.str | None = None,
        spanID: _b.str | None = None,
        traceState: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class WorkflowState(_Message):
    instanceId: _b.str
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    workflowStatus: _b.int
    @property
    def scheduledStartTimestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def createdTimestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def lastUpdatedTimestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def output(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def customStatus(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def failureDetails(self) -> TaskFailureDetails: ...
    @property
    def executionId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def completedTimestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def parentInstanceId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def tags(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def parentAppId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def startedAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        workflowStatus: _b.int | None = None,
        scheduledStartTimestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        createdTimestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        lastUpdatedTimestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        output: _google_protobuf_wrappers_pb2.StringValue | None = None,
        customStatus: _google_protobuf_wrappers_pb2.StringValue | None = None,
        failureDetails: TaskFailureDetails | None = None,
        executionId: _google_protobuf_wrappers_pb2.StringValue | None = None,
        completedTimestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        parentInstanceId: _google_protobuf_wrappers_pb2.StringValue | None = None,
        tags: _Mapping[_b.str, _b.str] | None = None,
        parentAppId: _google_protobuf_wrappers_pb2.StringValue | None = None,
        startedAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
    ) -> None: ...
