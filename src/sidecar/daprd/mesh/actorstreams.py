"""Streams of answers from actors behind other sidecars: ``CallActorStream`` on the pooled connections (wire.md).

Only parts of the runtime call so. The peer is held back while whoever reads is busy with an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from dapr_core.rpc.grpc.client_stream import ClientStream, ResponseListener
from dapr_core.rpc.grpc.service import MessageQueue
from dapr_core.rpc.grpc.status import GrpcError, Status
from daprd.mesh import codec
from daprd.mesh.actors import Head
from daprd.mesh.client import MeshClient
from daprd.mesh.codec.actors import decode_answer, encode_call
from daprd.mesh.errors import INTERNAL, RpcError

STREAM: Final = "/dapr.proto.internals.v1.ServiceInvocation/CallActorStream"

Take = Callable[[codec.ResponseMessage, bytes], Awaitable[None]]
"""Gets the head and the body of each answer."""


class StreamPeers:
    """Calls other sidecars. ``namespace`` is this application's: actors of another are not reached."""

    def __init__(self, mesh: MeshClient, namespace: str) -> None:
        self._mesh = mesh
        self._namespace = namespace

    async def stream(
        self, address: str, app_id: str, actor: tuple[str, str], head: Head, data: bytes, take: Take
    ) -> None:
        """Call an actor and hand on its answers until the last. Raises ``RpcError``."""
        connection = await self._mesh.connection(address, (app_id, self._namespace))
        request, metadata = head
        answers = _Answers()
        try:
            stream = connection.start(STREAM, metadata, answers, None)
            answers.begin(stream)
            stream.send_message(encode_call(request, data, *actor), True)
            while (message := await answers.queue.get()) is not None:
                await take(*decode_answer(message))
        except GrpcError as error:
            raise RpcError(error.code, error.message) from error
        except (codec.CodecError, codec.HeaderError) as failure:
            raise RpcError(INTERNAL, str(failure)) from failure
        finally:
            answers.leave()


class _Answers(ResponseListener):
    """The answers of one call, between the loop's callbacks and their reader."""

    __slots__ = ("_stream", "queue")

    def __init__(self) -> None:
        self.queue = MessageQueue(self._pause, self._resume)
        self._stream: ClientStream | None = None

    def begin(self, stream: ClientStream) -> None:
        self._stream = stream

    def on_message(self, message: bytes) -> None:
        self.queue.put(message)

    def on_close(self, status: Status) -> None:
        self._stream = None
        self.queue.end(None if status.ok else GrpcError.of(status))

    def leave(self) -> None:
        """Nobody reads on: the peer shall not go on for nothing."""
        if self._stream is not None:
            self._stream.cancel()

    def _pause(self) -> None:
        if self._stream is not None:
            self._stream.pause()

    def _resume(self) -> None:
        if self._stream is not None:
            self._stream.resume()
