"""Types of the messages. Generated from dapr/proto/runtime/v1/workflow.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class GetWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...

class GetWorkflowResponse(_Message):
    instance_id: _b.str
    workflow_name: _b.str
    @property
    def created_at(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def last_updated_at(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    runtime_status: _b.str
    @property
    def properties(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_name: _b.str | None = None,
        created_at: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        last_updated_at: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        runtime_status: _b.str | None = None,
        properties: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class StartWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    workflow_name: _b.str
    @property
    def options(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    input: _b.bytes
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        workflow_name: _b.str | None = None,
        options: _Mapping[_b.str, _b.str] | None = None,
        input: _b.bytes | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...

class StartWorkflowResponse(_Message):
    instance_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
    ) -> None: ...

class TerminateWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...

class PauseWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...

class ResumeWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...

class RaiseEventWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    event_name: _b.str
    event_data: _b.bytes
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        event_name: _b.str | None = None,
        event_data: _b.bytes | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...

class PurgeWorkflowRequest(_Message):
    instance_id: _b.str
    workflow_component: _b.str
    app_id: _b.str
    def __init__(
        self,
        *,
        instance_id: _b.str | None = None,
        workflow_component: _b.str | None = None,
        app_id: _b.str | None = None,
    ) -> None: ...
