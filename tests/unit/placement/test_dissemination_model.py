"""Any interleaving of joins, departures, stalls, duplicates, late messages, timers and new leaders keeps the promise:
no two sidecars run one actor, every round ends, and all who answer end up with one table."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.placement_network import Network, Sidecar, report

from dapr_placement.dissemination.rounds import RESTARTS
from dapr_placement.dissemination.wire import Phase

TYPES = ("cat", "dog")
IDS = tuple(f"id-{number}" for number in range(48))
NAMES = tuple(f"10.0.0.{number}:1" for number in range(4))

which = st.integers(0, len(NAMES) - 1)
some_types = st.lists(st.sampled_from(TYPES), unique=True, max_size=2).map(lambda found: tuple(sorted(found)))
PATIENCE = 4 * (RESTARTS + 2)
"""Timers that may fire, with everybody else answering, before the network is at rest."""


class Interleavings(RuleBasedStateMachine):
    """The network moves one message at a time, in any order between sidecars; each stream keeps its own order."""

    @initialize(coalescing=st.booleans())
    def begin(self, coalescing: bool) -> None:
        self.network = Network(coalescing=coalescing)

    @property
    def connected(self) -> list[Sidecar]:
        return [sidecar for sidecar in self.network.sidecars.values() if sidecar.stream is not None]

    def choose(self, number: int, *, where: Callable[[Sidecar], object] = lambda _: True) -> Sidecar | None:
        """One of the connected ones for which something can be done, so that few steps do nothing."""
        found = [sidecar for sidecar in self.connected if where(sidecar)]
        return found[number % len(found)] if found else None

    # --- Sidecars

    @rule(number=which, types=some_types, legacy=st.sampled_from([False, False, False, True]))
    def join(self, number: int, types: tuple[str, ...], legacy: bool) -> None:
        absent = [name for name in NAMES if name not in {sidecar.name for sidecar in self.connected}]
        if absent:
            name = absent[number % len(absent)]
            sidecar = self.network.sidecars[name] = Sidecar(name, types, legacy=legacy)
            self.network.connect(sidecar)

    @rule(number=which)
    def leave(self, number: int) -> None:
        if sidecar := self.choose(number):
            self.network.leave(sidecar.name)

    @rule(number=which)
    def reconnect_before_the_old_stream_is_known_to_be_gone(self, number: int) -> None:
        if sidecar := self.choose(number, where=lambda s: s.stream in self.network.streams):
            self.network.connect(sidecar)

    @rule()
    def notice_streams_that_are_gone(self) -> None:
        for stream, owner in list(self.network.streams.items()):
            if stream != owner.stream:
                self.network.lost(stream)

    @rule(number=which, types=some_types)
    def report_other_types(self, number: int, types: tuple[str, ...]) -> None:
        if sidecar := self.choose(number, where=lambda s: not s.legacy):
            # A sidecar stops running a type before it says so, and runs a new one once it is placed.
            sidecar.types = types
            sidecar.outbox.append(report(sidecar.name, types))

    @rule(number=which)
    def stall(self, number: int) -> None:
        if sidecar := self.choose(number):
            sidecar.stalled = not sidecar.stalled

    # --- Network

    @rule(number=which)
    def pass_an_order(self, number: int) -> None:
        if sidecar := self.choose(number, where=lambda s: s.inbox and not s.stalled):
            self.network.pass_order(sidecar)

    @rule(number=which)
    def pass_a_message(self, number: int) -> None:
        if sidecar := self.choose(number, where=lambda s: s.outbox):
            self.network.pass_report(sidecar)

    @rule(number=which)
    def repeat_a_message(self, number: int) -> None:
        # Repeated words of a sidecar that does not say what it acknowledges would speak for orders it never saw.
        if sidecar := self.choose(number, where=lambda s: s.outbox and not s.legacy):
            sidecar.outbox.appendleft(sidecar.outbox[0])

    @rule(number=which, phase=st.sampled_from([Phase.LOCK, Phase.UPDATE, Phase.UNLOCK]), ago=st.integers(1, 3))
    def acknowledge_a_round_of_the_past(self, number: int, phase: Phase, ago: int) -> None:
        version = self.network.machine.version - ago
        sidecar = self.choose(number)
        if version >= 0 and sidecar:
            self.network.say(sidecar.name, report(sidecar.name, operation=phase, version=version))

    @rule()
    def let_everything_through(self) -> None:
        self.network.run()

    @rule(number=which)
    def let_everything_through_but_one(self, number: int) -> None:
        if sidecar := self.choose(number):
            others = [other.name for other in self.connected if other is not sidecar]
            if others:
                self.network.run(*others)

    # --- Time

    @precondition(lambda self: self.network.timer is not None)
    @rule()
    def time_out(self) -> None:
        self.network.time_out()

    @precondition(lambda self: self.network.window)
    @rule()
    def end_window(self) -> None:
        self.network.end_window()

    @precondition(lambda self: self.network.probes)
    @rule()
    def end_probe(self) -> None:
        self.network.end_probe()

    @rule()
    def change_the_leader(self) -> None:
        """The old one ends all streams, the new one knows nothing."""
        network = self.network
        for sidecar in network.streams.values():
            sidecar.inbox.append(None)
        network.streams.clear()
        network.forget()

    # --- Promises

    @invariant()
    def no_actor_has_two_homes(self) -> None:
        """Among those whose stream stands; who was cut off and has not noticed cannot be helped by anybody. Nor can
        sidecars that do not say what they acknowledge: a word of theirs may be about an order of the past."""
        hosts = [s for s in self.network.sidecars.values() if s.stream in self.network.streams and not s.legacy]
        for actor_type in TYPES:
            for actor_id in IDS:
                owners = [host.name for host in hosts if host.serves(actor_type, actor_id)]
                assert len(owners) <= 1, f"{actor_type}/{actor_id} runs on {owners}"

    @invariant()
    def a_round_waits_for_somebody_and_has_a_timer(self) -> None:
        machine = self.network.machine
        assert (machine.phase is not Phase.REPORT) == (machine.missing > 0)
        assert (machine.phase is not Phase.REPORT) == (self.network.timer is not None)

    @rule()
    def every_round_ends(self) -> None:
        """With some sidecars stalled for good, the others are at rest after a few timers, with one table."""
        network = self.network
        for _ in range(PATIENCE):
            network.run()
            if network.timer is not None:
                network.time_out()
            elif network.window:
                network.end_window()
            elif network.probes:
                network.end_probe()
            else:
                break
        else:
            raise AssertionError("never at rest")
        assert network.machine.phase is Phase.REPORT
        self.all_who_answer_agree()

    def all_who_answer_agree(self) -> None:
        network = self.network
        present = [s for s in network.sidecars.values() if s.stream in network.streams and not s.stalled]
        expected = network.in_table
        for sidecar in present:
            assert sidecar.version == network.machine.version
            assert not sidecar.blocked
            assert sidecar.table is not None
            hosted = {name for hosts in sidecar.table.values() for name in hosts}
            assert hosted == set(expected), f"{sidecar.name} has another table"
            assert expected.get(sidecar.name, ()) == sidecar.types


Interleavings.TestCase.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestInterleavings = Interleavings.TestCase
