"""Types of the messages. Generated from dapr/proto/components/v1/bindings.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class ListOperationsRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class ListOperationsResponse(_Message):
    @property
    def operations(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        operations: _Iterable[_b.str] | None = None,
    ) -> None: ...

class InputBindingInitRequest(_Message):
    @property
    def metadata(self) -> _components_v1_common_pb2.MetadataRequest: ...
    def __init__(
        self,
        *,
        metadata: _components_v1_common_pb2.MetadataRequest | None = None,
    ) -> None: ...

class InputBindingInitResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class OutputBindingInitRequest(_Message):
    @property
    def metadata(self) -> _components_v1_common_pb2.MetadataRequest: ...
    def __init__(
        self,
        *,
        metadata: _components_v1_common_pb2.MetadataRequest | None = None,
    ) -> None: ...

class OutputBindingInitResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class AckResponseError(_Message):
    message: _b.str
    def __init__(
        self,
        *,
        message: _b.str | None = None,
    ) -> None: ...

class ReadRequest(_Message):
    response_data: _b.bytes
    message_id: _b.str
    @property
    def response_error(self) -> AckResponseError: ...
    def __init__(
        self,
        *,
        response_data: _b.bytes | None = None,
        message_id: _b.str | None = None,
        response_error: AckResponseError | None = None,
    ) -> None: ...

class ReadResponse(_Message):
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    content_type: _b.str
    message_id: _b.str
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        content_type: _b.str | None = None,
        message_id: _b.str | None = None,
    ) -> None: ...

class InvokeRequest(_Message):
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    operation: _b.str
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        operation: _b.str | None = None,
    ) -> None: ...

class InvokeResponse(_Message):
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    content_type: _b.str
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...
