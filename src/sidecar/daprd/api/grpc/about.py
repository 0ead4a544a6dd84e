"""Metadata and shutdown over gRPC (api.md §4, §6.1)."""

from __future__ import annotations

from typing import Final

from dapr_core.proto.gen.runtime.v1 import dapr_pb2
from dapr_core.proto.gen.runtime.v1 import metadata_pb2 as pb
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import EMPTY, Rpc, Unary, UnaryCall
from daprd.api.http.shutdown import is_forced
from daprd.app.contract import SubscriptionSpec
from daprd.blocks.metadata import AppConnection, MetadataBlock, Snapshot

_STATUSES: Final = {"INITIALIZING": 0, "DISABLED": 1, "RUNNING": 2}
_KINDS: Final = {"DECLARATIVE": 1, "PROGRAMMATIC": 2, "STREAMING": 3}


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods that are about the sidecar itself."""
    block = blocks.metadata

    def get(request: pb.GetMetadataRequest, call: UnaryCall) -> bytes:
        return bytes(_answer(block).SerializeToString())

    def put(request: pb.SetMetadataRequest, call: UnaryCall) -> bytes:
        block.put(request.key, request.value)
        return EMPTY

    def shutdown(request: dapr_pb2.ShutdownRequest, call: UnaryCall) -> bytes:
        # The answer goes out with this turn of the loop, before whatever stops begins to.
        call.stream.server.loop.call_soon(blocks.stop, is_forced(call.get(b"dapr-force-shutdown")))
        return EMPTY

    return {
        "GetMetadata": Unary(pb.GetMetadataRequest, get),
        "SetMetadata": Unary(pb.SetMetadataRequest, put),
        "Shutdown": Unary(dapr_pb2.ShutdownRequest, shutdown),
    }


def _answer(block: MetadataBlock) -> pb.GetMetadataResponse:
    now = block.snapshot()
    answer = pb.GetMetadataResponse(
        id=now.app_id,
        runtime_version=now.runtime_version,
        enabled_features=now.enabled_features,
        extended_metadata=block.extended(),
        app_connection_properties=_connection(now.app),
        actor_runtime=_actors(now),
        workflows=pb.MetadataWorkflows(),
    )
    for name, count in sorted(now.actors.active.items()):
        answer.active_actors_count.add(type=name, count=count)
    for component in now.components:
        answer.registered_components.add(
            name=component.name, type=component.type, version=component.version, capabilities=component.capabilities
        )
    for spec in now.subscriptions:
        answer.subscriptions.append(_subscription(spec))
    for name in now.http_endpoints:
        answer.http_endpoints.add(name=name)
    for name in now.resiliencies:
        answer.resiliencies.add(name=name)
    if now.scheduler_addresses:
        answer.scheduler.connected_addresses.extend(now.scheduler_addresses)
    return answer


def _actors(now: Snapshot) -> pb.ActorRuntime:
    actors = now.actors
    shown = pb.ActorRuntime(
        runtime_status=_STATUSES[actors.status],
        host_ready=actors.host_ready,
        placement=actors.placement,
    )
    for name, count in sorted(actors.active.items()):
        shown.active_actors.add(type=name, count=count)
    return shown


def _subscription(spec: SubscriptionSpec) -> pb.PubsubSubscription:
    shown = pb.PubsubSubscription(
        pubsub_name=spec.pubsub,
        topic=spec.topic,
        metadata=spec.metadata,
        dead_letter_topic=spec.dead_letter_topic,
        type=_KINDS.get(spec.kind, 0),
    )
    for rule in spec.rules:
        shown.rules.rules.add(match=rule.match, path=rule.path)
    return shown


def _connection(app: AppConnection) -> pb.AppConnectionProperties:
    shown = pb.AppConnectionProperties(
        port=app.port,
        protocol=app.protocol,
        channel_address=app.channel_address,
        max_concurrency=max(app.max_concurrency, 0),
    )
    if app.health is not None:
        shown.health.CopyFrom(
            pb.AppConnectionHealthProperties(
                health_check_path=app.health.path,
                health_probe_interval=app.health.probe_interval,
                health_probe_timeout=app.health.probe_timeout,
                health_threshold=app.health.threshold,
            )
        )
    return shown
