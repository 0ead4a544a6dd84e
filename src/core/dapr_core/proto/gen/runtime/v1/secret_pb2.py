"""Messages. Generated from dapr/proto/runtime/v1/secret.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n"dapr/proto/runtime/v1/secret.proto\x12\x15dapr.proto.runtime.v1"\xd3\x01\n\x10'
    b'GetSecretRequest\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12\x10\n\x03key\x18\x02 \x01(\tR\x03ke'
    b'y\x12Q\n\x08metadata\x18\x03 \x03(\x0b25.dapr.proto.runtime.v1.GetSecretRequest.Met'
    b'adataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value'
    b'\x18\x02 \x01(\tR\x05value:\x028\x01"\x94\x01\n\x11GetSecretResponse\x12F\n\x04data\x18\x01 \x03(\x0b22.dapr.pro'
    b'to.runtime.v1.GetSecretResponse.DataEntryR\x04data\x1a7\n\tDataEntry\x12\x10\n\x03'
    b'key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xc9\x01\n\x14GetBulkSecretReques'
    b't\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12U\n\x08metadata\x18\x02 \x03(\x0b29.dapr.proto.'
    b'runtime.v1.GetBulkSecretRequest.MetadataEntryR\x08metadata\x1a;\n\rMetad'
    b'ataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x9a\x01\n\x0eSecretR'
    b'esponse\x12L\n\x07secrets\x18\x01 \x03(\x0b22.dapr.proto.runtime.v1.SecretResponse.'
    b'SecretsEntryR\x07secrets\x1a:\n\x0cSecretsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value'
    b'\x18\x02 \x01(\tR\x05value:\x028\x01"\xc3\x01\n\x15GetBulkSecretResponse\x12J\n\x04data\x18\x01 \x03(\x0b26.dapr'
    b'.proto.runtime.v1.GetBulkSecretResponse.DataEntryR\x04data\x1a^\n\tDataE'
    b'ntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12;\n\x05value\x18\x02 \x01(\x0b2%.dapr.proto.runtime.v1.Se'
    b'cretResponseR\x05value:\x028\x01b\x06proto3'
)
