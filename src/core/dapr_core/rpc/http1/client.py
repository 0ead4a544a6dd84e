"""The pooled HTTP/1.1 client.

Connections are kept per origin and used again, the latest first. A call that finds its pooled connection dead is made
once more on a fresh one, but only where that cannot do the work twice: nothing was answered, the body can be sent
again, and the method is idempotent (RFC 9110 §9.2.2). Redirects are the caller's affair.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterable, Coroutine
from typing import Any, Final, cast

from dapr_core.rpc.deferred import Deferred, Detour, detoured
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.exchange import Begun, ClientConnection
from dapr_core.rpc.http1.heads import HeadMemory
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.origins import Origin, request_head
from dapr_core.rpc.messages import Request, Response

_IDEMPOTENT: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))

__all__ = ["BadResponseError", "HTTP1Client", "Origin", "ServerClosedError"]


class HTTP1Client:
    """Calls servers. Create it inside a running loop; ``close`` it there.

    Of ``limits`` only the header limit counts. Times are seconds: ``connect_timeout`` bounds connecting and the TLS
    handshake, ``idle_timeout`` how long an unused connection is kept. ``max_per_host`` bounds the connections to one
    origin (further calls wait their turn), ``max_idle`` those kept unused.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        connect_timeout: float = 15.0,
        max_per_host: int = 1024,
        max_idle: int = 64,
        idle_timeout: float = 90.0,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits or Limits()
        self._memory = HeadMemory()
        self._connect_timeout = connect_timeout
        self._max_per_host = max_per_host
        self._max_idle = max_idle
        self._idle_timeout = idle_timeout
        self._pools: dict[Origin, _Pool] = {}
        self._closed = False
        # Idle time is counted in ticks of the sweep, so that a call need not read the clock.
        self._tick = 0
        self._due: list[tuple[ClientConnection, Begun, Origin, bytes]] = []
        self._told: list[tuple[Origin, Begun, Response | None, BaseException | None]] = []
        self._sweeper: asyncio.TimerHandle | None = None

    def request(
        self, origin: Origin, request: Request, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, Response]:
        """Send a request and return its response once it is complete, or has a long or chunked body: once its head is.

        A short response with declared length has ``bytes`` as its body, any other an ``ArrivingBody``; read or close
        that, since it holds the connection. A response that ended early is given too, and reading its body raises
        ``BodyBrokenError`` after what came. ``timeout`` (seconds) runs until this returns.

        Raises:
            ConnectionRefusedError, OSError: the origin cannot be reached.
            ServerClosedError: it closed the connection without a response.
            BadResponseError: its response is no HTTP or exceeds the header limit.
            TimeoutError: connecting, or the whole, took too long.
            Exception: whatever reading a streamed request body raised.
        """
        deadline = None if timeout is None else self._loop.time() + timeout
        return self._request(origin, request, deadline, request.method in _IDEMPOTENT)

    def begin(self, origin: Origin, request: Request) -> Deferred[Response]:
        """What ``request`` does, told instead of awaited: without a task where a connection is idle and the body whole.

        Calls that are begun in one turn of the loop are sent at its end, and so are responses told that came together:
        one kind of work after the other costs less, as the processor has learnt the code of it by then.
        """
        pool = self._pools.get(origin) or self._pool(origin)
        body = request.body
        connection = pool.take() if type(body) is bytes else None
        if connection is None:
            return detoured(self._request(origin, request, None, request.method in _IDEMPOTENT))
        begun = connection.begin(request)
        if not self._due:
            self._loop.call_soon(self._send_due)
        self._due.append((connection, begun, origin, body))  # type: ignore[arg-type]  # of bytes, seen above
        return begun

    def _send_due(self) -> None:
        due, self._due = self._due, []
        for connection, begun, origin, body in due:
            try:
                head = request_head(origin, begun.request, len(body))
            except ValueError as error:
                connection.fail(error)
            else:
                connection.send(begun, head + body if body else head)

    def told(self, origin: Origin, begun: Begun, response: Response | None, error: BaseException | None) -> None:
        """What became of a call that was begun is told at the end of this turn of the loop."""
        if not self._told:
            self._loop.call_soon(self._tell)
        self._told.append((origin, begun, response, error))

    def _tell(self) -> None:
        told, self._told = self._told, []
        for origin, begun, response, error in told:
            if begun.settled:
                continue  # nobody wants it any more
            if isinstance(error, ServerClosedError) and error.silent and begun.request.method in _IDEMPOTENT:
                # The connection was dead already: once more.
                error = Detour(self._request(origin, begun.request, None, False))
            try:
                begun.settle(response, error)
            except Exception as failure:  # noqa: BLE001 - whoever fails to take a response must not cost others theirs
                context = {"message": "a response could not be taken", "exception": failure}
                self._loop.call_exception_handler(context)

    async def _request(self, origin: Origin, request: Request, deadline: float | None, retry: bool) -> Response:
        """See ``request``; ``retry`` is whether a call that found its connection dead may be made once more."""
        pool = self._pools.get(origin) or self._pool(origin)
        body = request.body
        streamed = not isinstance(body, bytes)
        length = (request.length or None) if streamed else len(body)  # type: ignore[arg-type]
        head = request_head(origin, request, length)
        retry = retry and not streamed
        while True:
            connection = pool.take() or await pool.connect(deadline)
            pooled = connection.used
            if not connection.open:
                if pooled:
                    continue
                raise ServerClosedError(f"{origin} closed the connection at once", silent=True, alert=connection.alert)
            if streamed:
                answer = connection.call_streaming(request.method, head, cast(AsyncIterable[bytes], body), length)
            else:
                answer = connection.call(request.method, head + body if body else head)  # type: ignore[operator]
            try:
                if deadline is None:
                    return await answer
                return await self._await_until(deadline, connection, answer, origin)
            except ServerClosedError as error:
                if not (retry and pooled and error.silent):
                    raise
                retry = False
            except asyncio.CancelledError:
                connection.abort()
                raise

    async def _await_until(
        self, deadline: float, connection: ClientConnection, answer: asyncio.Future[Response], origin: Origin
    ) -> Response:
        timer = self._loop.call_at(deadline, connection.fail, TimeoutError(f"{origin} did not answer in time"))
        try:
            return await answer
        finally:
            timer.cancel()

    def _pool(self, origin: Origin) -> _Pool:
        if self._closed:
            raise RuntimeError("the client is closed")
        pool = self._pools[origin] = _Pool(self, origin)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(self._idle_timeout / 4, self._sweep)
        return pool

    def _sweep(self) -> None:
        self._tick += 1
        for origin, pool in list(self._pools.items()):
            pool.close_idle(self._tick - 4)
            if pool.unused:
                del self._pools[origin]
        self._sweeper = self._loop.call_later(self._idle_timeout / 4, self._sweep) if self._pools else None

    async def close(self, grace: float = 0.0) -> None:
        """Close all connections; calls under way get ``grace`` seconds to end, then they fail."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        pools = list(self._pools.values())
        self._pools.clear()
        await asyncio.gather(*(pool.close(grace) for pool in pools))


class _Pool:
    """The connections to one origin."""

    def __init__(self, client: HTTP1Client, origin: Origin) -> None:
        self.origin = origin
        self._client = client
        self._loop = client._loop
        self._idle: list[ClientConnection] = []
        self._all: set[ClientConnection] = set()
        self._connecting = 0
        self._waiting: deque[asyncio.Future[ClientConnection | None]] = deque()
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def unused(self) -> bool:
        return not self._all and not self._connecting and not self._waiting

    def take(self) -> ClientConnection | None:
        """The connection that was idle for the shortest time, or None."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.open:
                return connection
        return None

    async def connect(self, deadline: float | None) -> ClientConnection:
        """A fresh connection, or one that becomes free while the origin has as many as it may. Raises ``OSError``."""
        if self._closed:
            raise RuntimeError("the client is closed")
        if len(self._all) + self._connecting >= self._client._max_per_host:
            connection = await self._wait_turn(deadline)
            if connection is not None:
                return connection
        else:
            self._connecting += 1
        try:
            return await self._open(deadline)
        finally:
            self._connecting -= 1
            self._pass_on_slot()

    async def _wait_turn(self, deadline: float | None) -> ClientConnection | None:
        """A connection that became free, or None: a slot to connect, already counted as ``_connecting``."""
        turn: asyncio.Future[ClientConnection | None] = self._loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                given = turn.result()
                if given is not None:
                    self.free(given)
                else:
                    self._connecting -= 1
                    self._pass_on_slot()
            elif isinstance(error, TimeoutError):
                raise TimeoutError(f"no connection to {self.origin} became free in time") from None
            raise

    def _pass_on_slot(self) -> None:
        """Let the next in line connect if there is room."""
        while self._waiting and len(self._all) + self._connecting < self._client._max_per_host:
            turn = self._waiting.popleft()
            if not turn.done():
                self._connecting += 1
                turn.set_result(None)

    async def _open(self, deadline: float | None) -> ClientConnection:
        client = self._client
        limit = client._connect_timeout
        if deadline is not None:
            limit = min(limit, deadline - self._loop.time())
        connection = ClientConnection(self, self._loop, client._limits, client._memory)
        try:
            async with asyncio.timeout(limit):
                await self._establish(connection)
        except TimeoutError:
            raise TimeoutError(f"no connection to {self.origin} within {max(limit, 0):g} s") from None
        except OSError as error:
            raise _explained(error, self.origin) from error
        self._all.add(connection)
        self._empty.clear()
        if not connection.open:
            self.lost(connection)
        return connection

    async def _establish(self, connection: ClientConnection) -> None:
        origin = self.origin
        name = (origin.server_name or origin.host) if origin.tls is not None else None
        if origin.unix_path is not None:
            await self._loop.create_unix_connection(
                lambda: connection, origin.unix_path, ssl=origin.tls, server_hostname=name
            )
        else:
            await self._loop.create_connection(
                lambda: connection, origin.host, origin.port, ssl=origin.tls, server_hostname=name
            )

    # --- What connections report

    def free(self, connection: ClientConnection) -> None:
        """A call has ended well."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if self._closed or len(self._idle) >= self._client._max_idle:
            connection.close()
            return
        connection.idle_since = self._client._tick
        self._idle.append(connection)

    def told(self, begun: Begun, response: Response | None, error: BaseException | None) -> None:
        """What became of a call that was begun."""
        self._client.told(self.origin, begun, response, error)

    def lost(self, connection: ClientConnection) -> None:
        """A connection has closed."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if not self._all:
            self._empty.set()
        self._pass_on_slot()

    # --- The end

    def close_idle(self, before: int) -> None:
        """Close what has been idle since before a tick."""
        stale = [connection for connection in self._idle if connection.idle_since <= before]
        for connection in stale:
            self._idle.remove(connection)
            connection.close()

    async def close(self, grace: float) -> None:
        """Close what is idle now and the rest when its call has ended, at most ``grace`` seconds later."""
        self._closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._empty.wait()
        for connection in list(self._all):  # what has not ended in time
            connection.abort()
        await self._empty.wait()


def _explained(error: OSError, origin: Origin) -> OSError:
    """The same kind of error, naming who could not be reached; several refusals at once are one refusal."""
    text = f"cannot connect to {origin}: {error.strerror or error}"
    if isinstance(error, ConnectionRefusedError) or "refused" in str(error):
        return ConnectionRefusedError(error.errno, text)
    return type(error)(error.errno, text) if error.errno is not None else OSError(text)
