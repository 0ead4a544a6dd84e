"""Client connections and channels.

A ``Channel`` stands for one target. It holds one multiplexed connection, opened when first needed and opened anew, with
back-off and jitter, when it is gone. Callers ask it for a ready connection (``connect``, or ``acquire`` from a
callback) and start calls there. ``pool`` keeps channels by target.
"""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dapr_core.quoting import quoted
from dapr_core.rpc.deadlines import Deadlines
from dapr_core.rpc.grpc.client_stream import AnswerHooks, ClientStream
from dapr_core.rpc.grpc.errors import HandshakeError
from dapr_core.rpc.grpc.messages import CONTENT_TYPE, DEFAULT_MESSAGE_LIMIT
from dapr_core.rpc.grpc.retries import RetryPolicy
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.grpc.timeouts import encode_timeout
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.keepalive import NEVER, KeepAlive
from dapr_core.rpc.h2.protocol import Admit, H2Protocol
from dapr_core.rpc.hpack import encode, encode_field
from dapr_core.rpc.tls import SHUTDOWN_TIMEOUT, handshake_failure

USER_AGENT: Final = b"grpc-python-dapr/1"
_PATHS_LIMIT: Final = 1024
_TOO_MANY_PINGS: Final = "ENHANCE_YOUR_CALM, 'too_many_pings'"

