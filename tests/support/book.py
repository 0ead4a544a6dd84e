"""The stage of the book's walk-throughs: the real ``dapr run`` with a small application, in a home of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.cli import Cli, Running
from support.ports import free_ports

APPS = Path(__file__).parent.parent / "integration" / "apps"
UP = "You're up and running!"


class Play:
    """One ``dapr run`` that is up; ``port`` is the sidecar's HTTP port, ``app_port`` the application's."""

    def __init__(self, running: Running, app_id: str, port: int, app_port: int) -> None:
        self.running = running
        self.app_id = app_id
        self.port = port
        self.app_port = app_port

    @property
    def output(self) -> str:
        return self.running.output

    def invoke_path(self, method: str) -> str:
        return f"/v1.0/invoke/{self.app_id}/method/{method}"

    def stop(self) -> str:
        """Ctrl-C, as a user ends it; gives the whole output."""
        self.running.interrupt()
        status, said = self.running.wait()
        assert status == 0, said
        return said


def python(name: str) -> list[str]:
    """The command of one of the Python applications."""
    return [sys.executable, str(APPS / name)]


def node(name: str) -> list[str]:
    """The command of one of the Node applications; skips the test where there is no Node."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    return ["node", str(APPS / name)]


def play(
    cli: Cli,
    app_id: str,
    command: Sequence[str],
    *flags: str,
    resources: Path | None = None,
    old_names: bool = False,
    **env: str,
) -> Play:
    """``dapr run`` with a command, awaited until it is up.

    ``old_names`` makes it the line that the book prints: the flags of 2020 (N01), and the command right after them.
    """
    app_port, http_port = free_ports(2)
    words = ["run", "--app-id", app_id, "--app-port", str(app_port)]
    words += ["--port" if old_names else "--dapr-http-port", str(http_port)]
    if resources is not None:
        words += ["--resources-path", str(resources)]
    running = cli.start(*words, *flags, *([] if old_names else ["--"]), *command, **env)
    running.wait_for(UP)
    return Play(running, app_id, http_port, app_port)
