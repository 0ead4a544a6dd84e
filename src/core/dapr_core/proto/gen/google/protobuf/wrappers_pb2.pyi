"""Types of the messages. Generated from google/protobuf/wrappers.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.internal import well_known_types as _wkt
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class DoubleValue(_Message):
    value: _b.float
    def __init__(
        self,
        *,
        value: _b.float | None = None,
    ) -> None: ...

class FloatValue(_Message):
    value: _b.float
    def __init__(
        self,
        *,
        value: _b.float | None = None,
    ) -> None: ...

class Int64Value(_Message):
    value: _b.int
    def __init__(
        self,
        *,
        value: _b.int | None = None,
    ) -> None: ...

class UInt64Value(_Message):
    value: _b.int
    def __init__(
        self,
        *,
        value: _b.int | None = None,
    ) -> None: ...

class Int32Value(_Message):
    value: _b.int
    def __init__(
        self,
        *,
        value: _b.int | None = None,
    ) -> None: ...

class UInt32Value(_Message):
    value: _b.int
    def __init__(
        self,
        *,
        value: _b.int | None = None,
    ) -> None: ...

class BoolValue(_Message):
    value: _b.bool
    def __init__(
        self,
        *,
        value: _b.bool | None = None,
    ) -> None: ...

class StringValue(_Message):
    value: _b.str
    def __init__(
        self,
        *,
        value: _b.str | None = None,
    ) -> None: ...

class BytesValue(_Message):
    value: _b.bytes
    def __init__(
        self,
        *,
        value: _b.bytes | None = None,
    ) -> None: ...
