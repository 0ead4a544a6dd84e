"""A load of unary gRPC calls from our own client, in a process of its own, and the work that is measured by it.

As a program it reads a ``Load`` as JSON from its standard input and prints what came of it as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from bench.lib.load import Figure
from bench.lib.processes import cpu_seconds
from bench.lib.work import Work
from dapr_core.rpc.grpc import Channel, ResponseListener, Status
from dapr_core.rpc.grpc.client import ClientConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcWork(Work):
    """One unary call, made again and again: ``url`` is the server as host:port, ``body`` the serialised message.

    Attributes:
        path: ``/package.Service/Method``.
        calls: how many are in flight on each connection.
        least: bytes that an answer has at least; a shorter one counts as an error.
    """

    path: str
    calls: int = 1
    least: int = 1024

    def run(self, connections: int, seconds: float) -> Figure:
        """Keep ``connections`` calls in flight. Raises RuntimeError if any failed: a cheap failure is no figure."""
        load = Load(
            target=self.url,
            path=self.path,
            message=base64.b64encode(self.body).decode(),
            metadata=self.headers,
            connections=max(1, connections // self.calls),
            calls=min(self.calls, connections),
            least=self.least,
            seconds=seconds,
        )
        before = [cpu_seconds(pid) for pid in self.pids]
        done = subprocess.run(
            [sys.executable, "-m", "bench.lib.grpc_load"],
            input=json.dumps(asdict(load)),
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
        spent = [cpu_seconds(pid) - start for pid, start in zip(self.pids, before, strict=True)]
        if done.returncode:
            raise RuntimeError(f"{self.name}: {done.stderr[-4000:]}")
        found = json.loads(done.stdout)
        if found["errors"] or not found["answers"]:
            raise RuntimeError(f"{self.name}: {found['errors']} of the calls failed: {found['why']}")
        answers = found["answers"]
        costs = tuple(each / answers * 1e6 for each in spent)
        return Figure(answers / found["elapsed"], found["p50_ms"], found["p99_ms"], costs, 0)

    def shape(self, connections: int) -> str:
        """How the calls were spread."""
        opened = max(1, connections // self.calls)
        return f"{opened} conn." if self.calls == 1 else f"{connections} calls on {opened} conn."


@dataclass(frozen=True, slots=True)
class Load:
    """What the program is to do; ``message`` in base64."""

    target: str
    path: str
    message: str
    metadata: Mapping[str, str]
    connections: int
    calls: int
    least: int
    seconds: float


class Caller(ResponseListener):
    """One of the calls in flight: the end of one begins the next, until the time is over."""

    __slots__ = ("began", "connection", "done", "run", "size")

    def __init__(self, connection: ClientConnection, run: Run) -> None:
        self.connection = connection
        self.run = run
        self.done = asyncio.get_running_loop().create_future()
        self.next()

    def next(self) -> None:
        """Make a call, if there is time."""
        self.began = time.perf_counter()
        if self.began >= self.run.until:
            self.done.set_result(None)
            return
        self.size = -1
        run = self.run
        self.connection.start(run.path, run.metadata, self).send_message(run.message, end=True)

    def on_message(self, message: bytes) -> None:
        self.size = len(message)

    def on_close(self, status: Status) -> None:
        run = self.run
        if not status.ok or self.size < run.least:
            run.errors += 1
            run.why = f"{status}, {self.size} bytes"
            self.done.set_result(None)
            return
        run.took.append(time.perf_counter() - self.began)
        self.next()


class Run:
    """What all callers share."""

    def __init__(self, load: Load) -> None:
        self.path = load.path
        self.metadata = [(name.encode(), value.encode()) for name, value in load.metadata.items()]
        self.message = base64.b64decode(load.message)
        self.least = load.least
        self.until = 0.0
        self.took: list[float] = []
        self.errors = 0
        self.why = ""


async def drive(load: Load) -> dict[str, object]:
    """Open the connections, keep the calls in flight, and say what came of it."""
    run = Run(load)
    channels = [Channel(load.target) for _ in range(load.connections)]
    connections = [await channel.connect() for channel in channels]
    began = time.perf_counter()
    run.until = began + load.seconds
    callers = [Caller(connection, run) for connection in connections for _ in range(load.calls)]
    for caller in callers:
        await caller.done
    elapsed = time.perf_counter() - began
    for channel in channels:
        await channel.close()
    took = sorted(run.took) or [0.0]
    return {
        "answers": len(run.took),
        "errors": run.errors,
        "why": run.why,
        "elapsed": elapsed,
        "p50_ms": took[len(took) // 2] * 1e3,
        "p99_ms": took[len(took) * 99 // 100] * 1e3,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(drive(Load(**json.load(sys.stdin))))))
