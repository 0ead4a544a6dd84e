"""The asyncio shell of an HTTP/2 connection: one transport, one core, one write per turn of the loop.

Whatever streams write during a turn is collected by the core and leaves in a single ``transport.write``, which is the
largest single saving of the whole data plane. The shell also keeps the times: how long a peer may take for its
preface, when to probe a silent one by PING or to let an idle one go (``keepalive`` decides), how long a drain waits.
"""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, cast

from mypy_extensions import mypyc_attr

from dapr_core.rpc.deadlines import Deadlines
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.keepalive import NEVER, KeepAlive, Verdict, Watch
from dapr_core.rpc.h2.stream import Stream
from dapr_core.rpc.messages import Peer
from dapr_core.rpc.peers import peer_of

WRITE_HIGH_WATER: Final = 262_144
PART: Final = 65_536
"""Octets of one write under TLS; four records, so that the cost of a write does not show."""
LINGER: Final = 5.0
"""Seconds for the last bytes of a connection that is being closed."""
DRAIN_PATIENCE: Final = 5.0
"""Seconds that a client may take to answer the PING of a drain; then the drain goes on without (as grpc-go's does)."""
_KEEPALIVE_PING: Final = b"keepaliv"


Admit = Callable[[Any], object]
"""Gets the ``ssl.SSLObject`` of a connection whose handshake is done (None in the clear); raises ConnectionError to
refuse the peer. An ``Admission`` that it returns goes on deciding for as long as the connection lives."""


@mypyc_attr(allow_interpreted_subclasses=True)
class Admission(ABC):
    """A peer that was let in for a time: whoever let it in may end the connection by ``leave`` and ``close``."""

    @abstractmethod
    def begun(self, connection: H2Protocol) -> None:
        """The peer's connection is in use from now on."""

    @abstractmethod
    def over(self) -> None:
        """The connection is gone."""


def _scatters(transport: asyncio.BaseTransport) -> bool:
    """Whether long pieces may be handed to the transport as they are.

    Under TLS each would become a record of its own; and asyncio's own transports either join them themselves or, in
    some releases of CPython 3.12 and 3.13, forget to pause a protocol that writes so (CVE-2024-12254).
    """
    return type(transport).__module__.startswith("uvloop") and transport.get_extra_info("ssl_object") is None


def _write_in_parts(transport: asyncio.Transport, data: bytes | memoryview) -> None:
    """Write what may be long. TLS encrypts each write as a whole into memory of the connection that it never gives
    back (OpenSSL's memory BIO): one long answer would cost its length for as long as the connection lives."""
    if len(data) <= PART:
        transport.write(data)
        return
    whole = memoryview(data)
    for start in range(0, len(data), PART):
        transport.write(whole[start : start + PART])


