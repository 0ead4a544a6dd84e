"""E, the unit of every figure: processor time per request of a bare uvloop + httptools echo server on this machine,
with 1 KiB bodies on 32 kept connections. Machines differ and so do their moods: measure E in the same run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from bench.lib.load import Figure, run_wrk
from bench.lib.processes import python

BODY = b"x" * 1024


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The running echo server."""

    pid: int
    port: int

    def run(self, seconds: float) -> Figure:
        """One run; ``cpu_us[0]`` is E in µs."""
        url = f"http://127.0.0.1:{self.port}/echo"
        return run_wrk(url, pids=[self.pid], seconds=seconds, method="POST", body=BODY)


@contextlib.contextmanager
def yardstick() -> Iterator[Yardstick]:
    """The echo server, warm."""
    with python("lib/bare_echo.py") as (pid, port):
        stick = Yardstick(pid, port)
        stick.run(1)
        yield stick
