"""A server of the tests that takes a sidecar's place: it answers every call, and knows who called."""

from __future__ import annotations

import ssl

from dapr_core.rpc.grpc import CallListener, GrpcServer, ServerStream
from daprd.mesh import codec
from daprd.mesh.client import STREAM


class Answering:
    """``callers`` are the SPIFFE ids of those whose calls came through, in order; ``connections``: how many stand."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._server: GrpcServer | None = None
        self.callers: list[str | None] = []
        self.port = 0

    async def start(self) -> Answering:
        self._server = GrpcServer()
        self._server.register(STREAM, lambda stream: _Answer(self, stream))
        (socket,) = await self._server.listen("127.0.0.1", 0, ssl=self._context)
        self.port = socket.getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        await self._server.stop(0)

    @property
    def connections(self) -> int:
        return 0 if self._server is None else len(self._server.connections)


class _Answer(CallListener):
    __slots__ = ("_server", "_stream")

    def __init__(self, server: Answering, stream: ServerStream) -> None:
        self._server = server
        self._stream = stream

    def on_message(self, message: bytes) -> None:
        self._server.callers.append(self._stream.peer.spiffe_id)

    def on_end(self) -> None:
        self._stream.send_message(codec.encode_chunk(codec.encode_response(200, []), b"hello", 0))
        self._stream.finish()
