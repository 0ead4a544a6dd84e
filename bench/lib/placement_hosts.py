"""Many sidecars on the streams of a placement: each reports its actor types and acknowledges every order.

As a program it takes the port, the number of hosts, the number of their actor types, and ``gzip`` or ``plain`` for what
they take, and under mutual TLS a sentry's address and the file of its anchors; it connects them all, waits until every
one is unlocked by the same round, and says so. Then each line on its standard input is answered: ``join`` lets one more
host in and tells the seconds until all are unlocked again, ``leave`` lets it go.

The hosts cost as little as they can, since hundreds of them share a core that in life have one each: they speak HTTP/2
by hand, with the windows of Go's client, and look at a table no further than its length.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import uvloop

from bench.lib.grpc_crowd import raise_file_limit
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import parse_trust_domain
from dapr_core.identity.tls import client_context
from dapr_core.identity.tokens import TokenSource
from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from dapr_core.rpc.grpc.messages import prefix
from dapr_core.rpc.h2 import frames
from dapr_core.rpc.hpack import encode

APP_ID: Final = "bench-app"
WINDOW: Final = 65_535
_SMALL: Final = 64
_HEAD: Final = frames.PREFACE + frames.settings([]) + frames.frame(frames.SETTINGS, frames.ACK, 0)
_CALL: Final = (
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/dapr.proto.placement.v1.Placement/ReportDaprStatus"),
    (b":authority", b"localhost"),
    (b"content-type", b"application/grpc"),
    (b"te", b"trailers"),
)
_GZIP: Final = ((b"grpc-accept-encoding", b"gzip"),)


class HostStream(asyncio.Protocol):
    """One sidecar."""

    def __init__(self, crowd: Crowd, number: int, types: list[str]) -> None:
        self._crowd = crowd
        dice = random.Random(number)  # addresses as a cluster hands them out, without order
        self._name = f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}:50002"
        self._types = types
        self._buffer = b""
        self._body = bytearray()
        self._owed = 0
        self._version = 0
        self.unlocked = -1
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        report = Host(name=self._name, id=APP_ID, namespace="default", entities=self._types, operation=1, api_level=20)
        call = encode(_CALL + (_GZIP if self._crowd.packs else ()))
        hello = frames.frame(frames.HEADERS, frames.END_HEADERS, 1, call)
        self.transport.write(_HEAD + hello + self._data(report.SerializeToString()))

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        at, out = 0, []
        while len(data) - at >= 9:
            size, kind, flags = int.from_bytes(data[at : at + 3], "big"), data[at + 3], data[at + 4]
            if len(data) - at < 9 + size:
                break
            payload = data[at + 9 : at + 9 + size]
            at += 9 + size
            if kind == frames.DATA:
                out.append(self._take(payload))
            elif kind == frames.PING and not flags & frames.ACK:
                out.append(frames.frame(frames.PING, frames.ACK, 0, payload))
            elif kind in (frames.RST_STREAM, frames.GOAWAY):
                self._crowd.broken(self._name)
        self._buffer = data[at:]
        self.transport.write(b"".join(out))

    def _take(self, payload: bytes) -> bytes:
        self.received += len(payload)
        self._owed += len(payload)
        self._body += payload
        out = b""
        if self._owed > WINDOW // 4:
            out = frames.window_update(0, self._owed) + frames.window_update(1, self._owed)
            self._owed = 0
        body = self._body
        while len(body) >= 5 and len(body) >= (end := 5 + int.from_bytes(body[1:5], "big")):
            out += self._acknowledge(bytes(body[5:end]))
            del body[:end]
        return out

    def _acknowledge(self, message: bytes) -> bytes:
        """Answer an order; one that is longer than a word and a version is a table."""
        operation = 3
        if len(message) < _SMALL:
            order = PlacementOrder.FromString(message)
            operation = {"lock": 2, "update": 3, "unlock": 4}[order.operation]
            self._version = order.version
        if operation == 4:
            self.unlocked = self._version
            self._crowd.unlocked(self)
        ack = Host(id=APP_ID, namespace="default", operation=operation, version=self._version)
        return self._data(ack.SerializeToString())

    @staticmethod
    def _data(message: bytes) -> bytes:
        return frames.frame(frames.DATA, 0, 1, prefix(message))


class Crowd:
    """All hosts of this process."""

    def __init__(self, port: int, types: int, *, packs: bool, tls: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._tls = tls
        self.packs = packs
        self._types = [f"actor-type-{number}" for number in range(types)]
        self._hosts: list[HostStream] = []
        self._behind: set[HostStream] = set()
        self._version = 0
        self._broken = False
        self._done = asyncio.Event()

    async def join(self) -> None:
        number = len(self._hosts)
        loop = asyncio.get_running_loop()
        host = HostStream(self, number, self._types)
        self._hosts.append(host)
        self._behind = set(self._hosts)
        self._done.clear()
        # Every 20,000 connections would need another address; there are far fewer.
        name = None if self._tls is None else "localhost"
        await loop.create_connection(lambda: host, "127.0.0.1", self._port, ssl=self._tls, server_hostname=name)

    def leave(self) -> None:
        host = self._hosts.pop()
        host.transport.close()
        self._behind = set(self._hosts)
        self._done.clear()

    def unlocked(self, host: HostStream) -> None:
        if host.unlocked > self._version:
            self._version = host.unlocked
            self._behind = {each for each in self._hosts if each.unlocked < self._version}
        else:
            self._behind.discard(host)
        if not self._behind:
            self._done.set()

    def broken(self, name: str) -> None:
        if not self._broken:
            print(f"placement ended the stream of {name}, perhaps of more: no figure will come", file=sys.stderr)
        self._broken = True

    async def settled(self) -> None:
        await self._done.wait()

    async def at_rest(self, quiet: float = 0.5) -> None:
        """Return when everybody is unlocked and nothing has happened for a while."""
        while True:
            await self.settled()
            version = self._version
            await asyncio.sleep(quiet)
            if self._done.is_set() and self._version == version:
                return

    @property
    def table_bytes(self) -> int:
        return self._hosts[0].received


async def shown_identity(address: str, anchors: bytes) -> ssl.SSLContext:
    """What all hosts show: one application's certificate, fresh from sentry."""
    bundle = TrustBundle.parse(anchors)
    options = SentryOptions(
        address=address, app_id=APP_ID, namespace="default", control_plane_trust_domain=parse_trust_domain("localhost"),
        control_plane_namespace="default", tokens=TokenSource(kubernetes=False, environment={}),
    )  # fmt: skip
    issued = await SentryClient(options).fetch(bundle)
    return client_context(bundle, issued.svid)


