"""Types of the messages. Generated from durabletask/runtime_state.proto by tools/generate_protos.py: do not edit."""

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

class RuntimeStateStalled(_Message):
    reason: _b.int
    description: _b.str
    def __init__(
        self,
        *,
        reason: _b.int | None = None,
        description: _b.str | None = None,
    ) -> None: ...

class WorkflowRuntimeState(_Message):
    instanceId: _b.str
    @property
    def newEvents(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def oldEvents(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def pendingTasks(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def pendingTimers(self) -> _c.RepeatedCompositeFieldContainer[_durabletask_history_events_pb2.HistoryEvent]: ...
    @property
    def pendingMessages(self) -> _c.RepeatedCompositeFieldContainer[WorkflowRuntimeStateMessage]: ...
    @property
    def startEvent(self) -> _durabletask_history_events_pb2.ExecutionStartedEvent: ...
    @property
    def completedEvent(self) -> _durabletask_history_events_pb2.ExecutionCompletedEvent: ...
    @property
    def createdTime(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def lastUpdatedTime(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def completedTime(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    continuedAsNew: _b.bool
    isSuspended: _b.bool
    @property
    def customStatus(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def stalled(self) -> RuntimeStateStalled: ...
    def __init__(
        self,
        *,
        instanceId: _b.str | None = None,
        newEvents: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        oldEvents: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        pendingTasks: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        pendingTimers: _Iterable[_durabletask_history_events_pb2.HistoryEvent] | None = None,
        pendingMessages: _Iterable[WorkflowRuntimeStateMessage] | None = None,
        startEvent: _durabletask_history_events_pb2.ExecutionStartedEvent | None = None,
        completedEvent: _durabletask_history_events_pb2.ExecutionCompletedEvent | None = None,
        createdTime: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        lastUpdatedTime: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        completedTime: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        continuedAsNew: _b.bool | None = None,
        isSuspended: _b.bool | None = None,
        customStatus: _google_protobuf_wrappers_pb2.StringValue | None = None,
        stalled: RuntimeStateStalled | None = None,
    ) -> None: ...

class WorkflowRuntimeStateMessage(_Message):
    @property
    def historyEvent(self) -> _durabletask_history_events_pb2.HistoryEvent: ...
    targetInstanceId: _b.str
    @property
    def propagatedHistory(self) -> _durabletask_history_events_pb2.PropagatedHistory: ...
    def __init__(
        self,
        *,
        historyEvent: _durabletask_history_events_pb2.HistoryEvent | None = None,
        targetInstanceId: _b.str | None = None,
        propagatedHistory: _durabletask_history_events_pb2.PropagatedHistory | None = None,
    ) -> None: ...
