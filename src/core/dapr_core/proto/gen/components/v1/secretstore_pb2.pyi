"""Types of the messages. Generated from dapr/proto/components/v1/secretstore.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class SecretStoreInitRequest(_Message):
    @property
    def metadata(self) -> _components_v1_common_pb2.MetadataRequest: ...
    def __init__(
        self,
        *,
        metadata: _components_v1_common_pb2.MetadataRequest | None = None,
    ) -> None: ...

class SecretStoreInitResponse(_Message):
    def __init__(
        self,
    ) -> None: ...

class GetSecretRequest(_Message):
    key: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class GetSecretResponse(_Message):
    @property
    def data(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        data: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BulkGetSecretRequest(_Message):
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class SecretResponse(_Message):
    @property
    def secrets(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        secrets: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class BulkGetSecretResponse(_Message):
    @property
    def data(self) -> _c.MessageMap[_b.str, SecretResponse]: ...
    def __init__(
        self,
        *,
        data: _Mapping[_b.str, SecretResponse] | None = None,
    ) -> None: ...
