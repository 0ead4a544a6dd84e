"""The cluster's processes: started with a log and a record each, ended by that record and by nothing else.

A record is the process id with the time the kernel gives for its start, so that an id that has come round to
somebody else's process is never signalled. Records are files: what one command started, another can end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

STOP_LIMIT: Final = 10.0
PAUSE: Final = 0.05
LOG_SHOWN: Final = 3000
_PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ClusterError(RuntimeError):
    """The cluster did not come up; the message ends with the log of who failed."""


class Processes:
    """The processes recorded in one folder."""

    def __init__(self, folder: Path, *, tied: bool = False) -> None:
        """``tied`` processes are killed by the kernel when the one that started them ends, however it ends."""
        self._records = folder / "pid"
        self._logs = folder / "log"
        self._tied = tied
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._records.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(exist_ok=True)

    def start(self, name: str, command: Sequence[str | Path], **environment: str) -> None:
        """Start it in a session of its own, unless it runs already."""
        if self.runs(name):
            return
        with (self._logs / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                [str(each) for each in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
                preexec_fn=_die_with_parent if self._tied and _libc is not None else None,
            )
        self._children[name] = child
        (self._records / name).write_text(f"{child.pid} {_started(child.pid)}")

    def runs(self, name: str) -> bool:
        """Whether the recorded process lives."""
        child = self._children.get(name)
        if child is not None:
            return child.poll() is None
        return self._pid(name) is not None

    def wait_until(self, ready: Callable[[], bool], what: str, limit: float) -> None:
        """Poll ``ready`` for at most ``limit`` seconds.

        Raises:
            ClusterError: it did not come about, or a process of the cluster ended meanwhile.
        """
        deadline = time.monotonic() + limit
        while not ready():
            for record in self._records.iterdir():
                if not self.runs(record.name):
                    raise ClusterError(f"{record.name} ended while {what} was awaited:\n{self.log(record.name)}")
            if time.monotonic() > deadline:
                logs = "\n".join(f"{each.name}:\n{self.log(each.name)}" for each in self._records.iterdir())
                raise ClusterError(f"{what} did not come about in {limit:.0f} s:\n{logs}")
            time.sleep(PAUSE)

    def stop(self, name: str, sign: int = signal.SIGTERM) -> None:
        """End the recorded process: by ``sign`` first, and after ten seconds by SIGKILL."""
        for each in (sign, signal.SIGKILL):
            pid = self._pid(name)
            if pid is None:
                break
            os.kill(pid, each)
            deadline = time.monotonic() + STOP_LIMIT
            while self.runs(name) and time.monotonic() < deadline:
                time.sleep(PAUSE)
        (self._records / name).unlink(missing_ok=True)

    def log(self, name: str) -> str:
        """The end of what it wrote."""
        path = self._logs / f"{name}.log"
        return path.read_text(errors="replace")[-LOG_SHOWN:] if path.exists() else ""

    def _pid(self, name: str) -> int | None:
        try:
            pid, started = map(int, (self._records / name).read_text().split())
        except (FileNotFoundError, ValueError):
            return None
        child = self._children.get(name)
        if child is not None and child.poll() is not None:
            return None
        return pid if started >= 0 and _started(pid) == started else None


def _started(pid: int) -> int:
    """When the kernel says the process began, in clock ticks; -1 if it is gone or a zombie (proc_pid_stat(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return -1
    fields = stat.rpartition(")")[2].split()
    return -1 if fields[0] == "Z" else int(fields[19])


def _die_with_parent() -> None:
    assert _libc is not None
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
