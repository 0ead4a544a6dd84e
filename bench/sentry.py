"""What a certificate costs sentry, and what sentry keeps in memory.

Sentry runs in a process of its own; over TLS, four connections with eight requests in flight each ask for Ed25519
certificates, as long as told. Measured are the processor time that sentry spends on one, certificates per second, and
its memory before and after. With ``--fleet`` that many sidecars fetch an identity each, spread over a minute, every one
with a connection and a key of its own::

    python -m bench.sentry [--seconds 5] [--fleet 2000]
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

from bench.lib.processes import cpu_seconds, end, free_ports, pss_mb
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


@dataclass(frozen=True)
class Issuance:
    """Milliseconds of sentry's processor time for a certificate, certificates a second, memory in MB."""

    cpu_ms: float
    per_second: float
    idle_mb: float
    loaded_mb: float


@dataclass(frozen=True)
class Fleet:
    """Sidecars served, failures, milliseconds of sentry's processor time for one, the slowest in ms, memory in MB."""

    served: int
    failed: int
    cpu_ms: float
    slowest_ms: float
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
            _wait_ready(healthz)
            anchors = TrustBundle.parse((Path(directory) / "ca.crt").read_bytes())
            yield process.pid, f"127.0.0.1:{port}", anchors
        finally:
            end(process)


def _wait_ready(port: int) -> None:
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
        idle = pss_mb(pid)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(issue(address, anchors, min(1.0, seconds)))
            before, begun = cpu_seconds(pid), time.monotonic()
            count = runner.run(issue(address, anchors, seconds))
            spent, took = cpu_seconds(pid) - before, time.monotonic() - begun
        return Issuance(1000 * spent / count, count / took, idle, pss_mb(pid))


def fleet(sidecars: int) -> Fleet:
    """Measure that many sidecars that renew within a minute."""
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
            return await asyncio.gather(*[one(random.random() * MINUTE) for _ in range(sidecars)])

        before = cpu_seconds(pid)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            times = runner.run(all_of_them())
        spent = cpu_seconds(pid) - before
        served = [each for each in times if each is not None]
        slowest = 1000 * max(served, default=0.0)
        return Fleet(len(served), len(times) - len(served), 1000 * spent / sidecars, slowest, pss_mb(pid))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.sentry", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the run (default 5)")
    parser.add_argument("--fleet", type=int, default=0, help="sidecars that renew within a minute (default none)")
    options = parser.parse_args()
    found: dict[str, object] = {"issuance": asdict(issuance(options.seconds))}
    if options.fleet:
        found["fleet"] = asdict(fleet(options.fleet))
    publish("sentry", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
