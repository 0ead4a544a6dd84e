"""What a sidecar takes to start and to keep: exec to ready, memory when idle, memory after load.

Ready is the first 204 of ``/v1.0/healthz/outbound``; memory is PSS, measured on the sidecar of an application with a
Redis store and pub/sub, as ``dapr init`` sets it up, and again on it and on its caller after each has served the
works of the other benches. ``python -m bench.start``
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import state
from bench.lib.load import run_wrk
from bench.lib.processes import cpu_seconds, pss_mb
from bench.lib.report import publish
from bench.lib.sidecar import Sidecar, echo_app, redis, sidecar, write_component
from bench.lib.yardstick import BODY

_STARTS = 5
_SETTLED = 1.0
_BARE = "import asyncio, ssl, uvloop, httptools"


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds from exec to ready, processor seconds spent by then, and MB of memory a second later."""

    ready_seconds: float
    cpu: float
    idle_mb: float


@contextlib.contextmanager
def _stores() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory, redis() as port:
        resources = Path(directory)
        metadata = {"redisHost": f"127.0.0.1:{port}", "redisPassword": ""}
        write_component(resources, "statestore", "state.redis", metadata)
        write_component(resources, "pubsub", "pubsub.redis", metadata)
        yield resources


def starts(count: int = _STARTS) -> list[Started]:
    """Start the sidecar some times, one after the other."""
    found: list[Started] = []
    with _stores() as resources, echo_app() as (_, port):
        for _ in range(count):
            with sidecar("app", app_port=port, resources=resources, health="/v1.0/healthz/outbound") as daprd:
                spent = cpu_seconds(daprd.pid)
                time.sleep(_SETTLED)
                found.append(Started(daprd.ready_seconds, spent, pss_mb(daprd.pid)))
    return found


def bare_start_cpu(count: int = _STARTS) -> float:
    """The yardstick of starting: processor seconds of an interpreter that imports the server's foundations."""
    least = float("inf")
    for _ in range(count):
        before = os.times()
        subprocess.run([sys.executable, "-c", _BARE], check=True)
        after = os.times()
        least = min(least, after.children_user + after.children_system - before.children_user - before.children_system)
    return least


def loaded(seconds: int) -> dict[str, float]:
    """Memory in MB of a caller and a callee after each has worked."""
    with (
        _stores() as resources,
        echo_app() as (_, port),
        sidecar("callee", app_port=port, resources=resources) as callee,
        sidecar("caller", resources=resources) as caller,
    ):
        _load(f"{caller.url}/v1.0/invoke/callee/method/echo", BODY, seconds)
        for daprd in (caller, callee):
            _use_stores(daprd, seconds)
        time.sleep(_SETTLED)
        return {"caller": pss_mb(caller.pid), "callee": pss_mb(callee.pid)}


def _use_stores(daprd: Sidecar, seconds: int) -> None:
    _load(f"{daprd.url}/v1.0/state/statestore", state.SAVED, seconds)
    _load(f"{daprd.url}/v1.0/publish/pubsub/topic", state.SAVED, seconds)
    run_wrk(f"{daprd.url}/v1.0/state/statestore/k", seconds=seconds)


def _load(url: str, body: bytes, seconds: int) -> None:
    run_wrk(url, seconds=seconds, method="POST", headers={"Content-Type": "application/json"}, body=body)


def ratios(count: int) -> dict[str, float]:
    """The short form: processor time of a start as a multiple of a bare one's, and idle memory in MB."""
    found = starts(count)
    return {
        "start (multiple of a bare interpreter's)": round(min(s.cpu for s in found) / bare_start_cpu(count), 2),
        "idle memory (MB)": round(min(s.idle_mb for s in found), 1),
    }


def figures(seconds: int) -> dict[str, float]:
    """The long form."""
    found = sorted(starts(), key=lambda started: started.ready_seconds)
    return {
        "exec to ready, median (s)": round(found[len(found) // 2].ready_seconds, 3),
        "exec to ready, best (s)": round(found[0].ready_seconds, 3),
        "processor time to ready (s)": round(min(started.cpu for started in found), 3),
        "idle memory, PSS (MB)": round(max(started.idle_mb for started in found), 1),
        **{f"memory after load, {role}, PSS (MB)": round(mb, 1) for role, mb in loaded(seconds).items()},
    }


def show(found: dict[str, float]) -> None:
    """Print the table."""
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:{width}} {value:8.3f}")


def main() -> None:
    """The command line of this bench."""
    parser = argparse.ArgumentParser(prog="python -m bench.start")
    parser.add_argument("--seconds", type=int, default=3, help="length of each run of load (default 3)")
    found = figures(parser.parse_args().seconds)
    show(found)
    publish("start", found)


if __name__ == "__main__":
    main()
