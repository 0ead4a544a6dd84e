"""Types of the messages. Generated from dapr/proto/operator/v1/resource.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _ResourceConditionStatus(_EnumValues):
    STATUS_UNKNOWN: _b.int
    STATUS_SUCCESS: _b.int
    STATUS_FAILURE: _b.int

ResourceConditionStatus: _ResourceConditionStatus
STATUS_UNKNOWN: _b.int
STATUS_SUCCESS: _b.int
STATUS_FAILURE: _b.int

class _ResourceType(_EnumValues):
    RESOURCE_UNKNOWN: _b.int
    RESOURCE_COMPONENT: _b.int

ResourceType: _ResourceType
RESOURCE_UNKNOWN: _b.int
RESOURCE_COMPONENT: _b.int

class _EventType(_EnumValues):
    EVENT_UNKNOWN: _b.int
    EVENT_INIT: _b.int
    EVENT_CLOSE: _b.int

EventType: _EventType
EVENT_UNKNOWN: _b.int
EVENT_INIT: _b.int
EVENT_CLOSE: _b.int

class ResourceResult(_Message):
    resource_type: _b.int
    event_type: _b.int
    name: _b.str
    condition: _b.int
    reason: _b.str
    message: _b.str
    observed_generation: _b.int
    @property
    def last_transaction_time(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    def __init__(
        self,
        *,
        resource_type: _b.int | None = None,
        event_type: _b.int | None = None,
        name: _b.str | None = None,
        condition: _b.int | None = None,
        reason: _b.str | None = None,
        message: _b.str | None = None,
        observed_generation: _b.int | None = None,
        last_transaction_time: _google_protobuf_timestamp_pb2.Timestamp | None = None,
    ) -> None: ...
