"""What a round costs placement, how long it takes, and what the ring costs a sidecar.

Placement runs in a process of its own, N hosts with three actor types each in another. One more host joins, again and
again; measured for each are the processor time that placement spends on the round and the time until every host is
unlocked. Then what placement keeps in memory, idle and with the hosts; and for most hosts all of it under mutual TLS.
The ring is measured in this process: look-ups of new and of recent ids, and the rings of three types from a table::

    python -m bench.placement [--hosts 100 400 1000] [--rounds 10]
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from bench.lib.grpc_crowd import raise_file_limit
from bench.lib.placement_hosts import ask, hosts
from bench.lib.processes import cpu_seconds, end, free_ports, pss_mb
from bench.lib.report import publish
from bench.sentry import running_sentry
from dapr_core.ring import Ring, RingHost
from dapr_core.ring.hashing import virtual_nodes

T = TypeVar("T")
Sentry: TypeAlias = tuple[str, str]
"""Its address, and the file of its anchors."""

TYPES: Final = 3
_READY_WITHIN: Final = 20.0


@dataclass(frozen=True)
class Rounds:
    """Medians of many rounds: seconds of processor time, seconds until all are unlocked, bytes a host gets; and the
    memory in MB with all hosts."""

    hosts: int
    rounds: int
    cpu_s: float
    unlocked_s: float
    worst_unlocked_s: float
    bytes_per_host: int
    loaded_mb: float


@dataclass(frozen=True)
class Rings:
    """Look-ups a second, and milliseconds to build the rings of three types with equal hosts."""

    hosts: int
    new_ids_per_s: float
    recent_ids_per_s: float
    first_build_ms: float
    one_more_host_ms: float


@contextlib.contextmanager
def running_placement(sentry: Sentry | None = None) -> Iterator[tuple[int, int]]:
    """Placement with everything at its default: process id and port. With a sentry, under mutual TLS."""
    port, healthz, metrics = free_ports(3)
    process = subprocess.Popen(
        [
            sys.executable, "-m", "dapr_placement.main", f"--port={port}", "--listen-address=127.0.0.1",
            f"--healthz-port={healthz}", f"--metrics-port={metrics}", "--log-level=error", *_secured(sentry),
        ]
    )  # fmt: skip
    try:
        _wait_ready(healthz)
        yield process.pid, port
    finally:
        end(process)


def _secured(sentry: Sentry | None) -> list[str]:
    if sentry is None:
        return []
    return ["--tls-enabled", f"--sentry-address={sentry[0]}", f"--trust-anchors-file={sentry[1]}"]


@contextlib.contextmanager
def running_authority() -> Iterator[Sentry]:
    """A sentry: its address and the file of its anchors."""
    with running_sentry() as (_, address, anchors), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ca.crt"
        path.write_bytes(anchors.pem)
        yield address, str(path)


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"placement was not ready within {_READY_WITHIN:g} seconds")


def idle_memory(sentry: Sentry | None = None) -> float:
    """MB of a placement to which nobody has come."""
    with running_placement(sentry) as (pid, _):
        time.sleep(1)
        return pss_mb(pid)


def rounds(size: int, count: int, *, packs: bool = True, sentry: Sentry | None = None) -> Rounds:
    """Measure one more host joining ``size`` others; ``packs``: they take gzip, as Go's and ours do."""
    with (
        running_placement(sentry) as (pid, port),
        hosts(port, size, TYPES, packs=packs, sentry=sentry) as crowd,
    ):
        costs, times, received = [], [], 0
        for _ in range(count):
            before = cpu_seconds(pid)
            took, received = ask(crowd, "join")
            costs.append(cpu_seconds(pid) - before)
            times.append(took)
            ask(crowd, "leave")
        return Rounds(
            size, count, statistics.median(costs), statistics.median(times), max(times), received, pss_mb(pid)
        )


def rings(size: int) -> Rings:
    """Measure the ring of ``size`` hosts with 100 virtual nodes each."""
    found = [RingHost(f"10.0.{number >> 8}.{number & 255}:50002", "app") for number in range(size)]
    virtual_nodes.cache_clear()
    built, first = _timed(lambda: [Ring(found) for _ in range(TYPES)])
    more = [*found, RingHost("10.1.0.1:50002", "app")]
    _, second = _timed(lambda: [Ring(more) for _ in range(TYPES)])
    ring = built[0]
    ids = [f"actor-{number}" for number in range(200_000)]
    _, fresh = _timed(lambda: [ring.owner(each) for each in ids])
    recent = ids[-8_000:] * 25
    for each in recent[:8_000]:
        ring.owner(each)
    _, again = _timed(lambda: [ring.owner(each) for each in recent])
    return Rings(size, len(ids) / fresh, len(recent) / again, 1000 * first, 1000 * second)


def under_tls(size: int, count: int) -> dict[str, Any]:
    """The same under mutual TLS."""
    with running_authority() as sentry:
        return {"idle_mb": idle_memory(sentry), **asdict(rounds(size, count, sentry=sentry))}


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    # By the processor's time: a neighbour on this core is no part of the figure.
    begun = time.process_time()
    made = work()
    return made, time.process_time() - begun


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.placement", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[100, 400, 1000], help="numbers of hosts")
    parser.add_argument("--rounds", type=int, default=10, help="rounds for each number (default 10)")
    options = parser.parse_args()
    raise_file_limit(65_536)
    publish(
        "placement",
        {
            "idle_mb": idle_memory(),
            "rounds": [asdict(rounds(size, options.rounds)) for size in options.hosts],
            "rounds_without_gzip": [asdict(rounds(size, options.rounds, packs=False)) for size in options.hosts],
            "rounds_under_tls": under_tls(max(options.hosts), options.rounds),
            "rings": asdict(rings(max(options.hosts))),
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
