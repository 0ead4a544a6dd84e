"""Messages. Generated from dapr/proto/runtime/v1/invoke.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n"dapr/proto/runtime/v1/invoke.proto\x12\x15dapr.proto.runtime.v1\x1a!dap'
    b'r/proto/common/v1/common.proto"e\n\x14InvokeServiceRequest\x12\x0e\n\x02id\x18\x01 \x01'
    b'(\tR\x02id\x12=\n\x07message\x18\x03 \x01(\x0b2#.dapr.proto.common.v1.InvokeRequestR\x07me'
    b'ssageb\x06proto3'
)
