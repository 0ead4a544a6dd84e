"""Processor time of a unary gRPC call, 1 KiB each way, our client and server against grpc.aio on both sides.

Every server runs in a process of its own; the client keeps a number of calls in flight and both processes' times are
read around the run, in the clear and then under mutual TLS (ECDSA). The last lines say how many times cheaper our pair
is than grpc.aio's. Prints a table and, with ``--json``, the same as JSON::

    python -m bench.grpc_unary [--calls 20000] [--in-flight 16] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from bench.lib import mtls
from bench.lib.grpc_echo import ECHO, Echo
from dapr_core.rpc.grpc import Channel, ChannelOptions, GrpcServer, ResponseListener, Status
from dapr_core.rpc.grpc.client import ClientConnection

BODY = b"x" * 1024
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """One pairing: microseconds of processor time per call, calls per second."""

    tls: bool
    client: str
    server: str
    client_us: float
    server_us: float
    calls_per_second: float


async def serve_ours(tls: Path | None) -> None:
    server = GrpcServer()
    server.register(ECHO, Echo)
    options = {} if tls is None else {"ssl": mtls.context(tls, server=True)}
    (sock,) = await server.listen("127.0.0.1", 0, **options)
    print(sock.getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(0)


async def serve_theirs(tls: Path | None) -> None:
    import grpc

    class Handler(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio has no types
        def service(self, details: object) -> object:
            return grpc.unary_unary_rpc_method_handler(self.echo)

        async def echo(self, request: bytes, context: object) -> bytes:
            return request

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Handler(),))
    if tls is None:
        print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    else:
        print(server.add_secure_port("127.0.0.1:0", mtls.grpcio_credentials(tls, server=True)), flush=True)
    await server.start()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(0)


class Caller(ResponseListener):
    """One of the calls in flight: the end of one begins the next."""

    __slots__ = ("connection", "done", "left")

    def __init__(self, connection: ClientConnection, left: list[int], done: asyncio.Event) -> None:
        self.connection = connection
        self.left = left
        self.done = done

    def next(self) -> None:
        if self.left[0] > 0:
            self.left[0] -= 1
            self.connection.start(ECHO, (), self).send_message(BODY, end=True)
        else:
            self.done.set()

    def on_close(self, status: Status) -> None:
        if not status.ok:
            raise RuntimeError(f"call failed: {status}")
        self.next()


async def call_ours(port: int, calls: int, in_flight: int, tls: Path | None) -> None:
    options = ChannelOptions(ssl=None if tls is None else mtls.context(tls, server=False))
    channel = Channel(f"localhost:{port}", options)
    connection = await channel.connect()
    left, ends = [calls], [asyncio.Event() for _ in range(in_flight)]
    for end in ends:
        Caller(connection, left, end).next()
    for end in ends:
        await end.wait()
    await channel.close()


async def call_theirs(port: int, calls: int, in_flight: int, tls: Path | None) -> None:
    import grpc

    target = f"localhost:{port}"
    if tls is None:
        opened = grpc.aio.insecure_channel(target)
    else:
        opened = grpc.aio.secure_channel(target, mtls.grpcio_credentials(tls, server=False))
    async with opened as channel:
        call = channel.unary_unary(ECHO)

        async def caller() -> None:
            for _ in range(calls // in_flight):
                await call(BODY)

        await asyncio.gather(*[caller() for _ in range(in_flight)])


PAIRS = [("ours", "ours"), ("ours", "grpc.aio"), ("grpc.aio", "ours"), ("grpc.aio", "grpc.aio")]
SERVERS: dict[str, Callable[[Path | None], Awaitable[None]]] = {"ours": serve_ours, "grpc.aio": serve_theirs}
CLIENTS: dict[str, Callable[[int, int, int, Path | None], Awaitable[None]]] = {
    "ours": call_ours,
    "grpc.aio": call_theirs,
}


def processor_seconds(pid: int) -> float:
    """User and system time of a process, all threads."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(client: str, server: str, calls: int, in_flight: int, tls: Path | None = None) -> Figures:
    """Run one pairing; ``tls`` is the folder of certificates."""
    command = [sys.executable, "-m", "bench.grpc_unary", "--serve", server, "--tls", str(tls or "")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = int(process.stdout.readline())
        uvloop.run(CLIENTS[client](port, calls // 10, in_flight, tls))  # warm up
        server_before, client_before, began = processor_seconds(process.pid), time.process_time(), time.perf_counter()
        uvloop.run(CLIENTS[client](port, calls, in_flight, tls))
        elapsed = time.perf_counter() - began
        client_time = time.process_time() - client_before
        server_time = processor_seconds(process.pid) - server_before
        process.stdin.close()
    return Figures(
        tls is not None, client, server, client_time / calls * 1e6, server_time / calls * 1e6, calls / elapsed
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", choices=sorted(SERVERS), help=argparse.SUPPRESS)
    parser.add_argument("--tls", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(SERVERS[options.serve](Path(options.tls) if options.tls else None))
        return
    with tempfile.TemporaryDirectory() as folder:
        mtls.make(Path(folder))
        rows = [
            measure(client, server, options.calls // (1 if client == server == "ours" else 5), options.in_flight, tls)
            for tls in (None, Path(folder))
            for client, server in PAIRS
        ]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    print(f"{'':5} {'client':10} {'server':10} {'client µs':>10} {'server µs':>10} {'calls/s':>9}")
    for row in rows:
        print(
            f"{'mTLS' if row.tls else 'clear':5} {row.client:10} {row.server:10}"
            f" {row.client_us:10.1f} {row.server_us:10.1f} {row.calls_per_second:9.0f}"
        )
    for name, ours, theirs in (("clear", rows[0], rows[3]), ("mTLS", rows[4], rows[7])):
        ratio = (theirs.client_us + theirs.server_us) / (ours.client_us + ours.server_us)
        print(f"{name}: our pair takes 1/{ratio:.1f} of grpc.aio's processor time")


if __name__ == "__main__":
    main()
