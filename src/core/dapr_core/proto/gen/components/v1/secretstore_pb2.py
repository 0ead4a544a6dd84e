"""Messages. Generated from dapr/proto/components/v1/secretstore.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n*dapr/proto/components/v1/secretstore.proto\x12\x18dapr.proto.compone'
    b'nts.v1\x1a%dapr/proto/components/v1/common.proto"_\n\x16SecretStoreInit'
    b'Request\x12E\n\x08metadata\x18\x01 \x01(\x0b2).dapr.proto.components.v1.MetadataReq'
    b'uestR\x08metadata"\x19\n\x17SecretStoreInitResponse"\xb7\x01\n\x10GetSecretRequest\x12\x10'
    b'\n\x03key\x18\x01 \x01(\tR\x03key\x12T\n\x08metadata\x18\x02 \x03(\x0b28.dapr.proto.components.v1.Ge'
    b'tSecretRequest.MetadataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01'
    b' \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x97\x01\n\x11GetSecretResponse\x12I\n\x04dat'
    b'a\x18\x01 \x03(\x0b25.dapr.proto.components.v1.GetSecretResponse.DataEntryR\x04'
    b'data\x1a7\n\tDataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xad\x01'
    b'\n\x14BulkGetSecretRequest\x12X\n\x08metadata\x18\x01 \x03(\x0b2<.dapr.proto.components'
    b'.v1.BulkGetSecretRequest.MetadataEntryR\x08metadata\x1a;\n\rMetadataEntr'
    b'y\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x9d\x01\n\x0eSecretResponse'
    b'\x12O\n\x07secrets\x18\x01 \x03(\x0b25.dapr.proto.components.v1.SecretResponse.Secr'
    b'etsEntryR\x07secrets\x1a:\n\x0cSecretsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01'
    b'(\tR\x05value:\x028\x01"\xc9\x01\n\x15BulkGetSecretResponse\x12M\n\x04data\x18\x01 \x03(\x0b29.dapr.pro'
    b'to.components.v1.BulkGetSecretResponse.DataEntryR\x04data\x1aa\n\tDataEn'
    b'try\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12>\n\x05value\x18\x02 \x01(\x0b2(.dapr.proto.components.v1.'
    b'SecretResponseR\x05value:\x028\x012\x80\x04\n\x0bSecretStore\x12k\n\x04Init\x120.dapr.proto.c'
    b'omponents.v1.SecretStoreInitRequest\x1a1.dapr.proto.components.v1.S'
    b'ecretStoreInitResponse\x12a\n\x08Features\x12).dapr.proto.components.v1.Fe'
    b'aturesRequest\x1a*.dapr.proto.components.v1.FeaturesResponse\x12^\n\x03Get'
    b'\x12*.dapr.proto.components.v1.GetSecretRequest\x1a+.dapr.proto.compon'
    b'ents.v1.GetSecretResponse\x12j\n\x07BulkGet\x12..dapr.proto.components.v1.'
    b'BulkGetSecretRequest\x1a/.dapr.proto.components.v1.BulkGetSecretRes'
    b'ponse\x12U\n\x04Ping\x12%.dapr.proto.components.v1.PingRequest\x1a&.dapr.prot'
    b'o.components.v1.PingResponseb\x06proto3'
)
