"""A client's HTTP/2 connection to an HTTP server: begun by its preface, by ALPN's ``h2``, or by an upgrade.

It lives among the HTTP/1.1 connections of the same server: same handler, same limits, same sweep, same drain.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from dapr_core.rpc.h2 import frames
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode
from dapr_core.rpc.h2.protocol import H2Protocol
from dapr_core.rpc.hpack import encode
from dapr_core.rpc.http1.limits import STALLED, Limits
from dapr_core.rpc.http2.exchange import Exchange
from dapr_core.rpc.messages import Request

if TYPE_CHECKING:
    from dapr_core.rpc.http1.hosting import ConnectionHost

_TOO_LARGE: Final = encode([(b":status", b"431"), (b"content-length", b"0")])


def h2_config(limits: Limits) -> H2Config:
    """What the limits of an HTTP server mean on HTTP/2.

    One connection holds at most ``held_limit`` octets of bodies that no handler reads and ``queue_limit`` of answers
    that the client does not take; 250 streams are what Go's server allows.
    """
    return H2Config(
        max_concurrent_streams=250,
        max_header_list_size=limits.head_bound,
        max_frame_size=frames.DEFAULT_FRAME_SIZE,
        stream_window=262_144,
        connection_window=1_048_576,
        held_limit=4_194_304,
        queue_limit=67_108_864,
    )


class HTTP2Connection(H2Protocol):
    """See the module."""

    def __init__(self, host: ConnectionHost) -> None:
        super().__init__(h2_config(host.limits), accept=self._accept, handshake_timeout=host.limits.header_timeout)
        self.core.too_large = _TOO_LARGE
        self.host = host
        self.handler = host.handler
        self.limits = host.limits
        # For the server's sweep
        self.watched: tuple[str, int] = ("", 0)
        self.watched_since = 0.0

    def _accept(self, core: Connection, stream_id: int) -> Exchange:
        return Exchange(self, core, stream_id)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self.host.opened(self):
            self.core.close(ErrorCode.ENHANCE_YOUR_CALM, "too many connections")
            self.connection_failed("too many connections")
        elif self.host.draining:
            self.drain()

    def upgrade(self, transport: asyncio.Transport, request: Request, settings: bytes, received: bytes) -> None:
        """Go on after ``101``: the request that asked for it is stream 1, ``received`` is what came after it."""
        self.connection_made(transport)
        try:
            stream = self.core.upgrade(settings)
        except ConnectionFault as fault:
            self.core.close(fault.code, fault.reason)
            self.connection_failed(str(fault))
            return
        assert isinstance(stream, Exchange)
        stream.begin(request)
        if received:
            self.data_received(received)

    def connection_lost(self, exc: Exception | None) -> None:
        self.host.closed(self)
        super().connection_lost(exc)

    # --- The server's side

    def condition(self) -> tuple[str, int]:
        """What the connection is at: the server closes one that stays at the same for too long."""
        core = self.core
        if core.closed:
            return "closing", 0
        if core.in_headers:
            return "head", core.last_peer_id
        return ("busy" if core.streams else "idle"), core.last_peer_id

    def tend(self, now: float) -> None:
        """End the streams whose client stays at the same point for too long."""
        for stream in list(self.core.streams.values()):
            assert isinstance(stream, Exchange)
            if stream.collecting:
                at: tuple[object, ...] = ("body", stream.received)
                patience = self.limits.header_timeout
            elif stream.waiting:
                at = ("answer", stream.queued, stream.window)
                patience = STALLED
            else:
                stream.watched = ()
                continue
            if at != stream.watched:
                stream.watched, stream.watched_since = at, now
            elif now - stream.watched_since >= patience:
                self._give_up(stream)

    def _give_up(self, stream: Exchange) -> None:
        if stream.collecting:
            stream.refuse(408, "the body did not arrive in time")
            return
        stream.reset(ErrorCode.CANCEL)
        self.core.tell_end(stream, ErrorCode.CANCEL, "client takes no data")

    def kill(self) -> None:
        """Cancel what is under way and close; a client that reads is told by GOAWAY."""
        if self.core.closed:
            self.abort("closed by the server")
        else:
            self.close("closed by the server")
