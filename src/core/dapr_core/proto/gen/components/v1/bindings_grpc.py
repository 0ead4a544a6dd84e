"""Typed services and stubs. Generated from dapr/proto/components/v1/bindings.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.components.v1 import bindings_pb2 as _components_v1_bindings_pb2
from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.rpc.grpc.stub import StreamStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class InputBindingBase(Service):
    """Serves dapr.proto.components.v1.InputBinding; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.InputBinding"

    async def init(self, request: _components_v1_bindings_pb2.InputBindingInitRequest, context: ServerContext) -> _components_v1_bindings_pb2.InputBindingInitResponse:
        raise unimplemented("Init")

    def read(self, requests: AsyncIterator[_components_v1_bindings_pb2.ReadRequest], context: ServerContext) -> AsyncIterator[_components_v1_bindings_pb2.ReadResponse]:
        raise unimplemented("Read")

    async def ping(self, request: _components_v1_common_pb2.PingRequest, context: ServerContext) -> _components_v1_common_pb2.PingResponse:
        raise unimplemented("Ping")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Init", self.init, _components_v1_bindings_pb2.InputBindingInitRequest, _components_v1_bindings_pb2.InputBindingInitResponse, False, False),
            Method("Read", self.read, _components_v1_bindings_pb2.ReadRequest, _components_v1_bindings_pb2.ReadResponse, True, True),
            Method("Ping", self.ping, _components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse, False, False),
        )


class InputBindingStub:
    """Calls dapr.proto.components.v1.InputBinding on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.init: UnaryUnary[_components_v1_bindings_pb2.InputBindingInitRequest, _components_v1_bindings_pb2.InputBindingInitResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.InputBinding/Init", _components_v1_bindings_pb2.InputBindingInitResponse
        )
        self.read: StreamStream[_components_v1_bindings_pb2.ReadRequest, _components_v1_bindings_pb2.ReadResponse] = StreamStream(
            channel, "/dapr.proto.components.v1.InputBinding/Read", _components_v1_bindings_pb2.ReadResponse
        )
        self.ping: UnaryUnary[_components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.InputBinding/Ping", _components_v1_common_pb2.PingResponse
        )


class OutputBindingBase(Service):
    """Serves dapr.proto.components.v1.OutputBinding; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.OutputBinding"

    async def init(self, request: _components_v1_bindings_pb2.OutputBindingInitRequest, context: ServerContext) -> _components_v1_bindings_pb2.OutputBindingInitResponse:
        raise unimplemented("Init")

    async def invoke(self, request: _components_v1_bindings_pb2.InvokeRequest, context: ServerContext) -> _components_v1_bindings_pb2.InvokeResponse:
        raise unimplemented("Invoke")

    async def list_operations(self, request: _components_v1_bindings_pb2.ListOperationsRequest, context: ServerContext) -> _components_v1_bindings_pb2.ListOperationsResponse:
        raise unimplemented("ListOperations")

    async def ping(self, request: _components_v1_common_pb2.PingRequest, context: ServerContext) -> _components_v1_common_pb2.PingResponse:
        raise unimplemented("Ping")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Init", self.init, _components_v1_bindings_pb2.OutputBindingInitRequest, _components_v1_bindings_pb2.OutputBindingInitResponse, False, False),
            Method("Invoke", self.invoke, _components_v1_bindings_pb2.InvokeRequest, _components_v1_bindings_pb2.InvokeResponse, False, False),
            Method("ListOperations", self.list_operations, _components_v1_bindings_pb2.ListOperationsRequest, _components_v1_bindings_pb2.ListOperationsResponse, False, False),
            Method("Ping", self.ping, _components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse, False, False),
        )


class OutputBindingStub:
    """Calls dapr.proto.components.v1.OutputBinding on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.init: UnaryUnary[_components_v1_bindings_pb2.OutputBindingInitRequest, _components_v1_bindings_pb2.OutputBindingInitResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.OutputBinding/Init", _components_v1_bindings_pb2.OutputBindingInitResponse
        )
        self.invoke: UnaryUnary[_components_v1_bindings_pb2.InvokeRequest, _components_v1_bindings_pb2.InvokeResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.OutputBinding/Invoke", _components_v1_bindings_pb2.InvokeResponse
        )
        self.list_operations: UnaryUnary[_components_v1_bindings_pb2.ListOperationsRequest, _components_v1_bindings_pb2.ListOperationsResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.OutputBinding/ListOperations", _components_v1_bindings_pb2.ListOperationsResponse
        )
        self.ping: UnaryUnary[_components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.OutputBinding/Ping", _components_v1_common_pb2.PingResponse
        )
