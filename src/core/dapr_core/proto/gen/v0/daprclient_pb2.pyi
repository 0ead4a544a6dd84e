"""Types of the messages. Generated from v0/daprclient.proto by tools/generate_protos.py: do not edit."""

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

class CloudEventEnvelope(_Message):
    id: _b.str
    source: _b.str
    type: _b.str
    specVersion: _b.str
    dataContentType: _b.str
    topic: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        source: _b.str | None = None,
        type: _b.str | None = None,
        specVersion: _b.str | None = None,
        dataContentType: _b.str | None = None,
        topic: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
    ) -> None: ...

class BindingEventEnvelope(_Message):
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

class BindingResponseEnvelope(_Message):
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def to(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def state(self) -> _c.RepeatedCompositeFieldContainer[State]: ...
    concurrency: _b.str
    def __init__(
        self,
        *,
        data: _google_protobuf_any_pb2.Any | None = None,
        to: _Iterable[_b.str] | None = None,
        state: _Iterable[State] | None = None,
        concurrency: _b.str | None = None,
    ) -> None: ...

class InvokeEnvelope(_Message):
    method: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        method: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class GetTopicSubscriptionsEnvelope(_Message):
    @property
    def topics(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        topics: _Iterable[_b.str] | None = None,
    ) -> None: ...

class GetBindingsSubscriptionsEnvelope(_Message):
    @property
    def bindings(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        bindings: _Iterable[_b.str] | None = None,
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
