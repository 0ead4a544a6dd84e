"""The application of the gRPC benches: the least that speaks gRPC, on our own server.

It echoes ``/bench.Echo/Unary`` as it came, and answers ``AppCallback.OnInvoke`` with the data it was sent.
"""

from __future__ import annotations

import asyncio

import uvloop

from dapr_core.proto.gen.common.v1.common_pb2 import InvokeRequest, InvokeResponse
from dapr_core.rpc.grpc import CallListener, GrpcServer, ServerStream

ECHO = "/bench.Echo/Unary"
ON_INVOKE = "/dapr.proto.runtime.v1.AppCallback/OnInvoke"


class Echo(CallListener):
    """The callback form of a handler."""

    __slots__ = ("message", "stream")

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream
        self.message = b""

    def on_message(self, message: bytes) -> None:
        self.message = message

    def on_end(self) -> None:
        self.stream.send_message(self.message)
        self.stream.finish()


class OnInvoke(Echo):
    """An invoked method, whichever."""

    __slots__ = ()

    def on_message(self, message: bytes) -> None:
        request = InvokeRequest.FromString(message)
        self.message = InvokeResponse(data=request.data, content_type=request.content_type).SerializeToString()


async def main() -> None:
    """Print the port, then serve until killed."""
    server = GrpcServer()
    server.register(ECHO, Echo)
    server.register(ON_INVOKE, OnInvoke)
    (sock,) = await server.listen("127.0.0.1", 0)
    print(sock.getsockname()[1], flush=True)
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(main())
