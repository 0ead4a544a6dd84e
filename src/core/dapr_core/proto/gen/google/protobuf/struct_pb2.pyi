"""Types of the messages. Generated from google/protobuf/struct.proto by tools/generate_protos.py: do not edit."""

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

class _NullValue(_EnumValues):
    NULL_VALUE: _b.int

NullValue: _NullValue
NULL_VALUE: _b.int

class Struct(_wkt.Struct, _Message):
    @property
    def fields(self) -> _c.MessageMap[_b.str, Value]: ...
    def __init__(
        self,
        *,
        fields: _Mapping[_b.str, Value] | None = None,
    ) -> None: ...

class Value(_Message):
    null_value: _b.int
    number_value: _b.float
    string_value: _b.str
    bool_value: _b.bool
    @property
    def struct_value(self) -> Struct: ...
    @property
    def list_value(self) -> ListValue: ...
    def __init__(
        self,
        *,
        null_value: _b.int | None = None,
        number_value: _b.float | None = None,
        string_value: _b.str | None = None,
        bool_value: _b.bool | None = None,
        struct_value: Struct | None = None,
        list_value: ListValue | None = None,
    ) -> None: ...

class ListValue(_wkt.ListValue, _Message):
    @property
    def values(self) -> _c.RepeatedCompositeFieldContainer[Value]: ...
    def __init__(
        self,
        *,
        values: _Iterable[Value] | None = None,
    ) -> None: ...
