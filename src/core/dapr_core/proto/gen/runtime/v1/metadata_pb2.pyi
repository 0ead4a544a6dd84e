"""Types of the messages. Generated from dapr/proto/runtime/v1/metadata.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _PubsubSubscriptionType(_EnumValues):
    UNKNOWN: _b.int
    DECLARATIVE: _b.int
    PROGRAMMATIC: _b.int
    STREAMING: _b.int

PubsubSubscriptionType: _PubsubSubscriptionType
UNKNOWN: _b.int
DECLARATIVE: _b.int
PROGRAMMATIC: _b.int
STREAMING: _b.int

class GetMetadataRequest(_Message):
    def __init__(
        self,
    ) -> None: ...

class GetMetadataResponse(_Message):
    id: _b.str
    @property
    def active_actors_count(self) -> _c.RepeatedCompositeFieldContainer[ActiveActorsCount]: ...
    @property
    def registered_components(self) -> _c.RepeatedCompositeFieldContainer[RegisteredComponents]: ...
    @property
    def extended_metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def subscriptions(self) -> _c.RepeatedCompositeFieldContainer[PubsubSubscription]: ...
    @property
    def http_endpoints(self) -> _c.RepeatedCompositeFieldContainer[MetadataHTTPEndpoint]: ...
    @property
    def app_connection_properties(self) -> AppConnectionProperties: ...
    runtime_version: _b.str
    @property
    def enabled_features(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    @property
    def actor_runtime(self) -> ActorRuntime: ...
    @property
    def scheduler(self) -> MetadataScheduler: ...
    @property
    def workflows(self) -> MetadataWorkflows: ...
    @property
    def mcp_servers(self) -> _c.RepeatedCompositeFieldContainer[MetadataMCPServer]: ...
    @property
    def workflow_access_policies(self) -> _c.RepeatedCompositeFieldContainer[MetadataWorkflowAccessPolicy]: ...
    @property
    def resiliencies(self) -> _c.RepeatedCompositeFieldContainer[MetadataResiliency]: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        active_actors_count: _Iterable[ActiveActorsCount] | None = None,
        registered_components: _Iterable[RegisteredComponents] | None = None,
        extended_metadata: _Mapping[_b.str, _b.str] | None = None,
        subscriptions: _Iterable[PubsubSubscription] | None = None,
        http_endpoints: _Iterable[MetadataHTTPEndpoint] | None = None,
        app_connection_properties: AppConnectionProperties | None = None,
        runtime_version: _b.str | None = None,
        enabled_features: _Iterable[_b.str] | None = None,
        actor_runtime: ActorRuntime | None = None,
        scheduler: MetadataScheduler | None = None,
        workflows: MetadataWorkflows | None = None,
        mcp_servers: _Iterable[MetadataMCPServer] | None = None,
        workflow_access_policies: _Iterable[MetadataWorkflowAccessPolicy] | None = None,
        resiliencies: _Iterable[MetadataResiliency] | None = None,
    ) -> None: ...

class MetadataWorkflows(_Message):
    connected_workers: _b.int
    def __init__(
        self,
        *,
        connected_workers: _b.int | None = None,
    ) -> None: ...

class MetadataScheduler(_Message):
    @property
    def connected_addresses(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        connected_addresses: _Iterable[_b.str] | None = None,
    ) -> None: ...

class ActorRuntime(_Message):
    class _ActorRuntimeStatus(_EnumValues):
        INITIALIZING: _b.int
        DISABLED: _b.int
        RUNNING: _b.int

    ActorRuntimeStatus: _ClassVar[_ActorRuntimeStatus]
    INITIALIZING: _ClassVar[_b.int]
    DISABLED: _ClassVar[_b.int]
    RUNNING: _ClassVar[_b.int]

    runtime_status: _b.int
    @property
    def active_actors(self) -> _c.RepeatedCompositeFieldContainer[ActiveActorsCount]: ...
    host_ready: _b.bool
    placement: _b.str
    def __init__(
        self,
        *,
        runtime_status: _b.int | None = None,
        active_actors: _Iterable[ActiveActorsCount] | None = None,
        host_ready: _b.bool | None = None,
        placement: _b.str | None = None,
    ) -> None: ...

class ActiveActorsCount(_Message):
    type: _b.str
    count: _b.int
    def __init__(
        self,
        *,
        type: _b.str | None = None,
        count: _b.int | None = None,
    ) -> None: ...

class RegisteredComponents(_Message):
    name: _b.str
    type: _b.str
    version: _b.str
    @property
    def capabilities(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        type: _b.str | None = None,
        version: _b.str | None = None,
        capabilities: _Iterable[_b.str] | None = None,
    ) -> None: ...

class MetadataHTTPEndpoint(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class MetadataMCPServer(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class MetadataWorkflowAccessPolicy(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class MetadataResiliency(_Message):
    name: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
    ) -> None: ...

class AppConnectionProperties(_Message):
    port: _b.int
    protocol: _b.str
    channel_address: _b.str
    max_concurrency: _b.int
    @property
    def health(self) -> AppConnectionHealthProperties: ...
    def __init__(
        self,
        *,
        port: _b.int | None = None,
        protocol: _b.str | None = None,
        channel_address: _b.str | None = None,
        max_concurrency: _b.int | None = None,
        health: AppConnectionHealthProperties | None = None,
    ) -> None: ...

class AppConnectionHealthProperties(_Message):
    health_check_path: _b.str
    health_probe_interval: _b.str
    health_probe_timeout: _b.str
    health_threshold: _b.int
    def __init__(
        self,
        *,
        health_check_path: _b.str | None = None,
        health_probe_interval: _b.str | None = None,
        health_probe_timeout: _b.str | None = None,
        health_threshold: _b.int | None = None,
    ) -> None: ...

class PubsubSubscription(_Message):
    pubsub_name: _b.str
    topic: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    @property
    def rules(self) -> PubsubSubscriptionRules: ...
    dead_letter_topic: _b.str
    type: _b.int
    def __init__(
        self,
        *,
        pubsub_name: _b.str | None = None,
        topic: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        rules: PubsubSubscriptionRules | None = None,
        dead_letter_topic: _b.str | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class PubsubSubscriptionRules(_Message):
    @property
    def rules(self) -> _c.RepeatedCompositeFieldContainer[PubsubSubscriptionRule]: ...
    def __init__(
        self,
        *,
        rules: _Iterable[PubsubSubscriptionRule] | None = None,
    ) -> None: ...

class PubsubSubscriptionRule(_Message):
    match: _b.str
    path: _b.str
    def __init__(
        self,
        *,
        match: _b.str | None = None,
        path: _b.str | None = None,
    ) -> None: ...

class SetMetadataRequest(_Message):
    key: _b.str
    value: _b.str
    def __init__(
        self,
        *,
        key: _b.str | None = None,
        value: _b.str | None = None,
    ) -> None: ...
