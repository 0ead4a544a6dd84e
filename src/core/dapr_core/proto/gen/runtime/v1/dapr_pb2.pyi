"""Types of the messages. Generated from dapr/proto/runtime/v1/dapr.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.runtime.v1 import actors_pb2 as _runtime_v1_actors_pb2
from dapr_core.proto.gen.runtime.v1 import ai_pb2 as _runtime_v1_ai_pb2
from dapr_core.proto.gen.runtime.v1 import binding_pb2 as _runtime_v1_binding_pb2
from dapr_core.proto.gen.runtime.v1 import configuration_pb2 as _runtime_v1_configuration_pb2
from dapr_core.proto.gen.runtime.v1 import crypto_pb2 as _runtime_v1_crypto_pb2
from dapr_core.proto.gen.runtime.v1 import invoke_pb2 as _runtime_v1_invoke_pb2
from dapr_core.proto.gen.runtime.v1 import jobs_pb2 as _runtime_v1_jobs_pb2
from dapr_core.proto.gen.runtime.v1 import lock_pb2 as _runtime_v1_lock_pb2
from dapr_core.proto.gen.runtime.v1 import metadata_pb2 as _runtime_v1_metadata_pb2
from dapr_core.proto.gen.runtime.v1 import pubsub_pb2 as _runtime_v1_pubsub_pb2
from dapr_core.proto.gen.runtime.v1 import secret_pb2 as _runtime_v1_secret_pb2
from dapr_core.proto.gen.runtime.v1 import state_pb2 as _runtime_v1_state_pb2
from dapr_core.proto.gen.runtime.v1 import workflow_pb2 as _runtime_v1_workflow_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class ShutdownRequest(_Message):
    def __init__(
        self,
    ) -> None: ...
