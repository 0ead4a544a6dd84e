"""The rounds of one namespace, rule by rule (actors-placement.md §1.4 to §1.7)."""

from __future__ import annotations

import pytest
from support.placement_network import Network, Sidecar, report

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host
from dapr_core.rpc.grpc import Code
from dapr_placement.dissemination import effects as do
from dapr_placement.dissemination.reports import Report, report_of
from dapr_placement.dissemination.rounds import RESTARTS, SUSPECTS, Dissemination
from dapr_placement.dissemination.wire import Phase

A, B, C, D = "10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1"
ROUND = ["lock", "update", "unlock"]


def renamed(message: Report, name: str) -> Report:
    """The same report under another host name."""
    host = Host.FromString(message.encoded)
    host.name = name
    return report_of(host)


def orders(version: int) -> list[str]:
    return [f"{word} {version}" for word in ROUND]


def waiting_in(phase: Phase) -> tuple[Network, Sidecar, Sidecar]:
    """Two sidecars of which B has not acknowledged the order of this phase, while A has."""
    network = Network()
    a, b = network.join(A, "cat"), network.join(B, "cat")
    network.run()
    network.join(C)  # takes no part in the round before the next
    network.run()
    network.leave(C)
    network.say(B, report(B, ["cat", "dog"]))
    while network.machine.phase is not phase:
        network.run(A)
        network.pass_order(b)
        network.pass_report(b)
    network.run(A)
    return network, a, b


