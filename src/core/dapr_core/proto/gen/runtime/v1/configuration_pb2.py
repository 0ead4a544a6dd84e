"""Messages. Generated from dapr/proto/runtime/v1/configuration.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n)dapr/proto/runtime/v1/configuration.proto\x12\x15dapr.proto.runtime.'
    b'v1\x1a!dapr/proto/common/v1/common.proto"\xe3\x01\n\x17GetConfigurationReques'
    b't\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12\x12\n\x04keys\x18\x02 \x03(\tR\x04keys\x12X\n\x08metadata'
    b'\x18\x03 \x03(\x0b2<.dapr.proto.runtime.v1.GetConfigurationRequest.MetadataE'
    b'ntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\t'
    b'R\x05value:\x028\x01"\xcf\x01\n\x18GetConfigurationResponse\x12P\n\x05items\x18\x01 \x03(\x0b2:.dapr.p'
    b'roto.runtime.v1.GetConfigurationResponse.ItemsEntryR\x05items\x1aa\n\nIt'
    b"emsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12=\n\x05value\x18\x02 \x01(\x0b2'.dapr.proto.common.v1"
    b'.ConfigurationItemR\x05value:\x028\x01"\xef\x01\n\x1dSubscribeConfigurationRequest\x12'
    b'\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12\x12\n\x04keys\x18\x02 \x03(\tR\x04keys\x12^\n\x08metadata\x18\x03'
    b' \x03(\x0b2B.dapr.proto.runtime.v1.SubscribeConfigurationRequest.Metad'
    b'ataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02'
    b' \x01(\tR\x05value:\x028\x01"P\n\x1fUnsubscribeConfigurationRequest\x12\x1d\n\nstore_name'
    b'\x18\x01 \x01(\tR\tstoreName\x12\x0e\n\x02id\x18\x02 \x01(\tR\x02id"\xeb\x01\n\x1eSubscribeConfigurationResp'
    b'onse\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12V\n\x05items\x18\x02 \x03(\x0b2@.dapr.proto.runtime.v1.Subs'
    b'cribeConfigurationResponse.ItemsEntryR\x05items\x1aa\n\nItemsEntry\x12\x10\n\x03ke'
    b"y\x18\x01 \x01(\tR\x03key\x12=\n\x05value\x18\x02 \x01(\x0b2'.dapr.proto.common.v1.Configuration"
    b'ItemR\x05value:\x028\x01"L\n UnsubscribeConfigurationResponse\x12\x0e\n\x02ok\x18\x01 \x01(\x08R'
    b'\x02ok\x12\x18\n\x07message\x18\x02 \x01(\tR\x07messageb\x06proto3'
)
