"""Types of the messages. Generated from dapr/proto/runtime/v1/crypto.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class SubtleGetKeyRequest(_Message):
    class _KeyFormat(_EnumValues):
        PEM: _b.int
        JSON: _b.int

    KeyFormat: _ClassVar[_KeyFormat]
    PEM: _ClassVar[_b.int]
    JSON: _ClassVar[_b.int]

    component_name: _b.str
    name: _b.str
    format: _b.int
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        name: _b.str | None = None,
        format: _b.int | None = None,
    ) -> None: ...

class SubtleGetKeyResponse(_Message):
    name: _b.str
    public_key: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        public_key: _b.str | None = None,
    ) -> None: ...

class SubtleEncryptRequest(_Message):
    component_name: _b.str
    plaintext: _b.bytes
    algorithm: _b.str
    key_name: _b.str
    nonce: _b.bytes
    associated_data: _b.bytes
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        plaintext: _b.bytes | None = None,
        algorithm: _b.str | None = None,
        key_name: _b.str | None = None,
        nonce: _b.bytes | None = None,
        associated_data: _b.bytes | None = None,
    ) -> None: ...

class SubtleEncryptResponse(_Message):
    ciphertext: _b.bytes
    tag: _b.bytes
    def __init__(
        self,
        *,
        ciphertext: _b.bytes | None = None,
        tag: _b.bytes | None = None,
    ) -> None: ...

class SubtleDecryptRequest(_Message):
    component_name: _b.str
    ciphertext: _b.bytes
    algorithm: _b.str
    key_name: _b.str
    nonce: _b.bytes
    tag: _b.bytes
    associated_data: _b.bytes
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        ciphertext: _b.bytes | None = None,
        algorithm: _b.str | None = None,
        key_name: _b.str | None = None,
        nonce: _b.bytes | None = None,
        tag: _b.bytes | None = None,
        associated_data: _b.bytes | None = None,
    ) -> None: ...

class SubtleDecryptResponse(_Message):
    plaintext: _b.bytes
    def __init__(
        self,
        *,
        plaintext: _b.bytes | None = None,
    ) -> None: ...

class SubtleWrapKeyRequest(_Message):
    component_name: _b.str
    plaintext_key: _b.bytes
    algorithm: _b.str
    key_name: _b.str
    nonce: _b.bytes
    associated_data: _b.bytes
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        plaintext_key: _b.bytes | None = None,
        algorithm: _b.str | None = None,
        key_name: _b.str | None = None,
        nonce: _b.bytes | None = None,
        associated_data: _b.bytes | None = None,
    ) -> None: ...

class SubtleWrapKeyResponse(_Message):
    wrapped_key: _b.bytes
    tag: _b.bytes
    def __init__(
        self,
        *,
        wrapped_key: _b.bytes | None = None,
        tag: _b.bytes | None = None,
    ) -> None: ...

class SubtleUnwrapKeyRequest(_Message):
    component_name: _b.str
    wrapped_key: _b.bytes
    algorithm: _b.str
    key_name: _b.str
    nonce: _b.bytes
    tag: _b.bytes
    associated_data: _b.bytes
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        wrapped_key: _b.bytes | None = None,
        algorithm: _b.str | None = None,
        key_name: _b.str | None = None,
        nonce: _b.bytes | None = None,
        tag: _b.bytes | None = None,
        associated_data: _b.bytes | None = None,
    ) -> None: ...

class SubtleUnwrapKeyResponse(_Message):
    plaintext_key: _b.bytes
    def __init__(
        self,
        *,
        plaintext_key: _b.bytes | None = None,
    ) -> None: ...

class SubtleSignRequest(_Message):
    component_name: _b.str
    digest: _b.bytes
    algorithm: _b.str
    key_name: _b.str
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        digest: _b.bytes | None = None,
        algorithm: _b.str | None = None,
        key_name: _b.str | None = None,
    ) -> None: ...

class SubtleSignResponse(_Message):
    signature: _b.bytes
    def __init__(
        self,
        *,
        signature: _b.bytes | None = None,
    ) -> None: ...

class SubtleVerifyRequest(_Message):
    component_name: _b.str
    digest: _b.bytes
    algorithm: _b.str
    key_name: _b.str
    signature: _b.bytes
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        digest: _b.bytes | None = None,
        algorithm: _b.str | None = None,
        key_name: _b.str | None = None,
        signature: _b.bytes | None = None,
    ) -> None: ...

class SubtleVerifyResponse(_Message):
    valid: _b.bool
    def __init__(
        self,
        *,
        valid: _b.bool | None = None,
    ) -> None: ...

class EncryptRequest(_Message):
    @property
    def options(self) -> EncryptRequestOptions: ...
    @property
    def payload(self) -> _common_v1_common_pb2.StreamPayload: ...
    def __init__(
        self,
        *,
        options: EncryptRequestOptions | None = None,
        payload: _common_v1_common_pb2.StreamPayload | None = None,
    ) -> None: ...

class EncryptRequestOptions(_Message):
    component_name: _b.str
    key_name: _b.str
    key_wrap_algorithm: _b.str
    data_encryption_cipher: _b.str
    omit_decryption_key_name: _b.bool
    decryption_key_name: _b.str
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        key_name: _b.str | None = None,
        key_wrap_algorithm: _b.str | None = None,
        data_encryption_cipher: _b.str | None = None,
        omit_decryption_key_name: _b.bool | None = None,
        decryption_key_name: _b.str | None = None,
    ) -> None: ...

class EncryptResponse(_Message):
    @property
    def payload(self) -> _common_v1_common_pb2.StreamPayload: ...
    def __init__(
        self,
        *,
        payload: _common_v1_common_pb2.StreamPayload | None = None,
    ) -> None: ...

class DecryptRequest(_Message):
    @property
    def options(self) -> DecryptRequestOptions: ...
    @property
    def payload(self) -> _common_v1_common_pb2.StreamPayload: ...
    def __init__(
        self,
        *,
        options: DecryptRequestOptions | None = None,
        payload: _common_v1_common_pb2.StreamPayload | None = None,
    ) -> None: ...

class DecryptRequestOptions(_Message):
    component_name: _b.str
    key_name: _b.str
    def __init__(
        self,
        *,
        component_name: _b.str | None = None,
        key_name: _b.str | None = None,
    ) -> None: ...

class DecryptResponse(_Message):
    @property
    def payload(self) -> _common_v1_common_pb2.StreamPayload: ...
    def __init__(
        self,
        *,
        payload: _common_v1_common_pb2.StreamPayload | None = None,
    ) -> None: ...
