"""Processes under test: started, asked for their port, watched by the kernel's own accounts, ended."""

from __future__ import annotations

import contextlib
import os
import re
import socket
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


def pss_mb(pid: int) -> float:
    """Proportional set size in MB (10⁶ bytes): what a process keeps in memory, shared pages split among their users."""
    return _memory_mb(pid, "Pss")


def rss_mb(pid: int) -> float:
    """Resident set size in MB (10⁶ bytes): what it would keep if it shared nothing with anybody."""
    return _memory_mb(pid, "Rss")


def _memory_mb(pid: int, name: str) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the kernel tells no {name} of process {pid}")
    return int(found[1]) * 1024 / 1e6


def free_ports(count: int) -> list[int]:
    """Distinct loopback ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in sockets]


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
        end(process)
        if process.stdout is not None:
            process.stdout.close()


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Ask a process to stop; kill it if it has not after five seconds."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
