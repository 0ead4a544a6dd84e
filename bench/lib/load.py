"""Load from wrk, and what it cost the processes that served it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.lib.processes import cpu_seconds

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True, slots=True)
class Figure:
    """One run: requests a second, latencies in ms, and processor time per request in µs for each process watched."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: tuple[float, ...]
    errors: int


def run_wrk(
    url: str,
    *,
    pids: Sequence[int] = (),
    connections: int = 32,
    seconds: float = 2,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    settle: Callable[[], None] | None = None,
    script: str = "",
) -> Figure:
    """Load a URL for some seconds. The body must be printable ASCII; ``settle`` waits for what the requests set off.
    ``script`` is more Lua for wrk, where requests differ.

    Raises:
        RuntimeError: wrk is not installed, or no request was answered.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("the bench needs wrk: apt-get install wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_lua(method, headers or {}, body) + "\n" + script)
        file.flush()
        duration = f"-d{max(1, round(seconds))}s"
        command = ["wrk", "-t1", f"-c{connections}", duration, "--latency", "-s", file.name, url]
        before = [cpu_seconds(pid) for pid in pids]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if settle is not None:
            settle()
        spent = [cpu_seconds(pid) - start for pid, start in zip(pids, before, strict=True)]
    return _read(output, spent)


def _lua(method: str, headers: dict[str, str], body: bytes) -> str:
    lines = [f'wrk.method = "{method}"', f"wrk.body = [==[{body.decode('ascii')}]==]" if body else ""]
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    lines.append(
        "done = function(summary) io.write(string.format("
        '"done %d %d\\n", summary.requests, summary.errors.connect + summary.errors.read + summary.errors.write'
        " + summary.errors.status + summary.errors.timeout)) end"
    )
    return "\n".join(lines)


def _read(output: str, spent: Sequence[float]) -> Figure:
    done = re.search(r"^done (\d+) (\d+)$", output, re.MULTILINE)
    if done is None or int(done[1]) == 0:
        raise RuntimeError(f"wrk got no answer:\n{output}")
    requests = int(done[1])
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    return Figure(
        float(rate[1]) if rate else 0.0,
        _latency(output, "50%"),
        _latency(output, "99%"),
        tuple(seconds / requests * 1e6 for seconds in spent),
        int(done[2]),
    )


def _latency(output: str, label: str) -> float:
    found = re.search(rf"^\s+{label}\s+([\d.]+)(us|ms|s|m)\s*$", output, re.MULTILINE)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0
