"""Foreign services: their calls are handed on message by message, in both directions, unread (api.md §3.8).

A call is callbacks on its two streams. Each side is held back while the other cannot take more. What was sent is kept
until the answer begins, as long as it is small, so that a call whose connection died under it can be made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from dapr_core.rpc.grpc.client import ClientConnection
from dapr_core.rpc.grpc.client_stream import ClientStream, ResponseListener
from dapr_core.rpc.grpc.server_stream import CallListener, ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError, Status
from dapr_core.rpc.messages import Headers
from daprd.blocks.invoke.proxying import Plan, Proxying, answer_fields, content_type
from daprd.policy.contract import CircuitOpenError, PermanentError, RetriesExhaustedError

KEPT_BYTES: Final = 1 << 20
"""Bytes of messages that are kept to be sent again."""
_WAITING_BYTES: Final = 64 * 1024
"""Bytes of messages from which a caller is held back while there is no connection yet."""
_RETRIED: Final = frozenset({Code.UNAVAILABLE, Code.UNAUTHENTICATED})

Ended = Callable[[int], None]


class ProxiedCall(CallListener):
    """One call: what its caller sends goes to ``_out``, the stream of the present attempt."""

    __slots__ = (
        "_answered",
        "_due",
        "_ended",
        "_ending",
        "_held",
        "_kept",
        "_next",
        "_out",
        "_over",
        "_path",
        "_paused",
        "_plan",
        "_proxying",
        "_retried",
        "_size",
        "_stream",
        "_task",
    )

    def __init__(self, proxying: Proxying, plan: Plan, stream: ServerStream, ended: Ended) -> None:
        self._proxying = proxying
        self._plan = plan
        self._stream = stream
        self._over = ended
        self._path = stream.head.path.decode("latin-1")
        self._out: ClientStream | None = None
        self._held: list[bytes] = []  # what the caller has sent; the part from _next on has not been handed on
        self._next = 0
        self._size = 0
        self._kept = True
        self._ended = False
        self._ending = False  # the end has been handed on to the present attempt, though it may still be queued there
        self._answered = False
        self._due = False
        self._paused = False
        self._retried = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: at once where a connection is ready and nobody wants to guard the call."""
        policy = self._plan.policy
        if policy is not None and not policy.built_in:
            self._task = self._stream.server.loop.create_task(self._guarded())
            return
        connection = self._proxying.ready(self._plan)
        if connection is not None:
            self._attempt(connection, None)
        else:
            self._task = self._stream.server.loop.create_task(self._connect())

    # -- from the caller

    def on_message(self, message: bytes) -> None:
        self._held.append(message)
        self._size += len(message)
        if self._kept and self._size > KEPT_BYTES:
            self._kept = False
        if self._out is None:
            if self._size > _WAITING_BYTES:
                self._pause()
        elif not self._due:
            # Most calls end with their only message: its end goes out with it.
            self._due = True
            self._stream.server.loop.call_soon(self._pump)

    def on_end(self) -> None:
        self._ended = True
        self._pump()

    def on_cancel(self) -> None:
        self._finished(Code.CANCELLED)
        if self._out is not None:
            self._out.cancel()
        if self._task is not None:
            self._task.cancel()

    def on_writable(self) -> None:
        if self._out is not None:
            self._out.resume()

    def _pump(self) -> None:
        """Hand on what the caller has sent."""
        self._due = False
        out, held = self._out, self._held
        if out is None or self._ending or not out.local_open:
            return
        at, last = self._next, len(held)
        while at < last:
            message = held[at]
            at += 1
            out.send_message(message, self._ended and at == last)
        if self._ended:
            self._ending = True
            if last == self._next:
                out.end()
        self._next = last
        if not self._kept:
            held.clear()
            self._next = 0
        if not out.writable:
            self._pause()
        elif self._paused:
            self.drained()

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._stream.pause()

    def drained(self) -> None:
        """The present attempt takes more."""
        if self._paused:
            self._paused = False
            self._stream.resume()

    # -- attempts

    async def _connect(self) -> None:
        try:
            self._attempt(await self._proxying.connect(self._plan), None)
        except GrpcError as error:
            self._close(Status(error.code, error.message, details=error.details))

    def _attempt(self, connection: ClientConnection, outcome: asyncio.Future[Status | None] | None) -> None:
        """Start the call on a connection. With ``outcome``, its end is told there and not to the caller."""
        stream = self._stream
        if stream.ended:
            return
        deadline = stream.deadline
        timeout = None if deadline is None else max(deadline - stream.server.loop.time(), 0.0)
        back = _Answer(self, stream, outcome)
        try:
            fields = self._proxying.fields(self._plan)
            out = connection.start(self._path, fields, back, timeout, content_type=stream.head.content_type)
        except GrpcError as error:
            back.on_close(Status(error.code, error.message, unprocessed=error.unprocessed))
            return
        self._out = back.out = out
        self._next = 0
        self._ending = False
        self._pump()

    def answered(self) -> None:
        """The answer has begun: from now on the call cannot be made again."""
        self._answered = True
        if self._kept:
            self._kept = False
            del self._held[: self._next]
            self._next = 0

    def closed(self, status: Status) -> None:
        """The present attempt has ended. One that never reached its server is made once more."""
        if status.unprocessed and not self._answered and self._kept and not self._retried:
            self._retried = True
            self._out = None
            self._task = self._stream.server.loop.create_task(self._connect())
            return
        self._close(status)

    def _close(self, status: Status) -> None:
        self._stream.finish(
            status.code, status.message, details=status.details, trailers=answer_fields(status.trailers)
        )
        self._finished(status.code)

    def _finished(self, code: int) -> None:
        over, self._over = self._over, _nothing
        over(code)

    # -- under a policy

    async def _guarded(self) -> None:
        policy = self._plan.policy
        assert policy is not None
        try:
            status = await policy.run(self._one_attempt)
        except (RetriesExhaustedError, PermanentError) as error:
            cause = error.cause
            status = cause.status if isinstance(cause, _FailedError) else Status(Code.UNKNOWN, str(cause))
        except _FailedError as failure:
            status = failure.status
        except CircuitOpenError as refusal:
            status = Status(Code.UNAVAILABLE, str(refusal) or "circuit breaker is open")
        except TimeoutError:
            status = Status(Code.DEADLINE_EXCEEDED, "context deadline exceeded")
        if status is None:
            return  # a stream that goes on without its policy; its end comes by itself
        if self._out is not None:
            self._out.cancel()
        self._close(status)

    async def _one_attempt(self) -> Status | None:
        outcome: asyncio.Future[Status | None] = self._stream.server.loop.create_future()
        try:
            self._attempt(await self._proxying.connect(self._plan), outcome)
            status = await outcome
        except GrpcError as error:
            status = Status(error.code, error.message, details=error.details)
        except asyncio.CancelledError:
            if self._out is not None:
                self._out.cancel()
            raise
        if status is None or status.ok:
            return status
        failure = _FailedError(status)
        if self._answered or not self._kept:
            raise PermanentError(failure)
        self._out = None
        raise failure

    @property
    def streaming(self) -> bool:
        """Whether a policy guards the beginning of the call only."""
        return self._plan.streaming


