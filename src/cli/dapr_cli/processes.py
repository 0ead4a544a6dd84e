"""The process table of this machine, as far as finding and stopping sidecars needs it.

Linux keeps it under ``/proc``: the name in ``stat`` is the one other tools match on, ``cmdline`` keeps the arguments
apart by NUL bytes, so that paths with spaces survive.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import NamedTuple

PROC = "/proc"
STATE_FIELD, START_TIME_FIELD = 0, 19
"""Places in ``/proc/<pid>/stat`` after the closing parenthesis of the name: fields 3 and 22 of proc(5)."""


class Process(NamedTuple):
    """One process: its kernel name, its arguments and when it started (Unix time, seconds)."""

    pid: int
    name: str
    argv: list[str]
    started: float


def all_processes() -> Iterator[Process]:
    """Every process that can be read; those that vanish meanwhile are left out.

    Raises OSError where there is no process table to read (anything but Linux).
    """
    boot = _boot_time()
    for entry in os.listdir(PROC):
        if entry.isdecimal() and (process := _read(int(entry), boot)) is not None:
            yield process


def find(pid: int) -> Process | None:
    """The process with this id, or None when there is none (a zombie counts as none)."""
    return _read(pid, _boot_time()) if pid > 0 else None


def environment_of(pid: int) -> dict[str, str]:
    """What a process was started with; empty when it is gone, or is another user's."""
    try:
        with open(f"{PROC}/{pid}/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return {}
    pairs = [entry.partition(b"=") for entry in entries if b"=" in entry]
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, _, value in pairs}


def alive(pid: int) -> bool:
    """Whether a process with this id runs."""
    return find(pid) is not None


def terminate(pid: int, grace: float) -> bool:
    """Ask a process to stop, wait up to ``grace`` seconds, then kill it; False when it was gone already.

    For processes that are not our children; they are watched by the process table, not by ``wait``.
    """
    start = find(pid)
    if start is None or not send(pid, signal.SIGTERM):
        return False
    deadline = time.monotonic() + grace
    while (now := find(pid)) is not None and now.started == start.started:
        if time.monotonic() > deadline:
            send(pid, signal.SIGKILL)
            deadline = time.monotonic() + grace
        time.sleep(0.02)
    return True


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False when the process is gone. Raises PermissionError for a process of another user."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _read(pid: int, boot: float) -> Process | None:
    try:
        with open(f"{PROC}/{pid}/stat", encoding="utf-8", errors="replace") as file:
            stat = file.read()
        with open(f"{PROC}/{pid}/cmdline", "rb") as binary:
            command = binary.read()
    except OSError:
        return None
    name = stat[stat.index("(") + 1 : stat.rindex(")")]
    fields = stat[stat.rindex(")") + 2 :].split()
    if fields[STATE_FIELD] == "Z":
        return None
    argv = [word.decode(errors="replace") for word in command.split(b"\0")[:-1]]
    started = boot + int(fields[START_TIME_FIELD]) / os.sysconf("SC_CLK_TCK")
    return Process(pid, name, argv, started)


def _boot_time() -> float:
    with open(f"{PROC}/stat", encoding="ascii") as file:
        for line in file:
            if line.startswith("btime "):
                return float(line.split()[1])
    raise OSError("the process table tells no boot time")
