"""Processes that `dapr init` leaves running: started once, found again, stopped by their record.

Such a process runs detached from the terminal and outlives the command that started it. A small record beside its data
tells which process it is; a process id that was given to somebody else since is recognised by its start time. A lock
keeps two commands at once from starting two processes on the same data.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, NamedTuple

from . import ports, processes
from .command import Failure
from .inventory import write_atomically

START_TIMEOUT, STOP_GRACE = 20.0, 10.0
POLL = 0.02
LOG_TAIL_LINES = 5
START_TIME_SLACK = 1.0
"""Seconds by which two readings of a process's start may differ, as the boot time is known in whole seconds only."""


class Record(NamedTuple):
    """Which process serves, on which port, and since when (Unix time); a second port for those that have one."""

    port: int
    pid: int
    started: float
    health_port: int = 0


class Background(ABC):
    """A process whose data lives in ``folder``.

    Attributes:
        title: how messages name it.
        preferred_port: where it listens when that is free.
        port_flag: the flag of `dapr init` that chooses another one.
    """

    title: ClassVar[str]
    preferred_port: ClassVar[int]
    port_flag: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record_path = folder / "process.json"

    @property
    def log(self) -> Path:
        """What the process says."""
        return self.folder / "server.log"

    @abstractmethod
    def prepare(self) -> None:
        """Make the folders that the process needs. Raises ``OSError``."""

    @abstractmethod
    def command(self, port: int, health_port: int) -> Sequence[str]:
        """The argv that starts it. Raises Failure when its program is not there."""

    @abstractmethod
    def answers(self, port: int, health_port: int) -> bool:
        """Whether it is ready to serve."""

    def environment(self) -> Mapping[str, str] | None:
        """The environment of the process; None is ours."""
        return None

    def record(self) -> Record | None:
        """The process that was started last, running or not."""
        try:
            value = json.loads(self._record_path.read_text(encoding="utf-8"))
            ports_and_pid = (int(value["port"]), int(value["pid"]), float(value["started"]))
            return Record(*ports_and_pid, int(value.get("health_port", 0)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def running(self) -> Record | None:
        """The record when its process is alive and really the one that was started."""
        record = self.record()
        process = processes.find(record.pid) if record is not None else None
        if record is None or process is None or abs(process.started - record.started) > START_TIME_SLACK:
            return None
        return record

    def start(self, port: int) -> Record:
        """Start it and wait until it answers; keeps one that runs already. Raises Failure with its reason."""
        self.prepare()
        with self._alone():
            return self.running() or self._launch(port)

    def stop(self) -> bool:
        """Stop it after it has written everything down; False when it was not running."""
        record = self.running()
        stopped = record is not None and processes.terminate(record.pid, STOP_GRACE)
        self._record_path.unlink(missing_ok=True)
        return stopped

    def choose_port(self, wanted: int) -> int:
        """The port to start on: the wanted one, or the preferred one when it is free, or any other.

        Raises Failure when a wanted port is taken.
        """
        if wanted:
            if not ports.is_free_on_loopback(wanted):
                raise Failure(f"port {wanted} is taken; choose another with --{self.port_flag}, or leave the flag out")
            return wanted
        if ports.is_free_on_loopback(self.preferred_port):
            return self.preferred_port
        return _any_port()

    def make_run(self, wanted: int) -> Record:
        """Have it running on the wanted port (0: where it ran last, else wherever it may). Raises Failure."""
        running = self.running()
        if running is not None and wanted not in (0, running.port):
            self.stop()
            running = None
        if running is not None:
            return running
        last = self.record()
        if not wanted and last is not None and ports.is_free_on_loopback(last.port):
            wanted = last.port
        port = self.choose_port(wanted)
        try:
            return self.start(port)
        except Failure:
            if wanted or ports.is_free_on_loopback(port):
                raise
            return self.start(_any_port())  # somebody else took the port in between

    def ensure_running(self) -> bool:
        """Start one that was set up but does not run, as after a reboot; True when it had to be started.

        Raises Failure when it cannot be started, for instance because its port was taken meanwhile.
        """
        record = self.record()
        if record is None or self.running() is not None:
            return False
        if not ports.is_free_on_loopback(record.port):
            raise Failure(
                f"the {self.title} of `dapr init` is not running and its port {record.port} is taken by another "
                "program; free the port, or run `dapr init` to move it to another one"
            )
        self.start(record.port)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self.folder / "lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _launch(self, port: int) -> Record:
        health_port = _any_port()
        command = self.command(port, health_port)
        with open(self.log, "ab") as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=self.folder, env=self.environment(),
            )  # fmt: skip
        self._wait_until_ready(child, port, health_port)
        process = processes.find(child.pid)
        record = Record(port, child.pid, process.started if process is not None else time.time(), health_port)
        write_atomically(self._record_path, json.dumps(record._asdict()) + "\n")
        child.returncode = 0  # it outlives us on purpose: nobody is going to wait for it here
        return record

    def _wait_until_ready(self, child: subprocess.Popen[bytes], port: int, health_port: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise Failure(f"the {self.title} ended at once with status {child.returncode}{self._last_words()}")
            if self.answers(port, health_port):
                return
            time.sleep(POLL)
        child.kill()
        child.wait()
        raise Failure(f"the {self.title} did not answer within {START_TIMEOUT:.0f} s{self._last_words()}")

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
        except OSError:
            return ""
        return f"; {self.log} ends with:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""


def _any_port() -> int:
    return next(port for port in ports.free_ports(8) if ports.is_free_on_loopback(port))
