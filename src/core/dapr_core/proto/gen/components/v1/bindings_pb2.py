"""Messages. Generated from dapr/proto/components/v1/bindings.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b"\n'dapr/proto/components/v1/bindings.proto\x12\x18dapr.proto.components"
    b'.v1\x1a%dapr/proto/components/v1/common.proto"\x17\n\x15ListOperationsRequ'
    b'est"8\n\x16ListOperationsResponse\x12\x1e\n\noperations\x18\x01 \x03(\tR\noperations"`\n'
    b'\x17InputBindingInitRequest\x12E\n\x08metadata\x18\x01 \x01(\x0b2).dapr.proto.componen'
    b'ts.v1.MetadataRequestR\x08metadata"\x1a\n\x18InputBindingInitResponse"a\n\x18O'
    b'utputBindingInitRequest\x12E\n\x08metadata\x18\x01 \x01(\x0b2).dapr.proto.component'
    b's.v1.MetadataRequestR\x08metadata"\x1b\n\x19OutputBindingInitResponse",\n\x10A'
    b'ckResponseError\x12\x18\n\x07message\x18\x01 \x01(\tR\x07message"\xa4\x01\n\x0bReadRequest\x12#\n\rres'
    b'ponse_data\x18\x01 \x01(\x0cR\x0cresponseData\x12\x1d\n\nmessage_id\x18\x02 \x01(\tR\tmessageId\x12Q\n'
    b'\x0eresponse_error\x18\x03 \x01(\x0b2*.dapr.proto.components.v1.AckResponseErro'
    b'rR\rresponseError"\xf3\x01\n\x0cReadResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12P\n\x08metadat'
    b'a\x18\x02 \x03(\x0b24.dapr.proto.components.v1.ReadResponse.MetadataEntryR\x08m'
    b'etadata\x12!\n\x0ccontent_type\x18\x03 \x01(\tR\x0bcontentType\x12\x1d\n\nmessage_id\x18\x04 \x01(\tR\t'
    b'messageId\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05val'
    b'ue:\x028\x01"\xd1\x01\n\rInvokeRequest\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12Q\n\x08metadata\x18\x02 \x03(\x0b25'
    b'.dapr.proto.components.v1.InvokeRequest.MetadataEntryR\x08metadata\x12'
    b'\x1c\n\toperation\x18\x03 \x01(\tR\toperation\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key'
    b'\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xd8\x01\n\x0eInvokeResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04dat'
    b'a\x12R\n\x08metadata\x18\x02 \x03(\x0b26.dapr.proto.components.v1.InvokeResponse.Me'
    b'tadataEntryR\x08metadata\x12!\n\x0ccontent_type\x18\x03 \x01(\tR\x0bcontentType\x1a;\n\rMeta'
    b'dataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x012\xaf\x02\n\x0cInputB'
    b'inding\x12m\n\x04Init\x121.dapr.proto.components.v1.InputBindingInitReques'
    b't\x1a2.dapr.proto.components.v1.InputBindingInitResponse\x12Y\n\x04Read\x12%.'
    b'dapr.proto.components.v1.ReadRequest\x1a&.dapr.proto.components.v1.'
    b'ReadResponse(\x010\x01\x12U\n\x04Ping\x12%.dapr.proto.components.v1.PingRequest\x1a'
    b'&.dapr.proto.components.v1.PingResponse2\xa9\x03\n\rOutputBinding\x12o\n\x04Ini'
    b't\x122.dapr.proto.components.v1.OutputBindingInitRequest\x1a3.dapr.pro'
    b"to.components.v1.OutputBindingInitResponse\x12[\n\x06Invoke\x12'.dapr.prot"
    b'o.components.v1.InvokeRequest\x1a(.dapr.proto.components.v1.InvokeR'
    b'esponse\x12s\n\x0eListOperations\x12/.dapr.proto.components.v1.ListOperati'
    b'onsRequest\x1a0.dapr.proto.components.v1.ListOperationsResponse\x12U\n\x04'
    b'Ping\x12%.dapr.proto.components.v1.PingRequest\x1a&.dapr.proto.compone'
    b'nts.v1.PingResponseb\x06proto3'
)
