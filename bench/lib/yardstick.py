"""E, the unit of every figure: processor time per request of a bare uvloop + httptools echo server on this machine,
with 1 KiB bodies on 32 kept connections. Machines differ and so do their moods: measure E in the same run."""

from __future__ import annotations

import json
from dataclasses import asdict

from lib.load import Figure, run_wrk
from lib.processes import python

BODY = b"x" * 1024


def measure_e(seconds: float = 2) -> Figure:
    """One run of the yardstick; ``cpu_us[0]`` is E in µs."""
    with python("lib/bare_echo.py") as (pid, port):
        url = f"http://127.0.0.1:{port}/echo"
        run_wrk(url, seconds=1, method="POST", body=BODY)
        return run_wrk(url, pids=[pid], seconds=seconds, method="POST", body=BODY)


def table(e_us: float, rows: dict[str, Figure]) -> str:
    """The figures as a table, processor time as multiples of E and in µs."""
    lines = [f"E = {e_us:.1f} µs", f"{'work':34} {'req/s':>9} {'p50 ms':>8} {'p99 ms':>8}  processor time per request"]
    for name, row in rows.items():
        costs = " · ".join(f"{cpu / e_us:.2f} E ({cpu:.1f} µs)" for cpu in row.cpu_us)
        errors = f"  {row.errors} ERRORS" if row.errors else ""
        rate, p50, p99 = row.requests_per_second, row.p50_ms, row.p99_ms
        lines.append(f"{name:34} {rate:9.0f} {p50:8.3f} {p99:8.3f}  {costs}{errors}")
    return "\n".join(lines)


def as_json(e_us: float, rows: dict[str, Figure]) -> str:
    """The same for programs."""
    figures = {name: {**asdict(row), "cpu_e": [cpu / e_us for cpu in row.cpu_us]} for name, row in rows.items()}
    return json.dumps({"e_us": e_us, "figures": figures}, indent=2)
