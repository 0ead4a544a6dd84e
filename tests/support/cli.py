"""The ``dapr`` command as tests run it: real processes, a home of their own, the sidecar program of choice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

FAKE_SIDECAR = Path(__file__).parent / "fake_sidecar.py"
COMMAND = [sys.executable, "-m", "dapr_cli.main"]


def unique_id(stem: str) -> str:
    """An app id that no other test uses at the same time."""
    return f"{stem}-{uuid.uuid4().hex[:8]}"


class Cli:
    """Runs commands below one home folder; ends whatever a test has left running."""

    def __init__(self, home: Path, **env: str) -> None:
        self.home = home
        self.root = home / ".dapr"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DAPR_", "APP_"))}
        self.env = {**inherited, "HOME": str(home), "NO_COLOR": "1", **env}
        self._started: list[Running] = []

    def run(self, *words: str, stdin: str = "", timeout: float = 40, **env: str) -> subprocess.CompletedProcess[str]:
        """One command to its end."""
        return subprocess.run(
            [*COMMAND, *words], env={**self.env, **env}, cwd=self.home, input=stdin,
            capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def start(self, *words: str, stdin: int = subprocess.DEVNULL, **env: str) -> Running:
        """A command that keeps running; it leads a process group of its own, as in a shell."""
        running = Running([*COMMAND, *words], {**self.env, **env}, self.home, stdin)
        self._started.append(running)
        return running

    def close(self) -> None:
        """Stop everything that was started here."""
        for running in self._started:
            running.end()
        if (self.root / "redis").exists():
            self.run("uninstall", "--all")


class Running:
    """A running command whose output is collected and can be waited for."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path, stdin: int) -> None:
        self.process = subprocess.Popen(
            command, env=env, cwd=folder, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            process_group=0,
        )  # fmt: skip
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def output(self) -> str:
        """What it said so far."""
        with self._news:
            return "".join(self._lines)

    def wait_for(self, text: str, timeout: float = 30) -> str:
        """Wait until it has said ``text``; returns the whole output."""
        deadline = time.monotonic() + timeout
        with self._news:
            while text not in "".join(self._lines):
                remaining = deadline - time.monotonic()
                assert remaining > 0, f"it never said {text!r}:\n{''.join(self._lines)}"
                assert self._reader.is_alive(), f"it ended without saying {text!r}:\n{''.join(self._lines)}"
                self._news.wait(min(remaining, 0.2))
            return "".join(self._lines)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send a signal to the command alone, not to its group."""
        self.process.send_signal(number)

    def wait(self, timeout: float = 30) -> tuple[int, str]:
        """Its exit status and whole output."""
        status = self.process.wait(timeout)
        self._reader.join(5)
        return status, self.output

    def end(self) -> None:
        """Stop it, the gentle way first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()


def with_fake_sidecar(home: Path, **env: str) -> Cli:
    """A CLI whose sidecar program is the stand-in of ``support.fake_sidecar``."""
    return Cli(home, DAPR_RUNTIME_COMMAND=f"{sys.executable} {FAKE_SIDECAR}", **env)


def gone(pid: int, timeout: float = 10) -> bool:
    """Whether a process ends within the time."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def only(records: list[dict[str, Any]], app_id: str) -> dict[str, Any]:
    """The record of one application in the output of ``dapr list -o json``."""
    [record] = [record for record in records if record["appId"] == app_id]
    return record
