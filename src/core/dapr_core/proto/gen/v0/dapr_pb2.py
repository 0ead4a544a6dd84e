"""Messages. Generated from v0/dapr.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n\rv0/dapr.proto\x12\x04dapr\x1a\x19google/protobuf/any.proto\x1a\x1egoogle/protobu'
    b'f/duration.proto\x1a\x1bgoogle/protobuf/empty.proto"\xd5\x01\n\x1dInvokeServiceR'
    b'esponseEnvelope\x12(\n\x04data\x18\x01 \x01(\x0b2\x14.google.protobuf.AnyR\x04data\x12M\n\x08met'
    b'adata\x18\x02 \x03(\x0b21.dapr.InvokeServiceResponseEnvelope.MetadataEntryR\x08'
    b'metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05valu'
    b'e:\x028\x01"\x87\x01\n\x13DeleteStateEnvelope\x12\x1c\n\tstoreName\x18\x01 \x01(\tR\tstoreName\x12\x10\n\x03k'
    b'ey\x18\x02 \x01(\tR\x03key\x12\x12\n\x04etag\x18\x03 \x01(\tR\x04etag\x12,\n\x07options\x18\x04 \x01(\x0b2\x12.dapr.StateO'
    b'ptionsR\x07options"a\n\x11SaveStateEnvelope\x12\x1c\n\tstoreName\x18\x01 \x01(\tR\tstoreNa'
    b'me\x12.\n\x08requests\x18\x02 \x03(\x0b2\x12.dapr.StateRequestR\x08requests"d\n\x10GetStateEn'
    b'velope\x12\x1c\n\tstoreName\x18\x01 \x01(\tR\tstoreName\x12\x10\n\x03key\x18\x02 \x01(\tR\x03key\x12 \n\x0bconsis'
    b'tency\x18\x03 \x01(\tR\x0bconsistency"X\n\x18GetStateResponseEnvelope\x12(\n\x04data\x18\x01 \x01'
    b'(\x0b2\x14.google.protobuf.AnyR\x04data\x12\x12\n\x04etag\x18\x02 \x01(\tR\x04etag"\xd9\x01\n\x15InvokeBin'
    b'dingEnvelope\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12(\n\x04data\x18\x02 \x01(\x0b2\x14.google.protobuf'
    b'.AnyR\x04data\x12E\n\x08metadata\x18\x03 \x03(\x0b2).dapr.InvokeBindingEnvelope.Metada'
    b'taEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 '
    b'\x01(\tR\x05value:\x028\x01"\xed\x01\n\x15InvokeServiceEnvelope\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12\x16\n\x06meth'
    b'od\x18\x02 \x01(\tR\x06method\x12(\n\x04data\x18\x03 \x01(\x0b2\x14.google.protobuf.AnyR\x04data\x12E\n\x08me'
    b'tadata\x18\x04 \x03(\x0b2).dapr.InvokeServiceEnvelope.MetadataEntryR\x08metadat'
    b'a\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"V'
    b'\n\x14PublishEventEnvelope\x12\x14\n\x05topic\x18\x01 \x01(\tR\x05topic\x12(\n\x04data\x18\x02 \x01(\x0b2\x14.goo'
    b'gle.protobuf.AnyR\x04data"\xfb\x01\n\x05State\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12*\n\x05value\x18\x02 \x01('
    b'\x0b2\x14.google.protobuf.AnyR\x05value\x12\x12\n\x04etag\x18\x03 \x01(\tR\x04etag\x125\n\x08metadata\x18\x04'
    b' \x03(\x0b2\x19.dapr.State.MetadataEntryR\x08metadata\x12,\n\x07options\x18\x05 \x01(\x0b2\x12.dap'
    b'r.StateOptionsR\x07options\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05va'
    b'lue\x18\x02 \x01(\tR\x05value:\x028\x01"\x87\x01\n\x0cStateOptions\x12 \n\x0bconcurrency\x18\x01 \x01(\tR\x0bconc'
    b'urrency\x12 \n\x0bconsistency\x18\x02 \x01(\tR\x0bconsistency\x123\n\x0bretryPolicy\x18\x03 \x01(\x0b2\x11'
    b'.dapr.RetryPolicyR\x0bretryPolicy"|\n\x0bRetryPolicy\x12\x1c\n\tthreshold\x18\x01 \x01(\x05'
    b'R\tthreshold\x12\x18\n\x07pattern\x18\x02 \x01(\tR\x07pattern\x125\n\x08interval\x18\x03 \x01(\x0b2\x19.google'
    b'.protobuf.DurationR\x08interval"\x90\x02\n\x0cStateRequest\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12'
    b'*\n\x05value\x18\x02 \x01(\x0b2\x14.google.protobuf.AnyR\x05value\x12\x12\n\x04etag\x18\x03 \x01(\tR\x04etag\x12'
    b'<\n\x08metadata\x18\x04 \x03(\x0b2 .dapr.StateRequest.MetadataEntryR\x08metadata\x123\n'
    b'\x07options\x18\x05 \x01(\x0b2\x19.dapr.StateRequestOptionsR\x07options\x1a;\n\rMetadataEn'
    b'try\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x93\x01\n\x13StateRequest'
    b'Options\x12 \n\x0bconcurrency\x18\x01 \x01(\tR\x0bconcurrency\x12 \n\x0bconsistency\x18\x02 \x01(\tR\x0b'
    b'consistency\x128\n\x0bretryPolicy\x18\x03 \x01(\x0b2\x16.dapr.StateRetryPolicyR\x0bretryP'
    b'olicy"\x81\x01\n\x10StateRetryPolicy\x12\x1c\n\tthreshold\x18\x01 \x01(\x05R\tthreshold\x12\x18\n\x07patt'
    b'ern\x18\x02 \x01(\tR\x07pattern\x125\n\x08interval\x18\x03 \x01(\x0b2\x19.google.protobuf.DurationR'
    b'\x08interval2\xa7\x03\n\x04Dapr\x12B\n\x0cPublishEvent\x12\x1a.dapr.PublishEventEnvelope\x1a\x16'
    b'.google.protobuf.Empty\x12Q\n\rInvokeService\x12\x1b.dapr.InvokeServiceEnve'
    b'lope\x1a#.dapr.InvokeServiceResponseEnvelope\x12D\n\rInvokeBinding\x12\x1b.dap'
    b'r.InvokeBindingEnvelope\x1a\x16.google.protobuf.Empty\x12B\n\x08GetState\x12\x16.da'
    b'pr.GetStateEnvelope\x1a\x1e.dapr.GetStateResponseEnvelope\x12<\n\tSaveState'
    b'\x12\x17.dapr.SaveStateEnvelope\x1a\x16.google.protobuf.Empty\x12@\n\x0bDeleteState'
    b'\x12\x19.dapr.DeleteStateEnvelope\x1a\x16.google.protobuf.EmptyB(\n\x07io.daprB\n'
    b'DaprProtos\xaa\x02\x10Dapr.Client.Grpcb\x06proto3'
)
