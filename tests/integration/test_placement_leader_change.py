"""Leaders come and go while sidecars do: nobody runs an actor twice, and everybody finds the new leader.

The sidecars are simulated ones on our own gRPC client; they share one event loop, so that a checker sees each of them
at every moment. They probe their end of the connection, as docs/placement.md asks for.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest
from support.etcd_server import EtcdServer, etcd_server
from support.placement_network import owner, table_of
from support.placement_process import PlacementProcess

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from dapr_core.rpc.grpc import Channel, ChannelOptions, ClientStream, GrpcError, KeepAlive, ResponseListener, Status

pytestmark = pytest.mark.engine("etcd")

METHOD = "/dapr.proto.placement.v1.Placement/ReportDaprStatus"
OPERATIONS = {"lock": 2, "update": 3, "unlock": 4}
NAMES = ("placement-a", "placement-b", "placement-c")
SIDECARS = 12
TYPES = ("cat", "dog")
IDS = tuple(f"id-{number}" for number in range(40))
PROBING = KeepAlive(interval=1.0, timeout=1.0)
"""Silence is noticed within three seconds; a lease lasts four."""
PATIENCE = 45.0


class Watcher:
    """Looks at all sidecars whenever one of them has changed its mind."""

    def __init__(self) -> None:
        self.sidecars: list[Sidecar] = []
        self.overlaps: list[str] = []
        self.looks = 0

    def look(self) -> None:
        self.looks += 1
        for actor_type in TYPES:
            running = [s for s in self.sidecars if s.runs(actor_type)]
            for actor_id in IDS:
                owners = [s.name for s in running if owner(s.hosts(actor_type), actor_id) == s.name]
                if len(owners) > 1:
                    self.overlaps.append(f"{actor_type}/{actor_id} on {owners}")

    @property
    def agree(self) -> bool:
        """All who are there have one table, with all of them in it, and nothing held back."""
        present = [s for s in self.sidecars if s.wanted]
        names = {s.name for s in present}
        return all(not s.blocked and all(s.hosts(t) == names for t in TYPES) for s in present)


class Sidecar(ResponseListener):
    """One host: connects to whoever serves, acts on orders, and gives everything up when its stream ends."""

    def __init__(self, watcher: Watcher, name: str, addresses: list[str]) -> None:
        self.name = name
        self.wanted = False
        self.table: dict[str, frozenset[str]] = {}
        self.blocked: set[str] = set(TYPES)
        self._watcher = watcher
        self._addresses = cycle(addresses)
        self._call: ClientStream | None = None
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def runs(self, actor_type: str) -> bool:
        return actor_type in self.table and actor_type not in self.blocked

    def hosts(self, actor_type: str) -> frozenset[str]:
        return self.table.get(actor_type, frozenset())

    def start(self) -> None:
        self.wanted = True
        self._task = asyncio.ensure_future(self._live())

    async def stop(self) -> None:
        self.wanted = False
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _live(self) -> None:
        while True:
            channel = Channel(next(self._addresses), ChannelOptions(connect_timeout=1.0, keepalive=PROBING))
            try:
                await self._stay(channel)
            finally:
                self._give_up()
                await channel.close()
            await asyncio.sleep(0.05 + random.random() * 0.1)

    async def _stay(self, channel: Channel) -> None:
        self._lost.clear()
        with contextlib.suppress(GrpcError):
            self._call = (await channel.connect()).start(METHOD, (), self)
            self._send(Host(name=self.name, id=self.name, namespace="default", entities=TYPES, operation=1))
            await self._lost.wait()

    def _give_up(self) -> None:
        self.table = {}
        self.blocked = set(TYPES)
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _send(self, message: Host) -> None:
        if self._call is not None:
            self._call.send_message(message.SerializeToString())

    def on_message(self, message: bytes) -> None:
        order = PlacementOrder.FromString(message)
        if order.operation == "update":
            new = {actor_type: frozenset(hosts) for actor_type, hosts in table_of(order).items()}
            self.blocked |= {t for t in TYPES if self.table.get(t) != new.get(t)}
            self.table = new
        elif order.operation == "unlock":
            self.blocked.clear()
        operation = OPERATIONS[order.operation]
        self._send(Host(id=self.name, namespace="default", operation=operation, version=order.version))
        self._watcher.look()

    def on_close(self, status: Status) -> None:
        self._call = None
        self._give_up()
        self._lost.set()


class Cluster:
    """Three placements, any of which may be lost and come again on its port."""

    def __init__(self, etcd: EtcdServer) -> None:
        peers = ",".join(f"{name}=127.0.0.1:8201" for name in NAMES)
        self._flags = (f"--initial-cluster={peers}", f"--etcd-client-endpoints={etcd.endpoint}")
        self.placements = {name: PlacementProcess(*self._flags, name=name) for name in NAMES}
        self.addresses = [process.address for process in self.placements.values()]

    def leader(self) -> PlacementProcess | None:
        for process in self.placements.values():
            with contextlib.suppress(OSError):
                if process.popen.poll() is None and process.metrics().get("dapr_placement_leader_status") == 1:
                    return process
        return None

    def start_again(self, lost: PlacementProcess) -> None:
        self.placements[lost.name] = PlacementProcess(*self._flags, f"--port={lost.port}", name=lost.name)

    def close(self) -> None:
        for process in self.placements.values():
            process.popen.send_signal(signal.SIGCONT)
            process.terminate()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with etcd_server() as etcd:
        found = Cluster(etcd)
        try:
            for process in found.placements.values():
                process.wait_ready()
            yield found
        finally:
            found.close()


async def until(check: Callable[[], object], what: str) -> float:
    """Seconds until something holds."""
    begun = time.monotonic()
    while not check():
        assert time.monotonic() - begun < PATIENCE, f"{what} did not come about"
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def churn(sidecars: list[Sidecar]) -> None:
    """Hosts that come and go all the time."""
    while True:
        await asyncio.sleep(random.random() * 0.3)
        sidecar = random.choice(sidecars)
        if sidecar.wanted:
            await sidecar.stop()
        else:
            sidecar.start()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", [signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP], ids=lambda value: value.name)
def test_no_actor_has_two_homes_while_leaders_are_lost_under_load(cluster: Cluster, fault: signal.Signals) -> None:
    async def play() -> tuple[Watcher, list[float]]:
        watcher = Watcher()
        watcher.sidecars = [Sidecar(watcher, f"10.0.0.{n}:1", cluster.addresses) for n in range(SIDECARS)]
        for sidecar in watcher.sidecars:
            sidecar.start()
        await until(lambda: watcher.agree, "the first table")
        gaps = []
        for _ in range(2):
            churning = asyncio.ensure_future(churn(watcher.sidecars[:4]))
            await asyncio.sleep(1)
            leader = await asyncio.to_thread(cluster.leader)
            assert leader is not None
            leader.popen.send_signal(fault)
            begun = time.monotonic()
            await until(lambda: not any(s.runs(t) for s in watcher.sidecars[4:] for t in TYPES), "the old one lost")
            await until(lambda: all(s.runs(t) for s in watcher.sidecars[4:] for t in TYPES), "the new one found")
            gaps.append(time.monotonic() - begun)
            if fault is signal.SIGSTOP:
                leader.popen.send_signal(signal.SIGCONT)
            else:
                await asyncio.to_thread(leader.popen.wait)
                cluster.start_again(leader)
            await asyncio.sleep(1)
            churning.cancel()
            await asyncio.wait([churning])
            for sidecar in watcher.sidecars:
                if not sidecar.wanted:
                    sidecar.start()
            await until(lambda: watcher.agree, "one table again")
        for sidecar in watcher.sidecars:
            await sidecar.stop()
        return watcher, gaps

    watcher, gaps = asyncio.run(play())
    print(f"{fault.name}: all placed again after {', '.join(f'{gap:.1f}' for gap in gaps)} s; {watcher.looks} looks")
    assert watcher.overlaps == []
    assert watcher.looks > 200
