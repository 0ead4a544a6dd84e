"""Typed services and stubs. Generated from v0/daprclient.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.v0 import daprclient_pb2 as _v0_daprclient_pb2
from dapr_core.rpc.grpc.stub import UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class DaprClientBase(Service):
    """Serves daprclient.DaprClient; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "daprclient.DaprClient"

    async def on_invoke(self, request: _v0_daprclient_pb2.InvokeEnvelope, context: ServerContext) -> _google_protobuf_any_pb2.Any:
        raise unimplemented("OnInvoke")

    async def get_topic_subscriptions(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _v0_daprclient_pb2.GetTopicSubscriptionsEnvelope:
        raise unimplemented("GetTopicSubscriptions")

    async def get_bindings_subscriptions(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _v0_daprclient_pb2.GetBindingsSubscriptionsEnvelope:
        raise unimplemented("GetBindingsSubscriptions")

    async def on_binding_event(self, request: _v0_daprclient_pb2.BindingEventEnvelope, context: ServerContext) -> _v0_daprclient_pb2.BindingResponseEnvelope:
        raise unimplemented("OnBindingEvent")

    async def on_topic_event(self, request: _v0_daprclient_pb2.CloudEventEnvelope, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("OnTopicEvent")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("OnInvoke", self.on_invoke, _v0_daprclient_pb2.InvokeEnvelope, _google_protobuf_any_pb2.Any, False, False),
            Method("GetTopicSubscriptions", self.get_topic_subscriptions, _google_protobuf_empty_pb2.Empty, _v0_daprclient_pb2.GetTopicSubscriptionsEnvelope, False, False),
            Method("GetBindingsSubscriptions", self.get_bindings_subscriptions, _google_protobuf_empty_pb2.Empty, _v0_daprclient_pb2.GetBindingsSubscriptionsEnvelope, False, False),
            Method("OnBindingEvent", self.on_binding_event, _v0_daprclient_pb2.BindingEventEnvelope, _v0_daprclient_pb2.BindingResponseEnvelope, False, False),
            Method("OnTopicEvent", self.on_topic_event, _v0_daprclient_pb2.CloudEventEnvelope, _google_protobuf_empty_pb2.Empty, False, False),
        )


class DaprClientStub:
    """Calls daprclient.DaprClient on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.on_invoke: UnaryUnary[_v0_daprclient_pb2.InvokeEnvelope, _google_protobuf_any_pb2.Any] = UnaryUnary(
            channel, "/daprclient.DaprClient/OnInvoke", _google_protobuf_any_pb2.Any
        )
        self.get_topic_subscriptions: UnaryUnary[_google_protobuf_empty_pb2.Empty, _v0_daprclient_pb2.GetTopicSubscriptionsEnvelope] = UnaryUnary(
            channel, "/daprclient.DaprClient/GetTopicSubscriptions", _v0_daprclient_pb2.GetTopicSubscriptionsEnvelope
        )
        self.get_bindings_subscriptions: UnaryUnary[_google_protobuf_empty_pb2.Empty, _v0_daprclient_pb2.GetBindingsSubscriptionsEnvelope] = UnaryUnary(
            channel, "/daprclient.DaprClient/GetBindingsSubscriptions", _v0_daprclient_pb2.GetBindingsSubscriptionsEnvelope
        )
        self.on_binding_event: UnaryUnary[_v0_daprclient_pb2.BindingEventEnvelope, _v0_daprclient_pb2.BindingResponseEnvelope] = UnaryUnary(
            channel, "/daprclient.DaprClient/OnBindingEvent", _v0_daprclient_pb2.BindingResponseEnvelope
        )
        self.on_topic_event: UnaryUnary[_v0_daprclient_pb2.CloudEventEnvelope, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/daprclient.DaprClient/OnTopicEvent", _google_protobuf_empty_pb2.Empty
        )
