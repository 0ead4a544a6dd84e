"""The rpcs of actors on the internal port, served by what is loaded with the first call of them.

A sidecar without actors is the usual one; what decodes their messages takes a tenth of its start.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream
from daprd.api.grpc.internal import SERVICE

if TYPE_CHECKING:
    from daprd.blocks.actors.routing import Router

NAMES: Final = ("CallActor", "CallActorReminder", "CallActorStream")


class LazyActors:
    """Serves calls to actors; without a ``router`` they are refused (see ``internalactors``)."""

    def __init__(self, router: Router | None) -> None:
        self._router = router
        self._loaded: dict[str, MethodFactory] = {}

    def register(self, server: GrpcServer) -> None:
        """Serve the rpcs on the internal port."""
        for name in NAMES:
            server.register(SERVICE + name, partial(self._begin, name))

    def _begin(self, name: str, stream: ServerStream) -> CallListener:
        if not self._loaded:
            from daprd.api.grpc.internalactors import ActorService
            from daprd.api.grpc.internalstreams import ActorStreamCall

            self._loaded = ActorService(self._router).methods()
            self._loaded["CallActorStream"] = lambda stream: ActorStreamCall(stream, self._router)
        return self._loaded[name](stream)
