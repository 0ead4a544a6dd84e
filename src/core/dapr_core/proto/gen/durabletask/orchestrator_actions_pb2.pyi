"""Types of the messages. Generated from durabletask/orchestrator_actions.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.durabletask import history_events_pb2 as _durabletask_history_events_pb2
from dapr_core.proto.gen.durabletask import orchestration_pb2 as _durabletask_orchestration_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class ScheduleTaskAction(_Message):
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    taskExecutionId: _b.str
    historyPropagationScope: _b.int
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        taskExecutionId: _b.str | None = None,
        historyPropagationScope: _b.int | None = None,
    ) -> None: ...

class CreateChildWorkflowAction(_Message):
    instanceId: _b.str
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    historyPropagationScope: _b.int
    @property
    def retryParentInstanceInfo(self) -> _durabletask_orchestration_pb2.RetryParentInstanceInfo: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        historyPropagationScope: _b.int | None = None,
        retryParentInstanceInfo: _durabletask_orchestration_pb2.RetryParentInstanceInfo | None = None,
    ) -> None: ...

class CreateDetachedWorkflowAction(_Message):
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

class CreateTimerAction(_Message):
    @property
    def fireAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    name: _b.str
    @property
    def createTimer(self) -> _durabletask_history_events_pb2.TimerOriginCreateTimer: ...
    @property
    def externalEvent(self) -> _durabletask_history_events_pb2.TimerOriginExternalEvent: ...
    @property
    def activityRetry(self) -> _durabletask_history_events_pb2.TimerOriginActivityRetry: ...
    @property
    def childWorkflowRetry(self) -> _durabletask_history_events_pb2.TimerOriginChildWorkflowRetry: ...
    def __init__(
        self,
        *,
        fireAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        name: _b.str | None = None,
        createTimer: _durabletask_history_events_pb2.TimerOriginCreateTimer | None = None,
        externalEvent: _durabletask_history_events_pb2.TimerOriginExternalEvent | None = None,
        activityRetry: _durabletask_history_events_pb2.TimerOriginActivityRetry | None = None,
        childWorkflowRetry: _durabletask_history_events_pb2.TimerOriginChildWorkflowRetry | None = None,
    ) -> None: ...

class SendEventAction(_Message):
    @property
    def instance(self) -> _durabletask_orchestration_pb2.WorkflowInstance: ...
    name: _b.str
    @property
    def data(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        instance: _durabletask_orchestration_pb2.WorkflowInstance | None = None,
        name: _b.str | None = None,
        data: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class CompleteWorkflowAction(_Message):
    workflowStatus: _b.int
    @property
    def result(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def details(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def newVersion(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def carryoverEvents(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def failureDetails(self) -> _durabletask_orchestration_pb2.TaskFailureDetails: ...
    def __init__(
        self,
        *,
        workflowStatus: _b.int | None = None,
        result: _google_protobuf_wrappers_pb2.StringValue | None = None,
        details: _google_protobuf_wrappers_pb2.StringValue | None = None,
        newVersion: _google_protobuf_wrappers_pb2.StringValue | None = None,
        carryoverEvents: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        failureDetails: _durabletask_orchestration_pb2.TaskFailureDetails | None = None,
    ) -> None: ...

class TerminateWorkflowAction(_Message):
    instanceId: _b.str
    @property
    def reason(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    recurse: _b.bool
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        reason: _google_protobuf_wrappers_pb2.StringValue | None = None,
        recurse: _b.bool | None = None,
    ) -> None: ...

class WorkflowVersionNotAvailableAction(_Message):
    def __init__(
        self,
    ) -> None: ...

class WorkflowAction(_Message):
    id: _b.int
    @property
    def scheduleTask(self) -> ScheduleTaskAction: ...
    @property
    def createChildWorkflow(self) -> CreateChildWorkflowAction: ...
    @property
    def createTimer(self) -> CreateTimerAction: ...
    @property
    def sendEvent(self) -> SendEventAction: ...
    @property
    def completeWorkflow(self) -> CompleteWorkflowAction: ...
    @property
    def terminateWorkflow(self) -> TerminateWorkflowAction: ...
    @property
    def workflowVersionNotAvailable(self) -> WorkflowVersionNotAvailableAction: ...
    @property
    def createDetachedWorkflow(self) -> CreateDetachedWorkflowAction: ...
    @property
    def router(self) -> _durabletask_orchestration_pb2.TaskRouter: ...
    def __init__(
        self,
        *,
        id: _b.int | None = None,
        scheduleTask: ScheduleTaskAction | None = None,
        createChildWorkflow: CreateChildWorkflowAction | None = None,
        createTimer: CreateTimerAction | None = None,
        sendEvent: SendEventAction | None = None,
        completeWorkflow: CompleteWorkflowAction | None = None,
        terminateWorkflow: TerminateWorkflowAction | None = None,
        workflowVersionNotAvailable: WorkflowVersionNotAvailableAction | None = None,
        createDetachedWorkflow: CreateDetachedWorkflowAction | None = None,
        router: _durabletask_orchestration_pb2.TaskRouter | None = None,
    ) -> None: ...