async def main(port: int, size: int, types: int, *, packs: bool, sentry: tuple[str, bytes] | None) -> None:
    tls = None if sentry is None else await shown_identity(*sentry)
    crowd = Crowd(port, types, packs=packs, tls=tls)
    for _ in range(size):
        await crowd.join()
    await crowd.at_rest()
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        received, begun = crowd.table_bytes, time.perf_counter()
        if line.strip() == "join":
            await crowd.join()
        else:
            crowd.leave()
        await crowd.settled()
        took = time.perf_counter() - begun
        await crowd.at_rest()
        print(f"{took:.6f} {crowd.table_bytes - received}", flush=True)


@contextlib.contextmanager
def hosts(
    port: int, size: int, types: int, *, packs: bool, sentry: tuple[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A crowd in a process of its own, at rest. ``sentry`` is its address and the file of its anchors."""
    form = "gzip" if packs else "plain"
    command = [
        sys.executable,
        "-m",
        "bench.lib.placement_hosts",
        str(port),
        str(size),
        str(types),
        form,
        *(sentry or ()),
    ]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError("the hosts could not all connect")
            yield process
        finally:
            process.stdin.close()
            process.terminate()


def ask(process: subprocess.Popen[str], what: str) -> tuple[float, int]:
    """``join`` or ``leave``; seconds until all are unlocked, and bytes that a host has received for it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(what + "\n")
    process.stdin.flush()
    took, received = process.stdout.readline().split()
    return float(took), int(received)


if __name__ == "__main__":
    raise_file_limit(65_536)
    uvloop.run(
        main(
            *map(int, sys.argv[1:4]),
            packs=sys.argv[4] == "gzip",
            sentry=(sys.argv[5], Path(sys.argv[6]).read_bytes()) if len(sys.argv) > 5 else None,
        )
    )
