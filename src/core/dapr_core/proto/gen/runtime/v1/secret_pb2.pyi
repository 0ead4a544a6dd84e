"""Types of the messages. Generated from dapr/proto/runtime/v1/secret.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class GetSecretRequest(_Message):
    store_name: _b.str
    key: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
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

class GetBulkSecretRequest(_Message):
    store_name: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
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

class GetBulkSecretResponse(_Message):
    @property
    def data(self) -> _c.MessageMap[_b.str, SecretResponse]: ...
    def __init__(
        self,
        *,
        data: _Mapping[_b.str, SecretResponse] | None = None,
    ) -> None: ...
