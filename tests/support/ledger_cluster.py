"""Hosts of ``ledger_app`` with their sidecars, placements that an etcd elects, one Redis; each can be harmed alone.

Between the sidecar of a host and every placement is a link of its own (``broken_links``). What was killed comes back
at the ports that it had, as it does under a supervisor: as the same host, to the same application.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from support.broken_links import Link
from support.etcd_server import EtcdServer
from support.ledger import Records
from support.placement_process import PlacementProcess
from support.ports import free_ports
from support.processes import Daprd, Process, http_status, wait_until
from support.redis_server import RedisServer

P = TypeVar("P", bound=Process)

OTHER_PORTS = ("--dapr-internal-grpc-port", "--dapr-grpc-port", "--metrics-port", "--dapr-public-port")

APP_ID = "ledger"
LIMIT = 90.0
PROGRAM = Path(__file__).with_name("ledger_app.py")
STORE = """
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: memory
spec:
  type: state.redis
  version: v1
  metadata:
  - {{name: redisHost, value: "{address}"}}
  - {{name: actorStateStore, value: "true"}}
"""


class LedgerHost:
    """One application and its sidecar."""

    def __init__(self, name: str, types: Sequence[str], links: Sequence[Link], directory: Path) -> None:
        self.name = name
        self.links = links
        self.answering = False
        """Whether calls may be sent to its sidecar."""
        self.deaths: list[float] = []
        """When its sidecar was killed."""
        self.cuts: list[tuple[float, float]] = []
        self.freezes: list[tuple[float, float]] = []
        self._types = types
        self._directory = directory
        self._lives: list[tuple[Path, float]] = []
        self._app_port, self.http_port, *self._ports = free_ports(6)
        self.app: Process
        self.sidecar: Daprd

    # --- What a supervisor does

    def start_app(self) -> None:
        notes = self._directory / f"{self.name}-{len(self._lives)}.txt"
        self._lives.append((notes, float("inf")))
        self.app = Process(
            [
                sys.executable, str(PROGRAM), f"--port={self._app_port}", f"--sidecar={self.http_port}",
                f"--notes={notes}", f"--name={self.name}", f"--types={','.join(self._types)}",
            ],
        )  # fmt: skip

    def start_sidecar(self) -> None:
        addresses = ",".join(f"127.0.0.1:{link.port}" for link in self.links)
        self.sidecar = Daprd(
            APP_ID, f"--placement-host-address={addresses}",
            f"--dapr-http-port={self.http_port}", *map("{}={}".format, OTHER_PORTS, self._ports),
            "--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=3",
            app_port=self._app_port, resources=self._directory / "resources",
        )  # fmt: skip
        self.sidecar.http_port = self.http_port

    def wait_ready(self) -> None:
        wait_until(lambda: http_status(self._app_port, "/healthz") == 200, what=f"{self.name}'s app", timeout=LIMIT)
        self.sidecar.wait_ready(timeout=LIMIT)
        self.answering = True

    # --- What happens to it

    def kill_app(self) -> float:
        """``kill -9``; the moment at which it was certainly dead."""
        self.app.terminate(signal.SIGKILL)
        self._lives[-1] = (self._lives[-1][0], time.monotonic())
        return self._lives[-1][1]

    def kill_sidecar(self) -> float:
        self.answering = False
        self.sidecar.popen.kill()
        killed = time.monotonic()
        self.deaths.append(killed)
        self.sidecar.terminate()
        return killed

    async def freeze(self, seconds: float) -> None:
        """Suspend the sidecar for a while."""
        begun = time.monotonic()
        self.sidecar.popen.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self.freezes.append((begun, time.monotonic()))
        self.sidecar.popen.send_signal(signal.SIGCONT)

    async def cut(self, seconds: float) -> None:
        """No word between its sidecar and any placement for a while."""
        begun = time.monotonic()
        for link in self.links:
            link.cut()
        await asyncio.sleep(seconds)
        self.cuts.append((begun, time.monotonic()))
        for link in self.links:
            link.heal()

    async def slow(self, delay: float, seconds: float) -> None:
        """Everything between its sidecar and the placements takes longer for a while."""
        for link in self.links:
            link.delay = delay
        await asyncio.sleep(seconds)
        for link in self.links:
            link.delay = 0.0

    def close(self) -> None:
        for process in (getattr(self, "sidecar", None), getattr(self, "app", None)):
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    process.popen.send_signal(signal.SIGCONT)
                process.terminate()

    def note_down(self, records: Records) -> None:
        """Add what its applications noted; they have ended."""
        for notes, died in self._lives:
            records.read(notes, self.name, min(died, time.monotonic()))


class LedgerCluster:
    """All of it. ``client`` is a sidecar without an application, which nobody harms."""

    def __init__(self, directory: Path, *, hosts: int, placements: int, types: Sequence[str]) -> None:
        self.stack = contextlib.ExitStack()
        self._directory = directory
        self._types = types
        self._names = [f"placement-{number}" for number in range(placements)]
        self._counted = hosts
        self.hosts: list[LedgerHost] = []
        self.placements: dict[str, PlacementProcess] = {}

    async def start(self) -> None:
        self.redis = self._held(RedisServer())
        self.etcd = self._held(EtcdServer())
        await asyncio.to_thread(self.redis.wait_ready)
        await asyncio.to_thread(self.etcd.wait_ready)
        resources = self._directory / "resources"
        resources.mkdir()
        (resources / "memory.yaml").write_text(STORE.format(address=self.redis.address))
        for name in self._names:
            self.start_placement(name)
        self.stack.callback(self._end_placements)
        for number in range(self._counted):
            links = [Link(process.port) for process in self.placements.values()]
            for link in links:
                await link.start()
            host = LedgerHost(f"host-{number}", self._types, links, self._directory)
            self.stack.callback(host.close)
            host.start_app()
            host.start_sidecar()
            self.hosts.append(host)
        addresses = ",".join(process.address for process in self.placements.values())
        self.client = self._held(Daprd("client", f"--placement-host-address={addresses}"))
        for ready in [*(host.wait_ready for host in self.hosts), self.client.wait_ready]:
            await asyncio.to_thread(ready)
        await asyncio.to_thread(wait_until, self._complete, what="all hosts in the table", timeout=LIMIT)

    def _held(self, process: P) -> P:
        self.stack.callback(process.terminate)
        return process

    def _end_placements(self) -> None:
        for process in self.placements.values():
            with contextlib.suppress(ProcessLookupError):
                process.popen.send_signal(signal.SIGCONT)
            process.terminate()

    async def close(self) -> None:
        """End everything; what the processes said last is in files then."""
        await asyncio.to_thread(self.stack.close)
        said = {"client": self.client, **self.placements} | {host.name: host.sidecar for host in self.hosts}
        for name, process in said.items():
            (self._directory / f"{name}.log").write_text(process.output)
        for host in self.hosts:
            for link in host.links:
                await link.close()

    def start_placement(self, name: str) -> None:
        """For the first time, or again at the port that it had."""
        peers = ",".join(f"{each}=127.0.0.1:8201" for each in self._names)
        flags = [f"--initial-cluster={peers}", f"--etcd-client-endpoints={self.etcd.endpoint}"]
        before = self.placements.get(name)
        if before:
            ports = before.port, before.healthz_port, before.metrics_port
            flags += map("{}={}".format, ("--port", "--healthz-port", "--metrics-port"), ports)
        process = PlacementProcess(*flags, name=name)
        if before:
            process.port, process.healthz_port, process.metrics_port = ports
        self.placements[name] = process

    def leader(self) -> PlacementProcess | None:
        for process in self.placements.values():
            with contextlib.suppress(OSError):
                if process.popen.poll() is None and process.metrics().get("dapr_placement_leader_status") == 1:
                    return process
        return None

    def _complete(self) -> bool:
        leader = self.leader()
        return leader is not None and len([types for types in leader.hosts().values() if types]) == len(self.hosts)
