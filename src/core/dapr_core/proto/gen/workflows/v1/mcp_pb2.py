"""Messages. Generated from dapr/proto/workflows/v1/mcp.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import struct_pb2 as _google_protobuf_struct_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n!dapr/proto/workflows/v1/mcp.proto\x12\x17dapr.proto.workflows.v1\x1a\x1cgo'
    b'ogle/protobuf/struct.proto"\x84\x01\n\x1aMCPBeforeCallToolHookInput\x12\x12\n\x04nam'
    b'e\x18\x01 \x01(\tR\x04name\x12\x1b\n\ttool_name\x18\x02 \x01(\tR\x08toolName\x125\n\targuments\x18\x03 \x01(\x0b2\x17.'
    b'google.protobuf.StructR\targuments"\x9b\x01\n\x19MCPAfterCallToolHookInput\x12'
    b'\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x1b\n\ttool_name\x18\x02 \x01(\tR\x08toolName\x125\n\targuments\x18\x03 '
    b'\x01(\x0b2\x17.google.protobuf.StructR\targuments\x12\x16\n\x06result\x18\x04 \x01(\x0cR\x06result"'
    b'1\n\x1bMCPBeforeListToolsHookInput\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name"H\n\x1aMCPAfterLi'
    b'stToolsHookInput\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x16\n\x06result\x18\x02 \x01(\x0cR\x06resultb\x06pr'
    b'oto3'
)
