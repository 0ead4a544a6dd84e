"""Publishing over gRPC (api.md §4)."""

from __future__ import annotations

from typing import Final

from dapr_core.errors import DaprError
from dapr_core.events import Trace
from dapr_core.proto.gen.runtime.v1 import pubsub_pb2 as pb
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import EMPTY, Rpc, Unary, UnaryCall
from daprd.blocks.pubsub import BulkMessage
from daprd.catalogue import pubsub as rows

_NO_TRACE: Final = Trace()


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods of publishing."""
    publisher = blocks.pubsub.publisher

    async def publish(request: pb.PublishEventRequest, call: UnaryCall) -> bytes:
        target = publisher.target(request.pubsub_name, request.topic, dict(request.metadata))
        await publisher.publish(target, request.data, content_type=request.data_content_type, trace=_trace(call))
        return EMPTY

    async def bulk_publish(request: pb.BulkPublishRequest, call: UnaryCall) -> bytes:
        target = publisher.target(request.pubsub_name, request.topic, dict(request.metadata))
        messages = [
            BulkMessage(
                entry.entry_id, entry.event, entry.content_type, dict(entry.metadata) if entry.metadata else None
            )
            for entry in request.entries
        ]
        failed = await publisher.bulk_publish(target, messages, trace=_trace(call))
        if failed:
            raise DaprError(rows.PUBLISH, name=target.name, topic=target.topic, error=failed[0].error)
        return EMPTY

    return {
        "PublishEvent": Unary(pb.PublishEventRequest, publish),
        "BulkPublishEvent": Unary(pb.BulkPublishRequest, bulk_publish),
        "BulkPublishEventAlpha1": Unary(pb.BulkPublishRequest, bulk_publish),
    }


def _trace(call: UnaryCall) -> Trace:
    span = call.parent
    return _NO_TRACE if span is None else Trace(span.traceparent.decode(), span.tracestate)
