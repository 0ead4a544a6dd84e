"""Types of the messages. Generated from dapr/proto/workflows/v1/mcp.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import struct_pb2 as _google_protobuf_struct_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class MCPBeforeCallToolHookInput(_Message):
    name: _b.str
    tool_name: _b.str
    @property
    def arguments(self) -> _google_protobuf_struct_pb2.Struct: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        tool_name: _b.str | None = None,
        arguments: _google_protobuf_struct_pb2.Struct | None = None,
    ) -> None: ...

class MCPAfterCallToolHookInput(_Message):
    name: _b.str
    tool_name: _b.str
    @property
    def arguments(self) -> _google_protobuf_struct_pb2.Struct: ...
    result: _b.bytes
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        tool_name: _b.str | None = None,
        arguments: _google_protobuf_struct_pb2.Struct | None = None,
        result: _b.bytes | None = None,
    ) -> None: ...

class MCPBeforeListToolsHookInput(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class MCPAfterListToolsHookInput(_Message):
    name: _b.str
    result: _b.bytes
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        result: _b.bytes | None = None,
    ) -> None: ...
