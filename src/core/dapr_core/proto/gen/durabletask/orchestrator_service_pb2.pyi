"""Types of the messages. Generated from durabletask/orchestrator_service.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.durabletask import history_events_pb2 as _durabletask_history_events_pb2
from dapr_core.proto.gen.durabletask import orchestration_pb2 as _durabletask_orchestration_pb2
from dapr_core.proto.gen.durabletask import orchestrator_actions_pb2 as _durabletask_orchestrator_actions_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _WorkerCapability(_EnumValues):
    WORKER_CAPABILITY_UNSPECIFIED: _b.int
    WORKER_CAPABILITY_STATEFUL_HISTORY: _b.int

WorkerCapability: _WorkerCapability
WORKER_CAPABILITY_UNSPECIFIED: _b.int
WORKER_CAPABILITY_STATEFUL_HISTORY: _b.int

class ActivityRequest(_Message):
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def workflowInstance(self) -> _durabletask_orchestration_pb2.WorkflowInstance: ...
    taskId: _b.int
    @property
    def parentTraceContext(self) -> _durabletask_orchestration_pb2.TraceContext: ...
    taskExecutionId: _b.str
    @property
    def propagatedHistory(self) -> _durabletask_history_events_pb2.PropagatedHistory: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        workflowInstance: _durabletask_orchestration_pb2.WorkflowInstance | None = None,
        taskId: _b.int | None = None,
        parentTraceContext: _durabletask_orchestration_pb2.TraceContext | None = None,
        taskExecutionId: _b.str | None = None,
        propagatedHistory: _durabletask_history_events_pb2.PropagatedHistory | None = None,
    ) -> None: ...

class ActivityResponse(_Message):
    instanceId: _b.str
    taskId: _b.int
    @property
    def result(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def failureDetails(self) -> _durabletask_orchestration_pb2.TaskFailureDetails: ...
    completionToken: _b.str
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        taskId: _b.int | None = None,
        result: _google_protobuf_wrappers_pb2.StringValue | None = None,
        failureDetails: _durabletask_orchestration_pb2.TaskFailureDetails | None = None,
        completionToken: _b.str | None = None,
    ) -> None: ...

class CachedHistory(_Message):
    eventCount: _b.int
    def __init__(
        self,
        *,
        eventCount: _b.int | None = None,
    ) -> None: ...

class WorkflowRequest(_Message):
    instanceId: _b.str
    @property
    def executionId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def pastEvents(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def newEvents(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    requiresHistoryStreaming: _b.bool
    @property
    def router(self) -> _durabletask_orchestration_pb2.TaskRouter: ...
    @property
    def propagatedHistory(self) -> _durabletask_history_events_pb2.PropagatedHistory: ...
    @property
    def cachedHistory(self) -> CachedHistory: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        executionId: _google_protobuf_wrappers_pb2.StringValue | None = None,
        pastEvents: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        newEvents: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        requiresHistoryStreaming: _b.bool | None = None,
        router: _durabletask_orchestration_pb2.TaskRouter | None = None,
        propagatedHistory: _durabletask_history_events_pb2.PropagatedHistory | None = None,
        cachedHistory: CachedHistory | None = None,
    ) -> None: ...

class WorkflowResponse(_Message):
    instanceId: _b.str
    @property
    def actions(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_orchestrator_actions_pb2.WorkflowAction]: ...
    @property
    def customStatus(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    completionToken: _b.str
    @property
    def numEventsProcessed(self) -> _google_protobuf_wrappers_pb2.Int32Value: ...
    @property
    def version(self) -> _durabletask_orchestration_pb2.WorkflowVersion: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        actions: _Iterable[_durabletask_orchestrator_actions_pb2.WorkflowAction] | None = None,
        customStatus: _google_protobuf_wrappers_pb2.StringValue | None = None,
        completionToken: _b.str | None = None,
        numEventsProcessed: _google_protobuf_wrappers_pb2.Int32Value | None = None,
        version: _durabletask_orchestration_pb2.WorkflowVersion | None = None,
    ) -> None: ...

class CreateInstanceRequest(_Message):
    instanceId: _b.str
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def scheduledStartTimestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def executionId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def tags(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def parentTraceContext(self) -> _durabletask_orchestration_pb2.TraceContext: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        scheduledStartTimestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        executionId: _google_protobuf_wrappers_pb2.StringValue | None = None,
        tags: _Mapping[_b.str, _b.str] | None = None,
        parentTraceContext: _durabletask_orchestration_pb2.TraceContext | None = None,
    ) -> None: ...

class CreateInstanceResponse(_Message):
    instanceId: _b.str
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
    ) -> None: ...

class GetInstanceRequest(_Message):
    instanceId: _b.str
    getInputsAndOutputs: _b.bool
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        getInputsAndOutputs: _b.bool | None = None,
    ) -> None: ...

class GetInstanceResponse(_Message):
    exists: _b.bool
    @property
    def workflowState(self) -> _durabletask_orchestration_pb2.WorkflowState: ...
    def __init__(
        self,
        *,
        exists: _b.bool | None = None,
        workflowState: _durabletask_orchestration_pb2.WorkflowState | None = None,
    ) -> None: ...

class RaiseEventRequest(_Message):
    instanceId: _b.str
    name: _b.str
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        name: _b.str | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class RaiseEventResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class TerminateRequest(_Message):
    instanceId: _b.str
    @property
    def output(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    recursive: _b.bool
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        output: _google_protobuf_wrappers_pb2.StringValue | None = None,
        recursive: _b.bool | None = None,
    ) -> None: ...

class TerminateResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class SuspendRequest(_Message):
    instanceId: _b.str
    @property
    def reason(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        reason: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class SuspendResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class ResumeRequest(_Message):
    instanceId: _b.str
    @property
    def reason(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        reason: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class ResumeResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class PurgeInstancesRequest(_Message):
    instanceId: _b.str
    @property
    def purgeInstanceFilter(self) -> PurgeInstanceFilter: ...
    recursive: _b.bool
    force: _b.bool
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        purgeInstanceFilter: PurgeInstanceFilter | None = None,
        recursive: _b.bool | None = None,
        force: _b.bool | None = None,
    ) -> None: ...

class PurgeInstanceFilter(_Message):
    @property
    def createdTimeFrom(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def createdTimeTo(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def runtimeStatus(self) -> _c.RepeatedScalarFieldContainer[_b.int]: ...
    def __init__(
        self,
        *,
        createdTimeFrom: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        createdTimeTo: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        runtimeStatus: _Iterable[_b.int] | None = None,
    ) -> None: ...

class PurgeInstancesResponse(_Message):
    deletedInstanceCount: _b.int
    @property
    def isComplete(self) -> _google_protobuf_wrappers_pb2.BoolValue: ...
    def __init__(
        self,
        *,
        deletedInstanceCount: _b.int | None = None,
        isComplete: _google_protobuf_wrappers_pb2.BoolValue | None = None,
    ) -> None: ...

class GetWorkItemsRequest(_Message):
    @property
    def capabilities(self) -> _c.RepeatedScalarFieldContainer[_b.int]: ...
    def __init__(
        self,
        *,
        capabilities: _Iterable[_b.int] | None = None,
    ) -> None: ...

class WorkItem(_Message):
    @property
    def workflowRequest(self) -> WorkflowRequest: ...
    @property
    def activityRequest(self) -> ActivityRequest: ...
    completionToken: _b.str
    def __init__(
        self,
        *,
        workflowRequest: WorkflowRequest | None = None,
        activityRequest: ActivityRequest | None = None,
        completionToken: _b.str | None = None,
    ) -> None: ...

class CompleteTaskResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class RerunWorkflowFromEventRequest(_Message):
    sourceInstanceID: _b.str
    eventID: _b.int
    newInstanceID: _b.str
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    overwriteInput: _b.bool
    newChildWorkflowInstanceID: _b.str
    def __init__(
        self,
        *,
        sourceInstanceID: _b.str | None = None,
        eventID: _b.int | None = None,
        newInstanceID: _b.str | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        overwriteInput: _b.bool | None = None,
        newChildWorkflowInstanceID: _b.str | None = None,
    ) -> None: ...

class RerunWorkflowFromEventResponse(_Message):
    newInstanceID: _b.str
    def __init__(
        self,
        *,
        newInstanceID: _b.str | None = None,
    ) -> None: ...

class ListInstanceIDsRequest(_Message):
    continuationToken: _b.str
    pageSize: _b.int
    def __init__(
        self,
        *,
        continuationToken: _b.str | None = None,
        pageSize: _b.int | None = None,
    ) -> None: ...

class ListInstanceIDsResponse(_Message):
    @property
    def instanceIds(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    continuationToken: _b.str
    def __init__(
        self,
        *,
        instanceIds: _Iterable[_b.str] | None = None,
        continuationToken: _b.str | None = None,
    ) -> None: ...

class GetInstanceHistoryRequest(_Message):
    instanceId: _b.str
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
    ) -> None: ...

class GetInstanceHistoryResponse(_Message):
    @property
    def events(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    def __init__(
        self,
        *,
        events: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
    ) -> None: ...
