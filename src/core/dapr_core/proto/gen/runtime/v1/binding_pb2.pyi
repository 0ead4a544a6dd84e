"""Types of the messages. Generated from dapr/proto/runtime/v1/binding.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class InvokeBindingRequest(_Message):
    name: _b.str
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    operation: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        operation: _b.str | None = None,
    ) -> None: ...

class InvokeBindingResponse(_Message):
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...
