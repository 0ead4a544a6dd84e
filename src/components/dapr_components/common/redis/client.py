"""The client that vendors use: it keeps one connection, re-opens it when it broke, and retries as the manifest says.

All commands of all callers share one pipelined connection, which is both the fastest and the leanest way to talk to a
server that works through commands one by one. Commands that make the server wait (``XREADGROUP … BLOCK``,
``SUBSCRIBE``) would hold up everybody else, so they go through a connection of their own (``dedicated``).

Retries follow the public component: broken connections, time-outs and passing refusals are tried again up to
``redisMaxRetries`` times, with a growing pause and jitter. A command whose reply was lost may thus run twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import hiredis

from dapr_components.common.redis.connection import Argument, Command, RedisConnection, Reply
from dapr_components.common.redis.dialling import dial
from dapr_components.common.redis.errors import (
    TRANSIENT_CODES,
    RedisError,
    RedisReplyError,
    RedisUnavailableError,
)
from dapr_components.common.redis.script import Script
from dapr_components.common.redis.settings import RedisSettings


class RedisClient:
    """A Redis server as seen by one component. Nothing is opened before the first command."""

    def __init__(self, settings: RedisSettings, *, read_timeout: float | None = -1.0) -> None:
        """``read_timeout`` in seconds overrides the manifest's; None waits without end."""
        self.settings = settings
        self._read_timeout = settings.read_timeout if read_timeout == -1.0 else read_timeout
        self._connection: RedisConnection | None = None
        self._dialling: asyncio.Task[RedisConnection] | None = None
        self._children: list[RedisClient] = []
        self._closed = False

    # -- commands

    async def execute(self, *command: Argument) -> Reply:
        """Run one command.

        Raises:
            RedisReplyError: the server refused it.
            RedisUnavailableError: no reply could be had, after all retries.
        """
        connection = self._connection
        if connection is not None and not connection.closed and connection.has_room:
            try:
                reply = await connection.send(command)
                if type(reply) is not hiredis.ReplyError:
                    return reply
                failure: RedisError = self._refusal(reply)
            except RedisUnavailableError as error:
                failure = error
            return (await self._persist([command], failure))[0]
        return (await self._persist([command], None))[0]

    async def pipeline(self, commands: Sequence[Command]) -> list[Reply]:
        """Run several commands side by side in one write; a refused one leaves a ``hiredis.ReplyError`` in its place.

        Raises ``RedisUnavailableError`` when a reply could not be had: then any of them may have run.
        """
        return await self._persist(commands, None, refusals_are_values=True)

    async def eval(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """Run a script by its digest; where the server does not know it, by its text. Raises as ``execute``."""
        try:
            return await self.execute(b"EVALSHA", script.digest, len(keys), *keys, *arguments)
        except RedisReplyError as error:
            if error.code != "NOSCRIPT":
                raise
        return await self.execute(b"EVAL", script.source, len(keys), *keys, *arguments)

    async def ping(self) -> None:
        """Check that the server answers. Raises as ``execute``."""
        await self.execute(b"PING")

    def dedicated(self, *, read_timeout: float | None = None) -> RedisClient:
        """A client with a connection of its own, for commands that make the server wait.

        ``read_timeout`` must exceed the longest wait asked for; None waits without end. Closed with this client.
        """
        child = RedisClient(self.settings, read_timeout=read_timeout)
        self._children = [other for other in self._children if not other._closed]
        self._children.append(child)
        return child

    async def close(self) -> None:
        """Close every connection; commands still waiting fail. Safe to call twice."""
        self._closed = True
        for child in self._children:
            await child.close()
        if self._dialling is not None:
            dialling = self._dialling
            dialling.cancel()
            await asyncio.wait([dialling])
            self._dialled(dialling)
        if self._connection is not None:
            self._connection.close()
            await self._connection.wait_closed()
            self._connection = None

    # -- trying, and trying again

    async def _persist(
        self, commands: Sequence[Command], failure: RedisError | None, *, refusals_are_values: bool = False
    ) -> list[Reply]:
        """Try until the replies are there or the retries are spent; ``failure`` is that of an attempt already made."""
        attempt = 0
        while True:
            if failure is not None:
                if attempt >= self.settings.max_retries or self._closed or not _may_pass(failure):
                    raise failure
                await asyncio.sleep(backoff(attempt, self.settings.min_backoff, self.settings.max_backoff))
                attempt += 1
            try:
                replies = await self._attempt(commands)
            except RedisError as error:
                failure = error
                continue
            refused = next((reply for reply in replies if isinstance(reply, hiredis.ReplyError)), None)
            if refused is None:
                return replies
            failure = self._refusal(refused)
            if refusals_are_values and not _may_pass(failure):
                return replies

    async def _attempt(self, commands: Sequence[Command]) -> list[Reply]:
        connection = await self._ready()
        while not connection.has_room:
            await connection.room()
            connection = await self._ready()
        futures = connection.send_many(commands)
        try:
            return [await future for future in futures]
        except BaseException:
            for future in futures:  # a lost connection fails them all; nobody else will look at the rest
                if not future.cancel() and not future.cancelled():
                    future.exception()
            raise

    async def _ready(self) -> RedisConnection:
        """The open connection; many callers that find none wait for one dial."""
        if self._closed:
            raise RedisUnavailableError("redis: the client is closed")
        connection = self._connection
        if connection is not None and not connection.closed:
            return connection
        if self._dialling is None:
            self._dialling = asyncio.create_task(dial(self.settings, self._read_timeout))
            self._dialling.add_done_callback(self._dialled)
        dialling = self._dialling
        try:
            return await asyncio.shield(dialling)
        except asyncio.CancelledError:
            if dialling.cancelled():  # by ``close``, not by our caller
                raise RedisUnavailableError("redis: the client is closed") from None
            raise

    def _dialled(self, task: asyncio.Task[RedisConnection]) -> None:
        self._dialling = None
        if task.cancelled():
            return
        if task.exception() is None:
            self._connection = task.result()

    def _refusal(self, reply: hiredis.ReplyError) -> RedisReplyError:
        error = RedisReplyError(str(reply))
        if error.code == "READONLY" and self.settings.sentinel_master and self._connection is not None:
            self._connection.close()  # the primary has moved: the next dial asks the Sentinels again
        return error


def backoff(attempt: int, minimum: float, maximum: float, rng: random.Random | None = None) -> float:
    """Seconds to wait before retry ``attempt`` (from 0): doubling from ``minimum`` with jitter, ``maximum`` at most."""
    if minimum <= 0:
        return 0.0
    step = minimum * 2.0 ** min(attempt, 30)
    if step > maximum:
        return maximum
    return float(min(maximum, minimum + (rng or random).random() * step))


def _may_pass(error: RedisError) -> bool:
    if isinstance(error, RedisReplyError):
        return error.code in TRANSIENT_CODES or str(error).startswith("ERR max number of clients")
    return True
