"""The HTTP/2 state machine of one connection, without a socket (RFC 9113).

Bytes go in by ``receive``; what they mean for a stream is told to the stream itself. A peer's mistake ends as the RFC
says: on its stream, or as GOAWAY on the connection. ``endpoint`` holds what our side does of its own accord,
``control`` what the peer says about the connection itself.
"""

from __future__ import annotations

from collections.abc import Callable

from dapr_core.rpc.h2 import frames, guard
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.control import Control
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode, StreamFault
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.h2.owner import Owner
from dapr_core.rpc.h2.reader import unpad
from dapr_core.rpc.h2.stream import Stream


class Connection(Control):
    """One end of a connection. ``accept`` makes the stream object of a request (servers only)."""

    def __init__(
        self,
        owner: Owner,
        config: H2Config,
        clock: Callable[[], float],
        *,
        accept: Callable[[Connection, int], Stream] | None = None,
    ) -> None:
        super().__init__(owner, config, clock, self._dispatch, client=accept is None)
        self.accept = accept
        self.too_large: bytes | None = None
        """The encoded head that answers a request whose header list is too large; None only resets its stream."""
        self._block: tuple[int, int, list[bytes]] | None = None
        self._block_size = 0
        self.blocks_begun = 0
        """Header blocks that came in more than one frame."""

    @property
    def in_headers(self) -> bool:
        """A header block has begun and not ended: nothing else may come on this connection meanwhile."""
        return self._block is not None

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
        if flags & frames.UNUSUAL == frames.END_HEADERS and stream_id:
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
