"""Messages. Generated from dapr/proto/internals/v1/apiversion.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n(dapr/proto/internals/v1/apiversion.proto\x12\x17dapr.proto.internals'
    b'.v1*0\n\nAPIVersion\x12\x1a\n\x16APIVERSION_UNSPECIFIED\x10\x00\x12\x06\n\x02V1\x10\x01b\x06proto3'
)
