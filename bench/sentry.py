"""What a certificate costs sentry, and what sentry keeps in memory.

Sentry runs in a process of its own; over TLS, four connections with eight requests in flight each ask for Ed25519
certificates, as long as told. Measured are the processor time that sentry spends on one, certificates per second, and
its memory before and after, as it shares pages with the bench and as it would be alone. With ``--fleet`` that many
sidecars fetch an identity each, spread over a minute (``--within`` says otherwise), every one with a connection and a
key of its own; the most that sentry took meanwhile is told::

    python -m bench.sentry [--seconds 5] [--fleet 2000 [--within 60]]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import uvloop

from bench.lib.processes import cpu_seconds, end, free_ports, pss_mb, rss_mb
from bench.lib.report import publish
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.csr import make_csr
from dapr_core.identity.keys import generate
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain
from dapr_core.identity.tls import client_context
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CAStub
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateRequest
from dapr_core.rpc.grpc import Channel, ChannelOptions

CONNECTIONS: Final = 4
STREAMS: Final = 8
MINUTE: Final = 60.0
_READY_WITHIN: Final = 20.0
_LOOK: Final = 0.25


@dataclass(frozen=True)
class Issuance:
    """Milliseconds of sentry's processor time for a certificate, certificates a second, memory in MB: ``alone`` is what
    nobody else maps counted whole."""

    cpu_ms: float
    per_second: float
    idle_mb: float
    idle_alone_mb: float
    loaded_mb: float


@dataclass(frozen=True)
class Fleet:
    """Sidecars served, failures, milliseconds of sentry's processor time for one, the slowest in ms, memory in MB at
    the most and after."""

    served: int
    failed: int
    cpu_ms: float
    slowest_ms: float
    peak_mb: float
    loaded_mb: float


@contextlib.contextmanager
def running_sentry() -> Iterator[tuple[int, str, TrustBundle]]:
    """Sentry with everything at its default: process id, address, anchors."""
    port, healthz, metrics = free_ports(3)
    with tempfile.TemporaryDirectory() as directory:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "dapr_sentry.main", f"--issuer-credentials={directory}", f"--port={port}",
                "--listen-address=127.0.0.1", f"--healthz-port={healthz}", f"--metrics-port={metrics}",
                "--log-level=error",
            ]
        )  # fmt: skip
        try:
            wait_ready(healthz)
            anchors = TrustBundle.parse((Path(directory) / "ca.crt").read_bytes())
            yield process.pid, f"127.0.0.1:{port}", anchors
        finally:
            end(process)


def wait_ready(port: int) -> None:
    """Wait until a health port answers 200. Raises ``RuntimeError``."""
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"sentry was not ready within {_READY_WITHIN:g} seconds")


async def issue(address: str, anchors: TrustBundle, seconds: float) -> int:
    """Ask for certificates on all streams; how many came."""
    request = SignCertificateRequest(id="bench", namespace="default", certificate_signing_request=make_csr(generate()))
    channels = [Channel(address, ChannelOptions(ssl=client_context(anchors))) for _ in range(CONNECTIONS)]
    until = time.monotonic() + seconds

    async def stream(channel: Channel) -> int:
        stub, count = CAStub(channel), 0
        while time.monotonic() < until:
            await stub.sign_certificate(request, timeout=10)
            count += 1
        return count

    try:
        return sum(await asyncio.gather(*[stream(channel) for channel in channels for _ in range(STREAMS)]))
    finally:
        for channel in channels:
            await channel.close()


def issuance(seconds: float) -> Issuance:
    """Measure issuing."""
    with running_sentry() as (pid, address, anchors):
        idle, alone = pss_mb(pid), rss_mb(pid)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(issue(address, anchors, min(1.0, seconds)))
            before, begun = cpu_seconds(pid), time.monotonic()
            count = runner.run(issue(address, anchors, seconds))
            spent, took = cpu_seconds(pid) - before, time.monotonic() - begun
        return Issuance(1000 * spent / count, count / took, idle, alone, pss_mb(pid))


def fleet(sidecars: int, within: float) -> Fleet:
    """Measure that many sidecars that renew within so many seconds."""
    with running_sentry() as (pid, address, anchors):
        options = SentryOptions(
            address=address,
            app_id="bench",
            namespace="default",
            control_plane_trust_domain=TrustDomain("localhost"),
            control_plane_namespace="default",
        )

        async def one(delay: float) -> float | None:
            await asyncio.sleep(delay)
            begun = time.monotonic()
            try:
                await SentryClient(options).fetch(anchors)
            except Exception as error:  # noqa: BLE001  # counted: the figure is how many fail
                print(f"bench: {error}", file=sys.stderr)
                return None
            return time.monotonic() - begun

        async def all_of_them() -> list[float | None]:
            watching = asyncio.ensure_future(watch())
            try:
                return await asyncio.gather(*[one(random.random() * within) for _ in range(sidecars)])
            finally:
                watching.cancel()

        async def watch() -> None:
            while True:
                peaks.append(pss_mb(pid))
                await asyncio.sleep(_LOOK)

        peaks: list[float] = []
        before = cpu_seconds(pid)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            times = runner.run(all_of_them())
        spent = cpu_seconds(pid) - before
        served = [each for each in times if each is not None]
        slowest = 1000 * max(served, default=0.0)
        failed = len(times) - len(served)
        return Fleet(len(served), failed, 1000 * spent / sidecars, slowest, max(peaks), pss_mb(pid))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.sentry", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the run (default 5)")
    parser.add_argument("--fleet", type=int, default=0, help="sidecars that renew within a minute (default none)")
    parser.add_argument("--within", type=float, default=MINUTE, help="seconds for that (default 60; 0 is all at once)")
    options = parser.parse_args()
    found: dict[str, object] = {"issuance": asdict(issuance(options.seconds))}
    if options.fleet:
        found["fleet"] = asdict(fleet(options.fleet, options.within))
    publish("sentry", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
