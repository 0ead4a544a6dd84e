"""Messages. Generated from google/rpc/error_details.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n\x1egoogle/rpc/error_details.proto\x12\ngoogle.rpc\x1a\x1egoogle/protobuf/du'
    b'ration.proto"\xb9\x01\n\tErrorInfo\x12\x16\n\x06reason\x18\x01 \x01(\tR\x06reason\x12\x16\n\x06domain\x18\x02 \x01'
    b'(\tR\x06domain\x12?\n\x08metadata\x18\x03 \x03(\x0b2#.google.rpc.ErrorInfo.MetadataEntr'
    b'yR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05v'
    b'alue:\x028\x01"G\n\tRetryInfo\x12:\n\x0bretry_delay\x18\x01 \x01(\x0b2\x19.google.protobuf.Dur'
    b'ationR\nretryDelay"H\n\tDebugInfo\x12#\n\rstack_entries\x18\x01 \x03(\tR\x0cstackEntr'
    b'ies\x12\x16\n\x06detail\x18\x02 \x01(\tR\x06detail"\x8e\x04\n\x0cQuotaFailure\x12B\n\nviolations\x18\x01 \x03(\x0b'
    b'2".google.rpc.QuotaFailure.ViolationR\nviolations\x1a\xb9\x03\n\tViolation\x12\x18'
    b'\n\x07subject\x18\x01 \x01(\tR\x07subject\x12 \n\x0bdescription\x18\x02 \x01(\tR\x0bdescription\x12\x1f\n\x0bap'
    b'i_service\x18\x03 \x01(\tR\napiService\x12!\n\x0cquota_metric\x18\x04 \x01(\tR\x0bquotaMetric\x12\x19'
    b'\n\x08quota_id\x18\x05 \x01(\tR\x07quotaId\x12b\n\x10quota_dimensions\x18\x06 \x03(\x0b27.google.rpc'
    b'.QuotaFailure.Violation.QuotaDimensionsEntryR\x0fquotaDimensions\x12\x1f\n'
    b'\x0bquota_value\x18\x07 \x01(\x03R\nquotaValue\x121\n\x12future_quota_value\x18\x08 \x01(\x03H\x00R\x10fu'
    b'tureQuotaValue\x88\x01\x01\x1aB\n\x14QuotaDimensionsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05v'
    b'alue\x18\x02 \x01(\tR\x05value:\x028\x01B\x15\n\x13_future_quota_value"\xbd\x01\n\x13PreconditionFai'
    b'lure\x12I\n\nviolations\x18\x01 \x03(\x0b2).google.rpc.PreconditionFailure.Violat'
    b'ionR\nviolations\x1a[\n\tViolation\x12\x12\n\x04type\x18\x01 \x01(\tR\x04type\x12\x18\n\x07subject\x18\x02 \x01('
    b'\tR\x07subject\x12 \n\x0bdescription\x18\x03 \x01(\tR\x0bdescription"\x8c\x02\n\nBadRequest\x12P\n\x10f'
    b'ield_violations\x18\x01 \x03(\x0b2%.google.rpc.BadRequest.FieldViolationR\x0ffi'
    b'eldViolations\x1a\xab\x01\n\x0eFieldViolation\x12\x14\n\x05field\x18\x01 \x01(\tR\x05field\x12 \n\x0bdescri'
    b'ption\x18\x02 \x01(\tR\x0bdescription\x12\x16\n\x06reason\x18\x03 \x01(\tR\x06reason\x12I\n\x11localized_me'
    b'ssage\x18\x04 \x01(\x0b2\x1c.google.rpc.LocalizedMessageR\x10localizedMessage"O\n\x0bR'
    b'equestInfo\x12\x1d\n\nrequest_id\x18\x01 \x01(\tR\trequestId\x12!\n\x0cserving_data\x18\x02 \x01(\tR'
    b'\x0bservingData"\x90\x01\n\x0cResourceInfo\x12#\n\rresource_type\x18\x01 \x01(\tR\x0cresourceTy'
    b'pe\x12#\n\rresource_name\x18\x02 \x01(\tR\x0cresourceName\x12\x14\n\x05owner\x18\x03 \x01(\tR\x05owner\x12 \n'
    b'\x0bdescription\x18\x04 \x01(\tR\x0bdescription"o\n\x04Help\x12+\n\x05links\x18\x01 \x03(\x0b2\x15.google.'
    b'rpc.Help.LinkR\x05links\x1a:\n\x04Link\x12 \n\x0bdescription\x18\x01 \x01(\tR\x0bdescription\x12\x10'
    b'\n\x03url\x18\x02 \x01(\tR\x03url"D\n\x10LocalizedMessage\x12\x16\n\x06locale\x18\x01 \x01(\tR\x06locale\x12\x18\n\x07'
    b'message\x18\x02 \x01(\tR\x07messageb\x06proto3'
)
