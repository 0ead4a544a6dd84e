"""What the peer says about the connection itself: settings, windows, PING, GOAWAY, resets, priorities (RFC 9113 §6).

Between what our side does of its own accord (``endpoint``) and what comes for its streams (``connection``).
"""

from __future__ import annotations

from collections.abc import Callable
from json import dumps

from dapr_core.rpc.h2 import frames, guard
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.endpoint import DRAIN_PING, Endpoint
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode, StreamFault, describe
from dapr_core.rpc.h2.headers import HeaderReader
from dapr_core.rpc.h2.keepalive import PingStrikes
from dapr_core.rpc.h2.owner import Owner
from dapr_core.rpc.h2.reader import Dispatch, FrameReader


class Control(Endpoint):
    """The part of a connection that obeys these frames. ``dispatch`` gets every frame, whatever it is about."""

    def __init__(
        self, owner: Owner, config: H2Config, clock: Callable[[], float], dispatch: Dispatch, *, client: bool
    ) -> None:
        super().__init__(owner, config, client=client)
        self.farewell = ""
        """The code and text of the peer's GOAWAY, if it has sent one."""
        self._clock = clock
        self._reader = HeaderReader(config)
        self._guard = guard.FloodGuard(config.flood_budget, clock)
        limit = config.max_frame_size if client else frames.DEFAULT_FRAME_SIZE
        self._frames = FrameReader(limit, dispatch, preface=not client)
        least = config.min_ping_interval
        self._strikes = None if client or least is None else PingStrikes(least)
        self._window_updates = 0
        self._settings_seen = False

    @property
    def greeted(self) -> bool:
        """The peer has begun as HTTP/2 begins: with its preface and SETTINGS."""
        return self._settings_seen

    @property
    def last_peer_id(self) -> int:
        """The id of the latest stream that the peer has opened."""
        return self._last_peer_id

    def _idle(self, stream_id: int) -> bool:
        """Whether nobody has opened that stream yet."""
        if stream_id & 1:
            return stream_id >= self._next_id if self.client else stream_id > self._last_peer_id
        return True  # even ids would be pushes, which we never allow

    def _require_stream(self, stream_id: int, what: str) -> None:
        if stream_id == 0 or self._idle(stream_id):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"{what} on an idle stream")

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
