"""Types of the messages. Generated from dapr/proto/runtime/v1/configuration.proto by tools/generate_protos.py: do not edit."""

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

class GetConfigurationRequest(_Message):
    store_name: _b.str
    @property
    def keys(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        keys: _Iterable[_b.str] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class GetConfigurationResponse(_Message):
    @property
    def items(self) -> _c.MessageMap[_b.str, _common_v1_common_pb2.ConfigurationItem]: ...
    def __init__(
        self,
        *,
        items: _Mapping[_b.str, _common_v1_common_pb2.ConfigurationItem] | None = None,
    ) -> None: ...

class SubscribeConfigurationRequest(_Message):
    store_name: _b.str
    @property
    def keys(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        keys: _Iterable[_b.str] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class UnsubscribeConfigurationRequest(_Message):
    store_name: _b.str
    id: _b.str
    def __init__(
        self,
        *,
        store_name: _b.str | None = None,
        id: _b.str | None = None,
    ) -> None: ...

class SubscribeConfigurationResponse(_Message):
    id: _b.str
    @property
    def items(self) -> _c.MessageMap[_b.str, _common_v1_common_pb2.ConfigurationItem]: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        items: _Mapping[_b.str, _common_v1_common_pb2.ConfigurationItem] | None = None,
    ) -> None: ...

class UnsubscribeConfigurationResponse(_Message):
    ok: _b.bool
    message: _b.str
    def __init__(
        self,
        *,
        ok: _b.bool | None = None,
        message: _b.str | None = None,
    ) -> None: ...
