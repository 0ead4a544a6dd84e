"""Messages. Generated from dapr/proto/runtime/v1/lock.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n dapr/proto/runtime/v1/lock.proto\x12\x15dapr.proto.runtime.v1"\x9b\x01\n\x0eTr'
    b'yLockRequest\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12\x1f\n\x0bresource_id\x18\x02 \x01(\t'
    b'R\nresourceId\x12\x1d\n\nlock_owner\x18\x03 \x01(\tR\tlockOwner\x12*\n\x11expiry_in_seconds'
    b'\x18\x04 \x01(\x05R\x0fexpiryInSeconds"+\n\x0fTryLockResponse\x12\x18\n\x07success\x18\x01 \x01(\x08R\x07suc'
    b'cess"n\n\rUnlockRequest\x12\x1d\n\nstore_name\x18\x01 \x01(\tR\tstoreName\x12\x1f\n\x0bresource'
    b'_id\x18\x02 \x01(\tR\nresourceId\x12\x1d\n\nlock_owner\x18\x03 \x01(\tR\tlockOwner"\xb6\x01\n\x0eUnlockR'
    b'esponse\x12D\n\x06status\x18\x01 \x01(\x0e2,.dapr.proto.runtime.v1.UnlockResponse.S'
    b'tatusR\x06status"^\n\x06Status\x12\x0b\n\x07SUCCESS\x10\x00\x12\x17\n\x13LOCK_DOES_NOT_EXIST\x10\x01\x12\x1a\n'
    b'\x16LOCK_BELONGS_TO_OTHERS\x10\x02\x12\x12\n\x0eINTERNAL_ERROR\x10\x03b\x06proto3'
)
