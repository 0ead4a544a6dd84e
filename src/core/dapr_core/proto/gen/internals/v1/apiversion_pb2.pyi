"""Types of the messages. Generated from dapr/proto/internals/v1/apiversion.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _APIVersion(_EnumValues):
    APIVERSION_UNSPECIFIED: _b.int
    V1: _b.int

APIVersion: _APIVersion
APIVERSION_UNSPECIFIED: _b.int
V1: _b.int
