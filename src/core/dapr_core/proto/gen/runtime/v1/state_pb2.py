"""Messages. Generated from dapr/proto/runtime/v1/state.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n!dapr/proto/runtime/v1/state.proto\x12\x15dapr.proto.runtime.v1\x1a!dapr'
    b'/proto/common/v1/common.proto"\xa8\x02\n\x0fGetStateRequest\x12\x1d\n\nstore_name\x18'
    b'\x01 \x01(\tR\tstoreName\x12\x10\n\x03key\x18\x02 \x01(\tR\x03key\x12U\n\x0bconsistency\x18\x03 \x01(\x0e23.dapr.p'
    b'roto.common.v1.StateOptions.StateConsistencyR\x0bconsistency\x12P\n\x08met'
    b'adata\x18\x04 \x03(\x0b24.dapr.proto.runtime.v1.GetStateRequest.MetadataEntr'
    b'yR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05v'
    b'alue:\x028\x01"\xfd\x01\n\x13GetBulkStateRequest\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12'
    b'\x12\n\x04keys\x18\x02 \x03(\tR\x04keys\x12 \n\x0bparallelism\x18\x03 \x01(\x05R\x0bparallelism\x12T\n\x08metadat'
    b'a\x18\x04 \x03(\x0b28.dapr.proto.runtime.v1.GetBulkStateRequest.MetadataEntr'
    b'yR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05v'
    b'alue:\x028\x01"R\n\x14GetBulkStateResponse\x12:\n\x05items\x18\x01 \x03(\x0b2$.dapr.proto.run'
    b'time.v1.BulkStateItemR\x05items"\xec\x01\n\rBulkStateItem\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key'
    b'\x12\x12\n\x04data\x18\x02 \x01(\x0cR\x04data\x12\x12\n\x04etag\x18\x03 \x01(\tR\x04etag\x12\x14\n\x05error\x18\x04 \x01(\tR\x05error\x12N'
    b'\n\x08metadata\x18\x05 \x03(\x0b22.dapr.proto.runtime.v1.BulkStateItem.MetadataE'
    b'ntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\t'
    b'R\x05value:\x028\x01"\xca\x01\n\x10GetStateResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12\x12\n\x04etag\x18\x02 \x01'
    b'(\tR\x04etag\x12Q\n\x08metadata\x18\x03 \x03(\x0b25.dapr.proto.runtime.v1.GetStateRespo'
    b'nse.MetadataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14'
    b'\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xc5\x02\n\x12DeleteStateRequest\x12\x1d\n\nstore_name\x18\x01 '
    b'\x01(\tR\tstoreName\x12\x10\n\x03key\x18\x02 \x01(\tR\x03key\x12.\n\x04etag\x18\x03 \x01(\x0b2\x1a.dapr.proto.comm'
    b'on.v1.EtagR\x04etag\x12<\n\x07options\x18\x04 \x01(\x0b2".dapr.proto.common.v1.StateOp'
    b'tionsR\x07options\x12S\n\x08metadata\x18\x05 \x03(\x0b27.dapr.proto.runtime.v1.DeleteS'
    b'tateRequest.MetadataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01('
    b'\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"p\n\x16DeleteBulkStateRequest\x12\x1d\n\nst'
    b'ore_name\x18\x01 \x01(\tR\tstoreName\x127\n\x06states\x18\x02 \x03(\x0b2\x1f.dapr.proto.common.v1'
    b'.StateItemR\x06states"j\n\x10SaveStateRequest\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstor'
    b'eName\x127\n\x06states\x18\x02 \x03(\x0b2\x1f.dapr.proto.common.v1.StateItemR\x06states"\xd9'
    b'\x01\n\x11QueryStateRequest\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12\x14\n\x05query\x18\x02 \x01'
    b'(\tR\x05query\x12R\n\x08metadata\x18\x03 \x03(\x0b26.dapr.proto.runtime.v1.QueryStateRe'
    b'quest.MetadataEntryR\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key'
    b'\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"`\n\x0eQueryStateItem\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x12'
    b'\n\x04data\x18\x02 \x01(\x0cR\x04data\x12\x12\n\x04etag\x18\x03 \x01(\tR\x04etag\x12\x14\n\x05error\x18\x04 \x01(\tR\x05error"\xfd\x01\n'
    b'\x12QueryStateResponse\x12?\n\x07results\x18\x01 \x03(\x0b2%.dapr.proto.runtime.v1.Que'
    b'ryStateItemR\x07results\x12\x14\n\x05token\x18\x02 \x01(\tR\x05token\x12S\n\x08metadata\x18\x03 \x03(\x0b27.d'
    b'apr.proto.runtime.v1.QueryStateResponse.MetadataEntryR\x08metadata\x1a'
    b';\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"~\n\x1b'
    b'TransactionalStateOperation\x12$\n\roperationType\x18\x01 \x01(\tR\roperationTyp'
    b'e\x129\n\x07request\x18\x02 \x01(\x0b2\x1f.dapr.proto.common.v1.StateItemR\x07request"\xb0\x02\n'
    b'\x1eExecuteStateTransactionRequest\x12\x1c\n\tstoreName\x18\x01 \x01(\tR\tstoreName\x12R\n'
    b'\noperations\x18\x02 \x03(\x0b22.dapr.proto.runtime.v1.TransactionalStateOper'
    b'ationR\noperations\x12_\n\x08metadata\x18\x03 \x03(\x0b2C.dapr.proto.runtime.v1.Exec'
    b'uteStateTransactionRequest.MetadataEntryR\x08metadata\x1a;\n\rMetadataEn'
    b'try\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01b\x06proto3'
)
