"""What a sidecar does with the control plane: prove who it is to sentry, and speak to the operator."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from dapr_core.identity.admission import secured
from dapr_core.identity.anchors import FileAnchors
from dapr_core.identity.policy import ExactPeer
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.proto.gen.operator.v1.operator_grpc import OperatorStub
from dapr_core.rpc.grpc import Channel, ChannelOptions

CLUSTER = TrustDomain("cluster.local")


@contextlib.asynccontextmanager
async def identity_of(
    app_id: str, namespace: str, *, sentry: str, anchors: Path, control_plane: str
) -> AsyncIterator[RotatingIdentity]:
    """An identity from a sentry that believes everybody."""
    options = SentryOptions(
        address=sentry,
        app_id=app_id,
        namespace=namespace,
        control_plane_trust_domain=CLUSTER,
        control_plane_namespace=control_plane,
    )
    identity = RotatingIdentity(SentryClient(options), FileAnchors(str(anchors)))
    await identity.start()
    try:
        yield identity
    finally:
        await identity.stop()


@contextlib.asynccontextmanager
async def connected(identity: RotatingIdentity, port: int, control_plane: str) -> AsyncIterator[OperatorStub]:
    """The operator's API, as a sidecar reaches it."""
    rule = ExactPeer(workload_id(CLUSTER, control_plane, "dapr-operator"))
    channel = Channel(f"127.0.0.1:{port}", secured(ChannelOptions(), identity, rule))
    try:
        yield OperatorStub(channel)
    finally:
        await channel.close()
