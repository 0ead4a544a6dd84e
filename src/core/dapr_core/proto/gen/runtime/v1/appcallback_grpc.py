"""Typed services and stubs. Generated from dapr/proto/runtime/v1/appcallback.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as _runtime_v1_appcallback_pb2
from dapr_core.rpc.grpc.stub import UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class AppCallbackBase(Service):
    """Serves dapr.proto.runtime.v1.AppCallback; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.runtime.v1.AppCallback"

    async def on_invoke(self, request: _common_v1_common_pb2.InvokeRequest, context: ServerContext) -> _common_v1_common_pb2.InvokeResponse:
        raise unimplemented("OnInvoke")

    async def list_topic_subscriptions(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _runtime_v1_appcallback_pb2.ListTopicSubscriptionsResponse:
        raise unimplemented("ListTopicSubscriptions")

    async def on_topic_event(self, request: _runtime_v1_appcallback_pb2.TopicEventRequest, context: ServerContext) -> _runtime_v1_appcallback_pb2.TopicEventResponse:
        raise unimplemented("OnTopicEvent")

    async def list_input_bindings(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _runtime_v1_appcallback_pb2.ListInputBindingsResponse:
        raise unimplemented("ListInputBindings")

    async def on_binding_event(self, request: _runtime_v1_appcallback_pb2.BindingEventRequest, context: ServerContext) -> _runtime_v1_appcallback_pb2.BindingEventResponse:
        raise unimplemented("OnBindingEvent")

    async def on_bulk_topic_event(self, request: _runtime_v1_appcallback_pb2.TopicEventBulkRequest, context: ServerContext) -> _runtime_v1_appcallback_pb2.TopicEventBulkResponse:
        raise unimplemented("OnBulkTopicEvent")

    async def on_job_event(self, request: _runtime_v1_appcallback_pb2.JobEventRequest, context: ServerContext) -> _runtime_v1_appcallback_pb2.JobEventResponse:
        raise unimplemented("OnJobEvent")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("OnInvoke", self.on_invoke, _common_v1_common_pb2.InvokeRequest, _common_v1_common_pb2.InvokeResponse, False, False),
            Method("ListTopicSubscriptions", self.list_topic_subscriptions, _google_protobuf_empty_pb2.Empty, _runtime_v1_appcallback_pb2.ListTopicSubscriptionsResponse, False, False),
            Method("OnTopicEvent", self.on_topic_event, _runtime_v1_appcallback_pb2.TopicEventRequest, _runtime_v1_appcallback_pb2.TopicEventResponse, False, False),
            Method("ListInputBindings", self.list_input_bindings, _google_protobuf_empty_pb2.Empty, _runtime_v1_appcallback_pb2.ListInputBindingsResponse, False, False),
            Method("OnBindingEvent", self.on_binding_event, _runtime_v1_appcallback_pb2.BindingEventRequest, _runtime_v1_appcallback_pb2.BindingEventResponse, False, False),
            Method("OnBulkTopicEvent", self.on_bulk_topic_event, _runtime_v1_appcallback_pb2.TopicEventBulkRequest, _runtime_v1_appcallback_pb2.TopicEventBulkResponse, False, False),
            Method("OnJobEvent", self.on_job_event, _runtime_v1_appcallback_pb2.JobEventRequest, _runtime_v1_appcallback_pb2.JobEventResponse, False, False),
        )


class AppCallbackStub:
    """Calls dapr.proto.runtime.v1.AppCallback on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.on_invoke: UnaryUnary[_common_v1_common_pb2.InvokeRequest, _common_v1_common_pb2.InvokeResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/OnInvoke", _common_v1_common_pb2.InvokeResponse
        )
        self.list_topic_subscriptions: UnaryUnary[_google_protobuf_empty_pb2.Empty, _runtime_v1_appcallback_pb2.ListTopicSubscriptionsResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/ListTopicSubscriptions", _runtime_v1_appcallback_pb2.ListTopicSubscriptionsResponse
        )
        self.on_topic_event: UnaryUnary[_runtime_v1_appcallback_pb2.TopicEventRequest, _runtime_v1_appcallback_pb2.TopicEventResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/OnTopicEvent", _runtime_v1_appcallback_pb2.TopicEventResponse
        )
        self.list_input_bindings: UnaryUnary[_google_protobuf_empty_pb2.Empty, _runtime_v1_appcallback_pb2.ListInputBindingsResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/ListInputBindings", _runtime_v1_appcallback_pb2.ListInputBindingsResponse
        )
        self.on_binding_event: UnaryUnary[_runtime_v1_appcallback_pb2.BindingEventRequest, _runtime_v1_appcallback_pb2.BindingEventResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/OnBindingEvent", _runtime_v1_appcallback_pb2.BindingEventResponse
        )
        self.on_bulk_topic_event: UnaryUnary[_runtime_v1_appcallback_pb2.TopicEventBulkRequest, _runtime_v1_appcallback_pb2.TopicEventBulkResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/OnBulkTopicEvent", _runtime_v1_appcallback_pb2.TopicEventBulkResponse
        )
        self.on_job_event: UnaryUnary[_runtime_v1_appcallback_pb2.JobEventRequest, _runtime_v1_appcallback_pb2.JobEventResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallback/OnJobEvent", _runtime_v1_appcallback_pb2.JobEventResponse
        )


class AppCallbackHealthCheckBase(Service):
    """Serves dapr.proto.runtime.v1.AppCallbackHealthCheck; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.runtime.v1.AppCallbackHealthCheck"

    async def health_check(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _runtime_v1_appcallback_pb2.HealthCheckResponse:
        raise unimplemented("HealthCheck")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("HealthCheck", self.health_check, _google_protobuf_empty_pb2.Empty, _runtime_v1_appcallback_pb2.HealthCheckResponse, False, False),
        )


class AppCallbackHealthCheckStub:
    """Calls dapr.proto.runtime.v1.AppCallbackHealthCheck on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.health_check: UnaryUnary[_google_protobuf_empty_pb2.Empty, _runtime_v1_appcallback_pb2.HealthCheckResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallbackHealthCheck/HealthCheck", _runtime_v1_appcallback_pb2.HealthCheckResponse
        )


class AppCallbackAlphaBase(Service):
    """Serves dapr.proto.runtime.v1.AppCallbackAlpha; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.runtime.v1.AppCallbackAlpha"

    async def on_bulk_topic_event_alpha1(self, request: _runtime_v1_appcallback_pb2.TopicEventBulkRequest, context: ServerContext) -> _runtime_v1_appcallback_pb2.TopicEventBulkResponse:
        raise unimplemented("OnBulkTopicEventAlpha1")

    async def on_job_event_alpha1(self, request: _runtime_v1_appcallback_pb2.JobEventRequest, context: ServerContext) -> _runtime_v1_appcallback_pb2.JobEventResponse:
        raise unimplemented("OnJobEventAlpha1")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("OnBulkTopicEventAlpha1", self.on_bulk_topic_event_alpha1, _runtime_v1_appcallback_pb2.TopicEventBulkRequest, _runtime_v1_appcallback_pb2.TopicEventBulkResponse, False, False),
            Method("OnJobEventAlpha1", self.on_job_event_alpha1, _runtime_v1_appcallback_pb2.JobEventRequest, _runtime_v1_appcallback_pb2.JobEventResponse, False, False),
        )


class AppCallbackAlphaStub:
    """Calls dapr.proto.runtime.v1.AppCallbackAlpha on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.on_bulk_topic_event_alpha1: UnaryUnary[_runtime_v1_appcallback_pb2.TopicEventBulkRequest, _runtime_v1_appcallback_pb2.TopicEventBulkResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallbackAlpha/OnBulkTopicEventAlpha1", _runtime_v1_appcallback_pb2.TopicEventBulkResponse
        )
        self.on_job_event_alpha1: UnaryUnary[_runtime_v1_appcallback_pb2.JobEventRequest, _runtime_v1_appcallback_pb2.JobEventResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.AppCallbackAlpha/OnJobEventAlpha1", _runtime_v1_appcallback_pb2.JobEventResponse
        )
