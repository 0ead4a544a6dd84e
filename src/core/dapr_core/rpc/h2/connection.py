"""The HTTP/2 state machine of one connection, without a socket (RFC 9113).

Bytes go in by ``receive``; bytes to be sent collect until ``take_output``, and the owner is told once that there are
some (``wake``), so that everything written in one turn of the loop leaves in one write. What happens on a stream is
told to the stream itself. A peer's mistake ends as the RFC says: on its stream, or as GOAWAY on the connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from dapr_core.rpc.h2 import frames, guard
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode, StreamFault, describe
from dapr_core.rpc.h2.headers import HeaderBlock, HeaderReader
from dapr_core.rpc.h2.stream import Stream

_RESET_MEMORY = 512
_DRAIN_PING = b"draining"


class Owner(Protocol):
    """What a connection asks of the shell around it."""

    def wake(self) -> None:
        """Output is waiting. Called once until ``take_output`` empties it."""

    def connection_ready(self) -> None:
        """The peer's first SETTINGS arrived."""

    def connection_idle(self) -> None:
        """The last open stream ended."""

    def connection_draining(self, reason: str) -> None:
        """The peer sent GOAWAY: open no more streams here."""

    def connection_failed(self, reason: str) -> None:
        """The connection is broken and its streams are told; send what is waiting, then close."""

    def pong(self, payload: bytes) -> None:
        """A PING of ours was answered."""

    def stream_failed(self, error: Exception) -> None:
        """A hook of a stream raised; the stream was reset."""


