"""The HTTP/2 state machine of one connection, without a socket (RFC 9113).

Bytes go in by ``receive``; what they mean for a stream is told to the stream itself. A peer's mistake ends as the RFC
says: on its stream, or as GOAWAY on the connection. ``endpoint`` holds what our side does of its own accord.
"""

from __future__ import annotations

from collections.abc import Callable
from json import dumps

from dapr_core.rpc.h2 import frames, guard
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.endpoint import DRAIN_PING, Endpoint
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode, StreamFault, describe
from dapr_core.rpc.h2.headers import HeaderBlock, HeaderReader
from dapr_core.rpc.h2.keepalive import PingStrikes
from dapr_core.rpc.h2.owner import Owner
from dapr_core.rpc.h2.reader import FrameReader, unpad
from dapr_core.rpc.h2.stream import Stream

_UNUSUAL = frames.END_HEADERS | frames.PADDED | frames.PRIORITY_FLAG
"""Flags of HEADERS; nearly all have the first and neither of the others."""


class Connection(Endpoint):
    """One end of a connection. ``accept`` makes the stream object of a request (servers only)."""

    def __init__(
        self,
        owner: Owner,
        config: H2Config,
        clock: Callable[[], float],
        *,
        accept: Callable[[Connection, int], Stream] | None = None,
    ) -> None:
        super().__init__(owner, config, client=accept is None)
        self.accept = accept
        self.too_large: bytes | None = None
        """The encoded head that answers a request whose header list is too large; None only resets its stream."""
        self._reader = HeaderReader(config)
        self._guard = guard.FloodGuard(config.flood_budget, clock)
        self._clock = clock
        least = config.min_ping_interval
        self._strikes = None if self.client or least is None else PingStrikes(least)
        self._window_updates = 0
        limit = config.max_frame_size if self.client else frames.DEFAULT_FRAME_SIZE
        self._frames = FrameReader(limit, self._dispatch, preface=not self.client)
        self._settings_seen = False
        self.farewell = ""
        """The code and text of the peer's GOAWAY, if it has sent one."""
        self._block: tuple[int, int, list[bytes]] | None = None
        self._block_size = 0
        self.blocks_begun = 0
        """Header blocks that came in more than one frame."""

    @property
    def greeted(self) -> bool:
        """The peer has begun as HTTP/2 begins: with its preface and SETTINGS."""
        return self._settings_seen

    @property
    def in_headers(self) -> bool:
        """A header block has begun and not ended: nothing else may come on this connection meanwhile."""
        return self._block is not None

    @property
    def last_peer_id(self) -> int:
        """The id of the latest stream that the peer has opened."""
        return self._last_peer_id

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer, in pieces of any size."""
        if self.closed:
            return
        try:
            self._frames.feed(data)
        except ConnectionFault as fault:
            self.close(fault.code, fault.reason)
            self.owner.connection_failed(str(fault))

    def upgrade(self, settings: bytes) -> Stream:
        """Begin, as a server, with the request that asked for HTTP/2 on HTTP/1.1: it is stream 1, already complete.

        ``settings`` is the payload of its ``HTTP2-Settings`` field (RFC 7540 §3.2.1), which needs no acknowledgement.
        The caller gives the stream its headers.

        Raises:
            ConnectionFault: settings that no client may send.
        """
        if len(settings) % 6:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS is not a multiple of six octets")
        for identifier, value in frames.parse_settings(settings):
            self._apply(identifier, value)
        assert self.accept is not None
        self._last_peer_id = 1
        stream = self.streams[1] = self.accept(self, 1)
        stream.remote_open = False
        stream.saw_headers = True
        return stream

    def _dispatch(self, kind: int, flags: int, stream_id: int, payload: bytes) -> bool:
        """One frame; whether to go on reading."""
        if self._block is not None:
            if kind != frames.CONTINUATION or stream_id != self._block[0]:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "header block interrupted")
            self._continuation(flags, payload)
            return not self.closed
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
        return not self.closed

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
        self.tell_end(stream, fault.code, fault.reason)

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
        if due := self._window.take(size):
            self.emit(frames.window_update(0, due))
        data = payload
        if flags & frames.PADDED:
            data = unpad(payload)
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
        if not stream.saw_headers:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "DATA before HEADERS")
        try:
            stream.receive_data(data, size, bool(flags & frames.END_STREAM))
        except StreamFault:
            raise
        except Exception as error:  # noqa: BLE001  # see guarded
            self.abandon(stream, error)

    def _headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if flags & _UNUSUAL == frames.END_HEADERS and stream_id:
            self._complete(stream_id, flags, payload, False)
            return
        if stream_id == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "HEADERS on stream 0")
        if flags & frames.PADDED:
            payload = unpad(payload)
        depends_on_itself = False
        if flags & frames.PRIORITY_FLAG:
            if len(payload) < 5:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "HEADERS too short for its priority")
            depends_on_itself = frames.uint32(payload) & 0x7FFFFFFF == stream_id
            payload = payload[5:]
        if not flags & frames.END_HEADERS:
            self._block = (stream_id, flags, [payload])
            self._block_size = len(payload)
            self.blocks_begun += 1
            self.owner.headers_begun()
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
        if stream.saw_headers:
            fault = block.trailers_fault() or ("" if end else "trailers do not end the stream")
        elif self.client:
            fault = block.response_fault()
            if not fault and block.pseudo[b":status"][:1] == b"1":
                if end:
                    fault = "informational response ends the stream"
                else:
                    self._guard.charge(guard.EMPTY_FRAME_PRICE)
                    return
        else:
            fault = block.request_fault()
        if fault:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, fault)
        try:
            if block.content_length is None:
                stream.saw_headers = True
            elif not stream.saw_headers:
                stream.expect_length(block.content_length, end)
            stream.receive_headers(block, end)
        except StreamFault:
            raise
        except Exception as error:  # noqa: BLE001  # see guarded
            self.abandon(stream, error)

    def _begin(self, stream_id: int, block: HeaderBlock) -> Stream | None:
        """The stream of a new request; None when its frames are to be ignored. Raises StreamFault to refuse it."""
        if not self._idle(stream_id):
            if self.client or stream_id in self._resets or stream_id > self._goaway_sent:
                self._guard.charge(guard.EMPTY_FRAME_PRICE)
                return None
            raise ConnectionFault(ErrorCode.STREAM_CLOSED, "HEADERS on a closed stream")
        if self.accept is None or not stream_id & 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "HEADERS on a stream that nobody opened")
        self._last_peer_id = stream_id
        if stream_id > self._goaway_sent:
            self._guard.charge(guard.EMPTY_FRAME_PRICE)
            return None
        if len(self.streams) >= self.config.max_concurrent_streams:
            raise StreamFault(ErrorCode.REFUSED_STREAM, "too many streams")
        fault = block.request_fault()
        if fault:
            if block.oversized and self.too_large is not None:
                self.emit_headers(stream_id, self.too_large, True)
                raise StreamFault(ErrorCode.NO_ERROR, fault)
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
            self._window_updates += 1
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
        longest = self.config.max_frame_size
        if self.peer_frame_size >= longest > self._frames.limit:
            self._frames.limit = longest
            self.emit(frames.settings([(frames.SETTINGS_MAX_FRAME_SIZE, longest)]))
        # Only now: what the new values allow must not reach the peer before it knows that they are in force.
        self._start_waiting()
        self._pump_blocked()
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
        elif identifier == frames.SETTINGS_ENABLE_PUSH and (value > 1 or (self.client and value)):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "illegal ENABLE_PUSH")
        elif identifier == frames.SETTINGS_HEADER_TABLE_SIZE and value < frames.DEFAULT_TABLE_SIZE:
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

    def _ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PING on a stream")
        if len(payload) != 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "PING is not eight octets")
        self._guard.charge(guard.PING_PRICE)
        if not flags & frames.ACK:
            if self._strikes is not None:
                self._judge_ping(self._strikes)
            self.emit(frames.frame(frames.PING, frames.ACK, 0, payload))
        elif payload == DRAIN_PING and self.draining and not self.client:
            self.announce_drain()
            if not self.streams:
                self.owner.connection_idle()
        else:
            self.owner.pong(payload)

    def _judge_ping(self, strikes: PingStrikes) -> None:
        """Data sent since the last PING shows in the window, or in the updates that made up for it; an answer's
        headers in the streams that were begun for it."""
        mark = (self.send_window, self._window_updates, self._last_peer_id, len(self.streams))
        if strikes.too_many(self._clock(), mark):
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings")

    def _rst_stream(self, stream_id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM is not four octets")
        self._guard.charge(guard.RESET_PRICE)
        stream = self.streams.get(stream_id)
        if stream is None:
            self._require_stream(stream_id, "RST_STREAM")
            return
        code = frames.uint32(payload)
        stream.discard()
        self.forget(stream)
        self.tell_end(stream, code, f"stream reset by peer: {describe(code)}")

    def _goaway(self, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "GOAWAY on a stream")
        if len(payload) < 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "GOAWAY is too short")
        last, code = frames.uint32(payload) & 0x7FFFFFFF, frames.uint32(payload, 4)
        text = payload[8:264].decode("utf-8", "replace")
        reason = f"connection is draining: {describe(code)}"
        if text:
            reason += f", {text!r}"
        self.farewell = f"code: {describe(code)}, debug data: {dumps(text)}"
        if not self.client:  # it may go on with its own streams
            self.owner.connection_draining(reason)
            return
        self.draining = True
        refused = [stream for number, stream in self.streams.items() if number > last]
        refused += self._waiting
        self._waiting.clear()
        for stream in refused:
            stream.discard()
            self.streams.pop(stream.id, None)
            self.blocked.pop(stream, None)
            self.tell_end(stream, ErrorCode.REFUSED_STREAM, reason)
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
