"""Types of the messages. Generated from dapr/proto/placement/v1/placement.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _HostOperation(_EnumValues):
    UNKNOWN: _b.int
    REPORT: _b.int
    LOCK: _b.int
    UPDATE: _b.int
    UNLOCK: _b.int

HostOperation: _HostOperation
UNKNOWN: _b.int
REPORT: _b.int
LOCK: _b.int
UPDATE: _b.int
UNLOCK: _b.int

class PlacementOrder(_Message):
    @property
    def tables(self) -> PlacementTables: ...
    operation: _b.str
    version: _b.int
    def __init__(
        self,
        *,
        tables: PlacementTables | None = None,
        operation: _b.str | None = None,
        version: _b.int | None = None,
    ) -> None: ...

class PlacementTables(_Message):
    @property
    def entries(self) -> _c.MessageMap[_b.str, PlacementTable]: ...
    version: _b.str
    api_level: _b.int
    replication_factor: _b.int
    def __init__(
        self,
        *,
        entries: _Mapping[_b.str, PlacementTable] | None = None,
        version: _b.str | None = None,
        api_level: _b.int | None = None,
        replication_factor: _b.int | None = None,
    ) -> None: ...

class PlacementTable(_Message):
    @property
    def hosts(self) -> _c.ScalarMap[_b.int, _b.str]: ...
    @property
    def sorted_set(self) -> _c.RepeatedScalarFieldContainer[_b.int]: ...
    @property
    def load_map(self) -> _c.MessageMap[_b.str, Host]: ...
    total_load: _b.int
    def __init__(
        self,
        *,
        hosts: _Mapping[_b.int, _b.str] | None = None,
        sorted_set: _Iterable[_b.int] | None = None,
        load_map: _Mapping[_b.str, Host] | None = None,
        total_load: _b.int | None = None,
    ) -> None: ...

class Host(_Message):
    name: _b.str
    port: _b.int
    load: _b.int
    @property
    def entities(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    id: _b.str
    pod: _b.str
    api_level: _b.int
    namespace: _b.str
    operation: _b.int
    version: _b.int
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        port: _b.int | None = None,
        load: _b.int | None = None,
        entities: _Iterable[_b.str] | None = None,
        id: _b.str | None = None,
        pod: _b.str | None = None,
        api_level: _b.int | None = None,
        namespace: _b.str | None = None,
        operation: _b.int | None = None,
        version: _b.int | None = None,
    ) -> None: ...