class TestRound:
    def test_a_host_with_actors_starts_the_first_round(self) -> None:
        network = Network()
        a = network.join(A, "cat")
        network.run()
        assert a.received == orders(1)
        assert a.table == {"cat": {A: f"app-{A}"}}

    def test_each_order_goes_out_when_all_have_acknowledged_the_last(self) -> None:
        network = Network()
        a, b = network.join(A, "cat"), network.join(B, "cat")
        network.run()
        network.say(A, report(A, ["cat", "dog"]))
        for phase in (Phase.LOCK, Phase.UPDATE, Phase.UNLOCK):
            network.run(A)
            assert network.machine.phase is phase
            assert a.received[-1] == f"{phase.name.lower()} 3"
            network.pass_order(b)
            network.pass_report(b)
        assert network.machine.phase is Phase.REPORT

    def test_everybody_takes_part_also_without_actors(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        client = network.join(B)
        network.run()
        network.join(C, "cat")
        network.run()
        assert client.received == [*orders(1), *orders(2)]
        assert client.table == {"cat": {A: f"app-{A}", C: f"app-{C}"}}

    def test_types_are_sorted_in_what_others_get(self) -> None:
        network = Network()
        network.join(A, "dog", "cat")
        assert network.in_table == {A: ("cat", "dog")}

    @pytest.mark.parametrize("phase", [Phase.LOCK, Phase.UPDATE, Phase.UNLOCK])
    def test_an_acknowledgement_counts_once(self, phase: Phase) -> None:
        network, _, b = waiting_in(phase)
        version = network.machine.version
        for _ in range(3):
            network.say(A, report(A, operation=phase, version=version))
        assert network.machine.phase is phase
        network.run()
        assert b.received[-3:] == orders(version)

    @pytest.mark.parametrize("phase", [Phase.LOCK, Phase.UPDATE, Phase.UNLOCK])
    def test_an_acknowledgement_of_an_older_round_is_ignored(self, phase: Phase) -> None:
        network, _, _ = waiting_in(phase)
        network.say(B, report(B, operation=phase, version=network.machine.version - 1))
        assert network.machine.phase is phase

    @pytest.mark.parametrize("phase", [Phase.LOCK, Phase.UPDATE, Phase.UNLOCK])
    def test_an_acknowledgement_of_another_step_is_ignored(self, phase: Phase) -> None:
        network, _, _ = waiting_in(phase)
        for other in {Phase.LOCK, Phase.UPDATE, Phase.UNLOCK} - {phase}:
            network.say(B, report(B, operation=other, version=network.machine.version))
        assert network.machine.phase is phase

    def test_an_acknowledgement_of_a_round_to_come_is_ignored(self) -> None:
        network, _, _ = waiting_in(Phase.LOCK)
        network.say(B, report(B, operation=Phase.LOCK, version=network.machine.version + 1))
        assert network.machine.phase is Phase.LOCK

    def test_a_sidecar_that_says_no_step_acknowledges_the_one_of_the_moment(self) -> None:
        network = Network()
        old = network.join(A, "cat")
        for _ in ROUND:
            network.say(A, report(A, ["cat"], operation=0))
        assert network.machine.phase is Phase.REPORT
        network.say(A, report(A, ["cat"], operation=0))
        assert (network.machine.version, len(old.inbox)) == (1, 3)


class TestStore:
    def test_a_report_that_changes_nothing_starts_no_round(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        network.say(A, report(A, ["cat"]))
        assert (network.machine.version, network.machine.phase) == (1, Phase.REPORT)

    def test_a_new_name_alone_is_no_change(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        network.say(A, renamed(report(A, ["cat"]), "10.9.9.9:1"))
        assert network.in_table == {A: ("cat",)}

    def test_types_may_change_and_go(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.join(B, "cat")
        network.run()
        network.say(A, report(A, ["cat", "dog"]))
        network.run()
        assert network.in_table == {A: ("cat", "dog"), B: ("cat",)}
        network.say(A, report(A))
        network.run()
        assert (network.in_table, network.machine.version) == ({B: ("cat",)}, 4)

    def test_an_emptied_namespace_begins_again_at_one(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        network.leave(A)
        network.join(A, "cat")
        assert network.machine.version == 1

    def test_the_younger_of_two_streams_of_one_host_counts(self) -> None:
        machine = Dissemination(3)
        machine.join(1, report(A, ["cat"]))
        effects = machine.hear(1, report(A, operation=Phase.LOCK, version=1))
        machine.join(2, renamed(report(B, ["cat"]), A))
        for phase in (Phase.UPDATE, Phase.UNLOCK):
            effects = machine.hear(1, report(A, operation=phase, version=1))
        for stream in (1, 2):
            effects = machine.hear(stream, report(A, operation=Phase.LOCK, version=2))
        (update,) = effects
        assert isinstance(update, do.Send)
        assert update.message.count(b"app-" + B.encode()) == 1
        assert b"app-" + A.encode() not in update.message


class TestPush:
    def test_a_newcomer_without_actors_gets_the_table_alone(self) -> None:
        network = Network()
        a = network.join(A, "cat")
        network.run()
        client = network.join(B)
        assert [order.operation for order in client.inbox if order] == ROUND
        network.run()
        assert client.received == orders(1)
        assert client.table == {"cat": {A: f"app-{A}"}}
        assert a.received == orders(1)

    def test_an_empty_namespace_pushes_version_zero(self) -> None:
        network = Network()
        client = network.join(A)
        network.run()
        assert client.received == orders(0)
        assert client.table == {}

    def test_its_acknowledgements_count_for_no_round(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        client = network.join(B)
        for order in list(client.inbox):
            assert order is not None
            client.take(order)
        client.inbox.clear()
        network.say(A, report(A, ["cat", "dog"]))
        network.run(A)
        while client.outbox:
            network.pass_report(client)
        assert (network.machine.phase, network.machine.missing) == (Phase.LOCK, 1)

    def test_it_is_pushed_only_once(self) -> None:
        network = Network()
        client = network.join(A)
        network.run()
        network.say(A, report(A))
        assert not client.inbox

    def test_it_may_report_actors_later(self) -> None:
        network = Network()
        client = network.join(A)
        network.say(A, report(A, ["cat"]))
        network.run()
        assert client.received == [*orders(0), *orders(1)]


class TestMidRound:
    def test_newcomers_wait_and_make_one_round_together(self) -> None:
        network = Network()
        a = network.join(A, "cat")
        late = [network.join(B, "cat"), network.join(C, "dog"), network.join(D)]
        assert not any(sidecar.inbox for sidecar in late)
        network.run()
        assert [sidecar.received for sidecar in late] == [orders(2)] * 3
        assert a.received == [*orders(1), *orders(2)]

    def test_newcomers_without_actors_are_served_at_its_end_alone(self) -> None:
        network = Network()
        a = network.join(A, "cat")
        client = network.join(B)
        network.run()
        assert client.received == orders(1)
        assert (a.received, network.machine.version) == (orders(1), 1)

    def test_a_newcomer_that_waits_may_report_anew(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.join(B, "cat")
        network.say(B, report(B, ["dog"]))
        network.run()
        assert network.in_table == {A: ("cat",), B: ("dog",)}

    def test_a_newcomer_that_waits_may_leave(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.join(B, "cat")
        network.leave(B)
        network.run()
        assert (network.in_table, network.machine.version) == ({A: ("cat",)}, 1)

    def test_departures_and_arrivals_make_one_round_together(self) -> None:
        network, _, b = waiting_in(Phase.UPDATE)
        version = network.machine.version
        network.leave(A)
        network.join(D, "emu")
        network.run()
        assert network.in_table == {B: ("cat", "dog"), D: ("emu",)}
        assert b.received[-6:] == [*orders(version), *orders(version + 1)]

    @pytest.mark.parametrize("phase", [Phase.LOCK, Phase.UPDATE, Phase.UNLOCK])
    def test_a_changed_report_begins_anew_at_once(self, phase: Phase) -> None:
        network, a, _ = waiting_in(phase)
        version = network.machine.version
        network.say(A, report(A, ["emu"]))
        assert (network.machine.version, network.machine.phase) == (version + 1, Phase.LOCK)
        network.run()
        assert a.received[-3:] == orders(version + 1)
        assert network.in_table[A] == ("emu",)

    def test_a_stream_of_changes_cannot_keep_a_round_from_ending(self) -> None:
        network, _, b = waiting_in(Phase.UPDATE)
        begun = network.machine.version
        for number in range(20):
            network.say(A, report(A, [f"type-{number}"]))
        assert network.machine.version == begun + RESTARTS
        network.run()
        assert network.machine.version == begun + RESTARTS + 1
        assert network.in_table[A] == ("type-19",)
        assert b.received[-3:] == orders(begun + RESTARTS + 1)

    def test_a_change_taken_back_before_it_counted_makes_no_round(self) -> None:
        network, _, _ = waiting_in(Phase.UPDATE)
        for number in range(RESTARTS):
            network.say(A, report(A, [f"type-{number}"]))
        version = network.machine.version
        network.say(A, report(A, ["emu"]))
        network.say(A, report(A, [f"type-{RESTARTS - 1}"]))
        network.run()
        assert network.machine.version == version


class TestDepartures:
    def test_an_idle_departure_starts_a_round(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.join(B, "cat")
        network.run()
        network.leave(B)
        network.run()
        assert (network.in_table, network.machine.version) == ({A: ("cat",)}, 3)

    def test_one_without_actors_starts_none(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        network.join(B)
        network.run()
        network.leave(B)
        assert (network.machine.version, network.machine.phase) == (1, Phase.REPORT)

    @pytest.mark.parametrize("phase", [Phase.LOCK, Phase.UPDATE, Phase.UNLOCK])
    def test_the_last_one_waited_for_lets_the_round_go_on_by_leaving(self, phase: Phase) -> None:
        network, a, _ = waiting_in(phase)
        version = network.machine.version
        network.leave(B)
        network.run()
        assert a.received[-6:] == [*orders(version), *orders(version + 1)]
        assert network.in_table == {A: ("cat",)}

    def test_one_that_has_acknowledged_is_not_waited_for_and_not_counted(self) -> None:
        network, _, b = waiting_in(Phase.LOCK)
        network.leave(A)
        assert (network.machine.phase, network.machine.missing) == (Phase.LOCK, 1)
        network.run()
        assert network.in_table == {B: ("cat", "dog")}
        assert b.received[-3:] == orders(network.machine.version)

    def test_when_all_leave_those_who_wait_are_served(self) -> None:
        network = Network()
        network.join(A, "cat")
        late = network.join(B, "cat")
        network.leave(A)
        network.run()
        assert late.received == orders(2)
        assert network.in_table == {B: ("cat",)}

    def test_words_of_a_stream_that_has_left_are_ignored(self) -> None:
        network = Network()
        network.join(A, "cat")
        assert network.machine.hear(99, report(B, ["cat"])) == []
        assert network.machine.leave(99) == []


class TestTimeout:
    @pytest.mark.parametrize("phase", [Phase.LOCK, Phase.UPDATE, Phase.UNLOCK])
    def test_who_has_not_acknowledged_is_cut_off_and_the_others_begin_anew(self, phase: Phase) -> None:
        network, a, _ = waiting_in(phase)
        version, stream = network.machine.version, network.sidecars[B].stream
        assert stream is not None
        network.sidecars[B].stalled = True
        network.time_out()
        text = f"dissemination timeout after 8s for version {version}"
        assert network.closed == [do.Close(stream, Code.DEADLINE_EXCEEDED, text)]
        network.run()
        assert a.received[-3:] == orders(version + 1)
        assert network.in_table == {A: ("cat",)}

    def test_those_who_wait_are_taken_into_the_next_round(self) -> None:
        network, _, _ = waiting_in(Phase.UPDATE)
        network.sidecars[B].stalled = True
        late = network.join(D, "emu")
        network.time_out()
        network.run()
        assert late.received == orders(network.machine.version)
        assert network.in_table == {A: ("cat",), D: ("emu",)}

    def test_one_of_a_round_that_has_ended_does_nothing(self) -> None:
        network = Network()
        network.join(A, "cat")
        network.run()
        assert network.machine.timeout(1) == []
        network.say(A, report(A, ["dog"]))
        assert network.machine.timeout(1) == []

    def test_the_only_host_may_try_again(self) -> None:
        network = Network()
        a = network.join(A, "cat")
        network.time_out()
        network.run()
        assert a.received[-3:] == orders(network.machine.version)


class TestWedgedHost:
    """The public project's pull request 10370 tells what one host that does not answer did to all others."""

    def wedged(self) -> tuple[Network, Sidecar]:
        network, a, b = waiting_in(Phase.UPDATE)
        b.stalled = True
        network.time_out()
        network.run()
        assert network.machine.phase is Phase.REPORT
        network.connect(b)
        return network, a

    def test_when_it_comes_back_it_is_asked_alone(self) -> None:
        network, a = self.wedged()
        assert (network.machine.phase, network.timer, not a.inbox) == (Phase.REPORT, None, True)
        assert [order.operation for order in network.sidecars[B].inbox if order] == ROUND

    def test_others_have_their_rounds_meanwhile(self) -> None:
        network, a = self.wedged()
        version = network.machine.version
        network.say(A, report(A, ["emu"]))
        network.run()
        assert a.received[-3:] == orders(version + 1)
        assert network.machine.phase is Phase.REPORT

    def test_once_it_answers_it_is_placed(self) -> None:
        network, _ = self.wedged()
        network.sidecars[B].stalled = False
        network.run()
        assert network.in_table.keys() == {A, B}
        assert not network.sidecars[B].blocked

    def test_if_it_never_answers_it_is_cut_off_again(self) -> None:
        network, a = self.wedged()
        before = list(a.received)
        network.end_probe()
        assert network.closed[-1].code is Code.DEADLINE_EXCEEDED
        network.run()
        assert a.received == before

    def test_it_may_leave_while_it_is_asked(self) -> None:
        network, _ = self.wedged()
        network.leave(B)
        assert network.machine.probe_over(network.probes.pop()) == []

    def test_it_may_report_anew_while_it_is_asked(self) -> None:
        network, _ = self.wedged()
        network.say(B, report(B, ["emu"]))
        network.sidecars[B].stalled = False
        network.run()
        assert network.in_table[B] == ("emu",)

    def test_one_of_before_may_answer_in_its_own_way(self) -> None:
        network, _ = self.wedged()
        network.sidecars[B].legacy = True
        network.sidecars[B].stalled = False
        network.run()
        assert B in network.in_table

    def test_a_round_ended_well_clears_it(self) -> None:
        network, _ = self.wedged()
        network.sidecars[B].stalled = False
        network.run()
        network.leave(B)
        network.run()
        network.join(B, "cat")
        assert network.machine.phase is Phase.LOCK

    def test_with_nobody_to_hold_up_it_is_placed_at_once(self) -> None:
        network, _ = self.wedged()
        network.leave(A)
        network.leave(B)
        late = network.join(B, "cat")
        assert [order.operation for order in late.inbox if order] == ["lock"]

    def test_the_memory_of_suspects_is_bounded(self) -> None:
        network = Network()
        network.join(A, "cat")
        for number in range(SUSPECTS + 10):
            network.join(f"host-{number}", "cat").stalled = True
        while network.timer is not None:
            network.run()
            if network.timer is not None:
                network.time_out()
        assert network.machine.suspects == SUSPECTS


class TestCoalescing:
    def after_a_round(self) -> Network:
        network = Network(coalescing=True)
        network.join(A, "cat")
        network.run()
        assert network.window
        return network

    def test_the_first_event_starts_a_round_at_once(self) -> None:
        network = Network(coalescing=True)
        network.join(A, "cat")
        assert network.machine.phase is Phase.LOCK

    def test_comings_gather_in_the_window_and_make_one_round(self) -> None:
        network = self.after_a_round()
        late = [network.join(B, "cat"), network.join(C, "cat")]
        assert not any(sidecar.inbox for sidecar in late)
        network.end_window()
        network.run()
        assert [sidecar.received for sidecar in late] == [orders(2)] * 2

    def test_goings_gather_too(self) -> None:
        network = self.after_a_round()
        network.join(B, "cat")
        network.end_window()
        network.run()
        network.leave(B)
        assert network.machine.phase is Phase.REPORT
        network.end_window()
        network.run()
        assert (network.in_table, network.machine.version) == ({A: ("cat",)}, 3)

    def test_a_window_in_which_nothing_came_starts_nothing(self) -> None:
        network = self.after_a_round()
        network.end_window()
        assert (network.machine.phase, network.machine.version, network.window) == (Phase.REPORT, 1, False)

    def test_a_changed_report_does_not_wait_and_takes_all_along(self) -> None:
        network = self.after_a_round()
        late = network.join(B, "cat")
        network.say(A, report(A, ["dog"]))
        assert not network.window
        network.run()
        assert late.received == orders(2)
