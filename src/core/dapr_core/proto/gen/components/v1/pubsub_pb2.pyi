"""Types of the messages. Generated from dapr/proto/components/v1/pubsub.proto by tools/generate_protos.py: do not edit."""

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

class AckMessageError(_Message):
    message: _b.str
    def __init__(
        self,
        *,
        message: _b.str | None = None,
    ) -> None: ...

class PullMessagesRequest(_Message):
    @property
    def topic(self) -> Topic: ...
    ack_message_id: _b.str
    @property
    def ack_error(self) -> AckMessageError: ...
    def __init__(
        self,
        *,
        topic: Topic | None = None,
        ack_message_id: _b.str | None = None,
        ack_error: AckMessageError | None = None,
    ) -> None: ...

class PubSubInitRequest(_Message):
    @property
    def metadata(self) -> _components_v1_common_pb2.MetadataRequest: ...
    def __init__(
        self,
        *,
        metadata: _components_v1_common_pb2.MetadataRequest | None = None,
    ) -> None: ...

class PubSubInitResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class PublishRequest(_Message):
    data: _b.bytes
    pubsub_name: _b.str
    topic: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    content_type: _b.str
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        content_type: _b.str | None = None,
    ) -> None: ...

class BulkPublishRequest(_Message):
    @property
    def entries(self) -> _c.RepeatedCompositeFieldContainer[BulkMessageEntry]: ...
    pubsub_name: _b.str
    topic: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        entries: _Iterable[BulkMessageEntry] | None = None,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BulkMessageEntry(_Message):
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
    def failed_entries(self) -> _c.RepeatedCompositeFieldContainer[BulkPublishResponseFailedEntry]: ...
    def __init__(
        self,
        *,
        failed_entries: _Iterable[BulkPublishResponseFailedEntry] | None = None,
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

class PublishResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class Topic(_Message):
    name: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class PullMessagesResponse(_Message):
    data: _b.bytes
    topic_name: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    content_type: _b.str
    id: _b.str
    def __init__(
        self,
        *,
        data: _b.bytes | None = None,
        topic_name: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        content_type: _b.str | None = None,
        id: _b.str | None = None,
    ) -> None: ...

class PauseRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class PauseResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class ResumeRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class ResumeResponse(_Message):
    def __init__(
        self,
    ) -> None: ...
