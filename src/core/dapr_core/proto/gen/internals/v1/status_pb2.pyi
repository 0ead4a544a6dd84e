"""Types of the messages. Generated from dapr/proto/internals/v1/status.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class Status(_Message):
    code: _b.int
    message: _b.str
    @property
    def details(self) -> _c.RepeatedCompositeFieldContainer[_google_protobuf_any_pb2.Any]: ...
    def __init__(
        self,
        *,
        code: _b.int | None = None,
        message: _b.str | None = None,
        details: _Iterable[_google_protobuf_any_pb2.Any] | None = None,
    ) -> None: ...
