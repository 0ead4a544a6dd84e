"""Messages. Generated from dapr/proto/components/v1/common.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n%dapr/proto/components/v1/common.proto\x12\x18dapr.proto.components.v'
    b'1"\xab\x01\n\x0fMetadataRequest\x12Y\n\nproperties\x18\x01 \x03(\x0b29.dapr.proto.component'
    b's.v1.MetadataRequest.PropertiesEntryR\nproperties\x1a=\n\x0fPropertiesEn'
    b'try\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x11\n\x0fFeaturesReque'
    b'st".\n\x10FeaturesResponse\x12\x1a\n\x08features\x18\x01 \x03(\tR\x08features"\r\n\x0bPingReques'
    b't"\x0e\n\x0cPingResponseb\x06proto3'
)
