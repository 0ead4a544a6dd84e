"""Types of the messages. Generated from dapr/proto/placement/v1/state.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.placement.v1 import placement_pb2 as _placement_v1_placement_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class StatePlacementTables(_Message):
    @property
    def tables(self) -> _c.MessageMap[_b.str, StatePlacementTable]: ...
    def __init__(
        self,
        *,
        tables: _Mapping[_b.str, StatePlacementTable] | None = None,
    ) -> None: ...

class StatePlacementTable(_Message):
    @property
    def hosts(self) -> _c.RepeatedCompositeFieldContainer[_placement_v1_placement_pb2.Host]: ...
    version: _b.int
    def __init__(
        self,
        *,
        hosts: _Iterable[_placement_v1_placement_pb2.Host] | None = None,
        version: _b.int | None = None,
    ) -> None: ...
