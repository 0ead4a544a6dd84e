"""What the protocols alone cost a service invocation: the same hops and bytes, with no rule of Dapr between them.

A caller takes HTTP/1.1 requests and sends each body as one gRPC message to a callee, which asks the application over
HTTP/1.1 and answers with one message. No routing, no metrics, no policies, no names, no message to encode: what a real
pair costs beyond this is the sidecar's own work. ``python -m bench.floor``
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator, Sequence

import uvloop

from bench.lib.command import main
from bench.lib.processes import running
from bench.lib.sidecar import echo_app
from bench.lib.work import Work
from bench.lib.yardstick import BODY
from dapr_core.rpc.grpc import CallListener, Channel, GrpcServer, ResponseListener, ServerStream, Status
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response

PATH = "/bench.Floor/Call"
HEADERS = [(b"content-type", b"application/octet-stream")]


class Answer(ResponseListener):
    """One answer, and the future that waits for it."""

    __slots__ = ("body", "future")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.body = b""
        self.future: asyncio.Future[Response] = loop.create_future()

    def on_message(self, message: bytes) -> None:
        self.body = message

    def on_close(self, status: Status) -> None:
        self.future.set_result(Response(200 if status.ok else 500, HEADERS, self.body))


class Call(CallListener):
    """One call: the application is asked when its message is whole."""

    __slots__ = ("client", "message", "origin", "stream", "task")

    def __init__(self, stream: ServerStream, client: HTTP1Client, origin: Origin) -> None:
        self.stream, self.client, self.origin = stream, client, origin
        self.message = b""
        self.task: asyncio.Task[None] | None = None

    def on_message(self, message: bytes) -> None:
        self.message = message

    def on_end(self) -> None:
        self.task = self.stream.server.loop.create_task(self._answer())

    async def _answer(self) -> None:
        response = await self.client.request(self.origin, Request("POST", b"/echo", HEADERS, self.message))
        self.stream.send_message(await response.read())
        self.stream.finish()


async def serve_caller(callee: int) -> None:
    """HTTP/1.1 in, gRPC out."""
    loop = asyncio.get_running_loop()
    connection = await Channel(f"127.0.0.1:{callee}").connect()

    async def handle(request: Request) -> Response:
        answer = Answer(loop)
        connection.start(PATH, b"", answer, None).send_message(await request.read(), True)
        return await answer.future

    ((_, port),) = await HTTP1Server(handle).serve_tcp("127.0.0.1", 0)
    print(port, flush=True)
    await asyncio.Event().wait()


async def serve_callee(app: int) -> None:
    """gRPC in, HTTP/1.1 out."""
    client, origin, server = HTTP1Client(), Origin("127.0.0.1", app), GrpcServer()
    server.register(PATH, lambda stream: Call(stream, client, origin))
    (listening,) = await server.listen("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    await asyncio.Event().wait()


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """A caller, a callee, an application, without Dapr."""
    command = [sys.executable, "-m", "bench.floor"]
    with (
        echo_app() as (_, app),
        running([*command, "--callee", str(app)]) as (callee_pid, callee),
        running([*command, "--caller", str(callee)]) as (caller_pid, caller),
    ):
        yield [
            Work(
                name="protocols alone",
                roles=("caller", "callee"),
                pids=(caller_pid, callee_pid),
                url=f"http://127.0.0.1:{caller}/",
                method="POST",
                headers={"Content-Type": "application/octet-stream"},
                body=BODY,
            )
        ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--caller", type=int)
    parser.add_argument("--callee", type=int)
    options, rest = parser.parse_known_args()
    if options.caller is not None:
        uvloop.run(serve_caller(options.caller))
    elif options.callee is not None:
        uvloop.run(serve_callee(options.callee))
    else:
        sys.argv[1:] = rest
        main("floor", stage)
