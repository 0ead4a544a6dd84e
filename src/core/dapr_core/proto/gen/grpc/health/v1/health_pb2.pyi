"""Types of the messages. Generated from grpc/health/v1/health.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class HealthCheckRequest(_Message):
    service: _b.str
    def __init__(
        self,
        *,
        service: _b.str | None = None,
    ) -> None: ...

class HealthCheckResponse(_Message):
    class _ServingStatus(_EnumValues):
        UNKNOWN: _b.int
        SERVING: _b.int
        NOT_SERVING: _b.int
        SERVICE_UNKNOWN: _b.int

    ServingStatus: _ClassVar[_ServingStatus]
    UNKNOWN: _ClassVar[_b.int]
    SERVING: _ClassVar[_b.int]
    NOT_SERVING: _ClassVar[_b.int]
    SERVICE_UNKNOWN: _ClassVar[_b.int]

    status: _b.int
    def __init__(
        self,
        *,
        status: _b.int | None = None,
    ) -> None: ...

class HealthListRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class HealthListResponse(_Message):
    @property
    def statuses(self) -> _c.MessageMap[_b.str, HealthCheckResponse]: ...
    def __init__(
        self,
        *,
        statuses: _Mapping[_b.str, HealthCheckResponse] | None = None,
    ) -> None: ...
