"""What the modules of the gRPC API are given: the sidecar's blocks, the same that serve HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dapr_core.rpc.messages import Response
from daprd.blocks.actors.block import ActorsBlock
from daprd.blocks.bindings import BindingsBlock
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.metadata import MetadataBlock
from daprd.blocks.pubsub import PubSubBlock
from daprd.blocks.secrets import SecretsBlock
from daprd.blocks.state import StateBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The blocks of one runtime.

    Attributes:
        invoke: service invocation, as ``Invoker.invoke``.
        stop: ends the sidecar; its argument says whether without grace. Returns at once.
        placement, scheduler: whether addresses of these services are configured.
    """

    app_id: str
    namespace: str
    actors: ActorsBlock
    state: StateBlock
    pubsub: PubSubBlock
    bindings: BindingsBlock
    secrets: SecretsBlock
    metadata: MetadataBlock
    invoke: Callable[[str, Invocation], Awaitable[Response]]
    stop: Callable[[bool], None]
    placement: bool = False
    scheduler: bool = False
