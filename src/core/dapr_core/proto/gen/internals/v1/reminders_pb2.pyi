"""Types of the messages. Generated from dapr/proto/internals/v1/reminders.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class Reminder(_Message):
    actor_id: _b.str
    actor_type: _b.str
    name: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    period: _b.str
    @property
    def registered_time(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    due_time: _b.str
    @property
    def expiration_time(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    is_timer: _b.bool
    skip_lock: _b.bool
    def __init__(
        self,
        *,
        actor_id: _b.str | None = None,
        actor_type: _b.str | None = None,
        name: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        period: _b.str | None = None,
        registered_time: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        due_time: _b.str | None = None,
        expiration_time: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        is_timer: _b.bool | None = None,
        skip_lock: _b.bool | None = None,
    ) -> None: ...

class Reminders(_Message):
    @property
    def reminders(self) -> _c.RepeatedCompositeFieldContainer[Reminder]: ...
    def __init__(
        self,
        *,
        reminders: _Iterable[Reminder] | None = None,
    ) -> None: ...

class TimerFiredEvent(_Message):
    @property
    def fire_at(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    timerId: _b.int
    generation: _b.int
    def __init__(
        self,
        *,
        fire_at: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        timerId: _b.int | None = None,
        generation: _b.int | None = None,
    ) -> None: ...
