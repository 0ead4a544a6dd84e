"""Single calls of the application over its gRPC connection: a message out, metadata, a message and a status back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from dapr_core.rpc.grpc.client import ClientConnection
from dapr_core.rpc.grpc.client_stream import ResponseListener
from dapr_core.rpc.grpc.status import GrpcError, Status
from dapr_core.rpc.messages import Headers
from daprd.app.connection import AppConnection

Record = Callable[[str, int, float, int, int], None]
"""Told about each call: path, gRPC code, milliseconds, bytes sent, bytes received."""


class Reply(ResponseListener):
    """What came back of one call. Await ``done``; ``status`` says how it ended, whatever happened."""

    __slots__ = ("done", "headers", "message", "status")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.done: asyncio.Future[None] = loop.create_future()
        self.headers: Headers = []
        self.message = b""
        self.status: Status

    def on_headers(self, fields: Headers) -> None:
        self.headers = fields

    def on_message(self, message: bytes) -> None:
        self.message = message

    def on_close(self, status: Status) -> None:
        self.status = status
        if not self.done.done():
            self.done.set_result(None)


class AppCalls:
    """Makes calls on the application's connection, and records them."""

    def __init__(self, connection: AppConnection, record: Record | None = None) -> None:
        self._connection = connection
        self._record = record

    async def call(self, path: str, message: bytes, metadata: Headers | bytes, timeout: float | None = None) -> Reply:
        """Make a call; an application that cannot be reached gives a reply with UNAVAILABLE.

        A call that the application never looked at, since its connection was going away, is made once more.
        """
        started = time.perf_counter() if self._record is not None else 0.0
        reply = await self._exchange(path, message, metadata, timeout)
        if reply.status.unprocessed:
            reply = await self._exchange(path, message, metadata, timeout)
        if self._record is not None:
            elapsed = (time.perf_counter() - started) * 1000
            self._record(path, int(reply.status.code), elapsed, len(message), len(reply.message))
        return reply

    async def _exchange(self, path: str, message: bytes, metadata: Headers | bytes, timeout: float | None) -> Reply:
        channel = self._connection.channel
        connection: ClientConnection | None = channel.connection
        try:
            if connection is None:
                connection = await channel.connect()
            reply = Reply(connection.loop)
            stream = connection.start(path, metadata, reply, timeout)
        except GrpcError as error:
            failed = Reply(asyncio.get_running_loop())
            failed.status = Status(error.code, error.message, unprocessed=error.unprocessed)
            return failed
        stream.send_message(message, True)
        try:
            await reply.done
        except asyncio.CancelledError:
            stream.cancel()
            raise
        return reply
