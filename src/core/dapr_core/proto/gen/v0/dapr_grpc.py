"""Typed services and stubs. Generated from v0/dapr.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.v0 import dapr_pb2 as _v0_dapr_pb2
from dapr_core.rpc.grpc.stub import UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class DaprBase(Service):
    """Serves dapr.Dapr; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.Dapr"

    async def publish_event(self, request: _v0_dapr_pb2.PublishEventEnvelope, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("PublishEvent")

    async def invoke_service(self, request: _v0_dapr_pb2.InvokeServiceEnvelope, context: ServerContext) -> _v0_dapr_pb2.InvokeServiceResponseEnvelope:
        raise unimplemented("InvokeService")

    async def invoke_binding(self, request: _v0_dapr_pb2.InvokeBindingEnvelope, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("InvokeBinding")

    async def get_state(self, request: _v0_dapr_pb2.GetStateEnvelope, context: ServerContext) -> _v0_dapr_pb2.GetStateResponseEnvelope:
        raise unimplemented("GetState")

    async def save_state(self, request: _v0_dapr_pb2.SaveStateEnvelope, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("SaveState")

    async def delete_state(self, request: _v0_dapr_pb2.DeleteStateEnvelope, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("DeleteState")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("PublishEvent", self.publish_event, _v0_dapr_pb2.PublishEventEnvelope, _google_protobuf_empty_pb2.Empty, False, False),
            Method("InvokeService", self.invoke_service, _v0_dapr_pb2.InvokeServiceEnvelope, _v0_dapr_pb2.InvokeServiceResponseEnvelope, False, False),
            Method("InvokeBinding", self.invoke_binding, _v0_dapr_pb2.InvokeBindingEnvelope, _google_protobuf_empty_pb2.Empty, False, False),
            Method("GetState", self.get_state, _v0_dapr_pb2.GetStateEnvelope, _v0_dapr_pb2.GetStateResponseEnvelope, False, False),
            Method("SaveState", self.save_state, _v0_dapr_pb2.SaveStateEnvelope, _google_protobuf_empty_pb2.Empty, False, False),
            Method("DeleteState", self.delete_state, _v0_dapr_pb2.DeleteStateEnvelope, _google_protobuf_empty_pb2.Empty, False, False),
        )


class DaprStub:
    """Calls dapr.Dapr on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.publish_event: UnaryUnary[_v0_dapr_pb2.PublishEventEnvelope, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.Dapr/PublishEvent", _google_protobuf_empty_pb2.Empty
        )
        self.invoke_service: UnaryUnary[_v0_dapr_pb2.InvokeServiceEnvelope, _v0_dapr_pb2.InvokeServiceResponseEnvelope] = UnaryUnary(
            channel, "/dapr.Dapr/InvokeService", _v0_dapr_pb2.InvokeServiceResponseEnvelope
        )
        self.invoke_binding: UnaryUnary[_v0_dapr_pb2.InvokeBindingEnvelope, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.Dapr/InvokeBinding", _google_protobuf_empty_pb2.Empty
        )
        self.get_state: UnaryUnary[_v0_dapr_pb2.GetStateEnvelope, _v0_dapr_pb2.GetStateResponseEnvelope] = UnaryUnary(
            channel, "/dapr.Dapr/GetState", _v0_dapr_pb2.GetStateResponseEnvelope
        )
        self.save_state: UnaryUnary[_v0_dapr_pb2.SaveStateEnvelope, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.Dapr/SaveState", _google_protobuf_empty_pb2.Empty
        )
        self.delete_state: UnaryUnary[_v0_dapr_pb2.DeleteStateEnvelope, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.Dapr/DeleteState", _google_protobuf_empty_pb2.Empty
        )
