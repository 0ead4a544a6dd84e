"""A component's long-lived stream: messages in, acknowledgements out, opened again when it breaks.

The two kinds that deliver, pub/sub and input bindings, differ only in how many messages may be in work at once. A
message in work when its stream breaks is not acknowledged, and is the component's to deliver again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from google.protobuf.message import Message

from dapr_components.contract import ComponentError
from dapr_core.rpc.grpc.status import GrpcError
from dapr_core.rpc.grpc.stub import Call

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
GOODBYE_LIMIT = 1.0

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)


class Delivery(Generic[Q, R]):
    """Takes the messages of one stream to ``handle``, at most ``at_once`` at a time, and sends back its answers."""

    def __init__(
        self,
        label: str,
        open_stream: Callable[[], Awaitable[Call[Q, R]]],
        handle: Callable[[R], Awaitable[Q]],
        *,
        at_once: int,
        logger: logging.Logger,
    ) -> None:
        """``open_stream`` raises ``ComponentError`` or ``GrpcError``; ``handle`` puts failures into its answer."""
        self._label = label
        self._open = open_stream
        self._handle = handle
        self._slots = asyncio.Semaphore(at_once)
        self._log = logger
        self._call: Call[Q, R] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._in_work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the stream and read it in the background. Raises ``ComponentError``."""
        try:
            self._call = await self._open()
        except GrpcError as error:
            raise ComponentError(f"{self._label} cannot be opened: {error.message}") from error
        self._reading = asyncio.create_task(self._run(), name=self._label)

    async def close(self) -> None:
        """Read no more, finish what is in work, say goodbye. Safe to call twice."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait([reading])
        others = self._in_work - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)
        call, self._call = self._call, None
        if call is not None:
            await _goodbye(call)

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            reason = "the component ended it"
            try:
                if self._call is None:
                    self._call = await self._open()
                    self._log.info("%s is open again", self._label)
                async for message in self._call:
                    pause = FIRST_PAUSE
                    await self._slots.acquire()
                    self._begin(self._call, message)
            except GrpcError as error:
                reason = error.message or error.code.name
            except (ComponentError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
            self._call = None
            self._log.warning("%s broke: %s; trying again in %.1f s", self._label, reason, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _begin(self, call: Call[Q, R], message: R) -> None:
        task = asyncio.create_task(self._work(call, message))
        self._in_work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._in_work.discard(task)
        self._slots.release()

    async def _work(self, call: Call[Q, R], message: R) -> None:
        answer = await self._handle(message)
        try:
            await call.send(answer)
        except GrpcError as error:
            self._log.warning("%s: a message could not be acknowledged and may come again: %s",
                              self._label, error.message)  # fmt: skip


async def _goodbye(call: Call[Q, R]) -> None:
    """End our side, so that acknowledgements under way are read, and give the component a moment to end its own."""
    if call.status is None:
        try:
            await call.end()
            async with asyncio.timeout(GOODBYE_LIMIT):
                async for _ in call:
                    pass  # not acknowledged, so it comes again to the next reader
        except (GrpcError, TimeoutError):
            call.cancel()
            return
    call.cancel()
