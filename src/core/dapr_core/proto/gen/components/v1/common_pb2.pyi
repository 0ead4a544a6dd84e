"""Types of the messages. Generated from dapr/proto/components/v1/common.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class MetadataRequest(_Message):
    @property
    def properties(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        properties: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class FeaturesRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class FeaturesResponse(_Message):
    @property
    def features(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        features: _Iterable[_b.str] | None = None,
    ) -> None: ...

class PingRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class PingResponse(_Message):
    def __init__(
        self,
    ) -> None: ...
