"""Types of the messages. Generated from dapr/proto/runtime/v1/actors.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class RegisterActorTimerRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    due_time: _b.str
    period: _b.str
    callback: _b.str
    data: _b.bytes
    ttl: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
        due_time: _b.str | None = None,
        period: _b.str | None = None,
        callback: _b.str | None = None,
        data: _b.bytes | None = None,
        ttl: _b.str | None = None,
    ) -> None: ...

class UnregisterActorTimerRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
    ) -> None: ...

class RegisterActorReminderRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    due_time: _b.str
    period: _b.str
    data: _b.bytes
    ttl: _b.str
    overwrite: _b.bool
    @property
    def failure_policy(self) -> _common_v1_common_pb2.JobFailurePolicy: ...
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
        due_time: _b.str | None = None,
        period: _b.str | None = None,
        data: _b.bytes | None = None,
        ttl: _b.str | None = None,
        overwrite: _b.bool | None = None,
        failure_policy: _common_v1_common_pb2.JobFailurePolicy | None = None,
    ) -> None: ...

class UnregisterActorReminderRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
    ) -> None: ...

class GetActorStateRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    key: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        key: _b.str | None = None,
    ) -> None: ...

class GetActorStateResponse(_Message):
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class ExecuteActorStateTransactionRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    @property
    def operations(self) -> _c.RepeatedCompositeFieldContainer[TransactionalActorStateOperation]: ...
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        operations: _Iterable[TransactionalActorStateOperation] | None = None,
    ) -> None: ...

class TransactionalActorStateOperation(_Message):
    operationType: _b.str
    key: _b.str
    @property
    def value(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        operationType: _b.str | None = None,
        key: _b.str | None = None,
        value: _google_protobuf_any_pb2.Any | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class InvokeActorRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    method: _b.str
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        method: _b.str | None = None,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class InvokeActorResponse(_Message):
    data: _b.bytes
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
    ) -> None: ...

class GetActorReminderRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
    ) -> None: ...

class GetActorReminderResponse(_Message):
    actor_type: _b.str
    actor_id: _b.str
    due_time: _b.str
    period: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    ttl: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        due_time: _b.str | None = None,
        period: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        ttl: _b.str | None = None,
    ) -> None: ...

class ListActorRemindersRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
    ) -> None: ...

class ListActorRemindersResponse(_Message):
    @property
    def reminders(self) -> _c.RepeatedCompositeFieldContainer[NamedActorReminder]: ...
    def __init__(
        self,
        *,
        reminders: _Iterable[NamedActorReminder] | None = None,
    ) -> None: ...

class NamedActorReminder(_Message):
    name: _b.str
    @property
    def reminder(self) -> ActorReminder: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        reminder: ActorReminder | None = None,
    ) -> None: ...

class ActorReminder(_Message):
    actor_type: _b.str
    actor_id: _b.str
    due_time: _b.str
    period: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    ttl: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        due_time: _b.str | None = None,
        period: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        ttl: _b.str | None = None,
    ) -> None: ...

class UnregisterActorRemindersByTypeRequest(_Message):
    actor_type: _b.str
    actor_id: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
    ) -> None: ...

class UnregisterActorRemindersByTypeResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class SubscribeActorEventsRequestAlpha1(_Message):
    @property
    def initial_request(self) -> SubscribeActorEventsRequestInitialAlpha1: ...
    @property
    def invoke_response(self) -> SubscribeActorEventsRequestInvokeResponseAlpha1: ...
    @property
    def reminder_response(self) -> SubscribeActorEventsRequestReminderResponseAlpha1: ...
    @property
    def timer_response(self) -> SubscribeActorEventsRequestReminderResponseAlpha1: ...
    @property
    def deactivate_response(self) -> SubscribeActorEventsRequestDeactivateResponseAlpha1: ...
    @property
    def request_failed(self) -> SubscribeActorEventsRequestFailedAlpha1: ...
    def __init__(
        self,
        *,
        initial_request: SubscribeActorEventsRequestInitialAlpha1 | None = None,
        invoke_response: SubscribeActorEventsRequestInvokeResponseAlpha1 | None = None,
        reminder_response: SubscribeActorEventsRequestReminderResponseAlpha1 | None = None,
        timer_response: SubscribeActorEventsRequestReminderResponseAlpha1 | None = None,
        deactivate_response: SubscribeActorEventsRequestDeactivateResponseAlpha1 | None = None,
        request_failed: SubscribeActorEventsRequestFailedAlpha1 | None = None,
    ) -> None: ...

class SubscribeActorEventsRequestInitialAlpha1(_Message):
    @property
    def entities(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def actor_idle_timeout(self) -> _google_protobuf_duration_pb2.Duration: ...
    @property
    def drain_ongoing_call_timeout(self) -> _google_protobuf_duration_pb2.Duration: ...
    drain_rebalanced_actors: _b.bool
    @property
    def reentrancy(self) -> ActorReentrancyConfig: ...
    @property
    def entities_config(self) -> _c.RepeatedCompositeFieldContainer[ActorEntityConfig]: ...
    def __init__(
        self,
        *,
        entities: _Iterable[_b.str] | None = None,
        actor_idle_timeout: _google_protobuf_duration_pb2.Duration | None = None,
        drain_ongoing_call_timeout: _google_protobuf_duration_pb2.Duration | None = None,
        drain_rebalanced_actors: _b.bool | None = None,
        reentrancy: ActorReentrancyConfig | None = None,
        entities_config: _Iterable[ActorEntityConfig] | None = None,
    ) -> None: ...

class SubscribeActorEventsRequestInvokeResponseAlpha1(_Message):
    id: _b.str
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    error: _b.bool
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        error: _b.bool | None = None,
    ) -> None: ...

class SubscribeActorEventsRequestReminderResponseAlpha1(_Message):
    id: _b.str
    cancel: _b.bool
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        cancel: _b.bool | None = None,
    ) -> None: ...

class SubscribeActorEventsRequestDeactivateResponseAlpha1(_Message):
    id: _b.str
    def __init__(
        self,
        *,
        id: _b.str | None = None,
    ) -> None: ...

class SubscribeActorEventsRequestFailedAlpha1(_Message):
    id: _b.str
    code: _b.int
    message: _b.str
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        code: _b.int | None = None,
        message: _b.str | None = None,
    ) -> None: ...

class SubscribeActorEventsResponseAlpha1(_Message):
    @property
    def initial_response(self) -> SubscribeActorEventsResponseInitialAlpha1: ...
    @property
    def invoke_request(self) -> SubscribeActorEventsResponseInvokeRequestAlpha1: ...
    @property
    def reminder_request(self) -> SubscribeActorEventsResponseReminderRequestAlpha1: ...
    @property
    def timer_request(self) -> SubscribeActorEventsResponseTimerRequestAlpha1: ...
    @property
    def deactivate_request(self) -> SubscribeActorEventsResponseDeactivateRequestAlpha1: ...
    def __init__(
        self,
        *,
        initial_response: SubscribeActorEventsResponseInitialAlpha1 | None = None,
        invoke_request: SubscribeActorEventsResponseInvokeRequestAlpha1 | None = None,
        reminder_request: SubscribeActorEventsResponseReminderRequestAlpha1 | None = None,
        timer_request: SubscribeActorEventsResponseTimerRequestAlpha1 | None = None,
        deactivate_request: SubscribeActorEventsResponseDeactivateRequestAlpha1 | None = None,
    ) -> None: ...

class SubscribeActorEventsResponseInitialAlpha1(_Message):
    def __init__(
        self,
    ) -> None: ...

class SubscribeActorEventsResponseInvokeRequestAlpha1(_Message):
    id: _b.str
    actor_type: _b.str
    actor_id: _b.str
    method: _b.str
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        method: _b.str | None = None,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class SubscribeActorEventsResponseReminderRequestAlpha1(_Message):
    id: _b.str
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    due_time: _b.str
    period: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
        due_time: _b.str | None = None,
        period: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
    ) -> None: ...

class SubscribeActorEventsResponseTimerRequestAlpha1(_Message):
    id: _b.str
    actor_type: _b.str
    actor_id: _b.str
    name: _b.str
    due_time: _b.str
    period: _b.str
    callback: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
        name: _b.str | None = None,
        due_time: _b.str | None = None,
        period: _b.str | None = None,
        callback: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
    ) -> None: ...

class SubscribeActorEventsResponseDeactivateRequestAlpha1(_Message):
    id: _b.str
    actor_type: _b.str
    actor_id: _b.str
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
    ) -> None: ...

class ActorEntityConfig(_Message):
    @property
    def entities(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def actor_idle_timeout(self) -> _google_protobuf_duration_pb2.Duration: ...
    @property
    def drain_ongoing_call_timeout(self) -> _google_protobuf_duration_pb2.Duration: ...
    drain_rebalanced_actors: _b.bool
    @property
    def reentrancy(self) -> ActorReentrancyConfig: ...
    def __init__(
        self,
        *,
        entities: _Iterable[_b.str] | None = None,
        actor_idle_timeout: _google_protobuf_duration_pb2.Duration | None = None,
        drain_ongoing_call_timeout: _google_protobuf_duration_pb2.Duration | None = None,
        drain_rebalanced_actors: _b.bool | None = None,
        reentrancy: ActorReentrancyConfig | None = None,
    ) -> None: ...

class ActorReentrancyConfig(_Message):
    enabled: _b.bool
    max_stack_depth: _b.int
    def __init__(
        self,
        *,
        enabled: _b.bool | None = None,
        max_stack_depth: _b.int | None = None,
    ) -> None: ...
