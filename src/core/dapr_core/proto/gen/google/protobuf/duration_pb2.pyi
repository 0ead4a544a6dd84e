"""Types of the messages. Generated from google/protobuf/duration.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.internal import well_known_types as _wkt
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class Duration(_wkt.Duration, _Message):
    seconds: _b.int
    nanos: _b.int
    def __init__(
        self,
        *,
        seconds: _b.int | None = None,
        nanos: _b.int | None = None,
    ) -> None: ...
