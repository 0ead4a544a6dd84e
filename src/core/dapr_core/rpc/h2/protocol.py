"""The asyncio shell of an HTTP/2 connection: one transport, one core, one write per turn of the loop.

Whatever streams write during a turn is collected by the core and leaves in a single ``transport.write``, which is the
largest single saving of the whole data plane. The shell also keeps the times: how long a peer may take for its
preface, when to probe a silent one by PING, how long a drain may last.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, cast

from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.stream import Stream
from dapr_core.rpc.messages import Peer
from dapr_core.rpc.peers import peer_of

WRITE_HIGH_WATER = 262_144
LINGER = 5.0
"""Seconds for the last bytes of a connection that is being closed."""
_KEEPALIVE_PING = b"keepaliv"


Admit = Callable[[Any], object]
"""Gets the ``ssl.SSLObject`` of a connection whose handshake is done (None in the clear); raises ConnectionError to
refuse the peer. An ``Admission`` that it returns goes on deciding for as long as the connection lives."""


class Admission(ABC):
    """A peer that was let in for a time: whoever let it in may end the connection by ``leave`` and ``close``."""

    @abstractmethod
    def begun(self, connection: H2Protocol) -> None:
        """The peer's connection is in use from now on."""

    @abstractmethod
    def over(self) -> None:
        """The connection is gone."""


class H2Protocol(asyncio.Protocol):
    """Either end. ``accept`` makes it a server.

    Times in seconds: ``handshake_timeout`` until the peer's SETTINGS, and of a header block; ``keepalive_interval``
    of silence before a PING (None: never) and ``keepalive_timeout`` for its answer. ``admit`` looks at the peer's
    certificate before the first byte of HTTP/2 goes either way.
    """

    def __init__(
        self,
        config: H2Config,
        *,
        accept: Callable[[Connection, int], Stream] | None = None,
        handshake_timeout: float = 10.0,
        keepalive_interval: float | None = None,
        keepalive_timeout: float = 20.0,
        admit: Admit | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.core = Connection(self, config, self.loop.time, accept=accept)
        self.transport: asyncio.Transport | None = None
        self.failure = ""
        """Why the connection ended; empty while it lives and after an orderly end."""
        self.refusal = ""
        """Why ``admit`` refused the peer; empty when it did not."""
        self._peer: Peer | None = None
        self._admit = admit
        self._admission: Admission | None = None
        self._heard = False
        self._keepalive = (keepalive_interval, keepalive_timeout)
        self._handshake_timeout = handshake_timeout
        self._timer: asyncio.TimerHandle | None = None
        self._closed: asyncio.Future[None] | None = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self._admit is not None:
            try:
                admitted = self._admit(transport.get_extra_info("ssl_object"))
            except ConnectionError as refusal:
                self.core.closed = self.core.draining = True
                self.refusal = str(refusal)
                self.abort(self.refusal)
                return
            if isinstance(admitted, Admission):
                self._admission = admitted
                admitted.begun(self)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH_WATER)
        self._timer = self.loop.call_later(self._handshake_timeout, self._handshake_overdue)
        self.core.start()

    def adopt(self, transport: asyncio.Transport, received: bytes) -> None:
        """Take over a transport from another protocol, with what that one has read already (the preface included)."""
        transport.set_protocol(self)
        self.connection_made(transport)
        self.data_received(received)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        self.core.receive(data)

    def pause_writing(self) -> None:
        self.core.choke()

    def resume_writing(self) -> None:
        self.core.unchoke()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._admission is not None:
            self._admission.over()
            self._admission = None
        reason = self.failure or (str(exc) if exc else "EOF")
        self.failure = self.failure or reason
        self.transport = None
        self.core.lost(reason)
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    # Owner

    def wake(self) -> None:
        self.loop.call_soon(self._flush)

    def connection_ready(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._keepalive[0] is not None:
            self._timer = self.loop.call_later(self._keepalive[0], self._probe)

    def headers_begun(self) -> None:
        self.loop.call_later(self._handshake_timeout, self._headers_overdue, self.core.blocks_begun)

    def connection_idle(self) -> None:
        if self.core.drained:
            self._shut()

    def connection_draining(self, reason: str) -> None:
        """The peer wants no more streams here; subclasses that hand connections out act on it."""

    def connection_failed(self, reason: str) -> None:
        self.failure = reason
        self._shut()

    def pong(self, payload: bytes) -> None:
        """Any answer shows life; ``data_received`` has noted it."""

    def stream_failed(self, error: Exception) -> None:
        context = {"message": "a stream's handler failed", "exception": error, "protocol": self}
        self.loop.call_exception_handler(context)

    # Ours

    @property
    def peer(self) -> Peer:
        """Who is at the other end."""
        if self._peer is None:
            self._peer = peer_of(self.transport) if self.transport is not None else Peer("")
        return self._peer

    def drain(self) -> None:
        """Finish the streams in flight, take no more, then close."""
        self.core.drain()
        if self.core.drained:
            self._shut()

    def leave(self) -> None:
        """Let new streams find another connection, and close this one once those in flight have ended."""
        self.drain()

    def close(self, reason: str = "closed") -> None:
        """End every stream and close as soon as the peer has been told."""
        self.failure = self.failure or reason
        self.core.close(ErrorCode.NO_ERROR, reason)
        self._shut()

    def abort(self, reason: str) -> None:
        """Give the connection up without a word."""
        self.failure = self.failure or reason
        if self.transport is not None:
            self.transport.abort()

    async def wait_closed(self) -> None:
        """Return once the transport is gone."""
        if self.transport is None:
            return
        if self._closed is None:
            self._closed = self.loop.create_future()
        await asyncio.shield(self._closed)

    def _flush(self) -> None:
        data = self.core.take_output()
        transport = self.transport
        if transport is None or not data:
            return
        transport.write(data)
        if self.core.choked and transport.get_write_buffer_size() > self.core.config.output_limit:
            # DATA stops when the socket is full; only answers to a peer that sends but never reads get this far.
            self.abort("peer does not read")

    def _shut(self) -> None:
        self._flush()
        if self.transport is not None:
            self.transport.close()
            if self._timer is not None:
                self._timer.cancel()
            # Closing waits until the peer has read what is buffered; one that never does must not keep us.
            self._timer = self.loop.call_later(LINGER, self.transport.abort)

    def _handshake_overdue(self) -> None:
        self.core.close(ErrorCode.SETTINGS_TIMEOUT, "no SETTINGS in time")
        self.connection_failed("peer did not begin HTTP/2 in time")

    def _headers_overdue(self, number: int) -> None:
        """The rest of a header block had its time, however busily it came."""
        if self.core.in_headers and self.core.blocks_begun == number and not self.core.closed:
            self.core.close(ErrorCode.ENHANCE_YOUR_CALM, "header block not complete in time")
            self.connection_failed("peer did not end its header block in time")

    def _probe(self) -> None:
        """No word for an interval: ask. No answer to that: give up."""
        interval, timeout = self._keepalive
        assert interval is not None
        if self._heard:
            self._heard = False
            self._timer = self.loop.call_later(interval, self._probe)
            return
        self.core.ping(_KEEPALIVE_PING)
        self._timer = self.loop.call_later(timeout, self._verdict)

    def _verdict(self) -> None:
        if self._heard:
            self._probe()
        else:
            self.abort("peer did not answer the keep-alive PING")
