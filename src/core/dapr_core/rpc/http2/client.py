"""The HTTP/2 client: one multiplexed connection to each origin, with the face of ``HTTP1Client`` (api.md §5.1: h2c).

A connection is opened when the first call needs it, with prior knowledge, or by ALPN where the origin has a context for
TLS; calls that come meanwhile wait for it. When it drains or breaks the next call opens another. A call that the server
says it never looked at is made once more, as is an idempotent one whose connection died before a byte of its answer.
"""

from __future__ import annotations

import asyncio
from typing import Final

from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.protocol import H2Protocol
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.origins import Origin
from dapr_core.rpc.http2.calls import Call, request_block
from dapr_core.rpc.messages import Request, Response
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT

_IDEMPOTENT: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))


class _Connection(H2Protocol):
    """One connection of an origin."""

    def __init__(self, origin: Origin, limits: Limits, connect_timeout: float) -> None:
        config = H2Config(max_header_list_size=limits.head_bound, header_table_size=0, stream_window=1_048_576)
        super().__init__(config, handshake_timeout=connect_timeout)
        self.origin = origin
        self.ready: asyncio.Future[None] = self.loop.create_future()

    @property
    def usable(self) -> bool:
        """New calls may be made here."""
        return not (self.core.draining or self.core.closed) and self.transport is not None

    def connection_ready(self) -> None:
        super().connection_ready()
        if not self.ready.done():
            self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.ready.done():
            self.ready.set_exception(BadResponseError(self.origin, f"no HTTP/2: {self.failure}"))
            self.ready.exception()  # whoever dialled may have given up


class HTTP2Client:
    """Calls servers. Create it inside a running loop; ``close`` it there.

    Of ``limits`` only the header limit counts; ``connect_timeout`` (seconds) bounds connecting, TLS and the server's
    SETTINGS.
    """

    def __init__(self, *, limits: Limits | None = None, connect_timeout: float = 15.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits or Limits()
        self._connect_timeout = connect_timeout
        self._connections: dict[Origin, _Connection] = {}
        self._live: set[_Connection] = set()
        self._dialing: dict[Origin, asyncio.Task[_Connection]] = {}
        self._closed = False

    async def request(self, origin: Origin, request: Request, *, timeout: float | None = None) -> Response:
        """Send a request and return its response once it is complete, or has a long or unsized body: once its head is.

        Raises what ``HTTP1Client.request`` raises, on the same occasions.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._request(origin, request)
        except TimeoutError as error:
            raise TimeoutError(str(error) or f"{origin} did not answer in time") from None

    async def _request(self, origin: Origin, request: Request) -> Response:
        retry = isinstance(request.body, bytes)
        while True:
            connection = await self._connect(origin)
            call = Call(connection.core, connection.loop, origin)
            try:
                return await call.run(request, request_block(origin, request))
            except ServerClosedError as error:
                if not (retry and (call.unprocessed or (error.silent and request.method in _IDEMPOTENT))):
                    raise
                retry = False

    async def _connect(self, origin: Origin) -> _Connection:
        if self._closed:
            raise RuntimeError("the client is closed")
        connection = self._connections.get(origin)
        if connection is not None and connection.usable:
            return connection
        dialing = self._dialing.get(origin)
        if dialing is None:
            dialing = self._dialing[origin] = self._loop.create_task(self._dial(origin), name=f"dial {origin}")
            dialing.add_done_callback(lambda task: self._dialed(origin, task))
        return await asyncio.shield(dialing)

    def _dialed(self, origin: Origin, task: asyncio.Task[_Connection]) -> None:
        self._dialing.pop(origin, None)
        if not task.cancelled() and task.exception() is None:
            self._connections[origin] = task.result()

    async def _dial(self, origin: Origin) -> _Connection:
        connection = _Connection(origin, self._limits, self._connect_timeout)
        try:
            async with asyncio.timeout(self._connect_timeout):
                await self._establish(connection, origin)
                self._live = {known for known in self._live if known.transport is not None} | {connection}
                await connection.ready
        except TimeoutError:
            connection.abort("not connected")
            raise TimeoutError(f"no connection to {origin} within {self._connect_timeout:g} s") from None
        except BaseException:
            connection.abort("not connected")
            raise
        return connection

    async def _establish(self, connection: _Connection, origin: Origin) -> None:
        name = (origin.server_name or origin.host) if origin.tls is not None else None
        closing = SHUTDOWN_TIMEOUT if origin.tls is not None else None
        if origin.unix_path is not None:
            await self._loop.create_unix_connection(
                lambda: connection,
                origin.unix_path,
                ssl=origin.tls,
                server_hostname=name,
                ssl_shutdown_timeout=closing,
            )
            return
        await self._loop.create_connection(
            lambda: connection,
            origin.host,
            origin.port,
            ssl=origin.tls,
            server_hostname=name,
            ssl_shutdown_timeout=closing,
        )

    async def close(self, grace: float = 0.0) -> None:
        """Close all connections; calls under way get ``grace`` seconds to end, then they fail."""
        self._closed = True
        for dialing in list(self._dialing.values()):
            dialing.cancel()
        live = [connection for connection in self._live if connection.transport is not None]
        for connection in live:
            connection.drain()
        waits = [asyncio.ensure_future(connection.wait_closed()) for connection in live]
        if not waits:
            return
        await asyncio.wait(waits, timeout=grace)
        for connection in live:
            connection.close("the client is closed")
        await asyncio.wait(waits, timeout=1.0)
        for connection in live:
            connection.abort("the client is closed")
        await asyncio.wait(waits)
