"""Processes under test: started, asked for their port, watched by the kernel's own accounts, ended."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_BENCH = Path(__file__).resolve().parents[1]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads included (/proc/<pid>/stat, proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextlib.contextmanager
def python(script: Path | str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run one of our scripts that prints its port as the first line; gives (pid, port)."""
    with running([sys.executable, str(_BENCH / script), *arguments]) as (pid, line):
        yield pid, int(line)


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Run a command and wait for its first line; it is terminated at the end."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{command[0]} ended before it was ready (exit code {process.wait()})")
        yield process.pid, line
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
