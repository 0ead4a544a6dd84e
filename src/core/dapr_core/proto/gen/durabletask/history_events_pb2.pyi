"""Types of the messages. Generated from durabletask/history_events.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.durabletask import attestation_pb2 as _durabletask_attestation_pb2
from dapr_core.proto.gen.durabletask import orchestration_pb2 as _durabletask_orchestration_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class ExecutionStartedEvent(_Message):
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def workflowInstance(self) -> _durabletask_orchestration_pb2.WorkflowInstance: ...
    @property
    def parentInstance(self) -> _durabletask_orchestration_pb2.ParentInstanceInfo: ...
    @property
    def scheduledStartTimestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def parentTraceContext(self) -> _durabletask_orchestration_pb2.TraceContext: ...
    @property
    def workflowSpanID(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def tags(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        workflowInstance: _durabletask_orchestration_pb2.WorkflowInstance | None = None,
        parentInstance: _durabletask_orchestration_pb2.ParentInstanceInfo | None = None,
        scheduledStartTimestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        parentTraceContext: _durabletask_orchestration_pb2.TraceContext | None = None,
        workflowSpanID: _google_protobuf_wrappers_pb2.StringValue | None = None,
        tags: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class ExecutionCompletedEvent(_Message):
    workflowStatus: _b.int
    @property
    def result(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def failureDetails(self) -> _durabletask_orchestration_pb2.TaskFailureDetails: ...
    def __init__(
        self,
        *,
        workflowStatus: _b.int | None = None,
        result: _google_protobuf_wrappers_pb2.StringValue | None = None,
        failureDetails: _durabletask_orchestration_pb2.TaskFailureDetails | None = None,
    ) -> None: ...

class ExecutionTerminatedEvent(_Message):
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    recurse: _b.bool
    def __init__(
        self,
        *,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        recurse: _b.bool | None = None,
    ) -> None: ...

class TaskScheduledEvent(_Message):
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def parentTraceContext(self) -> _durabletask_orchestration_pb2.TraceContext: ...
    taskExecutionId: _b.str
    @property
    def rerunParentInstanceInfo(self) -> _durabletask_orchestration_pb2.RerunParentInstanceInfo: ...
    historyPropagationScope: _b.int
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        parentTraceContext: _durabletask_orchestration_pb2.TraceContext | None = None,
        taskExecutionId: _b.str | None = None,
        rerunParentInstanceInfo: _durabletask_orchestration_pb2.RerunParentInstanceInfo | None = None,
        historyPropagationScope: _b.int | None = None,
    ) -> None: ...

class TaskCompletedEvent(_Message):
    taskScheduledId: _b.int
    @property
    def result(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    taskExecutionId: _b.str
    @property
    def attestation(self) -> _durabletask_attestation_pb2.ActivityCompletionAttestation: ...
    signerCertificate: _b.bytes
    def __init__(
        self,
        *,
        taskScheduledId: _b.int | None = None,
        result: _google_protobuf_wrappers_pb2.StringValue | None = None,
        taskExecutionId: _b.str | None = None,
        attestation: _durabletask_attestation_pb2.ActivityCompletionAttestation | None = None,
        signerCertificate: _b.bytes | None = None,
    ) -> None: ...

class TaskFailedEvent(_Message):
    taskScheduledId: _b.int
    @property
    def failureDetails(self) -> _durabletask_orchestration_pb2.TaskFailureDetails: ...
    taskExecutionId: _b.str
    @property
    def attestation(self) -> _durabletask_attestation_pb2.ActivityCompletionAttestation: ...
    signerCertificate: _b.bytes
    def __init__(
        self,
        *,
        taskScheduledId: _b.int | None = None,
        failureDetails: _durabletask_orchestration_pb2.TaskFailureDetails | None = None,
        taskExecutionId: _b.str | None = None,
        attestation: _durabletask_attestation_pb2.ActivityCompletionAttestation | None = None,
        signerCertificate: _b.bytes | None = None,
    ) -> None: ...

class ChildWorkflowInstanceCreatedEvent(_Message):
    instanceId: _b.str
    name: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def parentTraceContext(self) -> _durabletask_orchestration_pb2.TraceContext: ...
    @property
    def rerunParentInstanceInfo(self) -> _durabletask_orchestration_pb2.RerunParentInstanceInfo: ...
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
        parentTraceContext: _durabletask_orchestration_pb2.TraceContext | None = None,
        rerunParentInstanceInfo: _durabletask_orchestration_pb2.RerunParentInstanceInfo | None = None,
        historyPropagationScope: _b.int | None = None,
        retryParentInstanceInfo: _durabletask_orchestration_pb2.RetryParentInstanceInfo | None = None,
    ) -> None: ...

class ChildWorkflowInstanceCompletedEvent(_Message):
    taskScheduledId: _b.int
    @property
    def result(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def attestation(self) -> _durabletask_attestation_pb2.ChildCompletionAttestation: ...
    signerCertificate: _b.bytes
    def __init__(
        self,
        *,
        taskScheduledId: _b.int | None = None,
        result: _google_protobuf_wrappers_pb2.StringValue | None = None,
        attestation: _durabletask_attestation_pb2.ChildCompletionAttestation | None = None,
        signerCertificate: _b.bytes | None = None,
    ) -> None: ...

class ChildWorkflowInstanceFailedEvent(_Message):
    taskScheduledId: _b.int
    @property
    def failureDetails(self) -> _durabletask_orchestration_pb2.TaskFailureDetails: ...
    @property
    def attestation(self) -> _durabletask_attestation_pb2.ChildCompletionAttestation: ...
    signerCertificate: _b.bytes
    def __init__(
        self,
        *,
        taskScheduledId: _b.int | None = None,
        failureDetails: _durabletask_orchestration_pb2.TaskFailureDetails | None = None,
        attestation: _durabletask_attestation_pb2.ChildCompletionAttestation | None = None,
        signerCertificate: _b.bytes | None = None,
    ) -> None: ...

class DetachedWorkflowInstanceCreatedEvent(_Message):
    instanceId: _b.str
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
    ) -> None: ...

class TimerOriginCreateTimer(_Message):
    def __init__(
        self,
    ) -> None: ...

class TimerOriginExternalEvent(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class TimerOriginActivityRetry(_Message):
    taskExecutionId: _b.str
    def __init__(
        self,
        *,
        taskExecutionId: _b.str | None = None,
    ) -> None: ...

class TimerOriginChildWorkflowRetry(_Message):
    instanceId: _b.str
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
    ) -> None: ...

class TimerCreatedEvent(_Message):
    @property
    def fireAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    name: _b.str
    @property
    def rerunParentInstanceInfo(self) -> _durabletask_orchestration_pb2.RerunParentInstanceInfo: ...
    @property
    def createTimer(self) -> TimerOriginCreateTimer: ...
    @property
    def externalEvent(self) -> TimerOriginExternalEvent: ...
    @property
    def activityRetry(self) -> TimerOriginActivityRetry: ...
    @property
    def childWorkflowRetry(self) -> TimerOriginChildWorkflowRetry: ...
    def __init__(
        self,
        *,
        fireAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        name: _b.str | None = None,
        rerunParentInstanceInfo: _durabletask_orchestration_pb2.RerunParentInstanceInfo | None = None,
        createTimer: TimerOriginCreateTimer | None = None,
        externalEvent: TimerOriginExternalEvent | None = None,
        activityRetry: TimerOriginActivityRetry | None = None,
        childWorkflowRetry: TimerOriginChildWorkflowRetry | None = None,
    ) -> None: ...

class TimerFiredEvent(_Message):
    @property
    def fireAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    timerId: _b.int
    def __init__(
        self,
        *,
        fireAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        timerId: _b.int | None = None,
    ) -> None: ...

class WorkflowStartedEvent(_Message):
    @property
    def version(self) -> _durabletask_orchestration_pb2.WorkflowVersion: ...
    def __init__(
        self,
        *,
        version: _durabletask_orchestration_pb2.WorkflowVersion | None = None,
    ) -> None: ...

class WorkflowCompletedEvent(_Message):
    def __init__(
        self,
    ) -> None: ...

class EventSentEvent(_Message):
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

class EventRaisedEvent(_Message):
    name: _b.str
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class ContinueAsNewEvent(_Message):
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class ExecutionSuspendedEvent(_Message):
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class ExecutionResumedEvent(_Message):
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    def __init__(
        self,
        *,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
    ) -> None: ...

class ExecutionStalledEvent(_Message):
    reason: _b.int
    description: _b.str
    def __init__(
        self,
        *,
        reason: _b.int | None = None,
        description: _b.str | None = None,
    ) -> None: ...

class HistoryEvent(_Message):
    eventId: _b.int
    @property
    def timestamp(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def executionStarted(self) -> ExecutionStartedEvent: ...
    @property
    def executionCompleted(self) -> ExecutionCompletedEvent: ...
    @property
    def executionTerminated(self) -> ExecutionTerminatedEvent: ...
    @property
    def taskScheduled(self) -> TaskScheduledEvent: ...
    @property
    def taskCompleted(self) -> TaskCompletedEvent: ...
    @property
    def taskFailed(self) -> TaskFailedEvent: ...
    @property
    def childWorkflowInstanceCreated(self) -> ChildWorkflowInstanceCreatedEvent: ...
    @property
    def childWorkflowInstanceCompleted(self) -> ChildWorkflowInstanceCompletedEvent: ...
    @property
    def childWorkflowInstanceFailed(self) -> ChildWorkflowInstanceFailedEvent: ...
    @property
    def timerCreated(self) -> TimerCreatedEvent: ...
    @property
    def timerFired(self) -> TimerFiredEvent: ...
    @property
    def workflowStarted(self) -> WorkflowStartedEvent: ...
    @property
    def workflowCompleted(self) -> WorkflowCompletedEvent: ...
    @property
    def eventSent(self) -> EventSentEvent: ...
    @property
    def eventRaised(self) -> EventRaisedEvent: ...
    @property
    def continueAsNew(self) -> ContinueAsNewEvent: ...
    @property
    def executionSuspended(self) -> ExecutionSuspendedEvent: ...
    @property
    def executionResumed(self) -> ExecutionResumedEvent: ...
    @property
    def executionStalled(self) -> ExecutionStalledEvent: ...
    @property
    def detachedWorkflowInstanceCreated(self) -> DetachedWorkflowInstanceCreatedEvent: ...
    @property
    def router(self) -> _durabletask_orchestration_pb2.TaskRouter: ...
    def __init__(
        self,
        *,
        eventId: _b.int | None = None,
        timestamp: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        executionStarted: ExecutionStartedEvent | None = None,
        executionCompleted: ExecutionCompletedEvent | None = None,
        executionTerminated: ExecutionTerminatedEvent | None = None,
        taskScheduled: TaskScheduledEvent | None = None,
        taskCompleted: TaskCompletedEvent | None = None,
        taskFailed: TaskFailedEvent | None = None,
        childWorkflowInstanceCreated: ChildWorkflowInstanceCreatedEvent | None = None,
        childWorkflowInstanceCompleted: ChildWorkflowInstanceCompletedEvent | None = None,
        childWorkflowInstanceFailed: ChildWorkflowInstanceFailedEvent | None = None,
        timerCreated: TimerCreatedEvent | None = None,
        timerFired: TimerFiredEvent | None = None,
        workflowStarted: WorkflowStartedEvent | None = None,
        workflowCompleted: WorkflowCompletedEvent | None = None,
        eventSent: EventSentEvent | None = None,
        eventRaised: EventRaisedEvent | None = None,
        continueAsNew: ContinueAsNewEvent | None = None,
        executionSuspended: ExecutionSuspendedEvent | None = None,
        executionResumed: ExecutionResumedEvent | None = None,
        executionStalled: ExecutionStalledEvent | None = None,
        detachedWorkflowInstanceCreated: DetachedWorkflowInstanceCreatedEvent | None = None,
        router: _durabletask_orchestration_pb2.TaskRouter | None = None,
    ) -> None: ...

class PropagatedHistoryChunk(_Message):
    @property
    def rawEvents(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    appId: _b.str
    instanceId: _b.str
    workflowName: _b.str
    @property
    def rawSignatures(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    @property
    def signingCertChains(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        rawEvents: _Iterable[_b.bytes] | None = None,
        appId: _b.str | None = None,
        instanceId: _b.str | None = None,
        workflowName: _b.str | None = None,
        rawSignatures: _Iterable[_b.bytes] | None = None,
        signingCertChains: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class PropagatedHistory(_Message):
    scope: _b.int
    @property
    def chunks(self) -> _c.RepeatedCompositeFieldContainer[PropagatedHistoryChunk]: ...
    def __init__(
        self,
        *,
        scope: _b.int | None = None,
        chunks: _Iterable[PropagatedHistoryChunk] | None = None,
    ) -> None: ...
