"""Types of the messages. Generated from v0/dapr.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class InvokeServiceResponseEnvelope(_Message):
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        data: _google_protobuf_any_pb2.Any | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class DeleteStateEnvelope(_Message):
    storeName: _b.str
    key: _b.str
    etag: _b.str
    @property
    def options(self) -> StateOptions: ...
    def __init__(
        self,
        *,
        storeName: _b.str | None = None,
        key: _b.str | None = None,
        etag: _b.str | None = None,
        options: StateOptions | None = None,
    ) -> None: ...

class SaveStateEnvelope(_Message):
    storeName: _b.str
    @property
    def requests(self) -> _c.RepeatedCompositeFieldContainer[StateRequest]: ...
    def __init__(
        self,
        *,
        storeName: _b.str | None = None,
        requests: _Iterable[StateRequest] | None = None,
    ) -> None: ...

class GetStateEnvelope(_Message):
    storeName: _b.str
    key: _b.str
    consistency: _b.str
    def __init__(
        self,
        *,
        storeName: _b.str | None = None,
        key: _b.str | None = None,
        consistency: _b.str | None = None,
    ) -> None: ...

class GetStateResponseEnvelope(_Message):
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    etag: _b.str
    def __init__(
        self,
        *,
        data: _google_protobuf_any_pb2.Any | None = None,
        etag: _b.str | None = None,
    ) -> None: ...

class InvokeBindingEnvelope(_Message):
    name: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class InvokeServiceEnvelope(_Message):
    id: _b.str
    method: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        method: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class PublishEventEnvelope(_Message):
    topic: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    def __init__(
        self,
        *,
        topic: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
    ) -> None: ...

class State(_Message):
    key: _b.str
    @property
    def value(self) -> _google_protobuf_any_pb2.Any: ...
    etag: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def options(self) -> StateOptions: ...
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        value: _google_protobuf_any_pb2.Any | None = None,
        etag: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        options: StateOptions | None = None,
    ) -> None: ...

class StateOptions(_Message):
    concurrency: _b.str
    consistency: _b.str
    @property
    def retryPolicy(self) -> RetryPolicy: ...
    def __init__(
        self,
        *,
        concurrency: _b.str | None = None,
        consistency: _b.str | None = None,
        retryPolicy: RetryPolicy | None = None,
    ) -> None: ...

class RetryPolicy(_Message):
    threshold: _b.int
    pattern: _b.str
    @property
    def interval(self) -> _google_protobuf_duration_pb2.Duration: ...
    def __init__(
        self,
        *,
        threshold: _b.int | None = None,
        pattern: _b.str | None = None,
        interval: _google_protobuf_duration_pb2.Duration | None = None,
    ) -> None: ...

class StateRequest(_Message):
    key: _b.str
    @property
    def value(self) -> _google_protobuf_any_pb2.Any: ...
    etag: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def options(self) -> StateRequestOptions: ...
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        value: _google_protobuf_any_pb2.Any | None = None,
        etag: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        options: StateRequestOptions | None = None,
    ) -> None: ...

class StateRequestOptions(_Message):
    concurrency: _b.str
    consistency: _b.str
    @property
    def retryPolicy(self) -> StateRetryPolicy: ...
    def __init__(
        self,
        *,
        concurrency: _b.str | None = None,
        consistency: _b.str | None = None,
        retryPolicy: StateRetryPolicy | None = None,
    ) -> None: ...

class StateRetryPolicy(_Message):
    threshold: _b.int
    pattern: _b.str
    @property
    def interval(self) -> _google_protobuf_duration_pb2.Duration: ...
    def __init__(
        self,
        *,
        threshold: _b.int | None = None,
        pattern: _b.str | None = None,
        interval: _google_protobuf_duration_pb2.Duration | None = None,
    ) -> None: ...
