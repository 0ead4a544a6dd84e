"""Types of the messages. Generated from dapr/proto/operator/v1/operator.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _ResourceEventType(_EnumValues):
    UNKNOWN: _b.int
    CREATED: _b.int
    UPDATED: _b.int
    DELETED: _b.int

ResourceEventType: _ResourceEventType
UNKNOWN: _b.int
CREATED: _b.int
UPDATED: _b.int
DELETED: _b.int

class ListComponentsRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ComponentUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ComponentUpdateEvent(_Message):
    component: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        component: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class ListComponentResponse(_Message):
    @property
    def components(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        components: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class GetConfigurationRequest(_Message):
    name: _b.str
    namespace: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        namespace: _b.str | None = None,
    ) -> None: ...

class GetConfigurationResponse(_Message):
    configuration: _b.bytes
    def __init__(
        self,
        *,
        configuration: _b.bytes | None = None,
    ) -> None: ...

class ListSubscriptionsResponse(_Message):
    @property
    def subscriptions(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        subscriptions: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class SubscriptionUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class SubscriptionUpdateEvent(_Message):
    subscription: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        subscription: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class GetResiliencyRequest(_Message):
    name: _b.str
    namespace: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        namespace: _b.str | None = None,
    ) -> None: ...

class GetResiliencyResponse(_Message):
    resiliency: _b.bytes
    def __init__(
        self,
        *,
        resiliency: _b.bytes | None = None,
    ) -> None: ...

class ListResiliencyRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ListResiliencyResponse(_Message):
    @property
    def resiliencies(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        resiliencies: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class ListSubscriptionsRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class GetHTTPEndpointRequest(_Message):
    name: _b.str
    namespace: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        namespace: _b.str | None = None,
    ) -> None: ...

class GetHTTPEndpointResponse(_Message):
    http_endpoint: _b.bytes
    def __init__(
        self,
        *,
        http_endpoint: _b.bytes | None = None,
    ) -> None: ...

class ListHTTPEndpointsResponse(_Message):
    @property
    def http_endpoints(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        http_endpoints: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class ListHTTPEndpointsRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class HTTPEndpointUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class HTTPEndpointUpdateEvent(_Message):
    http_endpoints: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        http_endpoints: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class ListMCPServersRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ListMCPServersResponse(_Message):
    @property
    def mcp_servers(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        mcp_servers: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class MCPServerUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class MCPServerUpdateEvent(_Message):
    mcp_server: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        mcp_server: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class ConfigurationUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ConfigurationUpdateEvent(_Message):
    configuration: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        configuration: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class ResiliencyUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ResiliencyUpdateEvent(_Message):
    resiliency: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        resiliency: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...

class ListWorkflowAccessPolicyRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class ListWorkflowAccessPolicyResponse(_Message):
    @property
    def policies(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    def __init__(
        self,
        *,
        policies: _Iterable[_b.bytes] | None = None,
    ) -> None: ...

class WorkflowAccessPolicyUpdateRequest(_Message):
    namespace: _b.str
    def __init__(
        self,
        *,
        namespace: _b.str | None = None,
    ) -> None: ...

class WorkflowAccessPolicyUpdateEvent(_Message):
    policy: _b.bytes
    type: _b.int
    def __init__(
        self,
        *,
        policy: _b.bytes | None = None,
        type: _b.int | None = None,
    ) -> None: ...
