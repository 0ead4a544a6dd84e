"""The one call that the control plane makes to a sidecar: end, for your application has.

A Job's pod is over when all of its containers are, so a sidecar that stays keeps it for ever. The sidecar's own API is
on loopback, where only its application reaches it; the operator, which sees from outside that the application has
ended, comes by the port for other sidecars, and is known by the id that mutual TLS has proved. Nobody else may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.identity.spiffe import SpiffeId
from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.grpc.server_stream import CallListener, ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError

METHOD: Final = "/dapr.proto.runtime.v1.Dapr/Shutdown"
"""As in the sidecar's own API, whose messages are empty."""


class EndingByOperator:
    """Serves the call on the internal port.

    Args:
        operator: who may call.
        stop: begins the end and returns at once; its argument says whether without grace.
    """

    def __init__(self, operator: SpiffeId, stop: Callable[[bool], None]) -> None:
        self._operator = str(operator)
        self._stop = stop

    def register(self, server: GrpcServer) -> None:
        """Serve it."""
        server.register(METHOD, self._begin)

    def _begin(self, stream: ServerStream) -> CallListener:
        if stream.peer.spiffe_id != self._operator:
            raise GrpcError(Code.PERMISSION_DENIED, "only the operator may end a sidecar from outside of its pod")
        return _Ending(stream, self._stop)


class _Ending(CallListener):
    """One call."""

    __slots__ = ("_stop", "_stream")

    def __init__(self, stream: ServerStream, stop: Callable[[bool], None]) -> None:
        self._stream = stream
        self._stop = stop

    def on_end(self) -> None:
        # The answer goes out with this turn of the loop, before whatever stops begins to.
        self._stream.server.loop.call_soon(self._stop, False)
        self._stream.send_message(b"")
        self._stream.finish()
