"""Types of the messages. Generated from dapr/proto/runtime/v1/invoke.proto by tools/generate_protos.py: do not edit."""

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

class InvokeServiceRequest(_Message):
    id: _b.str
    @property
    def message(self) -> _common_v1_common_pb2.InvokeRequest: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        message: _common_v1_common_pb2.InvokeRequest | None = None,
    ) -> None: ...
