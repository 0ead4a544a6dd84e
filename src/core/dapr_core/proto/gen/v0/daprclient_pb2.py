"""Messages. Generated from v0/daprclient.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n\x13v0/daprclient.proto\x12\ndaprclient\x1a\x19google/protobuf/any.proto\x1a\x1ego'
    b'ogle/protobuf/duration.proto\x1a\x1bgoogle/protobuf/empty.proto"\xdc\x01\n\x12Cl'
    b'oudEventEnvelope\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12\x16\n\x06source\x18\x02 \x01(\tR\x06source\x12\x12\n\x04type'
    b'\x18\x03 \x01(\tR\x04type\x12 \n\x0bspecVersion\x18\x04 \x01(\tR\x0bspecVersion\x12(\n\x0fdataContentTyp'
    b'e\x18\x05 \x01(\tR\x0fdataContentType\x12\x14\n\x05topic\x18\x06 \x01(\tR\x05topic\x12(\n\x04data\x18\x07 \x01(\x0b2\x14.g'
    b'oogle.protobuf.AnyR\x04data"\xdd\x01\n\x14BindingEventEnvelope\x12\x12\n\x04name\x18\x01 \x01(\tR'
    b'\x04name\x12(\n\x04data\x18\x02 \x01(\x0b2\x14.google.protobuf.AnyR\x04data\x12J\n\x08metadata\x18\x03 \x03('
    b'\x0b2..daprclient.BindingEventEnvelope.MetadataEntryR\x08metadata\x1a;\n\rM'
    b'etadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x9e\x01\n\x17Bin'
    b'dingResponseEnvelope\x12(\n\x04data\x18\x01 \x01(\x0b2\x14.google.protobuf.AnyR\x04data\x12\x0e'
    b"\n\x02to\x18\x02 \x03(\tR\x02to\x12'\n\x05state\x18\x03 \x03(\x0b2\x11.daprclient.StateR\x05state\x12 \n\x0bconcu"
    b'rrency\x18\x04 \x01(\tR\x0bconcurrency"\xd5\x01\n\x0eInvokeEnvelope\x12\x16\n\x06method\x18\x01 \x01(\tR\x06me'
    b'thod\x12(\n\x04data\x18\x02 \x01(\x0b2\x14.google.protobuf.AnyR\x04data\x12D\n\x08metadata\x18\x03 \x03(\x0b'
    b'2(.daprclient.InvokeEnvelope.MetadataEntryR\x08metadata\x1a;\n\rMetadata'
    b'Entry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"7\n\x1dGetTopicSub'
    b'scriptionsEnvelope\x12\x16\n\x06topics\x18\x01 \x03(\tR\x06topics">\n GetBindingsSubscri'
    b'ptionsEnvelope\x12\x1a\n\x08bindings\x18\x01 \x03(\tR\x08bindings"\x87\x02\n\x05State\x12\x10\n\x03key\x18\x01 \x01('
    b'\tR\x03key\x12*\n\x05value\x18\x02 \x01(\x0b2\x14.google.protobuf.AnyR\x05value\x12\x12\n\x04etag\x18\x03 \x01(\t'
    b'R\x04etag\x12;\n\x08metadata\x18\x04 \x03(\x0b2\x1f.daprclient.State.MetadataEntryR\x08metad'
    b'ata\x122\n\x07options\x18\x05 \x01(\x0b2\x18.daprclient.StateOptionsR\x07options\x1a;\n\rMetad'
    b'ataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x8d\x01\n\x0cStateOp'
    b'tions\x12 \n\x0bconcurrency\x18\x01 \x01(\tR\x0bconcurrency\x12 \n\x0bconsistency\x18\x02 \x01(\tR\x0bco'
    b'nsistency\x129\n\x0bretryPolicy\x18\x03 \x01(\x0b2\x17.daprclient.RetryPolicyR\x0bretryPo'
    b'licy"|\n\x0bRetryPolicy\x12\x1c\n\tthreshold\x18\x01 \x01(\x05R\tthreshold\x12\x18\n\x07pattern\x18\x02 \x01'
    b'(\tR\x07pattern\x125\n\x08interval\x18\x03 \x01(\x0b2\x19.google.protobuf.DurationR\x08interv'
    b'al2\xa9\x03\n\nDaprClient\x12<\n\x08OnInvoke\x12\x1a.daprclient.InvokeEnvelope\x1a\x14.goog'
    b'le.protobuf.Any\x12Z\n\x15GetTopicSubscriptions\x12\x16.google.protobuf.Empty'
    b'\x1a).daprclient.GetTopicSubscriptionsEnvelope\x12`\n\x18GetBindingsSubscr'
    b'iptions\x12\x16.google.protobuf.Empty\x1a,.daprclient.GetBindingsSubscrip'
    b'tionsEnvelope\x12W\n\x0eOnBindingEvent\x12 .daprclient.BindingEventEnvelop'
    b'e\x1a#.daprclient.BindingResponseEnvelope\x12F\n\x0cOnTopicEvent\x12\x1e.daprcli'
    b'ent.CloudEventEnvelope\x1a\x16.google.protobuf.Emptyb\x06proto3'
)
