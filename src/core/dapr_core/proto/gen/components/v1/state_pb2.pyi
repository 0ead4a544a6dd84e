"""Types of the messages. Generated from dapr/proto/components/v1/state.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class Sorting(_Message):
    class _Order(_EnumValues):
        ASC: _b.int
        DESC: _b.int

    Order: _ClassVar[_Order]
    ASC: _ClassVar[_b.int]
    DESC: _ClassVar[_b.int]

    key: _b.str
    order: _b.int
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        order: _b.int | None = None,
    ) -> None: ...

class Pagination(_Message):
    limit: _b.int
    token: _b.str
    def __init__(
        self,
        *,
        limit: _b.int | None = None,
        token: _b.str | None = None,
    ) -> None: ...

class Query(_Message):
    @property
    def filter(self) -> _c.MessageMap[_b.str, _google_protobuf_any_pb2.Any]: ...
    @property
    def sort(self) -> _c.RepeatedCompositeFieldContainer[Sorting]: ...
    @property
    def pagination(self) -> Pagination: ...
    def __init__(
        self,
        *,
        filter: _Mapping[_b.str, _google_protobuf_any_pb2.Any] | None = None,
        sort: _Iterable[Sorting] | None = None,
        pagination: Pagination | None = None,
    ) -> None: ...

class QueryRequest(_Message):
    @property
    def query(self) -> Query: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        query: Query | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class QueryItem(_Message):
    key: _b.str
    data: _b.bytes
    @property
    def etag(self) -> Etag: ...
    error: _b.str
    content_type: _b.str
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        data: _b.bytes | None = None,
        etag: Etag | None = None,
        error: _b.str | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...

class QueryResponse(_Message):
    @property
    def items(self) -> _c.RepeatedCompositeFieldContainer[QueryItem]: ...
    token: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        items: _Iterable[QueryItem] | None = None,
        token: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class TransactionalStateOperation(_Message):
    @property
    def delete(self) -> DeleteRequest: ...
    @property
    def set(self) -> SetRequest: ...
    def __init__(
        self,
        *,
        delete: DeleteRequest | None = None,
        set: SetRequest | None = None,
    ) -> None: ...

class TransactionalStateRequest(_Message):
    @property
    def operations(self) -> _c.RepeatedCompositeFieldContainer[TransactionalStateOperation]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        operations: _Iterable[TransactionalStateOperation] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class TransactionalStateResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class Etag(_Message):
    value: _b.str
    def __init__(
        self,
        *,
        value: _b.str | None = None,
    ) -> None: ...

class StateOptions(_Message):
    class _StateConcurrency(_EnumValues):
        CONCURRENCY_UNSPECIFIED: _b.int
        CONCURRENCY_FIRST_WRITE: _b.int
        CONCURRENCY_LAST_WRITE: _b.int

    StateConcurrency: _ClassVar[_StateConcurrency]
    CONCURRENCY_UNSPECIFIED: _ClassVar[_b.int]
    CONCURRENCY_FIRST_WRITE: _ClassVar[_b.int]
    CONCURRENCY_LAST_WRITE: _ClassVar[_b.int]

    class _StateConsistency(_EnumValues):
        CONSISTENCY_UNSPECIFIED: _b.int
        CONSISTENCY_EVENTUAL: _b.int
        CONSISTENCY_STRONG: _b.int

    StateConsistency: _ClassVar[_StateConsistency]
    CONSISTENCY_UNSPECIFIED: _ClassVar[_b.int]
    CONSISTENCY_EVENTUAL: _ClassVar[_b.int]
    CONSISTENCY_STRONG: _ClassVar[_b.int]

    concurrency: _b.int
    consistency: _b.int
    def __init__(
        self,
        *,
        concurrency: _b.int | None = None,
        consistency: _b.int | None = None,
    ) -> None: ...

class InitRequest(_Message):
    @property
    def metadata(self) -> _components_v1_common_pb2.MetadataRequest: ...
    def __init__(
        self,
        *,
        metadata: _components_v1_common_pb2.MetadataRequest | None = None,
    ) -> None: ...

class InitResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class GetRequest(_Message):
    key: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    consistency: _b.int
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        consistency: _b.int | None = None,
    ) -> None: ...

class GetResponse(_Message):
    data: _b.bytes
    @property
    def etag(self) -> Etag: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    content_type: _b.str
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        etag: Etag | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...

class DeleteRequest(_Message):
    key: _b.str
    @property
    def etag(self) -> Etag: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def options(self) -> StateOptions: ...
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        etag: Etag | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        options: StateOptions | None = None,
    ) -> None: ...

class DeleteResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class SetRequest(_Message):
    key: _b.str
    value: _b.bytes
    @property
    def etag(self) -> Etag: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def options(self) -> StateOptions: ...
    content_type: _b.str
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        value: _b.bytes | None = None,
        etag: Etag | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        options: StateOptions | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...

class SetResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class BulkDeleteRequestOptions(_Message):
    parallelism: _b.int
    def __init__(
        self,
        *,
        parallelism: _b.int | None = None,
    ) -> None: ...

class BulkDeleteRequest(_Message):
    @property
    def items(self) -> _c.RepeatedCompositeFieldContainer[DeleteRequest]: ...
    @property
    def options(self) -> BulkDeleteRequestOptions: ...
    def __init__(
        self,
        *,
        items: _Iterable[DeleteRequest] | None = None,
        options: BulkDeleteRequestOptions | None = None,
    ) -> None: ...

class BulkDeleteResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class BulkGetRequestOptions(_Message):
    parallelism: _b.int
    def __init__(
        self,
        *,
        parallelism: _b.int | None = None,
    ) -> None: ...

class BulkGetRequest(_Message):
    @property
    def items(self) -> _c.RepeatedCompositeFieldContainer[GetRequest]: ...
    @property
    def options(self) -> BulkGetRequestOptions: ...
    def __init__(
        self,
        *,
        items: _Iterable[GetRequest] | None = None,
        options: BulkGetRequestOptions | None = None,
    ) -> None: ...

class BulkStateItem(_Message):
    key: _b.str
    data: _b.bytes
    @property
    def etag(self) -> Etag: ...
    error: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    content_type: _b.str
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        data: _b.bytes | None = None,
        etag: Etag | None = None,
        error: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...

class BulkGetResponse(_Message):
    @property
    def items(self) -> _c.RepeatedCompositeFieldContainer[BulkStateItem]: ...
    def __init__(
        self,
        *,
        items: _Iterable[BulkStateItem] | None = None,
    ) -> None: ...

class BulkSetRequestOptions(_Message):
    parallelism: _b.int
    def __init__(
        self,
        *,
        parallelism: _b.int | None = None,
    ) -> None: ...

class BulkSetRequest(_Message):
    @property
    def items(self) -> _c.RepeatedCompositeFieldContainer[SetRequest]: ...
    @property
    def options(self) -> BulkSetRequestOptions: ...
    def __init__(
        self,
        *,
        items: _Iterable[SetRequest] | None = None,
        options: BulkSetRequestOptions | None = None,
    ) -> None: ...

class BulkSetResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class MultiMaxSizeRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class MultiMaxSizeResponse(_Message):
    max_size: _b.int
    def __init__(
        self,
        *,
        max_size: _b.int | None = None,
    ) -> None: ...
