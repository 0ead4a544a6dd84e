"""What gRPC connections cost the sidecar that say nothing: memory of each, and processor time while they are idle.

A client opens them on the gRPC API's port, makes one call on each and falls silent. Memory is what the sidecar's PSS
grew by; processor time is read over some seconds before the connections come and again while they are there, in
thousandths of one core. Each is measured several times, with a sidecar of its own every time::

    python -m bench.grpc_idle [--connections 10000] [--seconds 20] [--runs 3]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.lib.grpc_crowd import crowd, raise_file_limit
from bench.lib.processes import pss_mb
from bench.lib.report import publish
from bench.lib.sidecar import sidecar

_SETTLED = 1.0
_FORGOTTEN = 12.0
"""Seconds until the sidecar has looked once more after the last call of a connection; from then on it is left alone."""


@dataclass(frozen=True, slots=True)
class Idle:
    """One run: KB (10³ bytes) a connection; thousandths of a core without and with the connections."""

    kilobytes: float
    core_without: float
    core_with: float
    left: int


def busy_seconds(pid: int) -> float:
    """Processor time of all threads by the scheduler's own count, in nanoseconds (/proc/<pid>/task/<n>/schedstat)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def idle_share(pid: int, seconds: float) -> float:
    """Thousandths of a core that a process takes while nothing happens."""
    before, began = busy_seconds(pid), time.perf_counter()
    time.sleep(seconds)
    return (busy_seconds(pid) - before) / (time.perf_counter() - began) * 1e3


def measure(connections: int, seconds: float) -> Idle:
    """A sidecar, alone and with the connections."""
    with sidecar("idle") as daprd:
        with crowd(daprd.grpc_port, 1):  # what the first connection loads is not the price of each
            time.sleep(_SETTLED)
        without, memory = idle_share(daprd.pid, seconds), pss_mb(daprd.pid)
        with crowd(daprd.grpc_port, connections) as members:
            time.sleep(_SETTLED)
            grown = pss_mb(daprd.pid) - memory
            time.sleep(_FORGOTTEN)
            share = idle_share(daprd.pid, seconds)
            return Idle(grown * 1e3 / connections, without, share, members.left())


def show(rows: list[Idle]) -> None:
    """Print the table."""
    print(f"{'KB each':>8} {'core, alone ‰':>14} {'core, with them ‰':>18} {'left':>7}")
    for row in rows:
        print(f"{row.kilobytes:8.2f} {row.core_without:14.3f} {row.core_with:18.3f} {row.left:7}")


def main() -> None:
    """The command line of this bench."""
    parser = argparse.ArgumentParser(prog="python -m bench.grpc_idle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the sidecar is watched each time")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if raise_file_limit(options.connections + 1_000) < options.connections + 200:
        parser.error(f"the limit of open files is too low for {options.connections} connections (ulimit -n)")
    rows = [measure(options.connections, options.seconds) for _ in range(options.runs)]
    show(rows)
    publish("grpc_idle", {"connections": options.connections, "runs": [asdict(row) for row in rows]})


if __name__ == "__main__":
    main()
