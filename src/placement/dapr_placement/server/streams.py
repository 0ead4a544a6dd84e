"""One sidecar's stream: its messages go to the board, and the board's orders to the sidecar."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host
from dapr_core.rpc.grpc import CallListener, Code, GrpcError, ServerStream
from dapr_core.rpc.grpc.service import decode
from dapr_placement.dissemination import admission
from dapr_placement.dissemination.reports import report_of
from dapr_placement.dissemination.wire import Phase
from dapr_placement.server.framing import Frames

if TYPE_CHECKING:
    from dapr_placement.server.board import Board

log = logging.getLogger("dapr.placement.server.loops.stream")

_PACKS: Final = [(b"grpc-encoding", b"gzip")]


class SidecarStream(CallListener):
    """What the board knows of a stream. ``namespace`` is that of its first message, and None before it."""

    __slots__ = ("_board", "_caller", "_locked", "_stream", "_takes_gzip", "id", "namespace", "runs_actors")

    def __init__(self, board: Board, number: int, stream: ServerStream, caller: admission.Caller | None) -> None:
        self.id = number
        self.namespace: str | None = None
        self.runs_actors = False
        self._board = board
        self._stream = stream
        self._caller = caller
        self._locked = -1
        accepted = stream.head.get(b"grpc-accept-encoding") or b""
        self._takes_gzip = b"gzip" in accepted.replace(b" ", b"").split(b",")

    @property
    def address(self) -> str:
        """Where the sidecar connects from, for logs."""
        peer = self._stream.peer
        return f"{peer.address}:{peer.port}"

    # --- From the sidecar

    def on_message(self, message: bytes) -> None:
        try:
            host = decode(Host, message)
            admission.check(host, self._caller)
        except GrpcError as refusal:
            log.warning("Refusing a message of %s: %s", self.address, refusal.message)
            raise
        report = report_of(host)
        if self.namespace is None:
            self.namespace = report.namespace
            self.runs_actors = bool(report.entities)
            self._board.join(self, report)
        else:
            self._board.hear(self, report)

    def on_end(self) -> None:
        # The original hands the end of its input on as the end of the call, by this status.
        log.info("Closing connection to %s: EOF", self.address)
        self._stream.finish(Code.UNKNOWN, "EOF")
        self._board.leave(self)

    def on_cancel(self) -> None:
        log.info("Closing connection to %s: the stream has ended", self.address)
        self._board.leave(self)

    # --- To the sidecar

    def send(self, phase: Phase, version: int, frames: Frames) -> int:
        """Send an order; not one that a later lock has made obsolete (§1.5, staleness guard). Returns its bytes."""
        if phase is Phase.LOCK:
            if version < self._locked:
                return 0
            self._locked = version
        elif version != self._locked:
            return 0
        stream = self._stream
        if stream.ended:
            return 0
        frame = frames.packed if self._takes_gzip else frames.plain
        stream.send_metadata(_PACKS if self._takes_gzip else ())
        stream.send_data(frame)
        return len(frame)

    def end(self, error: GrpcError) -> None:
        """End the stream with a status."""
        log.info("Closing connection to %s: %s", self.address, error.message)
        self._stream.fail(error)