class _FailedError(Exception):
    """An attempt that ended with a failure; ``code`` is what a policy's ``matching`` looks at."""

    def __init__(self, status: Status) -> None:
        self.status = status
        self.code = int(status.code)
        super().__init__(status.message)


class _Answer(ResponseListener):
    """The answer of one attempt, on its way back."""

    __slots__ = ("_call", "_outcome", "_stream", "out")

    def __init__(self, call: ProxiedCall, stream: ServerStream, outcome: asyncio.Future[Status | None] | None) -> None:
        self._call = call
        self._stream = stream
        self._outcome = outcome
        self.out: ClientStream | None = None

    def on_headers(self, fields: Headers) -> None:
        self._call.answered()
        self._stream.send_metadata(answer_fields(fields), content_type=content_type(fields))
        if self._outcome is not None and self._call.streaming:
            self._settle(None)
            self._outcome = None

    def on_message(self, message: bytes) -> None:
        stream = self._stream
        stream.send_message(message)
        if not stream.writable and self.out is not None:
            self.out.pause()

    def on_close(self, status: Status) -> None:
        if self._outcome is None:
            self._call.closed(status)
        else:
            self._settle(status)

    def _settle(self, status: Status | None) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(status)

    def on_writable(self) -> None:
        self._call.drained()


def _nothing(code: int) -> None:
    """A call ends once."""
