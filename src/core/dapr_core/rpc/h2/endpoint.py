"""What one end of an HTTP/2 connection does of its own accord: send, open and end streams, drain and close.

Bytes to be sent collect until ``take_output``; the owner is told once that there are some (``wake``), so that
everything written in one turn of the loop leaves in one write. ``connection.Connection`` adds what the peer may do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from dapr_core.rpc.h2 import frames
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.owner import Owner
from dapr_core.rpc.h2.stream import Stream
from dapr_core.rpc.h2.window import ReceiveWindow

DRAIN_PING: Final = b"draining"
_RESET_MEMORY: Final = 2048


class Endpoint:
    """The sending half of a connection, and the streams on it."""

    def __init__(self, owner: Owner, config: H2Config, *, client: bool) -> None:
        self.owner = owner
        self.config = config
        self.client = client
        self.streams: dict[int, Stream] = {}
        self.blocked: dict[Stream, None] = {}
        """Streams with queued data that a window or the socket holds back, in the order of their turns."""
        self.queued = 0
        """Octets queued on all streams together."""
        self.send_window = frames.DEFAULT_WINDOW
        self.initial_send_window = frames.DEFAULT_WINDOW
        self.peer_frame_size = frames.DEFAULT_FRAME_SIZE
        self.peer_max_streams = 2**31
        self.choked = False
        self.closed = False
        self.draining = False
        self._drain_reason = b""
        self._goaway_sent = frames.LARGEST_STREAM_ID
        self._out: list[bytes | memoryview] = []
        self.bulky = False
        """Long pieces wait to be sent, which are better written as they are than joined."""
        self._waiting: deque[Stream] = deque()
        self._next_id = 1
        self._last_peer_id = 0
        self._resets: dict[int, None] = {}
        granted = max(config.connection_window, frames.DEFAULT_WINDOW)
        self._window = ReceiveWindow(config.connection_window, granted, config.held_limit)
        self._update_table = b""

    # Output

    def start(self) -> None:
        """Send our preface and settings, and widen the connection window."""
        extra = self.config.connection_window - frames.DEFAULT_WINDOW
        preface = frames.PREFACE if self.client else b""
        self.emit(preface + frames.settings(self.config.settings(client=self.client)))
        if extra > 0:
            self.emit(frames.window_update(0, extra))

    def emit(self, data: bytes) -> None:
        """Queue whole frames for the next write."""
        out = self._out
        if not out:
            self.owner.wake()
        out.append(data)

    def emit_headers(self, stream_id: int, block: bytes, end: bool) -> None:
        """Send an encoded block in as many frames as the peer's frame size asks for."""
        if self._update_table:
            block = self._update_table + block
            self._update_table = b""
        size = len(block)
        if size > self.peer_frame_size:
            self.emit(frames.header_frames(stream_id, block, end, self.peer_frame_size))
        else:
            self.emit(frames.pack_header(size >> 8, size & 0xFF, 1, 5 if end else 4, stream_id) + block)

    def emit_pieces(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Queue frames that lie in pieces, long ones among them."""
        out = self._out
        if not out:
            self.owner.wake()
        out += pieces
        self.bulky = True

    def take_pieces(self) -> list[bytes | memoryview]:
        """Everything that waits, in pieces."""
        out, self._out = self._out, []
        self.bulky = False
        return out

    def take_output(self) -> bytes:
        """Everything that waits, joined; empty when nothing does."""
        return b"".join(self.take_pieces())

    def choke(self) -> None:
        """The socket takes no more: queue DATA on its streams."""
        self.choked = True

    def unchoke(self) -> None:
        """The socket drained: go on with what was queued."""
        self.choked = False
        self._pump_blocked()

    def _pump_blocked(self) -> None:
        """Let the streams that wait take turns, a frame each, until windows or the socket close again."""
        blocked = self.blocked
        moved = bool(blocked)
        while moved:
            moved = False
            for stream in list(blocked):
                if self.choked or self.send_window <= 0:
                    return
                del blocked[stream]
                moved = stream.send_one() or moved
                if stream.waiting:
                    blocked[stream] = None  # at the end: its next turn comes after everybody else's

    def ping(self, payload: bytes) -> None:
        """Send a PING of eight octets; its answer comes by ``Owner.pong``."""
        self.emit(frames.frame(frames.PING, 0, 0, payload))

    # Life of streams

    def open(self, stream: Stream) -> bool:
        """Give a client stream its id, or queue it for a slot (False). The peer's limit counts open streams.

        Raises ConnectionError when the connection is draining or closed.
        """
        if self.closed or self.draining:
            raise ConnectionError("the connection takes no new streams")
        if not self._slot():
            self._waiting.append(stream)
            return False
        self._number(stream)
        return True

    def _slot(self) -> bool:
        return len(self.streams) < self.peer_max_streams and self._next_id <= frames.LARGEST_STREAM_ID

    def _number(self, stream: Stream) -> None:
        stream.id = self._next_id
        self._next_id += 2
        self.streams[stream.id] = stream

    def forget(self, stream: Stream) -> None:
        """The stream has ended: free its slot."""
        if self.blocked:
            self.blocked.pop(stream, None)
        stream.drop_held()
        if self.streams.pop(stream.id, None) is None:
            if not stream.id and stream in self._waiting:
                self._waiting.remove(stream)
            return
        if self._waiting:
            self._start_waiting()
        if not self.streams:
            self.owner.connection_idle()

    def _start_waiting(self) -> None:
        while self._waiting and not self.draining and self._slot():
            waiting = self._waiting.popleft()
            self._number(waiting)
            waiting.pump()

    def remember_reset(self, stream_id: int) -> None:
        """Frames that were under way when we reset a stream are no mistake of the peer."""
        if len(self._resets) >= _RESET_MEMORY:
            del self._resets[next(iter(self._resets))]
        self._resets[stream_id] = None

    def guarded(self, stream: Stream, hook: Callable[[], None]) -> None:
        """Call a hook; if it raises, only its stream ends."""
        try:
            hook()
        except Exception as error:  # noqa: BLE001  # whatever a handler does must not end its neighbours
            self.abandon(stream, error)

    def abandon(self, stream: Stream, error: Exception) -> None:
        """A hook of the stream raised: end it, report the error."""
        stream.reset(ErrorCode.INTERNAL_ERROR)
        self.owner.stream_failed(error)
        self.tell_end(stream, ErrorCode.INTERNAL_ERROR, "handler failed")

    def tell_end(self, stream: Stream, code: int, reason: str) -> None:
        """Tell a stream of its untimely end; whatever its hook does, the others go on."""
        try:
            stream.on_reset(code, reason)
        except Exception as error:  # noqa: BLE001  # see guarded
            self.owner.stream_failed(error)

    # Ends of the connection

    def drain(self, reason: bytes = b"") -> None:
        """Stop taking streams without losing one: GOAWAY with the highest id, then, once a PING has made the round
        trip, GOAWAY with the last id that was taken (RFC 9113 §6.8). ``reason`` goes along as debug data."""
        if self.draining or self.closed:
            return
        self.draining = True
        self._drain_reason = reason
        if self.client:
            self.emit(frames.goaway(0, ErrorCode.NO_ERROR, reason))
        else:
            self.emit(frames.goaway(frames.LARGEST_STREAM_ID, ErrorCode.NO_ERROR, reason))
            self.ping(DRAIN_PING)

    def announce_drain(self) -> None:
        """The second half of a server's drain: the client has answered, or had its time for it."""
        if not self.drain_announced and not self.closed:
            self._goaway_sent = self._last_peer_id
            self.emit(frames.goaway(self._last_peer_id, ErrorCode.NO_ERROR, self._drain_reason))

    @property
    def drain_announced(self) -> bool:
        """The last stream that is served has been told to the peer; a client accepts none at all."""
        return self.client or self._goaway_sent != frames.LARGEST_STREAM_ID

    def close(self, code: ErrorCode = ErrorCode.NO_ERROR, reason: str = "closed") -> None:
        """Say GOAWAY and end every stream now: as cancelled, or as lost when the connection is at fault."""
        if self.closed:
            return
        self.emit(frames.goaway(self._last_peer_id, code, reason.encode()[:256]))
        self._finish(ErrorCode.CANCEL if code == ErrorCode.NO_ERROR else ErrorCode.CONNECT_ERROR, reason)

    def lost(self, reason: str) -> None:
        """The transport is gone."""
        if not self.closed:
            self._finish(ErrorCode.CONNECT_ERROR, reason)

    def _finish(self, code: int, reason: str) -> None:
        self.closed = self.draining = True
        streams = [*self.streams.values(), *self._waiting]
        self.streams.clear()
        self._waiting.clear()
        self.blocked.clear()
        for stream in streams:
            stream.local_open = stream.remote_open = False
            self.tell_end(stream, code, reason)

    @property
    def drained(self) -> bool:
        """Draining is over: the last accepted id is announced and no stream is left."""
        return self.draining and not self.streams and self.drain_announced

    # The connection's receive window

    def hold(self, count: int) -> None:
        """A paused stream keeps octets that nobody has read."""
        self._window.hold(count)

    def release(self, count: int) -> None:
        """They were read, or their stream is over."""
        if due := self._window.release(count):
            self.emit(frames.window_update(0, due))
