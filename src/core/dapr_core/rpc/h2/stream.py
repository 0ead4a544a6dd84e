"""One HTTP/2 stream: what it may still send, what it may still receive, and what waits for the peer's window.

A protocol on top of HTTP/2 subclasses ``Stream`` and overrides the ``on_…`` hooks; there is no further object between
the connection and the call, because the data plane makes one of these per call. Sending never blocks: what the flow
control windows or the socket do not take yet is queued here, and ``writable`` and ``on_writable`` tell the producer
when to hold back. Receiving is credited to the peer as data arrives, unless the consumer has called ``pause``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final

from mypy_extensions import mypyc_attr

from dapr_core.rpc.h2 import frames
from dapr_core.rpc.h2.errors import ErrorCode, StreamFault

if TYPE_CHECKING:
    from dapr_core.rpc.h2.connection import Connection
    from dapr_core.rpc.h2.headers import HeaderBlock

LONG: Final = 16_384
"""Octets of a frame's payload from which on it is written beside its header, not copied behind it; every peer takes
frames of that size."""
LONGEST: Final = 131_072
"""Octets of the largest frame we send, whatever the peer takes: its stream's neighbours wait for it."""
HIGH_WATER: Final = 65_536
"""Octets queued on one stream above which ``writable`` is false; ``on_writable`` is called at half of it."""