@mypyc_attr(allow_interpreted_subclasses=True)
class H2Protocol(asyncio.Protocol):
    """Either end. ``accept`` makes it a server.

    ``handshake_timeout`` bounds, in seconds, the wait for the peer's SETTINGS, and for each header block to be whole.
    ``admit`` looks at the peer's certificate before the first byte of HTTP/2 goes either way. Owners of many
    connections give them ``deadlines`` to share; without, each keeps a timer of the loop.
    """

    def __init__(
        self,
        config: H2Config,
        *,
        accept: Callable[[Connection, int], Stream] | None = None,
        handshake_timeout: float = 10.0,
        keepalive: KeepAlive = NEVER,
        admit: Admit | None = None,
        deadlines: Deadlines | None = None,
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
        self._begin = accept
        self._scatters = False
        self._heard = False
        self._keepalive = keepalive
        self._watch: Watch | None = None
        self._handshake_timeout = handshake_timeout
        self._deadlines = deadlines
        self._slot = 0
        self._corked = False
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
        self._scatters = _scatters(transport)
        self._remind(self.loop.time() + self._handshake_timeout)
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
        self._remind(None)
        if self._admission is not None:
            self._admission.over()
            self._admission = None
        reason = self.failure or (str(exc) if exc else "EOF")
        if self.core.farewell:
            reason += f", received prior goaway: {self.core.farewell}"  # grpc-go's words
        self.failure = self.failure or reason
        self.transport = None
        self.core.lost(reason)
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    # Owner

    def wake(self) -> None:
        if not self._corked:
            self.loop.call_soon(self._flush)

    def cork(self) -> None:
        """Let what is sent from now on collect until ``uncork``, whatever turn of the loop that is in."""
        self._corked = True

    def uncork(self) -> None:
        """Write what has collected, now: whoever sends much in one go saves the turn of the loop that would do it."""
        self._corked = False
        self._flush()

    def connection_ready(self) -> None:
        now = self.loop.time()
        server = self._begin is not None
        self._watch = Watch(self._keepalive, now, jitter=random.random(), wakes=server)
        if server:
            self.core.accept = self._wake_and_accept
        self._remind(self._watch.begin(now))

    def headers_begun(self) -> None:
        self.loop.call_later(self._handshake_timeout, self._headers_overdue, self.core.blocks_begun)

    def connection_idle(self) -> None:
        if self.core.drained:
            self._shut()

    def connection_draining(self, reason: str) -> None:
        """The peer wants no more streams here; subclasses that hand connections out act on it. A client that says so
        will hardly begin more itself: both ends are done once its streams have been answered."""
        if self._begin is not None:
            self.drain()

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

    def drain(self, reason: bytes = b"") -> None:
        """Finish the streams in flight, take no more, then close. ``reason`` is told to the peer."""
        self.core.drain(reason)
        if self.core.drained:
            self._shut()
        elif not self.core.drain_announced:
            self._remind(self.loop.time() + DRAIN_PATIENCE)

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
        core, transport = self.core, self.transport
        bulky = core.bulky
        pieces = core.take_pieces()
        if transport is None or not pieces:
            return
        if bulky and self._scatters:
            transport.writelines(pieces)
        elif bulky:
            _write_in_parts(transport, b"".join(pieces) if len(pieces) > 1 else pieces[0])
        else:
            transport.write(b"".join(pieces) if len(pieces) > 1 else pieces[0])
        if self.core.choked and transport.get_write_buffer_size() > self.core.config.output_limit:
            # DATA stops when the socket is full; only answers to a peer that sends but never reads get this far.
            self.abort("peer does not read")

    def _shut(self) -> None:
        self._flush()
        if self.transport is not None:
            self.transport.close()
            self._remind(None)
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

    # Times

    def _remind(self, at: float | None) -> None:
        """Call ``expire`` at that time of the loop, and not at any other."""
        if self._slot:
            assert self._deadlines is not None
            self._deadlines.discard(self, self._slot)
            self._slot = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if at is None:
            return
        at = self._keepalive.rounded(at)
        if self._deadlines is None:
            self._timer = self.loop.call_at(at, self.expire)
        else:
            self._slot = self._deadlines.add(self, at)

    def expire(self) -> None:
        """A time has come: for the handshake, for the answer to a drain, or to look after the connection."""
        self._slot = 0
        self._timer = None
        if self.transport is None or self.core.closed:
            return
        if self._watch is None:
            self._handshake_overdue()
            return
        if self.core.draining and not self.core.drain_announced:
            self.core.announce_drain()
            if self.core.drained:
                self._shut()
                return
        self._look(self._watch)

    def _look(self, watch: Watch) -> None:
        core, now = self.core, self.loop.time()
        heard, self._heard = self._heard, False
        verdict, at = watch.look(now, heard=heard, streams=len(core.streams), newest=core.last_peer_id)
        if verdict is Verdict.IDLE or verdict is Verdict.OLD:
            self.drain(verdict.value.encode())
            if core.drained:
                return
            at = now + DRAIN_PATIENCE if at is None else min(at, now + DRAIN_PATIENCE)
        self._remind(at)
        if verdict is Verdict.PING:
            core.ping(_KEEPALIVE_PING)
        elif verdict is Verdict.DEAD:
            self.abort("peer did not answer the keep-alive PING")
        elif verdict is Verdict.OVER:
            self.close(verdict.value)
        elif not core.streams and self._begin is not None:
            core.accept = self._wake_and_accept

    def _wake_and_accept(self, core: Connection, stream_id: int) -> Stream:
        """A stream begins on a connection that nobody looked after, because there was none."""
        assert self._begin is not None
        core.accept = self._begin
        if self._watch is not None and not core.draining:
            self._remind(self._watch.wake(self.loop.time()))
        return self._begin(core, stream_id)