class Connection:
    """One end of a connection. ``accept`` makes the stream object of a request (servers only)."""

    def __init__(
        self,
        owner: Owner,
        config: H2Config,
        clock: Callable[[], float],
        *,
        accept: Callable[[Connection, int], Stream] | None = None,
    ) -> None:
        self.owner = owner
        self.config = config
        self.client = accept is None
        self.accept = accept
        self.streams: dict[int, Stream] = {}
        self.blocked: dict[Stream, None] = {}
        self.send_window = frames.DEFAULT_WINDOW
        self.initial_send_window = frames.DEFAULT_WINDOW
        self.peer_frame_size = frames.DEFAULT_FRAME_SIZE
        self.peer_max_streams = 2**31
        self.choked = False
        self.closed = False
        self.draining = False
        self._goaway_sent = frames.LARGEST_STREAM_ID
        self._out: list[bytes] = []
        self._reader = HeaderReader(config)
        self._guard = guard.FloodGuard(config.flood_budget, clock)
        self._waiting: deque[Stream] = deque()
        self._next_id = 1
        self._last_peer_id = 0
        self._resets: dict[int, None] = {}
        self._receive_window = frames.DEFAULT_WINDOW
        self._receive_credit = 0
        self._held = 0
        self._withheld = 0
        self._parts: list[bytes] = []
        self._have = 0
        self._need = 0 if self.client else len(frames.PREFACE)
        self._preface_left = not self.client
        self._settings_seen = False
        self._block: tuple[int, int, list[bytes]] | None = None
        self._block_size = 0
        self._update_table = b""

    # Output

    def start(self) -> None:
        """Send our preface and settings, and widen the connection window."""
        extra = self.config.connection_window - frames.DEFAULT_WINDOW
        preface = frames.PREFACE if self.client else b""
        self.emit(preface + frames.settings(self.config.settings(client=self.client)))
        if extra > 0:
            self.emit(frames.window_update(0, extra))
            self._receive_window += extra

    def emit(self, data: bytes) -> None:
        """Queue whole frames for the next write."""
        out = self._out
        if not out:
            self.owner.wake()
        out.append(data)

    def take_output(self) -> bytes:
        """Everything that waits, joined; empty when nothing does."""
        out = self._out
        data = out[0] if len(out) == 1 else b"".join(out)
        self._out = []
        return data

    def choke(self) -> None:
        """The socket takes no more: queue DATA on its streams."""
        self.choked = True

    def unchoke(self) -> None:
        """The socket drained: go on with what was queued."""
        self.choked = False
        self._pump_blocked()

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
        self.blocked.pop(stream, None)
        stream.drop_held()
        if self.streams.pop(stream.id, None) is None:
            if not stream.id and stream in self._waiting:
                self._waiting.remove(stream)
            return
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
            self._abandon(stream, error)

    def _abandon(self, stream: Stream, error: Exception) -> None:
        stream.reset(ErrorCode.INTERNAL_ERROR)
        self.owner.stream_failed(error)
        self._end(stream, ErrorCode.INTERNAL_ERROR, "handler failed")

    def _end(self, stream: Stream, code: int, reason: str) -> None:
        """Tell a stream of its untimely end."""
        try:
            stream.on_reset(code, reason)
        except Exception as error:  # noqa: BLE001  # see guarded
            self.owner.stream_failed(error)

    # Ends of the connection

    def drain(self) -> None:
        """Stop taking streams without losing one: GOAWAY with the highest id, then, once a PING has made the round
        trip, GOAWAY with the last id that was taken (RFC 9113 §6.8)."""
        if self.draining or self.closed:
            return
        self.draining = True
        if self.client:
            self.emit(frames.goaway(0, ErrorCode.NO_ERROR))
        else:
            self.emit(frames.goaway(frames.LARGEST_STREAM_ID, ErrorCode.NO_ERROR))
            self.ping(_DRAIN_PING)

    def close(self, code: ErrorCode = ErrorCode.NO_ERROR, reason: str = "closed") -> None:
        """Say GOAWAY and end every stream now."""
        if self.closed:
            return
        self.emit(frames.goaway(self._last_peer_id, code, reason.encode()[:256]))
        self._finish(code, reason)

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
            self._end(stream, code, reason)

    # Input

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer, in pieces of any size."""
        if self.closed:
            return
        try:
            if self._parts:
                self._parts.append(data)
                self._have += len(data)
                if self._have < self._need:
                    return
                data = b"".join(self._parts)
                self._parts.clear()
            self._parse(data)
        except ConnectionFault as fault:
            self.close(fault.code, fault.reason)
            self.owner.connection_failed(str(fault))

    def _keep(self, data: bytes, at: int, need: int) -> None:
        """Wait until ``need`` octets from ``at`` on are here."""
        if at < len(data):
            self._parts.append(data[at:] if at else data)
            self._have = len(data) - at
            self._need = need

    def _parse(self, data: bytes) -> None:
        at, end = 0, len(data)
        if self._preface_left:
            preface = frames.PREFACE
            if not preface.startswith(data[: len(preface)]):
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "not an HTTP/2 preface")
            if end < len(preface):
                return self._keep(data, 0, len(preface))
            self._preface_left = False
            at = len(preface)
        unpack, limit = frames.unpack_header, self.config.max_frame_size
        while end - at >= 9:
            high, low, kind, flags, stream_id = unpack(data, at)
            size = high << 8 | low
            if size > limit:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "frame larger than announced")
            start = at + 9
            stop = start + size
            if stop > end:
                return self._keep(data, at, 9 + size)
            at = stop
            self._dispatch(kind, flags, stream_id & 0x7FFFFFFF, data[start:stop])
            if self.closed:
                return None
        return self._keep(data, at, 9)

    def _dispatch(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        if self._block is not None:
            if kind != frames.CONTINUATION or stream_id != self._block[0]:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "header block interrupted")
            self._continuation(flags, payload)
            return
        if not self._settings_seen and kind != frames.SETTINGS:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "first frame is not SETTINGS")
        try:
            if kind == frames.DATA:
                self._data(flags, stream_id, payload)
            elif kind == frames.HEADERS:
                self._headers(flags, stream_id, payload)
            elif kind == frames.WINDOW_UPDATE:
                self._window_update(stream_id, payload)
            else:
                self._other(kind, flags, stream_id, payload)
        except StreamFault as fault:
            self._stream_fault(stream_id, fault)

    def _other(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        """The rarer frames; unknown kinds are ignored (RFC 9113 §4.1)."""
        if kind == frames.SETTINGS:
            self._settings(flags, stream_id, payload)
        elif kind == frames.PING:
            self._ping(flags, stream_id, payload)
        elif kind == frames.RST_STREAM:
            self._rst_stream(stream_id, payload)
        elif kind == frames.GOAWAY:
            self._goaway(stream_id, payload)
        elif kind == frames.PRIORITY:
            self._priority(stream_id, payload)
        elif kind in (frames.CONTINUATION, frames.PUSH_PROMISE):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "unexpected frame")
        else:
            self._guard.charge(guard.EMPTY_FRAME_PRICE)

    def _stream_fault(self, stream_id: int, fault: StreamFault) -> None:
        """Reset the one stream whose peer broke the rules; refusing costs the peer what a reset costs."""
        self._guard.charge(guard.RESET_PRICE)
        stream = self.streams.get(stream_id)
        if stream is None:
            self.emit(frames.rst_stream(stream_id, fault.code))
            self.remember_reset(stream_id)
            return
        stream.remote_open = True  # it may have ended by the very frame that was wrong
        stream.reset(fault.code)
        self._end(stream, fault.code, fault.reason)

    def _idle(self, stream_id: int) -> bool:
        """Whether nobody has opened that stream yet."""
        if stream_id & 1:
            return stream_id >= self._next_id if self.client else stream_id > self._last_peer_id
        return True  # even ids would be pushes, which we never allow

    def _require_stream(self, stream_id: int, what: str) -> None:
        if stream_id == 0 or self._idle(stream_id):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"{what} on an idle stream")

    def _data(self, flags: int, stream_id: int, payload: bytes) -> None:
        size = len(payload)
        self._receive_window -= size
        if self._receive_window < 0:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "peer overran the connection's window")
        self._credit(size)
        data = payload
        if flags & frames.PADDED:
            data = _unpad(payload)
        if not data and not flags & frames.END_STREAM:
            self._guard.charge(guard.EMPTY_FRAME_PRICE)
        stream = self.streams.get(stream_id)
        if stream is None:
            self._require_stream(stream_id, "DATA")
            if stream_id not in self._resets and stream_id <= self._goaway_sent:
                raise StreamFault(ErrorCode.STREAM_CLOSED, "DATA on a closed stream")
            return
        if not stream.remote_open:
            raise StreamFault(ErrorCode.STREAM_CLOSED, "DATA after the end of the stream")
        if not stream._saw_headers:  # one state machine in two modules
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "DATA before HEADERS")
        try:
            stream.receive_data(data, size, bool(flags & frames.END_STREAM))
        except StreamFault:
            raise
        except Exception as error:  # noqa: BLE001  # see guarded
            self._abandon(stream, error)

    def _headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "HEADERS on stream 0")
        if flags & frames.PADDED:
            payload = _unpad(payload)
        depends_on_itself = False
        if flags & frames.PRIORITY_FLAG:
            if len(payload) < 5:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "HEADERS too short for its priority")
            depends_on_itself = frames.uint32(payload) & 0x7FFFFFFF == stream_id
            payload = payload[5:]
        if not flags & frames.END_HEADERS:
            self._block = (stream_id, flags, [payload])
            self._block_size = len(payload)
            return
        self._complete(stream_id, flags, payload, depends_on_itself)

    def _continuation(self, flags: int, payload: bytes) -> None:
        assert self._block is not None
        stream_id, first_flags, parts = self._block
        if not payload:
            self._guard.charge(guard.EMPTY_FRAME_PRICE)
        parts.append(payload)
        self._block_size += len(payload)
        if self._block_size > self.config.max_header_list_size + frames.DEFAULT_FRAME_SIZE or len(parts) > 1024:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "header block too large")
        if flags & frames.END_HEADERS:
            self._block = None
            try:
                self._complete(stream_id, first_flags, b"".join(parts), False)
            except StreamFault as fault:
                self._stream_fault(stream_id, fault)

    def _complete(self, stream_id: int, flags: int, encoded: bytes, depends_on_itself: bool) -> None:
        """A whole header block: of a new request, of a response, or trailers."""
        block = self._reader.read(encoded)
        end = bool(flags & frames.END_STREAM)
        stream = self.streams.get(stream_id)
        if stream is None:
            stream = self._begin(stream_id, block)
            if stream is None:
                return
        elif not stream.remote_open:
            raise StreamFault(ErrorCode.STREAM_CLOSED, "HEADERS after the end of the stream")
        if depends_on_itself:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "stream depends on itself")
        if stream._saw_headers:  # one state machine in two modules
            fault = block.trailers_fault() or ("" if end else "trailers do not end the stream")
        elif self.client:
            fault = block.response_fault()
            if not fault and block.pseudo[b":status"][:1] == b"1":
                if end:
                    fault = "informational response ends the stream"
                else:
                    return
        else:
            fault = block.request_fault()
        if fault:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, fault)
        try:
            if not stream._saw_headers:
                stream.expect_length(block.content_length, end)
            stream.receive_headers(block, end)
        except StreamFault:
            raise
        except Exception as error:  # noqa: BLE001  # see guarded
            self._abandon(stream, error)

    def _begin(self, stream_id: int, block: HeaderBlock) -> Stream | None:
        """The stream of a new request; None when its frames are to be ignored. Raises StreamFault to refuse it."""
        if not self._idle(stream_id):
            if stream_id in self._resets or stream_id > self._goaway_sent:
                return None
            raise StreamFault(ErrorCode.STREAM_CLOSED, "HEADERS on a closed stream")
        if self.accept is None or not stream_id & 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "HEADERS on a stream that nobody opened")
        self._last_peer_id = stream_id
        if stream_id > self._goaway_sent:
            return None
        if len(self.streams) >= self.config.max_concurrent_streams:
            raise StreamFault(ErrorCode.REFUSED_STREAM, "too many streams")
        fault = block.request_fault()
        if fault:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, fault)
        stream = self.streams[stream_id] = self.accept(self, stream_id)
        return stream

    def _window_update(self, stream_id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "WINDOW_UPDATE is not four octets")
        self._guard.charge(guard.WINDOW_UPDATE_PRICE)
        increment = frames.uint32(payload) & 0x7FFFFFFF
        if stream_id == 0:
            if increment == 0:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of zero")
            self.send_window += increment
            if self.send_window > frames.LARGEST_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "flow control window too large")
            self._pump_blocked()
            return
        stream = self.streams.get(stream_id)
        if stream is None:
            self._require_stream(stream_id, "WINDOW_UPDATE")
            return
        if increment == 0:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of zero")
        stream.grow_window(increment)
        stream.pump()

    def _pump_blocked(self) -> None:
        """Let the streams that wait take turns, a frame each, until windows or the socket close again."""
        moved = bool(self.blocked)
        while moved and not self.choked and self.send_window > 0:
            moved = False
            for stream in list(self.blocked):
                moved = stream.send_one() or moved

    def _settings(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "SETTINGS on a stream")
        self._guard.charge(guard.SETTINGS_PRICE)
        if flags & frames.ACK:
            if payload:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS acknowledgement with a payload")
            self._reader.settings_acknowledged()
            return
        if len(payload) % 6:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS is not a multiple of six octets")
        for identifier, value in frames.parse_settings(payload):
            self._apply(identifier, value)
        self.emit(frames.frame(frames.SETTINGS, frames.ACK, 0))
        if not self._settings_seen:
            self._settings_seen = True
            self.owner.connection_ready()

    def _apply(self, identifier: int, value: int) -> None:
        """One setting of the peer (RFC 9113 §6.5.2); unknown ones are ignored."""
        if identifier == frames.SETTINGS_INITIAL_WINDOW_SIZE:
            if value > frames.LARGEST_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "initial window too large")
            self._resize_windows(value - self.initial_send_window)
        elif identifier == frames.SETTINGS_MAX_FRAME_SIZE:
            if not frames.DEFAULT_FRAME_SIZE <= value <= frames.LARGEST_FRAME_SIZE:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "illegal maximum frame size")
            self.peer_frame_size = value
        elif identifier == frames.SETTINGS_MAX_CONCURRENT_STREAMS:
            self.peer_max_streams = value
            self._start_waiting()
        elif identifier == frames.SETTINGS_ENABLE_PUSH and (value > 1 or (self.client and value)):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "illegal ENABLE_PUSH")
        elif identifier == frames.SETTINGS_HEADER_TABLE_SIZE and value < 4096:
            # Our encoder has no table; a smaller limit must still be confirmed once (RFC 7541 §4.2).
            self._update_table = b"\x20"

    def _resize_windows(self, change: int) -> None:
        self.initial_send_window += change
        for stream in self.streams.values():
            try:
                stream.grow_window(change)
            except StreamFault as fault:
                raise ConnectionFault(fault.code, fault.reason) from None
        for stream in self._waiting:
            stream.grow_window(change)
        if change > 0:
            for stream in list(self.blocked):
                stream.pump()

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

    def _ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PING on a stream")
        if len(payload) != 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "PING is not eight octets")
        self._guard.charge(guard.PING_PRICE)
        if not flags & frames.ACK:
            self.emit(frames.frame(frames.PING, frames.ACK, 0, payload))
        elif payload == _DRAIN_PING and self.draining and not self.client:
            self._goaway_sent = self._last_peer_id
            self.emit(frames.goaway(self._last_peer_id, ErrorCode.NO_ERROR))
            if not self.streams:
                self.owner.connection_idle()
        else:
            self.owner.pong(payload)

    @property
    def drained(self) -> bool:
        """Draining is over: the last accepted id is announced and no stream is left."""
        return self.draining and not self.streams and (self.client or self._goaway_sent != frames.LARGEST_STREAM_ID)

    def _rst_stream(self, stream_id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM is not four octets")
        self._guard.charge(guard.RESET_PRICE)
        stream = self.streams.get(stream_id)
        if stream is None:
            self._require_stream(stream_id, "RST_STREAM")
            return
        code = frames.uint32(payload)
        stream._discard()  # one state machine in two modules
        self.forget(stream)
        self._end(stream, code, f"stream reset by peer: {describe(code)}")

    def _goaway(self, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "GOAWAY on a stream")
        if len(payload) < 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "GOAWAY is too short")
        last, code = frames.uint32(payload) & 0x7FFFFFFF, frames.uint32(payload, 4)
        self.draining = True
        reason = f"connection is draining: {describe(code)}"
        refused = [stream for number, stream in self.streams.items() if number > last] if self.client else []
        refused += self._waiting
        self._waiting.clear()
        for stream in refused:
            stream._discard()  # one state machine in two modules
            self.streams.pop(stream.id, None)
            self.blocked.pop(stream, None)
            self._end(stream, ErrorCode.REFUSED_STREAM, reason)
        self.owner.connection_draining(reason)
        if not self.streams:
            self.owner.connection_idle()

    def _priority(self, stream_id: int, payload: bytes) -> None:
        """Priorities are obsolete (RFC 9113 §5.3.2): checked for form, then ignored."""
        if stream_id == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PRIORITY on stream 0")
        self._guard.charge(guard.PRIORITY_PRICE)
        if len(payload) != 5:
            raise StreamFault(ErrorCode.FRAME_SIZE_ERROR, "PRIORITY is not five octets")
        if frames.uint32(payload) & 0x7FFFFFFF == stream_id:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "stream depends on itself")

    # The connection's own window

    def _credit(self, count: int) -> None:
        """Give connection window back, in steps of half a window; withheld while too much lies unread."""
        self._receive_credit += count
        if self._receive_credit * 2 >= self.config.connection_window and self._held <= self.config.held_limit:
            self.emit(frames.window_update(0, self._receive_credit))
            self._receive_window += self._receive_credit
            self._receive_credit = 0

    def hold(self, count: int) -> None:
        """A paused stream keeps octets that nobody has read."""
        self._held += count

    def release(self, count: int) -> None:
        """They were read, or their stream is over."""
        self._held -= count
        self._credit(0)


def _unpad(payload: bytes) -> bytes:
    """The payload without its padding (RFC 9113 §6.1). Raises ConnectionFault."""
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "padding exceeds its frame")
    return payload[1 : len(payload) - payload[0]]
