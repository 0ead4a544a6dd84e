"""Accepts connections, and speaks TLS with no more of them at once than memory is meant for.

A TLS connection takes some 65 kB, so a whole fleet that comes at once, as after an outage, would take hundreds of
megabytes and would not give them back. Here it waits in its sockets, which take next to nothing, and is served in turn
(``queueing``). Whom no socket is left for waits in the kernel's queue.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Final

from dapr_core.process.supervise import Supervisor
from dapr_core.rpc.h2.protocol import H2Protocol
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT
from dapr_sentry.server.queueing import Turns

log = logging.getLogger("dapr.sentry.server")

SLOTS: Final = 256
"""Connections that are served at once: some 17 MB. One takes a millisecond of ours, and as long as its client does."""
PLACES: Final = 4096
BACKLOG: Final = 4096
_ABSENT: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
_NO_SOCKET: Final = 0.1
"""Seconds to wait when the system gives no further socket."""


class Gate:
    """Listens for a server.

    Args:
        protocol: makes the protocol of one connection.
        context: how TLS is spoken.
        handshake_timeout: seconds that a handshake may take.
        slots, places: how many connections are served at once, and how many may wait.
    """

    def __init__(
        self,
        protocol: Callable[[], H2Protocol],
        context: ssl.SSLContext,
        *,
        handshake_timeout: float,
        slots: int = SLOTS,
        places: int = PLACES,
    ) -> None:
        self._protocol = protocol
        self._context = context
        self._handshake_timeout = handshake_timeout
        self._turns: Turns[socket.socket] = Turns(slots, places)
        self._listeners: list[socket.socket] = []
        self._room = asyncio.Event()
        self._room.set()
        self._accepting = Supervisor("gRPC listener")
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen on every address of a host, all of them when it is empty; gives the port. Raises ``OSError``."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        absent: OSError | None = None
        try:
            for family, address in dict.fromkeys((each[0], each[4]) for each in found):
                try:
                    # Port 0 is any for the first address, and that of the first for the others.
                    bound = _listening(family, (address[0], port, *address[2:]))
                except OSError as error:
                    if error.errno not in _ABSENT:
                        raise
                    absent = error  # of two families of addresses a machine may have one
                    continue
                port = bound.getsockname()[1]
                self._listeners.append(bound)
            if absent is not None and not self._listeners:
                raise absent
        except OSError:
            self._close_listeners()
            raise
        for listener in self._listeners:
            self._accepting.start(f"port {port}", self._accept(listener), essential=True)
        return port

    async def wait_failed(self) -> None:
        """Wait until accepting fails, and raise why."""
        await self._accepting.wait()

    async def close(self) -> None:
        """Accept no more, and let nobody wait any more; connections that stand are their server's."""
        await self._accepting.stop()
        self._close_listeners()
        for waiting in self._turns.clear():
            waiting.close()

    async def wait_closed(self) -> None:
        """Wait for the ends of all connections."""
        if self._connections:
            await asyncio.wait(self._connections)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._room.wait()
            try:
                connection, address = await loop.sock_accept(listener)
            except ConnectionError:
                continue  # gone before it was accepted
            except OSError as error:
                log.warning("Cannot accept a connection: %s; trying again", error.strerror or error)
                await asyncio.sleep(_NO_SOCKET)
                continue
            self._turns.arrive(address[0], connection)
            self._begin()

    def _begin(self) -> None:
        """Serve whoever's turn it is."""
        while (found := self._turns.next()) is not None:
            task = asyncio.get_running_loop().create_task(self._serve(*found))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        if self._turns.full:
            self._room.clear()
        else:
            self._room.set()

    async def _serve(self, address: str, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            protocol = self._protocol()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=self._handshake_timeout,
                ssl_shutdown_timeout=SHUTDOWN_TIMEOUT,
            )
            await protocol.wait_closed()
        except (OSError, TimeoutError) as error:
            log.debug("A connection from %s came to nothing: %s", address, error)  # TLS has told why in the log
        finally:
            connection.close()
            self._turns.left()
            self._begin()

    def _close_listeners(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()


def _listening(family: int, address: tuple[object, ...]) -> socket.socket:
    """A socket that listens, as asyncio's servers make theirs. Raises ``OSError``."""
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made
