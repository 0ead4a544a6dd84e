"""Types of the messages. Generated from dapr/proto/runtime/v1/pubsub.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as _runtime_v1_appcallback_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class PublishEventRequest(_Message):
    pubsub_name: _b.str
    topic: _b.str
    data: _b.bytes
    data_content_type: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        data: _b.bytes | None = None,
        data_content_type: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BulkPublishRequest(_Message):
    pubsub_name: _b.str
    topic: _b.str
    @property
    def entries(self) -> _c.RepeatedCompositeFieldContainer[BulkPublishRequestEntry]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        entries: _Iterable[BulkPublishRequestEntry] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BulkPublishRequestEntry(_Message):
    entry_id: _b.str
    event: _b.bytes
    content_type: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        entry_id: _b.str | None = None,
        event: _b.bytes | None = None,
        content_type: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BulkPublishResponse(_Message):
    @property
    def failedEntries(self) -> _c.RepeatedCompositeFieldContainer[BulkPublishResponseFailedEntry]: ...
    def __init__(
        self,
        *,
        failedEntries: _Iterable[BulkPublishResponseFailedEntry] | None = None,
    ) -> None: ...

class BulkPublishResponseFailedEntry(_Message):
    entry_id: _b.str
    error: _b.str
    def __init__(
        self,
        *,
        entry_id: _b.str | None = None,
        error: _b.str | None = None,
    ) -> None: ...

class SubscribeTopicEventsRequestAlpha1(_Message):
    @property
    def initial_request(self) -> SubscribeTopicEventsRequestInitialAlpha1: ...
    @property
    def event_processed(self) -> SubscribeTopicEventsRequestProcessedAlpha1: ...
    def __init__(
        self,
        *,
        initial_request: SubscribeTopicEventsRequestInitialAlpha1 | None = None,
        event_processed: SubscribeTopicEventsRequestProcessedAlpha1 | None = None,
    ) -> None: ...

class SubscribeTopicEventsRequestInitialAlpha1(_Message):
    pubsub_name: _b.str
    topic: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    dead_letter_topic: _b.str
    def __init__(
        self,
        *,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        dead_letter_topic: _b.str | None = None,
    ) -> None: ...

class SubscribeTopicEventsRequestProcessedAlpha1(_Message):
    id: _b.str
    @property
    def status(self) -> _runtime_v1_appcallback_pb2.TopicEventResponse: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        status: _runtime_v1_appcallback_pb2.TopicEventResponse | None = None,
    ) -> None: ...

class SubscribeTopicEventsResponseAlpha1(_Message):
    @property
    def initial_response(self) -> SubscribeTopicEventsResponseInitialAlpha1: ...
    @property
    def event_message(self) -> _runtime_v1_appcallback_pb2.TopicEventRequest: ...
    def __init__(
        self,
        *,
        initial_response: SubscribeTopicEventsResponseInitialAlpha1 | None = None,
        event_message: _runtime_v1_appcallback_pb2.TopicEventRequest | None = None,
    ) -> None: ...

class SubscribeTopicEventsResponseInitialAlpha1(_Message):
    def __init__(
        self,
    ) -> None: ...
