"""Typed services and stubs. Generated from dapr/proto/placement/v1/placement.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.placement.v1 import placement_pb2 as _placement_v1_placement_pb2
from dapr_core.rpc.grpc.stub import StreamStream, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class PlacementBase(Service):
    """Serves dapr.proto.placement.v1.Placement; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.placement.v1.Placement"

    def report_dapr_status(self, requests: AsyncIterator[_placement_v1_placement_pb2.Host], context: ServerContext) -> AsyncIterator[_placement_v1_placement_pb2.PlacementOrder]:
        raise unimplemented("ReportDaprStatus")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("ReportDaprStatus", self.report_dapr_status, _placement_v1_placement_pb2.Host, _placement_v1_placement_pb2.PlacementOrder, True, True),
        )


class PlacementStub:
    """Calls dapr.proto.placement.v1.Placement on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.report_dapr_status: StreamStream[_placement_v1_placement_pb2.Host, _placement_v1_placement_pb2.PlacementOrder] = StreamStream(
            channel, "/dapr.proto.placement.v1.Placement/ReportDaprStatus", _placement_v1_placement_pb2.PlacementOrder
        )
