"""Typed services and stubs. Generated from dapr/proto/components/v1/pubsub.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.gen.components.v1 import pubsub_pb2 as _components_v1_pubsub_pb2
from dapr_core.rpc.grpc.stub import StreamStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class PubSubBase(Service):
    """Serves dapr.proto.components.v1.PubSub; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.PubSub"

    async def init(self, request: _components_v1_pubsub_pb2.PubSubInitRequest, context: ServerContext) -> _components_v1_pubsub_pb2.PubSubInitResponse:
        raise unimplemented("Init")

    async def features(self, request: _components_v1_common_pb2.FeaturesRequest, context: ServerContext) -> _components_v1_common_pb2.FeaturesResponse:
        raise unimplemented("Features")

    async def publish(self, request: _components_v1_pubsub_pb2.PublishRequest, context: ServerContext) -> _components_v1_pubsub_pb2.PublishResponse:
        raise unimplemented("Publish")

    async def bulk_publish(self, request: _components_v1_pubsub_pb2.BulkPublishRequest, context: ServerContext) -> _components_v1_pubsub_pb2.BulkPublishResponse:
        raise unimplemented("BulkPublish")

    def pull_messages(self, requests: AsyncIterator[_components_v1_pubsub_pb2.PullMessagesRequest], context: ServerContext) -> AsyncIterator[_components_v1_pubsub_pb2.PullMessagesResponse]:
        raise unimplemented("PullMessages")

    async def pause(self, request: _components_v1_pubsub_pb2.PauseRequest, context: ServerContext) -> _components_v1_pubsub_pb2.PauseResponse:
        raise unimplemented("Pause")

    async def resume(self, request: _components_v1_pubsub_pb2.ResumeRequest, context: ServerContext) -> _components_v1_pubsub_pb2.ResumeResponse:
        raise unimplemented("Resume")

    async def ping(self, request: _components_v1_common_pb2.PingRequest, context: ServerContext) -> _components_v1_common_pb2.PingResponse:
        raise unimplemented("Ping")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Init", self.init, _components_v1_pubsub_pb2.PubSubInitRequest, _components_v1_pubsub_pb2.PubSubInitResponse, False, False),
            Method("Features", self.features, _components_v1_common_pb2.FeaturesRequest, _components_v1_common_pb2.FeaturesResponse, False, False),
            Method("Publish", self.publish, _components_v1_pubsub_pb2.PublishRequest, _components_v1_pubsub_pb2.PublishResponse, False, False),
            Method("BulkPublish", self.bulk_publish, _components_v1_pubsub_pb2.BulkPublishRequest, _components_v1_pubsub_pb2.BulkPublishResponse, False, False),
            Method("PullMessages", self.pull_messages, _components_v1_pubsub_pb2.PullMessagesRequest, _components_v1_pubsub_pb2.PullMessagesResponse, True, True),
            Method("Pause", self.pause, _components_v1_pubsub_pb2.PauseRequest, _components_v1_pubsub_pb2.PauseResponse, False, False),
            Method("Resume", self.resume, _components_v1_pubsub_pb2.ResumeRequest, _components_v1_pubsub_pb2.ResumeResponse, False, False),
            Method("Ping", self.ping, _components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse, False, False),
        )


class PubSubStub:
    """Calls dapr.proto.components.v1.PubSub on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.init: UnaryUnary[_components_v1_pubsub_pb2.PubSubInitRequest, _components_v1_pubsub_pb2.PubSubInitResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/Init", _components_v1_pubsub_pb2.PubSubInitResponse
        )
        self.features: UnaryUnary[_components_v1_common_pb2.FeaturesRequest, _components_v1_common_pb2.FeaturesResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/Features", _components_v1_common_pb2.FeaturesResponse
        )
        self.publish: UnaryUnary[_components_v1_pubsub_pb2.PublishRequest, _components_v1_pubsub_pb2.PublishResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/Publish", _components_v1_pubsub_pb2.PublishResponse
        )
        self.bulk_publish: UnaryUnary[_components_v1_pubsub_pb2.BulkPublishRequest, _components_v1_pubsub_pb2.BulkPublishResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/BulkPublish", _components_v1_pubsub_pb2.BulkPublishResponse
        )
        self.pull_messages: StreamStream[_components_v1_pubsub_pb2.PullMessagesRequest, _components_v1_pubsub_pb2.PullMessagesResponse] = StreamStream(
            channel, "/dapr.proto.components.v1.PubSub/PullMessages", _components_v1_pubsub_pb2.PullMessagesResponse
        )
        self.pause: UnaryUnary[_components_v1_pubsub_pb2.PauseRequest, _components_v1_pubsub_pb2.PauseResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/Pause", _components_v1_pubsub_pb2.PauseResponse
        )
        self.resume: UnaryUnary[_components_v1_pubsub_pb2.ResumeRequest, _components_v1_pubsub_pb2.ResumeResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/Resume", _components_v1_pubsub_pb2.ResumeResponse
        )
        self.ping: UnaryUnary[_components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.PubSub/Ping", _components_v1_common_pb2.PingResponse
        )
