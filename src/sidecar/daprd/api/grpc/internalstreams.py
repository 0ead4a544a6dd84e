"""Streams of answers that other sidecars want of actors that live here: ``CallActorStream`` (wire.md).

Actors of applications have none and say so in the original's words; actors of this process do (``inside``).
"""

from __future__ import annotations

import asyncio

from dapr_core.errors import DaprError
from dapr_core.rpc.grpc.server_stream import CallListener, ServerStream
from daprd.api.grpc.internalactors import CONTEXT, RefusedError, answer_message, call_of, status_of
from daprd.blocks.actors.host import ActorAnswer
from daprd.blocks.actors.refusals import StatusError
from daprd.blocks.actors.routing import MOVED, MovedError, Router
from daprd.catalogue import actors as rows
from daprd.mesh.errors import INTERNAL, UNAVAILABLE, UNKNOWN


class ActorStreamCall(CallListener):
    """One call: one message, and a task that sends the answers as fast as the caller takes them."""

    __slots__ = ("_drained", "_message", "_router", "_stream", "_task")

    def __init__(self, stream: ServerStream, router: Router | None) -> None:
        self._stream = stream
        self._router = router
        self._message: bytes | None = None
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_end(self) -> None:
        message, self._message = self._message, None
        if message is None:
            self._stream.finish(INTERNAL, "received no message for a unary request")
            return
        self._task = self._stream.server.loop.create_task(self._serve(message), name="answers of an actor")

    def on_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def on_writable(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def _serve(self, message: bytes) -> None:
        stream = self._stream
        try:
            if self._router is None:
                raise RefusedError(UNAVAILABLE, "placement service is not configured")
            call = call_of(message)
            stream.send_metadata(CONTEXT)
            await self._router.stream_for_peer(call, self._send)
        except asyncio.CancelledError:
            stream.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - the edge: the peer gets a status, the log the cause
            stream.finish(*_status(error))
        else:
            stream.finish()

    async def _send(self, answer: ActorAnswer) -> None:
        stream = self._stream
        stream.send_message(answer_message(answer))
        if not stream.writable:
            self._drained = stream.server.loop.create_future()
            await self._drained
            self._drained = None


def _status(error: Exception) -> tuple[int, str]:
    """The original tells what became of a stream as the actor said it, without a word of its own."""
    if isinstance(error, MovedError):
        return UNKNOWN, MOVED
    if isinstance(error, DaprError) and error.row is rows.INVOKE_METHOD and not isinstance(error, StatusError):
        return UNKNOWN, str(error.params["error"])
    return status_of(error)
