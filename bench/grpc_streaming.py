"""How fast one gRPC stream carries messages on loopback: large ones in MB/s, small ones by their number.

Server and client are processes of their own. Each message goes one way, from the server to the client (``down``) or
from the client to the server (``up``); both sides are ours. Prints a table and, with ``--json``, the same as JSON::

    python -m bench.grpc_streaming [--seconds 2] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import uvloop

from bench.grpc_unary import processor_seconds
from dapr_core.rpc.grpc import CallListener, Channel, ClientStream, GrpcServer, ResponseListener, ServerStream, Status

LARGE, SMALL = 65_536, 64
WORKS = {"large down": ("/bench.Stream/Down", LARGE), "large up": ("/bench.Stream/Up", LARGE)}
WORKS |= {"small down": ("/bench.Stream/Down", SMALL), "small up": ("/bench.Stream/Up", SMALL)}


@dataclass
class Figures:
    """One direction and size: megabytes (10^6) and messages a second, microseconds of processor time a message."""

    work: str
    megabytes_per_second: float
    messages_per_second: float
    client_us: float
    server_us: float


class Down(CallListener):
    """Sends messages of the size asked for until its caller has gone."""

    __slots__ = ("message", "stream")

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream
        self.message = b""

    def on_message(self, message: bytes) -> None:
        self.message = bytes(int(message))
        self.on_writable()

    def on_writable(self) -> None:
        stream, message = self.stream, self.message
        while stream.writable and not stream.ended:
            stream.send_message(message)


class Up(CallListener):
    """Counts messages and says how many there were."""

    __slots__ = ("count", "stream")

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream
        self.count = 0

    def on_message(self, message: bytes) -> None:
        self.count += 1

    def on_end(self) -> None:
        self.stream.send_message(b"%d" % self.count)
        self.stream.finish()


async def serve() -> None:
    server = GrpcServer()
    server.register("/bench.Stream/Down", Down)
    server.register("/bench.Stream/Up", Up)
    (sock,) = await server.listen("127.0.0.1", 0)
    print(sock.getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(0)


class Receiver(ResponseListener):
    """Counts what comes down until its time is over."""

    def __init__(self, end: float) -> None:
        self.stream: ClientStream | None = None
        self.end = end
        self.count = 0
        self.done = asyncio.get_running_loop().create_future()

    def on_message(self, message: bytes) -> None:
        self.count += 1
        if not self.count & 63 and time.perf_counter() >= self.end and self.stream is not None:
            self.stream.cancel()

    def on_close(self, status: Status) -> None:
        self.done.set_result(self.count)


class Sender(ResponseListener):
    """Sends until its time is over; the server's count is the result."""

    def __init__(self, end: float, message: bytes) -> None:
        self.stream: ClientStream | None = None
        self.end = end
        self.message = message
        self.count = 0
        self.done = asyncio.get_running_loop().create_future()

    def on_writable(self) -> None:
        stream = self.stream
        assert stream is not None
        while stream.writable:
            stream.send_message(self.message)
        if time.perf_counter() >= self.end:
            stream.end()

    async def keep_sending(self) -> None:
        """Small messages seldom fill a queue: then nobody calls ``on_writable``, and the loop must get its turns."""
        while time.perf_counter() < self.end:
            assert self.stream is not None
            for _ in range(256):
                if not self.stream.writable:
                    break
                self.stream.send_message(self.message)
            await asyncio.sleep(0)
        assert self.stream is not None
        self.stream.end()

    def on_message(self, message: bytes) -> None:
        self.count = int(message)

    def on_close(self, status: Status) -> None:
        self.done.set_result(self.count)


async def run(port: int, path: str, size: int, seconds: float) -> int:
    """Messages that went over one stream."""
    channel = Channel(f"127.0.0.1:{port}")
    connection = await channel.connect()
    end = time.perf_counter() + seconds
    if path.endswith("Down"):
        receiver = Receiver(end)
        receiver.stream = connection.start(path, (), receiver)
        receiver.stream.send_message(b"%d" % size, end=True)
        count = await receiver.done
    else:
        sender = Sender(end, bytes(size))
        sender.on_writable = lambda: None  # type: ignore[method-assign]
        sender.stream = connection.start(path, (), sender)
        await sender.keep_sending()
        count = await sender.done
    await channel.close()
    return int(count)


def measure(work: str, seconds: float) -> Figures:
    path, size = WORKS[work]
    command = [sys.executable, "-m", "bench.grpc_streaming", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = int(process.stdout.readline())
        uvloop.run(run(port, path, size, 0.2))  # warm up
        server_before, client_before, began = processor_seconds(process.pid), time.process_time(), time.perf_counter()
        count = uvloop.run(run(port, path, size, seconds))
        elapsed = time.perf_counter() - began
        client = time.process_time() - client_before
        server = processor_seconds(process.pid) - server_before
        process.stdin.close()
    return Figures(work, count * size / elapsed / 1e6, count / elapsed, client / count * 1e6, server / count * 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve())
        return
    rows = [measure(work, options.seconds) for work in WORKS]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    print(f"{'work':12} {'MB/s':>8} {'messages/s':>11} {'client µs':>10} {'server µs':>10}")
    for row in rows:
        print(
            f"{row.work:12} {row.megabytes_per_second:8.0f} {row.messages_per_second:11.0f}"
            f" {row.client_us:10.2f} {row.server_us:10.2f}"
        )


if __name__ == "__main__":
    main()
