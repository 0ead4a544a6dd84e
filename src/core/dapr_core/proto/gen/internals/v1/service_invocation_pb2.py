"""Messages. Generated from dapr/proto/internals/v1/service_invocation.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.internals.v1 import apiversion_pb2 as _internals_v1_apiversion_pb2
from dapr_core.proto.gen.internals.v1 import reminders_pb2 as _internals_v1_reminders_pb2
from dapr_core.proto.gen.internals.v1 import status_pb2 as _internals_v1_status_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n0dapr/proto/internals/v1/service_invocation.proto\x12\x17dapr.proto.i'
    b'nternals.v1\x1a!dapr/proto/common/v1/common.proto\x1a(dapr/proto/inter'
    b"nals/v1/apiversion.proto\x1a'dapr/proto/internals/v1/reminders.prot"
    b'o\x1a$dapr/proto/internals/v1/status.proto\x1a\x1bgoogle/protobuf/empty.p'
    b'roto"A\n\x05Actor\x12\x1d\n\nactor_type\x18\x01 \x01(\tR\tactorType\x12\x19\n\x08actor_id\x18\x02 \x01(\tR\x07'
    b'actorId"\x84\x03\n\x15InternalInvokeRequest\x125\n\x03ver\x18\x01 \x01(\x0e2#.dapr.proto.inte'
    b'rnals.v1.APIVersionR\x03ver\x12X\n\x08metadata\x18\x02 \x03(\x0b2<.dapr.proto.internal'
    b's.v1.InternalInvokeRequest.MetadataEntryR\x08metadata\x12=\n\x07message\x18\x03 '
    b'\x01(\x0b2#.dapr.proto.common.v1.InvokeRequestR\x07message\x124\n\x05actor\x18\x04 \x01(\x0b'
    b'2\x1e.dapr.proto.internals.v1.ActorR\x05actor\x1ae\n\rMetadataEntry\x12\x10\n\x03key\x18'
    b'\x01 \x01(\tR\x03key\x12>\n\x05value\x18\x02 \x01(\x0b2(.dapr.proto.internals.v1.ListStringVa'
    b'lueR\x05value:\x028\x01"\x91\x04\n\x16InternalInvokeResponse\x127\n\x06status\x18\x01 \x01(\x0b2\x1f.dapr'
    b'.proto.internals.v1.StatusR\x06status\x12V\n\x07headers\x18\x02 \x03(\x0b2<.dapr.proto'
    b'.internals.v1.InternalInvokeResponse.HeadersEntryR\x07headers\x12Y\n\x08tr'
    b'ailers\x18\x03 \x03(\x0b2=.dapr.proto.internals.v1.InternalInvokeResponse.Tr'
    b'ailersEntryR\x08trailers\x12>\n\x07message\x18\x04 \x01(\x0b2$.dapr.proto.common.v1.In'
    b'vokeResponseR\x07message\x1ad\n\x0cHeadersEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12>\n\x05value'
    b'\x18\x02 \x01(\x0b2(.dapr.proto.internals.v1.ListStringValueR\x05value:\x028\x01\x1ae\n\rT'
    b'railersEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12>\n\x05value\x18\x02 \x01(\x0b2(.dapr.proto.inter'
    b'nals.v1.ListStringValueR\x05value:\x028\x01"\xa6\x01\n\x1bInternalInvokeRequestStre'
    b'am\x12H\n\x07request\x18\x01 \x01(\x0b2..dapr.proto.internals.v1.InternalInvokeRequ'
    b'estR\x07request\x12=\n\x07payload\x18\x02 \x01(\x0b2#.dapr.proto.common.v1.StreamPaylo'
    b'adR\x07payload"\xaa\x01\n\x1cInternalInvokeResponseStream\x12K\n\x08response\x18\x01 \x01(\x0b2/'
    b'.dapr.proto.internals.v1.InternalInvokeResponseR\x08response\x12=\n\x07pay'
    b'load\x18\x02 \x01(\x0b2#.dapr.proto.common.v1.StreamPayloadR\x07payload")\n\x0fList'
    b'StringValue\x12\x16\n\x06values\x18\x01 \x03(\tR\x06values2\xba\x04\n\x11ServiceInvocation\x12l\n\tCal'
    b'lActor\x12..dapr.proto.internals.v1.InternalInvokeRequest\x1a/.dapr.pr'
    b'oto.internals.v1.InternalInvokeResponse\x12l\n\tCallLocal\x12..dapr.prot'
    b'o.internals.v1.InternalInvokeRequest\x1a/.dapr.proto.internals.v1.I'
    b'nternalInvokeResponse\x12N\n\x11CallActorReminder\x12!.dapr.proto.internal'
    b's.v1.Reminder\x1a\x16.google.protobuf.Empty\x12\x82\x01\n\x0fCallLocalStream\x124.dapr'
    b'.proto.internals.v1.InternalInvokeRequestStream\x1a5.dapr.proto.int'
    b'ernals.v1.InternalInvokeResponseStream(\x010\x01\x12t\n\x0fCallActorStream\x12..'
    b'dapr.proto.internals.v1.InternalInvokeRequest\x1a/.dapr.proto.inter'
    b'nals.v1.InternalInvokeResponse0\x01b\x06proto3'
)
