"""Messages. Generated from dapr/proto/common/v1/common.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n!dapr/proto/common/v1/common.proto\x12\x14dapr.proto.common.v1\x1a\x19googl'
    b'e/protobuf/any.proto\x1a\x1egoogle/protobuf/duration.proto"\xe3\x01\n\rHTTPExt'
    b'ension\x12<\n\x04verb\x18\x01 \x01(\x0e2(.dapr.proto.common.v1.HTTPExtension.VerbR\x04'
    b'verb\x12 \n\x0bquerystring\x18\x02 \x01(\tR\x0bquerystring"r\n\x04Verb\x12\x08\n\x04NONE\x10\x00\x12\x07\n\x03GET\x10'
    b'\x01\x12\x08\n\x04HEAD\x10\x02\x12\x08\n\x04POST\x10\x03\x12\x07\n\x03PUT\x10\x04\x12\n\n\x06DELETE\x10\x05\x12\x0b\n\x07CONNECT\x10\x06\x12\x0b\n\x07OPTIO'
    b'NS\x10\x07\x12\t\n\x05TRACE\x10\x08\x12\t\n\x05PATCH\x10\t"\xc0\x01\n\rInvokeRequest\x12\x16\n\x06method\x18\x01 \x01(\tR\x06me'
    b'thod\x12(\n\x04data\x18\x02 \x01(\x0b2\x14.google.protobuf.AnyR\x04data\x12!\n\x0ccontent_type\x18\x03'
    b' \x01(\tR\x0bcontentType\x12J\n\x0ehttp_extension\x18\x04 \x01(\x0b2#.dapr.proto.common.v1'
    b'.HTTPExtensionR\rhttpExtension"]\n\x0eInvokeResponse\x12(\n\x04data\x18\x01 \x01(\x0b2\x14.'
    b'google.protobuf.AnyR\x04data\x12!\n\x0ccontent_type\x18\x02 \x01(\tR\x0bcontentType"5\n\r'
    b'StreamPayload\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12\x10\n\x03seq\x18\x02 \x01(\x04R\x03seq"\xa9\x02\n\tStateIte'
    b'm\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\x0cR\x05value\x12.\n\x04etag\x18\x03 \x01(\x0b2\x1a.dapr.p'
    b'roto.common.v1.EtagR\x04etag\x12I\n\x08metadata\x18\x04 \x03(\x0b2-.dapr.proto.common.'
    b'v1.StateItem.MetadataEntryR\x08metadata\x12<\n\x07options\x18\x05 \x01(\x0b2".dapr.pro'
    b'to.common.v1.StateOptionsR\x07options\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\t'
    b'R\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x1c\n\x04Etag\x12\x14\n\x05value\x18\x01 \x01(\tR\x05value"\x89\x03'
    b'\n\x0cStateOptions\x12U\n\x0bconcurrency\x18\x01 \x01(\x0e23.dapr.proto.common.v1.State'
    b'Options.StateConcurrencyR\x0bconcurrency\x12U\n\x0bconsistency\x18\x02 \x01(\x0e23.dap'
    b'r.proto.common.v1.StateOptions.StateConsistencyR\x0bconsistency"h\n\x10'
    b'StateConcurrency\x12\x1b\n\x17CONCURRENCY_UNSPECIFIED\x10\x00\x12\x1b\n\x17CONCURRENCY_FIR'
    b'ST_WRITE\x10\x01\x12\x1a\n\x16CONCURRENCY_LAST_WRITE\x10\x02"a\n\x10StateConsistency\x12\x1b\n\x17CO'
    b'NSISTENCY_UNSPECIFIED\x10\x00\x12\x18\n\x14CONSISTENCY_EVENTUAL\x10\x01\x12\x16\n\x12CONSISTENCY'
    b'_STRONG\x10\x02"\xd3\x01\n\x11ConfigurationItem\x12\x14\n\x05value\x18\x01 \x01(\tR\x05value\x12\x18\n\x07version'
    b'\x18\x02 \x01(\tR\x07version\x12Q\n\x08metadata\x18\x03 \x03(\x0b25.dapr.proto.common.v1.Configu'
    b'rationItem.MetadataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\t'
    b'R\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xac\x01\n\x10JobFailurePolicy\x12@\n\x04drop\x18\x01 \x01'
    b'(\x0b2*.dapr.proto.common.v1.JobFailurePolicyDropH\x00R\x04drop\x12L\n\x08consta'
    b'nt\x18\x02 \x01(\x0b2..dapr.proto.common.v1.JobFailurePolicyConstantH\x00R\x08cons'
    b'tantB\x08\n\x06policy"\x16\n\x14JobFailurePolicyDrop"\x87\x01\n\x18JobFailurePolicyConst'
    b'ant\x125\n\x08interval\x18\x01 \x01(\x0b2\x19.google.protobuf.DurationR\x08interval\x12$\n\x0bma'
    b'x_retries\x18\x02 \x01(\rH\x00R\nmaxRetries\x88\x01\x01B\x0e\n\x0c_max_retriesb\x06proto3'
)