Acquired = Callable[["ClientConnection | None", "GrpcError | None"], None]
"""Gets a ready connection, or the error that says why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """How channels connect; times in seconds.

    Back-off follows gRPC's connection back-off protocol: ``backoff_base`` × 1.6ⁿ up to ``backoff_max``, ± 20 %. While
    it runs, calls fail at once with the last error. ``keepalive`` sends no PING unless told to; grpc-go servers expel
    clients that ping more often than every five minutes, unless told otherwise. After such an expulsion a channel
    probes half as often (gRPC proposal A8).
    """

    message_limit: int = DEFAULT_MESSAGE_LIMIT
    connect_timeout: float = 20.0
    backoff_base: float = 1.0
    backoff_max: float = 120.0
    keepalive: KeepAlive = NEVER
    user_agent: bytes = USER_AGENT
    ssl: ssl.SSLContext | Callable[[], ssl.SSLContext] | None = None
    """A context, or what gives the one in force, asked for each connection: so that a renewed identity is shown."""
    admit: Admit | None = None
    """Decides on each connection by the certificate its server showed (see ``h2.protocol``)."""
    gzip: bool = False
    """Typed calls send their messages by gzip; answers are understood either way."""
    retry: RetryPolicy | None = None
    """How typed unary calls are repeated; None: only what the server never looked at, once."""
    server_hostname: str | None = None
    config: H2Config = field(
        default_factory=lambda: H2Config(max_header_list_size=DEFAULT_MESSAGE_LIMIT, header_table_size=0)
    )
    random: Callable[[], float] = random.random


class ClientConnection(H2Protocol):
    """One live connection of a channel."""

    def __init__(self, channel: Channel, options: ChannelOptions) -> None:
        super().__init__(
            options.config,
            handshake_timeout=options.connect_timeout,
            keepalive=channel.keepalive,
            admit=options.admit,
            deadlines=channel.deadlines,
        )
        self.channel = channel
        self.message_limit = options.message_limit
        self.deadlines = channel.deadlines
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self._scheme = b"https" if options.ssl else b"http"
        self._user_agent = options.user_agent
        self._heads: dict[str, bytes] = {}
        self._leaving = False

    def start(
        self,
        path: str,
        metadata: bytes | Iterable[tuple[bytes, bytes]],
        listener: AnswerHooks,
        timeout: float | None = None,
        *,
        content_type: bytes = CONTENT_TYPE,
    ) -> ClientStream:
        """Begin a call of ``/package.Service/Method``: its headers go out with the turn of the loop.

        ``metadata`` are fields as they go on the wire (lower-case names, ``-bin`` values in base64), in order, or the
        same encoded once by ``encode_metadata``. ``timeout`` is in seconds. ``content_type`` is another than
        ``application/grpc`` where messages are not protobuf. Beyond the server's limit of concurrent streams the call
        waits for its turn.

        Raises:
            GrpcError: UNAVAILABLE and unprocessed, when the connection is draining or closed.
        """
        if content_type is CONTENT_TYPE:
            block = self._heads.get(path) or self._head(path)
        else:
            block = self._encoded_head(path, content_type)
        stream = ClientStream(self, listener)
        if timeout is not None:
            block += encode_field(b"grpc-timeout", encode_timeout(timeout))
        if metadata:
            block += metadata if isinstance(metadata, bytes) else encode(metadata)
        try:
            stream.send_headers(block)
        except ConnectionError as error:
            raise GrpcError(Code.UNAVAILABLE, str(error), unprocessed=True) from error
        if timeout is not None:
            stream.expire_at(self.loop.time() + timeout)
        return stream

    def _head(self, path: str) -> bytes:
        """The fields that every call of a path has, in the order of grpc-go; remembered."""
        block = self._encoded_head(path, CONTENT_TYPE)
        if len(self._heads) < _PATHS_LIMIT:
            self._heads[path] = block
        return block

    def _encoded_head(self, path: str, content_type: bytes) -> bytes:
        return encode(
            [
                (b":method", b"POST"),
                (b":scheme", self._scheme),
                (b":path", path.encode()),
                (b":authority", self.channel.authority.encode()),
                (b"content-type", content_type),
                (b"user-agent", self._user_agent),
                (b"te", b"trailers"),
                (b"grpc-accept-encoding", b"gzip"),
            ]
        )

    @property
    def usable(self) -> bool:
        """New calls may be started here."""
        return not (self.core.draining or self.core.closed or self._leaving) and self.transport is not None

    def leave(self) -> None:
        # Calls that wait for a free stream here keep their turn: a drain would never begin them.
        self._leaving = True
        self.channel.retire(self)
        if not self.core.streams:
            self.drain()

    def connection_idle(self) -> None:
        if self._leaving:
            self.drain()
        else:
            super().connection_idle()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        _keep_alive(transport)
        super().connection_made(transport)

    def connection_ready(self) -> None:
        super().connection_ready()
        if not self.ready.done():
            self.ready.set_result(None)

    def connection_draining(self, reason: str) -> None:
        if _TOO_MANY_PINGS in reason:
            self.channel.probe_less()
        self.channel.retire(self)

    def connection_failed(self, reason: str) -> None:
        self.channel.retire(self)
        super().connection_failed(reason)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.channel.retire(self)
        if not self.ready.done():
            refused = self.refusal
            self.ready.set_exception(HandshakeError(refused) if refused else ConnectionError(self.failure))
            self.ready.exception()  # it is looked at by the channel, if that still waits


def _keep_alive(transport: asyncio.BaseTransport) -> None:
    """Let the kernel notice a peer that vanished (Go's dialer does the same, every 15 s)."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)


class Channel:
    """One target: ``host:port``, ``[v6]:port`` or ``unix:/path``."""

    def __init__(self, target: str, options: ChannelOptions | None = None, *, authority: str | None = None) -> None:
        self.target = target
        self.authority = authority or ("localhost" if target.startswith("unix:") else target)
        self.options = options or ChannelOptions()
        self.keepalive = self.options.keepalive
        self._deadlines: Deadlines | None = None
        self._connection: ClientConnection | None = None
        self._live: set[ClientConnection] = set()
        self._dialing: asyncio.Task[None] | None = None
        self._waiting: list[Acquired] = []
        self._failures = 0
        self._retry_at = 0.0
        self._last_error = GrpcError(Code.UNAVAILABLE, "not connected")
        self._closed = False

    @property
    def deadlines(self) -> Deadlines:
        """The deadlines of all calls of this channel."""
        if self._deadlines is None:
            self._deadlines = Deadlines(asyncio.get_running_loop())
        return self._deadlines

    @property
    def connection(self) -> ClientConnection | None:
        """The connection that takes new calls, if one is ready."""
        connection = self._connection
        return connection if connection is not None and connection.usable else None

    @property
    def active(self) -> int:
        """Calls in flight."""
        return sum(len(connection.core.streams) for connection in self._live)

    def acquire(self, callback: Acquired) -> None:
        """Call back with a ready connection: at once when there is one, else when dialling has come to an end.

        Dials if nobody does, but not during back-off: then the callback gets the last error at once.
        """
        connection = self.connection
        if connection is not None:
            callback(connection, None)
            return
        if self._closed:
            callback(None, GrpcError(Code.CANCELLED, "grpc: the client connection is closing"))
            return
        if self._dialing is None:
            loop = asyncio.get_running_loop()
            if loop.time() < self._retry_at:
                callback(None, self._last_error)
                return
            self._dialing = loop.create_task(self._dial(), name=f"dial {self.target}")
        self._waiting.append(callback)

    async def connect(self) -> ClientConnection:
        """A ready connection. Raises GrpcError (UNAVAILABLE, unprocessed) when there is none to be had."""
        if (connection := self.connection) is not None:
            return connection
        future: asyncio.Future[ClientConnection] = asyncio.get_running_loop().create_future()

        def done(connection: ClientConnection | None, error: GrpcError | None) -> None:
            if future.done():
                return
            if connection is not None:
                future.set_result(connection)
            else:
                assert error is not None
                future.set_exception(error)

        self.acquire(done)
        return await future

    async def _dial(self) -> None:
        try:
            connection = await self._open()
        except (OSError, ValueError) as error:
            self._missed(error)
            return
        finally:
            self._dialing = None
        self._failures = 0
        self._retry_at = 0.0
        self._connection = connection
        self._answer(connection, None)

    async def _open(self) -> ClientConnection:
        """Connect, and wait for the server's SETTINGS. Raises OSError (TimeoutError is one)."""
        loop = asyncio.get_running_loop()
        options = self.options
        connection = ClientConnection(self, options)
        host, _, port = ("localhost", "", "0") if self.target.startswith("unix:") else self.target.rpartition(":")
        host = host.strip("[]") or "localhost"
        tls: dict[str, Any] = {}
        if options.ssl is not None:
            tls["ssl"] = options.ssl() if callable(options.ssl) else options.ssl
            tls["server_hostname"] = options.server_hostname or host
            tls["ssl_shutdown_timeout"] = SHUTDOWN_TIMEOUT
        try:
            async with asyncio.timeout(options.connect_timeout):
                if self.target.startswith("unix:"):
                    path = self.target.removeprefix("unix:")
                    await loop.create_unix_connection(lambda: connection, path, **tls)
                else:
                    await loop.create_connection(lambda: connection, host, int(port), **tls)
                self._live.add(connection)
                await connection.ready
        except BaseException:
            connection.abort("not connected")
            raise
        return connection

    def _missed(self, error: Exception) -> None:
        """Note a failed attempt, start the back-off, tell everybody who waited."""
        options = self.options
        delay = min(options.backoff_base * 1.6**self._failures, options.backoff_max)
        delay *= 0.8 + 0.4 * options.random()
        self._failures += 1
        self._retry_at = asyncio.get_running_loop().time() + delay
        self._last_error = GrpcError(Code.UNAVAILABLE, _dial_text(self.target, error), unprocessed=True)
        self._answer(None, self._last_error)

    def _answer(self, connection: ClientConnection | None, error: GrpcError | None) -> None:
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            try:
                callback(connection, error)
            except Exception as failure:  # noqa: BLE001  # one caller's mistake must not leave the others waiting
                context = {"message": "a channel's callback failed", "exception": failure}
                asyncio.get_running_loop().call_exception_handler(context)

    def probe_less(self) -> None:
        """The server has sent us away for our PINGs."""
        interval = self.keepalive.interval
        if interval is not None:
            self.keepalive = replace(self.keepalive, interval=interval * 2)

    def retire(self, connection: ClientConnection) -> None:
        """No new calls on this connection; those in flight go on. The next call dials anew."""
        if self._connection is connection:
            self._connection = None
        if connection.transport is None or connection.core.closed:
            self._live.discard(connection)

    async def close(self, grace: float = 0.0) -> None:
        """Take no more calls, let those in flight finish for ``grace`` seconds, then cancel them."""
        self._closed = True
        if self._dialing is not None:
            self._dialing.cancel()
            await asyncio.wait([self._dialing])
            self._answer(None, GrpcError(Code.CANCELLED, "grpc: the client connection is closing"))
        for connection in list(self._live):
            connection.drain()
        waits = [asyncio.ensure_future(connection.wait_closed()) for connection in self._live]
        if waits:
            await asyncio.wait(waits, timeout=grace)
            for connection in list(self._live):
                connection.close("grpc: the client connection is closing")
            _, late = await asyncio.wait(waits, timeout=1.0)
            for connection in list(self._live):
                connection.abort("grpc: the client connection is closing")
            for wait in late:
                await wait
        if self._deadlines is not None:
            self._deadlines.close()


def _dial_text(target: str, error: Exception) -> str:
    """Why there is no connection, in grpc-go's words where they are known."""
    if isinstance(error, ssl.SSLError):
        cause = f"authentication handshake failed: {handshake_failure(error)}"
    elif isinstance(error, HandshakeError):
        cause = f"authentication handshake failed: {error}"
    elif isinstance(error, ConnectionResetError) and not str(error):
        cause = (
            "authentication handshake failed: EOF"  # the loop has no word for a server that hangs up in mid-handshake
        )
    elif isinstance(error, ConnectionRefusedError):
        cause = f"Error while dialing: dial tcp {target}: connect: connection refused"
    elif isinstance(error, TimeoutError):
        cause = f"Error while dialing: dial tcp {target}: i/o timeout"
    else:
        cause = f"Error while dialing: dial tcp {target}: {error}"
    return f"connection error: desc = {quoted(f'transport: {cause}')}"
