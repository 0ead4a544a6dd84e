"""Types of the messages. Generated from dapr/proto/runtime/v1/lock.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class TryLockRequest(_Message):
    store_name: _b.str
    resource_id: _b.str
    lock_owner: _b.str
    expiry_in_seconds: _b.int
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        resource_id: _b.str | None = None,
        lock_owner: _b.str | None = None,
        expiry_in_seconds: _b.int | None = None,
    ) -> None: ...

class TryLockResponse(_Message):
    success: _b.bool
    def __init__(
        self,
        *,
        success: _b.bool | None = None,
    ) -> None: ...

class UnlockRequest(_Message):
    store_name: _b.str
    resource_id: _b.str
    lock_owner: _b.str
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        resource_id: _b.str | None = None,
        lock_owner: _b.str | None = None,
    ) -> None: ...

class UnlockResponse(_Message):
    class _Status(_EnumValues):
        SUCCESS: _b.int
        LOCK_DOES_NOT_EXIST: _b.int
        LOCK_BELONGS_TO_OTHERS: _b.int
        INTERNAL_ERROR: _b.int

    Status: _ClassVar[_Status]
    SUCCESS: _ClassVar[_b.int]
    LOCK_DOES_NOT_EXIST: _ClassVar[_b.int]
    LOCK_BELONGS_TO_OTHERS: _ClassVar[_b.int]
    INTERNAL_ERROR: _ClassVar[_b.int]

    status: _b.int
    def __init__(
        self,
        *,
        status: _b.int | None = None,
    ) -> None: ...
