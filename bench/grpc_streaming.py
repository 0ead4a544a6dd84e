"""How fast one gRPC stream carries messages on loopback: large ones in MB/s, small ones by their number.

Server and client are processes of their own. Each message goes one way, from the server to the client (``down``) or
from the client to the server (``up``); both sides are ours. Every work runs several times: the table has the median,
the slowest and the fastest run. ``waited`` is the part of the time for which the two processes were ready to go on and
had no core: where it is high the machine was busy with others, and the figure says little about us. ``alone`` is what
the processor time of the busier one allows, in MB/s. The first line is the machine's own: 64 KiB pieces through a plain
socket, between two processes that do nothing else::

    python -m bench.grpc_streaming [--seconds 1] [--runs 5] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from dapr_core.rpc.grpc import CallListener, Channel, ClientStream, GrpcServer, ResponseListener, ServerStream, Status

LARGE, SMALL = 65_536, 64
BATCH = 256
WORKS = {"large down": ("/bench.Stream/Down", LARGE), "large up": ("/bench.Stream/Up", LARGE)}
WORKS |= {"small down": ("/bench.Stream/Down", SMALL), "small up": ("/bench.Stream/Up", SMALL)}


@dataclass
class Figures:
    """One run of one direction and size: megabytes (10^6) and messages a second, microseconds of processor time a
    message, and the part of the time in which the two processes waited for a core."""

    work: str
    megabytes_per_second: float
    messages_per_second: float
    client_us: float
    server_us: float
    waited: float


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
        self.drained: asyncio.Future[None] | None = None
        self.done = asyncio.get_running_loop().create_future()

    async def keep_sending(self) -> None:
        """Send as the stream takes it; the loop gets its turn after every batch, to hear of the peer's window."""
        stream = self.stream
        assert stream is not None
        while time.perf_counter() < self.end:
            for _ in range(BATCH):
                if not stream.writable:
                    self.drained = asyncio.get_running_loop().create_future()
                    await self.drained
                    break
                stream.send_message(self.message)
            else:
                await asyncio.sleep(0)
        stream.end()

    def on_writable(self) -> None:
        if self.drained is not None and not self.drained.done():
            self.drained.set_result(None)

    def on_message(self, message: bytes) -> None:
        self.count = int(message)

    def on_close(self, status: Status) -> None:
        self.done.set_result(self.count)


async def run(work: str, port: int, pid: int, seconds: float) -> Figures:
    """One run of a work against the server's process."""
    path, size = WORKS[work]
    channel = Channel(f"127.0.0.1:{port}")
    connection = await channel.connect()
    before, began = (accounts("self"), accounts(pid)), time.perf_counter()
    end = began + seconds
    if path.endswith("Down"):
        receiver = Receiver(end)
        receiver.stream = connection.start(path, (), receiver)
        receiver.stream.send_message(b"%d" % size, end=True)
        count = await receiver.done
    else:
        sender = Sender(end, bytes(size))
        sender.stream = connection.start(path, (), sender)
        await sender.keep_sending()
        count = await sender.done
    elapsed = time.perf_counter() - began
    client, server = (now - then for now, then in zip((accounts("self"), accounts(pid)), before, strict=True))
    await channel.close()
    waited = (client.waited + server.waited) / 2
    costs = client.busy / count * 1e6, server.busy / count * 1e6
    return Figures(work, count * size / elapsed / 1e6, count / elapsed, *costs, waited / elapsed)


@dataclass
class Account:
    """Seconds for which the threads of a process had a core, and for which they wanted one and had none."""

    busy: float
    waited: float

    def __sub__(self, other: Account) -> Account:
        return Account(self.busy - other.busy, self.waited - other.waited)


def accounts(pid: int | str) -> Account:
    """By the scheduler's own count, in nanoseconds (/proc/<pid>/task/<n>/schedstat)."""
    lines = [(task / "schedstat").read_text().split() for task in Path(f"/proc/{pid}/task").iterdir()]
    return Account(sum(int(line[0]) for line in lines) / 1e9, sum(int(line[1]) for line in lines) / 1e9)


def measure(work: str, seconds: float) -> Figures:
    """Warm up, and run a work."""
    command = [sys.executable, "-m", "bench.grpc_streaming", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = int(process.stdout.readline())
        uvloop.run(run(work, port, process.pid, 0.2))
        figures = uvloop.run(run(work, port, process.pid, seconds))
        process.stdin.close()
    return figures


def plain_socket(seconds: float) -> float:
    """MB/s of 64 KiB pieces through a plain socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    code = (
        f"import socket; sock = socket.create_connection({listener.getsockname()!r}); piece = bytes({LARGE})\n"
        "while True: sock.sendall(piece)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as process, listener:
        connection, _ = listener.accept()
        with connection:
            room, got, began = bytearray(262_144), 0, time.perf_counter()
            while time.perf_counter() - began < seconds:
                got += connection.recv_into(room)
            elapsed = time.perf_counter() - began
        process.kill()
    return got / elapsed / 1e6


def spread(values: list[float], width: int) -> str:
    """The median, with the least and the greatest beside it."""
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:{width}.0f} {f'({ordered[0]:.0f}-{ordered[-1]:.0f})':{width + 8}}"


def line(rows: list[Figures]) -> str:
    """All runs of a work."""
    middle = sorted(rows, key=lambda row: row.messages_per_second)[len(rows) // 2]
    size = WORKS[middle.work][1]
    return (
        f"{middle.work:12} {spread([row.megabytes_per_second for row in rows], 6)}"
        f" {spread([row.messages_per_second for row in rows], 10)}"
        f" {middle.client_us:9.2f} {middle.server_us:9.2f} {middle.waited:7.0%}"
        f" {1 / max(middle.client_us, middle.server_us) * size:7.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve())
        return
    sockets = sorted(plain_socket(options.seconds) for _ in range(options.runs))
    rows = {work: [measure(work, options.seconds) for _ in range(options.runs)] for work in WORKS}
    if options.json:
        found = {work: [asdict(row) for row in runs] for work, runs in rows.items()}
        print(json.dumps({"plain socket MB/s": sockets, **found}, indent=1))
        return
    columns = f"{'client µs':>9} {'server µs':>9} {'waited':>7} {'alone':>7}"
    print(f"{'work':12} {'MB/s':>6} {'':14} {'messages/s':>10} {'':18} {columns}")
    print(f"{'plain socket':12} {spread(sockets, 6)}")
    for runs in rows.values():
        print(line(runs))


if __name__ == "__main__":
    main()
