"""Many gRPC connections that say nothing: each makes one call of the health service and then only answers PINGs.

As a program it takes the server's port and a number, opens that many connections, prints how many there are, waits for
a line on its standard input, and prints how many are left, until its input ends. Loopback has enough addresses for any
number: every 20,000 connections come from another one, and none from the address on which servers look for free ports.
"""

from __future__ import annotations

import contextlib
import resource
import selectors
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dapr_core.rpc.grpc.messages import prefix
from dapr_core.rpc.h2 import frames
from dapr_core.rpc.hpack import encode

_PER_ADDRESS = 20_000
_CALL = encode(
    [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", b"/grpc.health.v1.Health/Check"),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ]
)
_HELLO = (
    frames.PREFACE
    + frames.settings([])
    + frames.frame(frames.SETTINGS, frames.ACK, 0)
    + frames.frame(frames.HEADERS, frames.END_HEADERS, 1, _CALL)
    + frames.frame(frames.DATA, frames.END_STREAM, 1, prefix(b""))
)


def raise_file_limit(wanted: int) -> int:
    """Let this process and its children open that many files, or as many as the kernel allows; returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        return allowed
    return wanted if soft == resource.RLIM_INFINITY else soft


class Crowd:
    """A running crowd of ``size`` connections."""

    def __init__(self, process: subprocess.Popen[str], size: int) -> None:
        self._process = process
        self.size = size

    def left(self) -> int:
        """How many the server has not closed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("left\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextlib.contextmanager
def crowd(port: int, size: int) -> Iterator[Crowd]:
    """Open ``size`` connections in a process of their own. Raises RuntimeError when they cannot all be opened."""
    command = [sys.executable, "-m", "bench.lib.grpc_crowd", str(port), str(size)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            opened = process.stdout.readline().strip()
            if opened != str(size):
                raise RuntimeError(f"{opened or 'none'} of {size} connections could be opened")
            yield Crowd(process, size)
        finally:
            process.stdin.close()


class _Member:
    """One connection: its socket, and what came of a frame that is not whole."""

    __slots__ = ("rest", "sock")

    def __init__(self, port: int, number: int) -> None:
        source = (f"127.0.1.{1 + number // _PER_ADDRESS}", 0)
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=source)
        # Closed without waiting: thousands of ports in TIME_WAIT would be missing for the next run's servers.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rest = b""
        self.sock.sendall(_HELLO)
        while not self._answered():
            pass
        self.sock.setblocking(False)

    def _answered(self) -> bool:
        """Read on; whether the call is over: trailers, or a reset."""
        ends = False
        for kind, flags, _ in self._read():
            ends = ends or (kind == frames.HEADERS and bool(flags & frames.END_STREAM))
            if kind in (frames.GOAWAY, frames.RST_STREAM):
                raise ConnectionError("the server refused the call")
        return ends

    def _read(self) -> list[tuple[int, int, bytes]]:
        data = self.sock.recv(65_536)
        if not data:
            raise ConnectionError("closed by the server")
        data, found = self.rest + data, []
        while len(data) >= frames.HEADER_SIZE:
            high, low, kind, flags, _ = frames.unpack_header(data)
            stop = frames.HEADER_SIZE + (high << 8 | low)
            if len(data) < stop:
                break
            found.append((kind, flags, data[frames.HEADER_SIZE : stop]))
            data = data[stop:]
        self.rest = data
        return found

    def serve(self) -> None:
        """Answer PINGs. Raises OSError when the connection is over."""
        for kind, flags, payload in self._read():
            if kind == frames.PING and not flags & frames.ACK:
                self.sock.sendall(frames.frame(frames.PING, frames.ACK, 0, payload))


def _keep(members: list[_Member]) -> None:
    selector = selectors.DefaultSelector()
    for member in members:
        selector.register(member.sock, selectors.EVENT_READ, member)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    left = len(members)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                if not sys.stdin.readline():
                    return
                print(left, flush=True)
                continue
            try:
                key.data.serve()
            except OSError:
                selector.unregister(key.data.sock)
                key.data.sock.close()
                left -= 1


def main() -> None:
    """The program: port and number."""
    port, size = int(sys.argv[1]), int(sys.argv[2])
    raise_file_limit(size + 100)
    members: list[_Member] = []
    try:
        while len(members) < size:
            members.append(_Member(port, len(members)))
    except OSError as error:
        print(f"after {len(members)} connections: {error}", file=sys.stderr)
    print(len(members), flush=True)
    _keep(members)


if __name__ == "__main__":
    main()
