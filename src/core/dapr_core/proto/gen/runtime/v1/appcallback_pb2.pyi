"""Types of the messages. Generated from dapr/proto/runtime/v1/appcallback.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.google.protobuf import struct_pb2 as _google_protobuf_struct_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class JobEventRequest(_Message):
    name: _b.str
    @property
    def data(self) -> _google_protobuf_any_pb2.Any: ...
    method: _b.str
    content_type: _b.str
    @property
    def http_extension(self) -> _common_v1_common_pb2.HTTPExtension: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        data: _google_protobuf_any_pb2.Any | None = None,
        method: _b.str | None = None,
        content_type: _b.str | None = None,
        http_extension: _common_v1_common_pb2.HTTPExtension | None = None,
    ) -> None: ...

class JobEventResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class TopicEventRequest(_Message):
    id: _b.str
    source: _b.str
    type: _b.str
    spec_version: _b.str
    data_content_type: _b.str
    data: _b.bytes
    topic: _b.str
    pubsub_name: _b.str
    path: _b.str
    @property
    def extensions(self) -> _google_protobuf_struct_pb2.Struct: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        source: _b.str | None = None,
        type: _b.str | None = None,
        spec_version: _b.str | None = None,
        data_content_type: _b.str | None = None,
        data: _b.bytes | None = None,
        topic: _b.str | None = None,
        pubsub_name: _b.str | None = None,
        path: _b.str | None = None,
        extensions: _google_protobuf_struct_pb2.Struct | None = None,
    ) -> None: ...

class TopicEventResponse(_Message):
    class _TopicEventResponseStatus(_EnumValues):
        SUCCESS: _b.int
        RETRY: _b.int
        DROP: _b.int

    TopicEventResponseStatus: _ClassVar[_TopicEventResponseStatus]
    SUCCESS: _ClassVar[_b.int]
    RETRY: _ClassVar[_b.int]
    DROP: _ClassVar[_b.int]

    status: _b.int
    def __init__(
        self,
        *,
        status: _b.int | None = None,
    ) -> None: ...

class TopicEventCERequest(_Message):
    id: _b.str
    source: _b.str
    type: _b.str
    spec_version: _b.str
    data_content_type: _b.str
    data: _b.bytes
    @property
    def extensions(self) -> _google_protobuf_struct_pb2.Struct: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        source: _b.str | None = None,
        type: _b.str | None = None,
        spec_version: _b.str | None = None,
        data_content_type: _b.str | None = None,
        data: _b.bytes | None = None,
        extensions: _google_protobuf_struct_pb2.Struct | None = None,
    ) -> None: ...

class TopicEventBulkRequestEntry(_Message):
    entry_id: _b.str
    bytes: _b.bytes
    @property
    def cloud_event(self) -> TopicEventCERequest: ...
    content_type: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        entry_id: _b.str | None = None,
        bytes: _b.bytes | None = None,
        cloud_event: TopicEventCERequest | None = None,
        content_type: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class TopicEventBulkRequest(_Message):
    id: _b.str
    @property
    def entries(self) -> _c.RepeatedCompositeFieldContainer[TopicEventBulkRequestEntry]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    topic: _b.str
    pubsub_name: _b.str
    type: _b.str
    path: _b.str
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        entries: _Iterable[TopicEventBulkRequestEntry] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        topic: _b.str | None = None,
        pubsub_name: _b.str | None = None,
        type: _b.str | None = None,
        path: _b.str | None = None,
    ) -> None: ...

class TopicEventBulkResponseEntry(_Message):
    entry_id: _b.str
    status: _b.int
    def __init__(
        self,
        *,
        entry_id: _b.str | None = None,
        status: _b.int | None = None,
    ) -> None: ...

class TopicEventBulkResponse(_Message):
    @property
    def statuses(self) -> _c.RepeatedCompositeFieldContainer[TopicEventBulkResponseEntry]: ...
    def __init__(
        self,
        *,
        statuses: _Iterable[TopicEventBulkResponseEntry] | None = None,
    ) -> None: ...

class BindingEventRequest(_Message):
    name: _b.str
    data: _b.bytes
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        data: _b.bytes | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BindingEventResponse(_Message):
    class _BindingEventConcurrency(_EnumValues):
        SEQUENTIAL: _b.int
        PARALLEL: _b.int

    BindingEventConcurrency: _ClassVar[_BindingEventConcurrency]
    SEQUENTIAL: _ClassVar[_b.int]
    PARALLEL: _ClassVar[_b.int]

    store_name: _b.str
    @property
    def states(self) -> _c.RepeatedCompositeFieldContainer[_common_v1_common_pb2.StateItem]: ...
    @property
    def to(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    data: _b.bytes
    concurrency: _b.int
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        states: _Iterable[_common_v1_common_pb2.StateItem] | None = None,
        to: _Iterable[_b.str] | None = None,
        data: _b.bytes | None = None,
        concurrency: _b.int | None = None,
    ) -> None: ...

class ListTopicSubscriptionsResponse(_Message):
    @property
    def subscriptions(self) -> _c.RepeatedCompositeFieldContainer[TopicSubscription]: ...
    def __init__(
        self,
        *,
        subscriptions: _Iterable[TopicSubscription] | None = None,
    ) -> None: ...

class TopicSubscription(_Message):
    pubsub_name: _b.str
    topic: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def routes(self) -> TopicRoutes: ...
    dead_letter_topic: _b.str
    @property
    def bulk_subscribe(self) -> BulkSubscribeConfig: ...
    def __init__(
        self,
        *,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        routes: TopicRoutes | None = None,
        dead_letter_topic: _b.str | None = None,
        bulk_subscribe: BulkSubscribeConfig | None = None,
    ) -> None: ...

class TopicRoutes(_Message):
    @property
    def rules(self) -> _c.RepeatedCompositeFieldContainer[TopicRule]: ...
    default: _b.str
    def __init__(
        self,
        *,
        rules: _Iterable[TopicRule] | None = None,
        default: _b.str | None = None,
    ) -> None: ...

class TopicRule(_Message):
    match: _b.str
    path: _b.str
    def __init__(
        self,
        *,
        match: _b.str | None = None,
        path: _b.str | None = None,
    ) -> None: ...

class BulkSubscribeConfig(_Message):
    enabled: _b.bool
    max_messages_count: _b.int
    max_await_duration_ms: _b.int
    def __init__(
        self,
        *,
        enabled: _b.bool | None = None,
        max_messages_count: _b.int | None = None,
        max_await_duration_ms: _b.int | None = None,
    ) -> None: ...

class ListInputBindingsResponse(_Message):
    @property
    def bindings(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        bindings: _Iterable[_b.str] | None = None,
    ) -> None: ...

class HealthCheckResponse(_Message):
    def __init__(
        self,
    ) -> None: ...
