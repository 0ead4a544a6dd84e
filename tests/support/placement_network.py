"""Sidecars and a network without sockets, for the tests of the dissemination: every message waits until it is let go.

A simulated sidecar does what actors-placement.md §3.3 says: it locks, installs a table and blocks the types whose hosts
changed, unblocks them, acknowledges each step, and gives everything up when its stream ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from dapr_core.ring import Ring, RingHost
from dapr_placement.dissemination import effects as do
from dapr_placement.dissemination.reports import Report, report_of
from dapr_placement.dissemination.rounds import Dissemination
from dapr_placement.dissemination.wire import Phase

FACTOR = 16
Table = dict[str, dict[str, str]]
"""Actor type to host name to app id."""


def report(
    name: str, types: Iterable[str] = (), *, operation: int = Phase.REPORT, version: int | None = None
) -> Report:
    """What a sidecar says; its app id is made of its name."""
    host = Host(name=name, id=f"app-{name}", namespace="ns", entities=list(types), operation=operation)
    if version is not None:
        host.version = version
    return report_of(host)


def table_of(order: PlacementOrder) -> Table:
    """The table in an update."""
    return {
        actor_type: {name: host.id for name, host in table.load_map.items()}
        for actor_type, table in order.tables.entries.items()
    }


@dataclass
class Sidecar:
    """One host; ``stream`` is None while it is not connected."""

    name: str
    types: tuple[str, ...]
    stream: int | None = None
    inbox: deque[PlacementOrder | None] = field(default_factory=deque)
    outbox: deque[Report] = field(default_factory=deque)
    table: Table | None = None
    version: int = -1
    blocked: set[str] = field(default_factory=set)
    received: list[str] = field(default_factory=list)
    stalled: bool = False
    legacy: bool = False

    def take(self, order: PlacementOrder) -> None:
        """Act on an order and acknowledge it."""
        self.received.append(f"{order.operation} {order.version}")
        if order.operation == "update":
            new = table_of(order)
            old = self.table or {}
            self.blocked |= {t for t in old.keys() | new.keys() if self.table is None or old.get(t) != new.get(t)}
            self.table = new
            self.version = order.version
        elif order.operation == "unlock" and order.version == self.version:
            self.blocked.clear()
        if self.legacy:
            self.outbox.append(report(self.name, self.types, operation=0))
        else:
            phase = {"lock": Phase.LOCK, "update": Phase.UPDATE, "unlock": Phase.UNLOCK}[order.operation]
            self.outbox.append(report(self.name, operation=phase, version=order.version))

    def lose(self) -> None:
        """The stream has ended: no table, no actors."""
        self.stream = None
        self.table = None
        self.version = -1
        self.blocked.clear()
        self.inbox.clear()
        self.outbox.clear()

    def serves(self, actor_type: str, actor_id: str) -> bool:
        """Whether it would run this actor now."""
        hosts = (self.table or {}).get(actor_type)
        if not hosts or actor_type in self.blocked or actor_type not in self.types:
            return False
        return owner(frozenset(hosts), actor_id) == self.name


@cache
def owner(hosts: frozenset[str], actor_id: str) -> str:
    """The host an actor belongs to."""
    return Ring([RingHost(name, "") for name in hosts], FACTOR).owner(actor_id).name


class Network:
    """A dissemination and its sidecars; what timers are armed is told, when they fire is the test's to say."""

    def __init__(self, *, coalescing: bool = False) -> None:
        self.coalescing = coalescing
        self.machine = self.new_machine()
        self.sidecars: dict[str, Sidecar] = {}
        self.streams: dict[int, Sidecar] = {}
        self.timer: int | None = None
        self.window = False
        self.probes: list[int] = []
        self.closed: list[do.Close] = []
        self.tables: dict[int, bytes] = {}
        """Every version's table as it was sent."""
        self._next = 0

    def new_machine(self) -> Dissemination:
        return Dissemination(FACTOR, coalescing=self.coalescing)

    def forget(self) -> None:
        """Nothing is known of the namespace any more: its last stream has gone, or another placement leads."""
        self.machine = self.new_machine()
        self.timer, self.window = None, False
        self.probes.clear()
        self.tables.clear()

    # --- What sidecars do

    def join(self, name: str, *types: str) -> Sidecar:
        """A sidecar connects and reports."""
        sidecar = self.sidecars.setdefault(name, Sidecar(name, ()))
        if types or sidecar.stream is None:
            sidecar.types = types or sidecar.types
        self.connect(sidecar)
        return sidecar

    def connect(self, sidecar: Sidecar) -> None:
        self._next += 1
        sidecar.lose()
        sidecar.stream = self._next
        self.streams[self._next] = sidecar
        self.apply(self.machine.join(self._next, report(sidecar.name, sidecar.types)))

    def say(self, name: str, message: Report) -> None:
        """A message reaches placement out of turn."""
        stream = self.sidecars[name].stream
        if stream is not None:
            self.apply(self.machine.hear(stream, message))

    def leave(self, name: str) -> None:
        """A sidecar goes, and placement notices at once."""
        stream = self.sidecars[name].stream
        self.sidecars[name].lose()
        if stream is not None:
            self.lost(stream)

    def lost(self, stream: int) -> None:
        """Placement notices that a stream is gone."""
        if self.streams.pop(stream, None) is not None:
            self.apply(self.machine.leave(stream))

    # --- What the network does

    def pass_order(self, sidecar: Sidecar) -> None:
        """The next order reaches a sidecar; the end of its stream makes it connect again."""
        order = sidecar.inbox.popleft()
        if order is None:
            self.connect(sidecar)
        else:
            sidecar.take(order)

    def pass_report(self, sidecar: Sidecar) -> None:
        """The next message of a sidecar reaches placement; one on a stream that has ended goes nowhere."""
        message = sidecar.outbox.popleft()
        if sidecar.stream in self.streams:
            assert sidecar.stream is not None
            self.apply(self.machine.hear(sidecar.stream, message))

    def run(self, *names: str) -> None:
        """Let everything through to and from these sidecars, or all that are not stalled, until nothing moves."""
        while True:
            awake = [s for s in self.sidecars.values() if not s.stalled and (not names or s.name in names)]
            busy = [s for s in awake if s.inbox or s.outbox]
            if not busy:
                return
            for sidecar in busy:
                if sidecar.inbox:
                    self.pass_order(sidecar)
                elif sidecar.outbox:
                    self.pass_report(sidecar)

    # --- What timers do

    def time_out(self) -> None:
        assert self.timer is not None
        self.apply(self.machine.timeout(self.timer))

    def end_window(self) -> None:
        self.window = False
        self.apply(self.machine.window_over())

    def end_probe(self) -> None:
        self.apply(self.machine.probe_over(self.probes.pop(0)))

    # --- What placement does

    def apply(self, effects: Sequence[do.Effect]) -> None:
        for effect in effects:
            match effect:
                case do.Send():
                    self._send(effect)
                case do.Close():
                    self.closed.append(effect)
                    self._deliver(effect.stream, None)
                    del self.streams[effect.stream]
                case do.StartTimer():
                    self.timer = effect.version
                case do.StopTimer():
                    self.timer = None
                case do.OpenWindow():
                    self.window = True
                case do.CloseWindow():
                    self.window = False
                case do.StartProbe():
                    self.probes.append(effect.stream)
        if self.machine.empty:
            self.forget()

    def _send(self, send: do.Send) -> None:
        order = PlacementOrder.FromString(send.message)
        assert (order.operation, order.version) == (send.phase.name.lower(), send.version)
        if send.phase is Phase.UPDATE:
            assert self.tables.setdefault(send.version, send.message) == send.message, "one version, two tables"
        for target in send.targets:
            self._deliver(target, order)

    def _deliver(self, stream: int, order: PlacementOrder | None) -> None:
        """To the sidecar at the other end, if it is still there."""
        sidecar = self.streams[stream]
        if sidecar.stream == stream:
            sidecar.inbox.append(order)

    # --- What can be seen

    @property
    def in_table(self) -> dict[str, tuple[str, ...]]:
        """Host names in the table with their types."""
        return {host.report.name: host.report.entities for host in self.machine.table}
