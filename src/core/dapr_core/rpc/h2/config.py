"""What our end of an HTTP/2 connection announces and tolerates."""

from __future__ import annotations

from dataclasses import dataclass

from dapr_core.rpc.h2 import frames


@dataclass(frozen=True, slots=True, kw_only=True)
class H2Config:
    """Limits of one end; sizes in octets.

    ``header_table_size`` 0 asks the peer for self-contained header blocks, which may be remembered: right for a client,
    whose servers answer with the same few blocks. A server keeps the protocol's default of 4,096 octets, with which
    foreign clients cost the same (their blocks differ by a timeout or a trace id, and would hardly be remembered).
    ``max_frame_size`` lets a message of 64 KiB come in one frame, which costs half of what it costs in four; a server
    announces it only to clients that take as much, to all others the protocol's default of 16,384. ``stream_window``
    bounds what one unread stream can pile up, ``connection_window`` what a peer may have in flight
    altogether. ``held_limit`` is the sum of unread octets from which on the connection window is no longer refilled,
    so that many unread streams together stay bounded too. ``flood_budget`` is what a peer may spend per second on
    frames that make work and carry nothing (see ``guard``). ``output_limit`` bounds what the socket still holds for a
    peer that does not read; ``queue_limit`` what all streams together hold for one that gives no window.
    ``min_ping_interval`` (seconds) is a server's, against clients that PING all the time (see ``keepalive``).
    """

    max_concurrent_streams: int = 1000
    header_table_size: int = frames.DEFAULT_TABLE_SIZE
    max_header_list_size: int = 65_536
    max_frame_size: int = 131_072
    stream_window: int = 524_288
    connection_window: int = 8_388_608
    held_limit: int = 33_554_432
    flood_budget: int = 20_000
    output_limit: int = 16_777_216
    queue_limit: int = 134_217_728
    min_ping_interval: float | None = None
    remembered_blocks: int = 128
    remembered_block_size: int = 2_048

    def settings(self, *, client: bool) -> list[tuple[int, int]]:
        """The pairs of our SETTINGS frame; values equal to the protocol's defaults are left out."""
        pairs = []
        if self.header_table_size != frames.DEFAULT_TABLE_SIZE:
            pairs.append((frames.SETTINGS_HEADER_TABLE_SIZE, self.header_table_size))
        if client:
            pairs.append((frames.SETTINGS_ENABLE_PUSH, 0))
            if self.max_frame_size != frames.DEFAULT_FRAME_SIZE:
                pairs.append((frames.SETTINGS_MAX_FRAME_SIZE, self.max_frame_size))
        else:
            pairs.append((frames.SETTINGS_MAX_CONCURRENT_STREAMS, self.max_concurrent_streams))
        pairs.append((frames.SETTINGS_INITIAL_WINDOW_SIZE, self.stream_window))
        pairs.append((frames.SETTINGS_MAX_HEADER_LIST_SIZE, self.max_header_list_size))
        return pairs
