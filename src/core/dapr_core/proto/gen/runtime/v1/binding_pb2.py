"""Messages. Generated from dapr/proto/runtime/v1/binding.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n#dapr/proto/runtime/v1/binding.proto\x12\x15dapr.proto.runtime.v1"\xf0\x01\n'
    b'\x14InvokeBindingRequest\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x12\n\x04data\x18\x02 \x01(\x0cR\x04data\x12U\n'
    b'\x08metadata\x18\x03 \x03(\x0b29.dapr.proto.runtime.v1.InvokeBindingRequest.Met'
    b'adataEntryR\x08metadata\x12\x1c\n\toperation\x18\x04 \x01(\tR\toperation\x1a;\n\rMetadataEn'
    b'try\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xc0\x01\n\x15InvokeBindin'
    b'gResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12V\n\x08metadata\x18\x02 \x03(\x0b2:.dapr.proto.run'
    b'time.v1.InvokeBindingResponse.MetadataEntryR\x08metadata\x1a;\n\rMetadat'
    b'aEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01b\x06proto3'
)
