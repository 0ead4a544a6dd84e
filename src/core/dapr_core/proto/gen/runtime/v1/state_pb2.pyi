"""Types of the messages. Generated from dapr/proto/runtime/v1/state.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class GetStateRequest(_Message):
    store_name: _b.str
    key: _b.str
    consistency: _b.int
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        key: _b.str | None = None,
        consistency: _b.int | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class GetBulkStateRequest(_Message):
    store_name: _b.str
    @property
    def keys(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    parallelism: _b.int
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        keys: _Iterable[_b.str] | None = None,
        parallelism: _b.int | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class GetBulkStateResponse(_Message):
    @property
    def items(self) -> _c.RepeatedCompositeFieldContainer[BulkStateItem]: ...
    def __init__(
        self,
        *,
        items: _Iterable[BulkStateItem] | None = None,
    ) -> None: ...

class BulkStateItem(_Message):
    key: _b.str
    data: _b.bytes
    etag: _b.str
    error: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        data: _b.bytes | None = None,
        etag: _b.str | None = None,
        error: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class GetStateResponse(_Message):
    data: _b.bytes
    etag: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        etag: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class DeleteStateRequest(_Message):
    store_name: _b.str
    key: _b.str
    @property
    def etag(self) -> _common_v1_common_pb2.Etag: ...
    @property
    def options(self) -> _common_v1_common_pb2.StateOptions: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        key: _b.str | None = None,
        etag: _common_v1_common_pb2.Etag | None = None,
        options: _common_v1_common_pb2.StateOptions | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class DeleteBulkStateRequest(_Message):
    store_name: _b.str
    @property
    def states(self) -> _c.RepeatedCompositeFieldContainer[_common_v1_common_pb2.StateItem]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        states: _Iterable[_common_v1_common_pb2.StateItem] | None = None,
    ) -> None: ...

class SaveStateRequest(_Message):
    store_name: _b.str
    @property
    def states(self) -> _c.RepeatedCompositeFieldContainer[_common_v1_common_pb2.StateItem]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        states: _Iterable[_common_v1_common_pb2.StateItem] | None = None,
    ) -> None: ...

class QueryStateRequest(_Message):
    store_name: _b.str
    query: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        query: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class QueryStateItem(_Message):
    key: _b.str
    data: _b.bytes
    etag: _b.str
    error: _b.str
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        data: _b.bytes | None = None,
        etag: _b.str | None = None,
        error: _b.str | None = None,
    ) -> None: ...

class QueryStateResponse(_Message):
    @property
    def results(self) -> _c.RepeatedCompositeFieldContainer[QueryStateItem]: ...
    token: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        results: _Iterable[QueryStateItem] | None = None,
        token: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class TransactionalStateOperation(_Message):
    operationType: _b.str
    @property
    def request(self) -> _common_v1_common_pb2.StateItem: ...
    def __init__(
        self,
        *,
        operationType: _b.str | None = None,
        request: _common_v1_common_pb2.StateItem | None = None,
    ) -> None: ...

class ExecuteStateTransactionRequest(_Message):
    storeName: _b.str
    @property
    def operations(self) -> _c.RepeatedCompositeFieldContainer[TransactionalStateOperation]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        storeName: _b.str | None = None,
        operations: _Iterable[TransactionalStateOperation] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...
