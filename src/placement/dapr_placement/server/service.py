"""``dapr.proto.placement.v1.Placement``: lets a stream in, or tells why not (actors-placement.md §1.3).

Served by callbacks, not by the generated coroutines: a thousand streams that wait are then a thousand objects and no
task, and an order for all of them is written without waking any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.proto.gen.placement.v1.placement_grpc import PlacementBase
from dapr_core.rpc.grpc import CallListener, Code, GrpcError, GrpcServer, ServerStream
from dapr_placement.dissemination.admission import caller_of
from dapr_placement.server.board import Board
from dapr_placement.server.streams import SidecarStream

METHOD: Final = f"/{PlacementBase.SERVICE}/ReportDaprStatus"


class PlacementService:
    """The service, in front of a board.

    Args:
        board: where streams go.
        node: id of this placement, for the answer of one that does not lead.
        authenticated: whether callers prove their ids by certificates.
        permitted: whether this placement may act at this moment.
    """

    def __init__(
        self, board: Board, node: str, *, authenticated: bool, permitted: Callable[[], bool] = lambda: True
    ) -> None:
        self._board = board
        self._node = node
        self._authenticated = authenticated
        self._permitted = permitted
        self._next = 0
        self.leading = False
        self.stopping = False

    def guard(self) -> GrpcError | None:
        """Why nothing may be done for sidecars at this moment; None when it may."""
        return None if self._permitted() else self.not_leader()

    @property
    def serves(self) -> bool:
        """Whether sidecars are served here now."""
        return self.leading and self._permitted()

    def register(self, server: GrpcServer) -> None:
        """Serve the method."""
        server.register(METHOD, self.accept)

    def accept(self, stream: ServerStream) -> CallListener:
        """A new stream; refused before its first message is read where this placement does not serve."""
        if not self.serves:
            raise self.not_leader()
        if self.stopping:
            raise stopping()
        caller = caller_of(stream.peer.spiffe_id) if self._authenticated else None
        self._next += 1
        return SidecarStream(self._board, self._next, stream, caller)

    def not_leader(self) -> GrpcError:
        """What a placement answers that does not lead; sidecars know the text and try the next one."""
        return GrpcError(
            Code.FAILED_PRECONDITION,
            f"node id={self._node} is not a leader. Only the leader can serve requests",
        )


def stopping() -> GrpcError:
    """What a placement answers that is about to end."""
    return GrpcError(Code.UNAVAILABLE, "placement server is shutting down")
