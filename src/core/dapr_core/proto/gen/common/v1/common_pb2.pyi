"""Types of the messages. Generated from dapr/proto/common/v1/common.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class HTTPExtension(_Message):
    class _Verb(_EnumValues):
        NONE: _b.int
        GET: _b.int
        HEAD: _b.int
        POST: _b.int
        PUT: _b.int
        DELETE: _b.int
        CONNECT: _b.int
        OPTIONS: _b.int
        TRACE: _b.int
        PATCH: _b.int

    Verb: _ClassVar[_Verb]
    NONE: _ClassVar[_b.int]
    GET: _ClassVar[_b.int]
    HEAD: _ClassVar[_b.int]
    POST: _ClassVar[_b.int]
    PUT: _ClassVar[_b.int]
    DELETE: _ClassVar[_b.int]
    CONNECT: _ClassVar[_b.int]
    OPTIONS: _ClassVar[_b.int]
    TRACE: _ClassVar[_b.int]
    PATCH: _ClassVar[_b.int]

    verb: _b.int
    querystring: _b.str
    def __init__(
        self,
        *,
        verb: _b.int | None = None,
        querystring: _b.str | None = None,
    ) -> None: ...

class InvokeRequest(_Message):
    method: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    content_type: _b.str
    @property
    def http_extension(self) -> HTTPExtension: ...
    def __init__(
        self,
        *,
        method: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        content_type: _b.str | None = None,
        http_extension: HTTPExtension | None = None,
    ) -> None: ...

class InvokeResponse(_Message):
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    content_type: _b.str
    def __init__(
        self,
        *,
        data: _google_protobuf_any_pb2.Any | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...

class StreamPayload(_Message):
    data: _b.bytes
    seq: _b.int
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        seq: _b.int | None = None,
    ) -> None: ...

class StateItem(_Message):
    key: _b.str
    value: _b.bytes
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
        value: _b.bytes | None = None,
        etag: Etag | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        options: StateOptions | None = None,
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

class ConfigurationItem(_Message):
    value: _b.str
    version: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        value: _b.str | None = None,
        version: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class JobFailurePolicy(_Message):
    @property
    def drop(self) -> JobFailurePolicyDrop: ...
    @property
    def constant(self) -> JobFailurePolicyConstant: ...
    def __init__(
        self,
        *,
        drop: JobFailurePolicyDrop | None = None,
        constant: JobFailurePolicyConstant | None = None,
    ) -> None: ...

class JobFailurePolicyDrop(_Message):
    def __init__(
        self,
    ) -> None: ...

class JobFailurePolicyConstant(_Message):
    @property
    def interval(self) -> _google_protobuf_duration_pb2.Duration: ...
    max_retries: _b.int
    def __init__(
        self,
        *,
        interval: _google_protobuf_duration_pb2.Duration | None = None,
        max_retries: _b.int | None = None,
    ) -> None: ...
