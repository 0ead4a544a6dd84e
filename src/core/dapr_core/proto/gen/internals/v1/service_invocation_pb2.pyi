"""Types of the messages. Generated from dapr/proto/internals/v1/service_invocation.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.internals.v1 import apiversion_pb2 as _internals_v1_apiversion_pb2
from dapr_core.proto.gen.internals.v1 import reminders_pb2 as _internals_v1_reminders_pb2
from dapr_core.proto.gen.internals.v1 import status_pb2 as _internals_v1_status_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class Actor(_Message):
    actor_type: _b.str
    actor_id: _b.str
    def __init__(
        self,
        *,
        actor_type: _b.str | None = None,
        actor_id: _b.str | None = None,
    ) -> None: ...

class InternalInvokeRequest(_Message):
    ver: _b.int
    @property
    def metadata(self) -> _c.MessageMap[_b.str, ListStringValue]: ...
    @property
    def message(self) -> _common_v1_common_pb2.InvokeRequest: ...
    @property
    def actor(self) -> Actor: ...
    def __init__(
        self,
        *,
        ver: _b.int | None = None,
        metadata: _Mapping[_b.str, ListStringValue] | None = None,
        message: _common_v1_common_pb2.InvokeRequest | None = None,
        actor: Actor | None = None,
    ) -> None: ...

class InternalInvokeResponse(_Message):
    @property
    def status(self) -> _internals_v1_status_pb2.Status: ...
    @property
    def headers(self) -> _c.MessageMap[_b.str, ListStringValue]: ...
    @property
    def trailers(self) -> _c.MessageMap[_b.str, ListStringValue]: ...
    @property
    def message(self) -> _common_v1_common_pb2.InvokeResponse: ...
    def __init__(
        self,
        *,
        status: _internals_v1_status_pb2.Status | None = None,
        headers: _Mapping[_b.str, ListStringValue] | None = None,
        trailers: _Mapping[_b.str, ListStringValue] | None = None,
        message: _common_v1_common_pb2.InvokeResponse | None = None,
    ) -> None: ...

class InternalInvokeRequestStream(_Message):
    @property
    def request(self) -> InternalInvokeRequest: ...
    @property
    def payload(self) -> _common_v1_common_pb2.StreamPayload: ...
    def __init__(
        self,
        *,
        request: InternalInvokeRequest | None = None,
        payload: _common_v1_common_pb2.StreamPayload | None = None,
    ) -> None: ...

class InternalInvokeResponseStream(_Message):
    @property
    def response(self) -> InternalInvokeResponse: ...
    @property
    def payload(self) -> _common_v1_common_pb2.StreamPayload: ...
    def __init__(
        self,
        *,
        response: InternalInvokeResponse | None = None,
        payload: _common_v1_common_pb2.StreamPayload | None = None,
    ) -> None: ...

class ListStringValue(_Message):
    @property
    def values(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        values: _Iterable[_b.str] | None = None,
    ) -> None: ...
