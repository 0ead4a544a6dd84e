"""Real processes for tests: started with their ports, awaited until ready, always ended, their output kept."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from support.ports import free_ports

START_LIMIT = 30.0
STOP_LIMIT = 15.0


class Process:
    """A child whose output is collected by a thread, so that tests can wait for a line."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        inherit: bool = True,
    ) -> None:
        """``env`` is added to the environment of the tests; without ``inherit`` it is all there is."""
        self.command = list(command)
        self.lines: list[str] = []
        self._arrived = threading.Condition()
        self.popen = subprocess.Popen(
            self.command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**(os.environ if inherit else {}), **(env or {})},
            cwd=cwd,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            with self._arrived:
                self.lines.append(line.rstrip("\n"))
                self._arrived.notify_all()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for_line(self, part: str, timeout: float = START_LIMIT, *, after: int = 0) -> str:
        """The first line that holds ``part``; fails with the whole output when it does not come."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                for line in self.lines[after:]:
                    if part in line:
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or (self.popen.poll() is not None and not self._reader.is_alive()):
                    raise AssertionError(f"no line with {part!r} from {self.command[:4]}:\n" + self.output)
                self._arrived.wait(min(left, 0.2))

    def terminate(self, sig: int = signal.SIGTERM, timeout: float = STOP_LIMIT) -> int:
        """Ask it to stop, kill it if it will not, and give its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(sig)
        try:
            code = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            code = self.popen.wait()
        self._reader.join(5)
        if self.popen.stdout is not None:
            self.popen.stdout.close()
        return code

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()


def http_status(port: int, path: str, *, timeout: float = 2.0) -> int | None:
    """The status of a GET, or None when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return None
    except http.client.HTTPException:
        return None
    else:
        return answer.status
    finally:
        connection.close()


def wait_until(check: Callable[[], bool], *, what: str, timeout: float = START_LIMIT, pause: float = 0.02) -> None:
    """Poll a condition that no event announces (another process's port)."""
    deadline = time.monotonic() + timeout
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about in {timeout} s")
        time.sleep(pause)


class Daprd(Process):
    """A sidecar of ours on ephemeral loopback ports."""

    def __init__(
        self,
        app_id: str,
        *flags: str,
        env: Mapping[str, str] | None = None,
        app_port: int | None = None,
        resources: Path | None = None,
        config: Path | None = None,
        cwd: Path | None = None,
        bare: bool = False,
        python: Sequence[str] = (),
    ) -> None:
        """``bare`` starts it with an empty environment; ``python`` are options of the interpreter."""
        self.app_id = app_id
        self.http_port, self.grpc_port, self.internal_port, self.metrics_port, self.public_port = free_ports(5)
        command = [
            sys.executable, *python, "-m", "daprd.main", f"--app-id={app_id}",
            f"--dapr-http-port={self.http_port}", f"--dapr-grpc-port={self.grpc_port}",
            f"--dapr-internal-grpc-port={self.internal_port}", f"--metrics-port={self.metrics_port}",
            f"--dapr-public-port={self.public_port}", "--dapr-listen-addresses=127.0.0.1",
            "--metrics-listen-address=127.0.0.1", "--dapr-public-listen-address=127.0.0.1",
        ]  # fmt: skip
        if app_port is not None:
            command.append(f"--app-port={app_port}")
        if resources is not None:
            command.append(f"--resources-path={resources}")
        if config is not None:
            command.append(f"--config={config}")
        given = {} if bare else {"DAPR_HOST_IP": "127.0.0.1", **(env or {})}
        super().__init__([*command, *flags], env=given, cwd=cwd, inherit=not bare)

    def wait_ready(self, path: str = "/v1.0/healthz", timeout: float = START_LIMIT) -> None:
        """Wait until the sidecar says it is ready (for ``healthz``, that includes its application)."""

        def ready() -> bool:
            if self.popen.poll() is not None:
                raise AssertionError(f"daprd ended with {self.popen.returncode}:\n{self.output}")
            return http_status(self.http_port, path) == 204

        try:
            wait_until(ready, what=f"{self.app_id}'s {path}", timeout=timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from None


@contextlib.contextmanager
def daprd(app_id: str, *flags: str, ready: str | None = "/v1.0/healthz", **settings: object) -> Iterator[Daprd]:
    """A running sidecar; waits for ``ready`` unless None."""
    process = Daprd(app_id, *flags, **settings)  # type: ignore[arg-type]
    try:
        if ready is not None:
            process.wait_ready(ready)
        yield process
    finally:
        process.terminate()
