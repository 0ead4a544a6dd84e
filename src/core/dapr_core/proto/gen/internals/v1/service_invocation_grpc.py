"""Typed services and stubs. Generated from dapr/proto/internals/v1/service_invocation.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.internals.v1 import reminders_pb2 as _internals_v1_reminders_pb2
from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as _internals_v1_service_invocation_pb2
from dapr_core.rpc.grpc.stub import StreamStream, UnaryStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class ServiceInvocationBase(Service):
    """Serves dapr.proto.internals.v1.ServiceInvocation; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.internals.v1.ServiceInvocation"

    async def call_actor(self, request: _internals_v1_service_invocation_pb2.InternalInvokeRequest, context: ServerContext) -> _internals_v1_service_invocation_pb2.InternalInvokeResponse:
        raise unimplemented("CallActor")

    async def call_local(self, request: _internals_v1_service_invocation_pb2.InternalInvokeRequest, context: ServerContext) -> _internals_v1_service_invocation_pb2.InternalInvokeResponse:
        raise unimplemented("CallLocal")

    async def call_actor_reminder(self, request: _internals_v1_reminders_pb2.Reminder, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("CallActorReminder")

    def call_local_stream(self, requests: AsyncIterator[_internals_v1_service_invocation_pb2.InternalInvokeRequestStream], context: ServerContext) -> AsyncIterator[_internals_v1_service_invocation_pb2.InternalInvokeResponseStream]:
        raise unimplemented("CallLocalStream")

    def call_actor_stream(self, request: _internals_v1_service_invocation_pb2.InternalInvokeRequest, context: ServerContext) -> AsyncIterator[_internals_v1_service_invocation_pb2.InternalInvokeResponse]:
        raise unimplemented("CallActorStream")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("CallActor", self.call_actor, _internals_v1_service_invocation_pb2.InternalInvokeRequest, _internals_v1_service_invocation_pb2.InternalInvokeResponse, False, False),
            Method("CallLocal", self.call_local, _internals_v1_service_invocation_pb2.InternalInvokeRequest, _internals_v1_service_invocation_pb2.InternalInvokeResponse, False, False),
            Method("CallActorReminder", self.call_actor_reminder, _internals_v1_reminders_pb2.Reminder, _google_protobuf_empty_pb2.Empty, False, False),
            Method("CallLocalStream", self.call_local_stream, _internals_v1_service_invocation_pb2.InternalInvokeRequestStream, _internals_v1_service_invocation_pb2.InternalInvokeResponseStream, True, True),
            Method("CallActorStream", self.call_actor_stream, _internals_v1_service_invocation_pb2.InternalInvokeRequest, _internals_v1_service_invocation_pb2.InternalInvokeResponse, False, True),
        )


class ServiceInvocationStub:
    """Calls dapr.proto.internals.v1.ServiceInvocation on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.call_actor: UnaryUnary[_internals_v1_service_invocation_pb2.InternalInvokeRequest, _internals_v1_service_invocation_pb2.InternalInvokeResponse] = UnaryUnary(
            channel, "/dapr.proto.internals.v1.ServiceInvocation/CallActor", _internals_v1_service_invocation_pb2.InternalInvokeResponse
        )
        self.call_local: UnaryUnary[_internals_v1_service_invocation_pb2.InternalInvokeRequest, _internals_v1_service_invocation_pb2.InternalInvokeResponse] = UnaryUnary(
            channel, "/dapr.proto.internals.v1.ServiceInvocation/CallLocal", _internals_v1_service_invocation_pb2.InternalInvokeResponse
        )
        self.call_actor_reminder: UnaryUnary[_internals_v1_reminders_pb2.Reminder, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.internals.v1.ServiceInvocation/CallActorReminder", _google_protobuf_empty_pb2.Empty
        )
        self.call_local_stream: StreamStream[_internals_v1_service_invocation_pb2.InternalInvokeRequestStream, _internals_v1_service_invocation_pb2.InternalInvokeResponseStream] = StreamStream(
            channel, "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream", _internals_v1_service_invocation_pb2.InternalInvokeResponseStream
        )
        self.call_actor_stream: UnaryStream[_internals_v1_service_invocation_pb2.InternalInvokeRequest, _internals_v1_service_invocation_pb2.InternalInvokeResponse] = UnaryStream(
            channel, "/dapr.proto.internals.v1.ServiceInvocation/CallActorStream", _internals_v1_service_invocation_pb2.InternalInvokeResponse
        )
