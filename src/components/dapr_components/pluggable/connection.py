"""The channel to a component's process, alive over its deaths, and the base of every pluggable class.

Each instance has a connection of its own. When the process ends, calls fail until somebody listens at the socket again;
the channel then dials anew. A process that has been started again knows nothing of its manifest, so the first call on a
new connection looks whether the socket file is another one, and if so initialises the component again before anything
else is asked of it.
"""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from google.protobuf.message import Message

from dapr_components.contract import Component, ComponentContext, ComponentError, Metadata
from dapr_components.pluggable.errors import Convert, RemoteError, plain_error
from dapr_components.pluggable.sockets import UntrustedError, check_socket
from dapr_core.rpc.grpc.client import Channel, ChannelOptions, ClientConnection
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.grpc.stub import Call, StreamStream, UnaryUnary

MESSAGE_LIMIT = 64 * 1024 * 1024
OPTIONS = ChannelOptions(message_limit=MESSAGE_LIMIT, connect_timeout=5.0, backoff_base=0.1, backoff_max=2.0)
INIT_AGAIN_LIMIT = 30.0
PING_LIMIT = 5.0
CLOSE_GRACE = 5.0
INSTANCE_FIELD = "x-component-instance"

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)
Identity = tuple[int, int]
"""Inode and time of a socket file: another pair, another process."""


class Connection:
    """One instance's way to its process. ``hello`` initialises the component there."""

    def __init__(self, socket: Path, instance: str, hello: Callable[[], Awaitable[None]]) -> None:
        self.channel = Channel(f"unix:{socket}", OPTIONS)
        self._socket = socket
        self._metadata = ((INSTANCE_FIELD, instance),)
        self._instance = instance
        self._hello = hello
        self._current: ClientConnection | None = None
        self._greeted: Identity | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    async def ready(self) -> None:
        """Have a connection to a component that is initialised. Raises ``ComponentError``."""
        if self._current is None or self.channel.connection is not self._current:
            async with self._turn:
                await self._prepare()

    async def _prepare(self) -> None:
        if self._closed:
            raise ComponentError(f"component {self._instance} is closed")
        identity = self._identity()
        try:
            connection = await self.channel.connect()
        except GrpcError as error:
            raise RemoteError(error) from error
        if identity != self._greeted:
            try:
                async with asyncio.timeout(INIT_AGAIN_LIMIT if self._greeted else None):
                    await self._hello()
            except TimeoutError as error:
                text = f"component {self._instance} came back but was not initialised within {INIT_AGAIN_LIMIT:g} s"
                raise ComponentError(text) from error
            self._greeted = identity
        self._current = connection

    def _identity(self) -> Identity:
        try:
            found = check_socket(self._socket)
        except UntrustedError as error:
            raise ComponentError(str(error)) from error
        except OSError as error:
            text = f"the component's process is not there: {self._socket}: {os.strerror(error.errno or 0)}"
            raise RemoteError(GrpcError(Code.UNAVAILABLE, text)) from error
        return found.st_ino, found.st_mtime_ns

    async def call(self, method: UnaryUnary[Q, R], request: Q, *, convert: Convert = plain_error) -> R:
        """One call of a component that is ready. Raises what ``convert`` makes of its status."""
        await self.ready()
        return await self.raw(method, request, convert=convert)

    async def raw(
        self, method: UnaryUnary[Q, R], request: Q, *, timeout: float | None = None, convert: Convert = plain_error
    ) -> R:
        """One call, without a look at whether the component is initialised: what ``hello`` is made of."""
        try:
            return await method(request, timeout=timeout, metadata=self._metadata)
        except GrpcError as error:
            raise convert(error) from error

    async def stream(self, method: StreamStream[Q, R]) -> Call[Q, R]:
        """A stream that has begun. Raises ``ComponentError``."""
        await self.ready()
        call = method(metadata=self._metadata)
        try:
            await call.start()
        except GrpcError as error:
            raise RemoteError(error) from error
        return call

    async def close(self) -> None:
        """Let calls in flight finish for a moment, then close."""
        self._closed = True
        self._current = None
        await self.channel.close(grace=CLOSE_GRACE)


class PluggableComponent(Component):
    """What all pluggable kinds share. ``discovery`` makes a subclass per socket and fills in where it is."""

    socket: ClassVar[Path]
    services: ClassVar[frozenset[str]] = frozenset()
    """Names of the services at the socket, without their package."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self.properties: dict[str, str] = {}
        self.connection = Connection(self.socket, context.name, self.hello)

    async def init(self, metadata: Metadata) -> None:
        """Connect, hand over the manifest's metadata, and learn what the component can do."""
        self.properties = dict(metadata)
        await self.connection.ready()

    @abstractmethod
    async def hello(self) -> None:
        """Initialise the component with ``properties`` and learn its features. Raises ``ComponentError``."""

    async def close(self) -> None:
        await self.connection.close()

    async def _ping(self, method: UnaryUnary[Any, Any], request: Message) -> None:
        await self.connection.ready()
        await self.connection.raw(method, request, timeout=PING_LIMIT)
