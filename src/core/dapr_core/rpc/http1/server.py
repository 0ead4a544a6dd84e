"""The HTTP/1.1 server: listeners, the connections they made, and how all of it ends.

One timer sweeps all connections for those that stay at the same point for too long, so that a request costs no timer.
Draining follows a fixed order: stop listening, close what is idle, answer what is in hand with ``Connection: close``,
and after the time given cancel the rest.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from dapr_core.rpc.http1.connection import ServerConnection
from dapr_core.rpc.http1.heads import HeadMemory
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.messages import BodyBrokenError, Handler, Request
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT

if TYPE_CHECKING:
    from dapr_core.rpc.http1.hosting import Served
    from dapr_core.rpc.http2.connection import HTTP2Connection

_log = logging.getLogger(__name__)

OnError = Callable[[BaseException, Request], None]
H2Factory = Callable[[], asyncio.Protocol]

_CLOSE_WITHIN: Final = 10.0
"""Seconds a closed connection may take to hand its last bytes to a client that does not read."""

_BACKLOG: Final = 1024


def log_failure(error: BaseException, request: Request) -> None:
    """The default hook: the failure with its traceback goes to the log, never into the answer. A body that broke off is
    no defect of a handler: it costs one line."""
    if isinstance(error, BodyBrokenError):
        _log.warning("the answer to %r broke off: %s", request, error)
        return
    _log.error("handler failed on %r", request, exc_info=error)


class HTTP1Server:
    """Serves one handler on any number of addresses. Create it inside a running loop.

    ``on_error`` hears of handlers that raised, of responses that could not be written or broke off. ``h2_factory``
    makes the protocol that takes over a connection whose first bytes are the preface of HTTP/2. With ``http2`` the
    server itself speaks HTTP/2 on the same ports: to clients that begin with its preface, that ask for it by
    ``Upgrade: h2c``, or that chose it by ALPN. With neither, a preface is refused with 400.
    """

    def __init__(
        self,
        handler: Handler,
        limits: Limits | None = None,
        *,
        on_error: OnError = log_failure,
        h2_factory: H2Factory | None = None,
        http2: bool = False,
    ) -> None:
        self.handler = handler
        self.limits = limits or Limits()
        self.memory = HeadMemory()
        self.loop = asyncio.get_running_loop()
        self.draining = False
        self.on_error = on_error
        self.h2_factory = h2_factory
        self.http2 = http2
        self._listeners: list[asyncio.Server] = []
        self._unix_paths: list[tuple[str, int]] = []
        self._connections: set[Served] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def serve_tcp(
        self, host: str | None, port: int, *, ssl_context: ssl.SSLContext | None = None
    ) -> list[tuple[str, int]]:
        """Listen on an address (None: all of them), port 0 for any. Returns what was bound as (address, port).

        Raises:
            OSError: the address cannot be bound.
        """
        listener = await self.loop.create_server(
            self._connect,
            host,
            port,
            backlog=_BACKLOG,
            ssl=ssl_context,
            ssl_shutdown_timeout=None if ssl_context is None else SHUTDOWN_TIMEOUT,
        )
        self._listeners.append(listener)
        self._start_sweeping()
        return [(name[0], name[1]) for name in (sock.getsockname() for sock in listener.sockets)]

    async def serve_unix(self, path: str) -> None:
        """Listen on a Unix socket; a dead socket file at the path is replaced. The file goes when we close."""
        listener = await self.loop.create_unix_server(self._connect, path, backlog=_BACKLOG)
        self._listeners.append(listener)
        self._unix_paths.append((path, os.stat(path).st_ino))
        self._start_sweeping()

    def _connect(self) -> ServerConnection:
        return ServerConnection(self)

    # --- What connections report

    def opened(self, connection: Served) -> bool:
        """Register a connection; False, and it must close, when there are too many."""
        self._connections.add(connection)
        self._empty.clear()
        return len(self._connections) <= self.limits.max_connections

    def closed(self, connection: Served) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def succeed(self, connection: ServerConnection) -> HTTP2Connection:
        """An HTTP/2 connection in the place of an HTTP/1.1 connection."""
        from dapr_core.rpc.http2.connection import HTTP2Connection  # loaded for the first client that speaks it

        successor = HTTP2Connection(self)
        self._connections.discard(connection)
        self._connections.add(successor)
        return successor

    # --- The end

    async def drain(self, timeout: float | None = None) -> bool:
        """Stop in good order; True if everything in hand was answered within ``timeout`` seconds (None: no bound).

        What is still in hand then is cancelled. Safe to call again.
        """
        self.draining = True
        self._stop_listening()
        for connection in list(self._connections):
            connection.drain()
        try:
            async with asyncio.timeout(timeout):
                await self._empty.wait()
        except TimeoutError:
            return False
        finally:
            await self.close()
        return True

    async def close(self) -> None:
        """Stop at once: listeners are closed, what is in hand is cancelled."""
        self.draining = True
        self._stop_listening()
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in list(self._connections):
            connection.kill()
        if self._connections:
            await self._empty.wait()

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        for path, inode in self._unix_paths:
            # Another process may have taken the path over since; its file is not ours to remove.
            try:
                if os.stat(path).st_ino == inode:
                    os.unlink(path)
            except FileNotFoundError:
                continue
        self._unix_paths.clear()

    # --- The sweep

    def _start_sweeping(self) -> None:
        if self._sweeper is None:
            self._sweeper = self.loop.call_later(self._sweep_interval(), self._sweep)

    def _sweep_interval(self) -> float:
        shortest = min(self.limits.header_timeout, self.limits.idle_timeout or 60.0)
        return max(0.01, min(1.0, shortest / 4))

    def _sweep(self) -> None:
        now = self.loop.time()
        for connection in list(self._connections):
            connection.tend(now)
            condition = connection.condition()
            if condition != connection.watched:
                connection.watched = condition
                connection.watched_since = now
                continue
            patience = self._patience(condition[0])
            if patience is not None and now - connection.watched_since >= patience:
                connection.kill()
        self._sweeper = self.loop.call_later(self._sweep_interval(), self._sweep)

    def _patience(self, condition: str) -> float | None:
        """Seconds a connection may stay as it is: a half-sent request for a while, a handler as long as it likes."""
        if condition == "busy":
            return None
        if condition == "idle":
            return self.limits.idle_timeout
        return _CLOSE_WITHIN if condition == "closing" else self.limits.header_timeout
