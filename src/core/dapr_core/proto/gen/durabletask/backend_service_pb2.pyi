"""Types of the messages. Generated from durabletask/backend_service.proto by tools/generate_protos.py: do not edit."""

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

class AddEventRequest(_Message):
    @property
    def instance(self) -> _durabletask_orchestration_pb2.WorkflowInstance: ...
    @property
    def event(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    def __init__(
        self,
        *,
        instance: _durabletask_orchestration_pb2.WorkflowInstance | None = None,
        event: _durabletask_history_events_pb2.HistoryEvent | None = None,
    ) -> None: ...

class AddEventResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class CompleteActivityWorkItemRequest(_Message):
    completionToken: _b.str
    @property
    def responseEvent(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    def __init__(
        self,
        *,
        completionToken: _b.str | None = None,
        responseEvent: _durabletask_history_events_pb2.HistoryEvent | None = None,
    ) -> None: ...

class CompleteActivityWorkItemResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class CompleteWorkflowWorkItemRequest(_Message):
    completionToken: _b.str
    @property
    def instance(self) -> _durabletask_orchestration_pb2.WorkflowInstance: ...
    runtimeStatus: _b.int
    @property
    def customStatus(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def newHistory(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def newTasks(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def newTimers(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def newMessages(self) -> _c.RepeatedCompositeFieldContainer[WorkflowMessage]: ...
    @property
    def numEventsProcessed(self) -> _google_protobuf_wrappers_pb2.Int32Value: ...
    def __init__(
        self,
        *,
        completionToken: _b.str | None = None,
        instance: _durabletask_orchestration_pb2.WorkflowInstance | None = None,
        runtimeStatus: _b.int | None = None,
        customStatus: _google_protobuf_wrappers_pb2.StringValue | None = None,
        newHistory: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        newTasks: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        newTimers: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        newMessages: _Iterable[WorkflowMessage] | None = None,
        numEventsProcessed: _google_protobuf_wrappers_pb2.Int32Value | None = None,
    ) -> None: ...

class CompleteWorkflowWorkItemResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class WorkflowMessage(_Message):
    @property
    def instance(self) -> _durabletask_orchestration_pb2.WorkflowInstance: ...
    @property
    def event(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    def __init__(
        self,
        *,
        instance: _durabletask_orchestration_pb2.WorkflowInstance | None = None,
        event: _durabletask_history_events_pb2.HistoryEvent | None = None,
    ) -> None: ...

class BackendWorkflowState(_Message):
    @property
    def inbox(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def history(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def customStatus(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    generation: _b.int
    def __init__(
        self,
        *,
        inbox: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        history: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        customStatus: _google_protobuf_wrappers_pb2.StringValue | None = None,
        generation: _b.int | None = None,
    ) -> None: ...

class ActivityInvocation(_Message):
    @property
    def historyEvent(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    @property
    def propagatedHistory(self) -> _durabletask_history_events_pb2.PropagatedHistory: ...
    def __init__(
        self,
        *,
        historyEvent: _durabletask_history_events_pb2.HistoryEvent | None = None,
        propagatedHistory: _durabletask_history_events_pb2.PropagatedHistory | None = None,
    ) -> None: ...

class CreateWorkflowInstanceRequest(_Message):
    @property
    def startEvent(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    @property
    def propagatedHistory(self) -> _durabletask_history_events_pb2.PropagatedHistory: ...
    def __init__(
        self,
        *,
        startEvent: _durabletask_history_events_pb2.HistoryEvent | None = None,
        propagatedHistory: _durabletask_history_events_pb2.PropagatedHistory | None = None,
    ) -> None: ...

class WorkflowMetadata(_Message):
    instanceId: _b.str
    name: _b.str
    runtimeStatus: _b.int
    @property
    def createdAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def lastUpdatedAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def input(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def output(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def customStatus(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def failureDetails(self) -> _durabletask_orchestration_pb2.TaskFailureDetails: ...
    @property
    def completedAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    parentInstanceId: _b.str
    @property
    def version(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def parentAppId(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def startedAt(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        name: _b.str | None = None,
        runtimeStatus: _b.int | None = None,
        createdAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        lastUpdatedAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        input: _google_protobuf_wrappers_pb2.StringValue | None = None,
        output: _google_protobuf_wrappers_pb2.StringValue | None = None,
        customStatus: _google_protobuf_wrappers_pb2.StringValue | None = None,
        failureDetails: _durabletask_orchestration_pb2.TaskFailureDetails | None = None,
        completedAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        parentInstanceId: _b.str | None = None,
        version: _google_protobuf_wrappers_pb2.StringValue | None = None,
        parentAppId: _google_protobuf_wrappers_pb2.StringValue | None = None,
        startedAt: _google_protobuf_timestamp_pb2.Timestamp | None = None,
    ) -> None: ...

class BackendWorkflowStateMetadata(_Message):
    inboxLength: _b.int
    historyLength: _b.int
    generation: _b.int
    signatureLength: _b.int
    signingCertificateLength: _b.int
    externalSigningCertificateLength: _b.int
    def __init__(
        self,
        *,
        inboxLength: _b.int | None = None,
        historyLength: _b.int | None = None,
        generation: _b.int | None = None,
        signatureLength: _b.int | None = None,
        signingCertificateLength: _b.int | None = None,
        externalSigningCertificateLength: _b.int | None = None,
    ) -> None: ...

class SigningCertificate(_Message):
    certificate: _b.bytes
    def __init__(
        self,
        *,
        certificate: _b.bytes | None = None,
    ) -> None: ...

class HistorySignature(_Message):
    startEventIndex: _b.int
    eventCount: _b.int
    previousSignatureDigest: _b.bytes
    eventsDigest: _b.bytes
    certificateIndex: _b.int
    signature: _b.bytes
    def __init__(
        self,
        *,
        startEventIndex: _b.int | None = None,
        eventCount: _b.int | None = None,
        previousSignatureDigest: _b.bytes | None = None,
        eventsDigest: _b.bytes | None = None,
        certificateIndex: _b.int | None = None,
        signature: _b.bytes | None = None,
    ) -> None: ...

class DurableTimer(_Message):
    @property
    def timerEvent(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    generation: _b.int
    def __init__(
        self,
        *,
        timerEvent: _durabletask_history_events_pb2.HistoryEvent | None = None,
        generation: _b.int | None = None,
    ) -> None: ...