@mypyc_attr(allow_interpreted_subclasses=True)
class Stream:
    """Base of one exchange. ``id`` is 0 while a client stream waits for one of the peer's stream slots."""

    ANSWERS: ClassVar = False
    """What this end sends is an answer: once it is complete, the rest of the peer's body is of no use."""

    __slots__ = (
        "_full",
        "_held",
        "_length_left",
        "_paused",
        "_queue",
        "_queued",
        "_receive_credit",
        "_receive_window",
        "_send_window",
        "connection",
        "id",
        "local_open",
        "remote_open",
        "saw_headers",
    )

    def __init__(self, connection: Connection, stream_id: int = 0) -> None:
        self.connection = connection
        self.id = stream_id
        self.local_open = True
        self.remote_open = True
        self._send_window = connection.initial_send_window
        self._receive_window = connection.config.stream_window
        self._receive_credit = 0
        self._paused = False
        self._held = 0
        self._queue: deque[tuple[int, bytes | memoryview, bool]] | None = None
        self._queued = 0
        self._full = False
        self.saw_headers = False
        """The peer's first header block has arrived."""
        self._length_left: int | None = None

    # Hooks. An exception in one of them resets this stream and leaves the others alone.

    def on_headers(self, block: HeaderBlock, end: bool) -> None:
        """Headers, or trailers when ``end`` comes with a second block; informational (1xx) ones are not shown."""
        raise NotImplementedError

    def on_data(self, data: bytes, end: bool) -> None:
        """Octets of the body; may be empty when ``end``."""
        raise NotImplementedError

    def on_reset(self, code: int, reason: str) -> None:
        """The stream ended before its time: reset by the peer, refused, broken, or its connection is gone."""
        raise NotImplementedError

    def on_writable(self) -> None:
        """The queue has drained after ``writable`` was false."""

    # Sending

    @property
    def writable(self) -> bool:
        """False while more than ``HIGH_WATER`` octets wait for the peer."""
        return self._queued <= HIGH_WATER

    @property
    def waiting(self) -> bool:
        """Something is queued."""
        return bool(self._queue)

    @property
    def queued(self) -> int:
        """Octets of data that wait for the peer."""
        return self._queued

    @property
    def window(self) -> int:
        """Octets that the peer lets us send on this stream."""
        return self._send_window

    @property
    def closed(self) -> bool:
        """Both directions have ended."""
        return not (self.local_open or self.remote_open)

    def send_headers(self, block: bytes, end: bool = False) -> None:
        """Send an encoded header block: the first headers, or trailers when ``end``. Ignored on an ended stream."""
        if not self.local_open:
            return
        if self._queue or not (self.id or self.connection.open(self)):
            self._enqueue(frames.HEADERS, block, end)
            return
        self.connection.emit_headers(self.id, block, end)
        if end:
            self._local_end()

    def send_data(self, data: bytes, end: bool = False) -> None:
        """Send octets of the body, as far as windows allow; the rest waits. Ignored on an ended stream."""
        if not self.local_open:
            return
        connection = self.connection
        size = len(data)
        if (
            not self._queue
            and self.id
            and size <= self._send_window
            and size <= connection.send_window
            and size <= LONG
            and not connection.choked
        ):
            self._send_window -= size
            connection.send_window -= size
            connection.emit(frames.pack_header(size >> 8, size & 0xFF, 0, end, self.id) + data)
            if end:
                self._local_end()
            return
        self._enqueue(frames.DATA, data, end)
        self._send_queued()

    def send_pieces(self, pieces: Iterable[bytes], end: bool = False) -> None:
        """Send octets that lie in pieces, as ``send_data`` does, without joining them first. Not after an end."""
        if not self.local_open:
            return
        for piece in pieces:
            self._enqueue(frames.DATA, piece, False)
            if self.closed:  # more than the connection may hold
                return
        if end:
            self._enqueue(frames.DATA, b"", True)
        self._send_queued()

    def _send_queued(self) -> None:
        if self.id:
            # on_writable is for what happens later: a producer must not meet it inside its own send.
            self._full = False
            self.pump()
        self._full = self._queued > HIGH_WATER

    def reset(self, code: int = ErrorCode.CANCEL) -> None:
        """End the stream at once, in both directions. Safe to call on an ended stream; no hook is called."""
        if self.closed:
            return
        self.discard()
        if self.id:
            self.connection.emit(frames.rst_stream(self.id, code))
            self.connection.remember_reset(self.id)
        self.connection.forget(self)

    def stop_receiving(self) -> None:
        """After our own end: ask the peer to spare us the rest of its body (RFC 9113 §8.1). No error to either."""
        if self.remote_open and not self.local_open:
            self.reset(ErrorCode.NO_ERROR)

    def pump(self) -> None:
        """Send from the queue until it is empty or a window closes."""
        while self._queue and self.send_one():
            pass

    def send_one(self) -> bool:
        """Send one frame from the queue. False when nothing can be sent now."""
        queue, connection = self._queue, self.connection
        if not queue:
            connection.blocked.pop(self, None)
            return False
        kind, data, end = queue[0]
        if kind == frames.HEADERS:
            queue.popleft()
            self._unblock()
            connection.emit_headers(self.id, bytes(data), end)
        else:
            room = min(self._send_window, connection.send_window, connection.peer_frame_size, LONGEST)
            if connection.choked or (room <= 0 and len(data)):
                connection.blocked[self] = None
                return False
            end = self._send_frame(queue, room)
        if end:
            self._local_end()
        elif self._full and self._queued <= HIGH_WATER // 2:
            self._full = False
            connection.guarded(self, self.on_writable)
        return True

    def _send_frame(self, queue: deque[tuple[int, bytes | memoryview, bool]], room: int) -> bool:
        """One DATA frame of at most ``room`` octets, of as many queued pieces as it takes; whether it ended the
        stream."""
        pieces: list[bytes | memoryview] = [b""]
        size, end = 0, False
        while queue and not end and queue[0][0] == frames.DATA:
            _, data, last = queue.popleft()
            left = room - size
            if len(data) > left:
                view = memoryview(data)
                queue.appendleft((frames.DATA, view[left:], last))
                if left:
                    pieces.append(view[:left])
                    size = room
                break
            pieces.append(data)
            size += len(data)
            end = last
        self._unblock()
        connection = self.connection
        self._send_window -= size
        self._queued -= size
        connection.queued -= size
        connection.send_window -= size
        pieces[0] = frames.header(size, frames.DATA, end, self.id)
        if size < LONG:
            connection.emit(b"".join(pieces))
        else:
            connection.emit_pieces(pieces)
        return end

    def _unblock(self) -> None:
        if not self._queue:
            self.connection.blocked.pop(self, None)

    def _enqueue(self, kind: int, data: bytes, end: bool) -> None:
        if self._queue is None:
            self._queue = deque()
        self._queue.append((kind, data, end))
        if kind == frames.DATA:
            connection = self.connection
            self._queued += len(data)
            connection.queued += len(data)
            if connection.queued > connection.config.queue_limit:
                self.reset(ErrorCode.ENHANCE_YOUR_CALM)
                connection.tell_end(self, ErrorCode.ENHANCE_YOUR_CALM, "peer takes no data")

    def discard(self) -> None:
        """Both directions are over; nothing queued will be sent."""
        self.connection.queued -= self._queued
        self.local_open = self.remote_open = False
        self._queue = None
        self._queued = 0

    def _local_end(self) -> None:
        self.local_open = False
        if not self.remote_open:
            self.connection.forget(self)
        elif self.ANSWERS:
            self.stop_receiving()

    def grow_window(self, increment: int) -> None:
        """The peer widened (or by SETTINGS narrowed) the window. Raises StreamFault beyond 2^31-1 (RFC 9113 §6.9.1)."""
        self._send_window += increment
        if self._send_window > frames.LARGEST_WINDOW:
            raise StreamFault(ErrorCode.FLOW_CONTROL_ERROR, "flow control window too large")

    # Receiving

    def pause(self) -> None:
        """Stop granting the peer more window. What it may still send (one window at most) keeps arriving."""
        self._paused = True

    def resume(self) -> None:
        """Grant again, first for everything that arrived meanwhile."""
        self._paused = False
        held, self._held = self._held, 0
        if held:
            self.connection.release(held)
            self._credit(held)

    def receive_headers(self, block: HeaderBlock, end: bool) -> None:
        """A complete block from the peer, already judged for its place. Raises StreamFault."""
        if end:
            if self._length_left:
                raise StreamFault(ErrorCode.PROTOCOL_ERROR, "body shorter than its content-length")
            self.remote_open = False
        answered = not self.local_open
        self.on_headers(block, end)
        if end and answered:  # an answer that is complete only now has taken the stream away itself
            self.connection.forget(self)

    def expect_length(self, length: int | None, end: bool) -> None:
        """Hold the body to a declared length. Raises StreamFault when the headers already ended the stream."""
        self.saw_headers = True
        if end and length:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "body shorter than its content-length")
        self._length_left = length

    def receive_data(self, data: bytes, counted: int, end: bool) -> None:
        """A DATA frame of ``counted`` octets including padding. Raises StreamFault."""
        self._receive_window -= counted
        if self._receive_window < 0:
            raise StreamFault(ErrorCode.FLOW_CONTROL_ERROR, "peer overran the stream's window")
        if self._length_left is not None:
            self._length_left -= len(data)
            if self._length_left < 0 or (end and self._length_left):
                raise StreamFault(ErrorCode.PROTOCOL_ERROR, "body does not fit its content-length")
        if end:
            self.remote_open = False
            if self._paused:
                self._held += counted
                self.connection.hold(counted)
        answered = not self.local_open
        self.on_data(data, end)
        if end:
            if answered:
                self.connection.forget(self)
        elif self._paused:
            self._held += counted
            self.connection.hold(counted)
        else:
            self._credit(counted)

    def _credit(self, count: int) -> None:
        """Give window back to the peer, in steps of half a window."""
        if not self.remote_open:
            return
        self._receive_credit += count
        if self._receive_credit * 2 >= self.connection.config.stream_window:
            self.connection.emit(frames.window_update(self.id, self._receive_credit))
            self._receive_window += self._receive_credit
            self._receive_credit = 0

    def drop_held(self) -> None:
        """The stream is over: what it still held counts no longer against the connection."""
        held, self._held = self._held, 0
        if held:
            self.connection.release(held)
