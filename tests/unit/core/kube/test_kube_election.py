"""Leader election never lets two replicas act, whatever network, clocks and crashes do; and one acts in the end."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.kube.election import Election, ElectionSettings, ElectionSettingsError, Record

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def replica(identity: str = "a") -> Election:
    return Election(ElectionSettings(identity=identity))


def test_a_lease_that_is_not_there_is_taken() -> None:
    election = replica()
    election.saw(None, "", 0.0)
    record = election.attempt(0.0, NOW)
    assert record == Record("a", 15, "2026-11-30T00:00:00.000000Z", "2026-11-30T00:00:00.000000Z", 0)
    assert not election.leads(0.0)
    election.wrote(record, "1", 0.0, 0.5)
    assert election.leads(0.5)
    assert election.holder == "a"


def test_a_holder_is_left_alone_for_as_long_as_its_record_says_since_it_was_seen_to_change() -> None:
    election = replica()
    election.saw(Record("b", 20, renewed="1"), "2", 100.0)
    assert election.attempt(119.9, NOW) is None
    election.saw(Record("b", 20, renewed="2"), "2", 119.9)
    assert election.attempt(139.8, NOW) is None
    election.saw(Record("b", 20, renewed="2"), "2", 139.8)
    taken = election.attempt(139.9, NOW)
    assert taken is not None
    assert (taken.holder, taken.transitions) == ("a", 1)


def test_a_renewal_that_looks_like_the_one_before_is_one() -> None:
    """Of a holder whose clock stands still."""
    election = replica()
    election.saw(Record("b", 15), "1", 0.0)
    election.saw(Record("b", 15), "2", 10.0)
    assert election.attempt(24.9, NOW) is None
    assert election.attempt(25.0, NOW) is not None


def test_the_time_of_day_of_another_replica_means_nothing() -> None:
    election = replica()
    election.saw(Record("b", 15, renewed="1999-01-01T00:00:00.000000Z"), "2", 0.0)
    assert election.attempt(14.9, NOW) is None


def test_a_released_lease_is_taken_at_once() -> None:
    election = replica()
    election.saw(Record("", 1, "x", "y", 4), "2", 0.0)
    taken = election.attempt(0.0, NOW)
    assert taken is not None
    assert taken.transitions == 5


def test_a_renewal_keeps_when_it_was_acquired_and_how_often_it_changed_hands() -> None:
    election = replica()
    election.saw(None, "", 0.0)
    first = election.attempt(0.0, NOW)
    assert first is not None
    election.wrote(first, "1", 0.0, 0.0)
    second = election.attempt(2.0, NOW + timedelta(seconds=2))
    assert second is not None
    assert (second.acquired, second.transitions) == (first.acquired, 0)
    assert second.renewed != first.renewed


def test_a_holder_stops_to_act_before_others_may_begin() -> None:
    election = replica()
    election.saw(None, "", 0.0)
    record = election.attempt(0.0, NOW)
    assert record is not None
    election.wrote(record, "1", 0.0, 3.0)  # the answer took three seconds: it counts from before
    assert election.leads(9.9)
    assert not election.leads(10.0)
    assert election.until == 10.0


def test_whoever_sees_another_holder_acts_no_more() -> None:
    election = replica()
    election.saw(None, "", 0.0)
    record = election.attempt(0.0, NOW)
    assert record is not None
    election.wrote(record, "1", 0.0, 0.0)
    election.saw(Record("b", 15), "2", 1.0)
    assert not election.leads(1.0)
    assert election.release(NOW) is None


def test_a_release_names_nobody_and_ends_the_lead() -> None:
    election = replica()
    election.saw(None, "", 0.0)
    record = election.attempt(0.0, NOW)
    assert record is not None
    election.wrote(record, "1", 0.0, 0.0)
    released = election.release(NOW)
    assert released is not None
    assert (released.holder, released.duration) == ("", 1)
    assert not election.leads(0.0)


@pytest.mark.parametrize("value", [None, "15", 1.5, True, -3, {}], ids=repr)
def test_a_record_with_nonsense_is_as_one_without(value: object) -> None:
    record = Record.of({"spec": {"holderIdentity": "b", "leaseDurationSeconds": value, "leaseTransitions": value}})
    assert record == Record("b")
    election = replica()
    election.saw(record, "1", 0.0)
    assert election.attempt(14.9, NOW) is None  # our own duration stands in
    assert election.attempt(15.0, NOW) is not None


@pytest.mark.parametrize(
    "times",
    [
        {"lease_duration": 10, "renew_deadline": 10.0},
        {"renew_deadline": 2.0, "retry_period": 2.0},
        {"renew_deadline": 2.3, "retry_period": 2.0},
        {"retry_period": 0.0},
        {"identity": ""},
    ],
    ids=str,
)
def test_times_that_cannot_keep_replicas_apart_are_refused(times: dict[str, object]) -> None:
    with pytest.raises(ElectionSettingsError):
        ElectionSettings(**{"identity": "a", **times})  # type: ignore[arg-type]


# --- Whatever happens


@dataclass
class Server:
    """A Lease with its version."""

    record: Record | None = None
    version: int = 0

    def write(self, record: Record, version: int) -> bool:
        if version != self.version:
            return False
        self.record, self.version = record, self.version + 1
        return True


@dataclass
class Replica:
    """One replica with a request under way, its own clock, and its own idea of the time of day."""

    election: Election
    clock: float
    wall: timedelta
    version: int = -1
    sent: float = 0.0
    record: Record | None = None
    applied: bool | None = None
    state: str = "idle"

    def advance(self, server: Server, now: float) -> None:
        """Do the next thing of a try: read, send, have it applied, hear of it."""
        local = now + self.clock
        if self.state == "idle":
            self.election.saw(server.record, str(server.version), local)
            self.version, self.state = server.version, "read"
        elif self.state == "read":
            self.record, self.sent = self.election.attempt(local, NOW + self.wall), local
            self.state = "idle" if self.record is None else "sent"
        elif self.state == "sent":
            assert self.record is not None
            self.applied, self.state = server.write(self.record, self.version), "applied"
        else:
            assert self.record is not None
            if self.applied:
                self.election.wrote(self.record, str(self.version + 1), self.sent, local)
                self.version += 1
            self.state = "read" if self.applied else "idle"  # who leads need not read again

    def forget(self) -> None:
        """What became of a request is not known."""
        self.state, self.version = "idle", -1

    def release(self, server: Server) -> None:
        record = self.election.release(NOW + self.wall)
        if record is not None:
            server.write(record, self.version)
        self.forget()


TIMES = [(15, 10.0), (6, 5.0), (30, 4.0)]
STEPS = ["advance"] * 20 + ["wait"] * 5 + ["lose", "crash", "release"]
WAITS = [0.5, 1.0, 3.0, 6.0, 17.0]


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 3))
def test_never_do_two_act(dice: random.Random, count: int) -> None:
    """Requests may be applied late, applied and not answered, or lost; replicas may crash, and lie about the time."""
    server = Server()
    now = 0.0
    replicas = []
    for name in "abc"[:count]:
        lease, renew = dice.choice(TIMES)
        election = Election(ElectionSettings(identity=name, lease_duration=lease, renew_deadline=renew))
        replicas.append(Replica(election, dice.uniform(0, 1e6), timedelta(seconds=dice.uniform(-1e4, 1e4))))
    for _ in range(300):
        step, replica = dice.choice(STEPS), dice.choice(replicas)
        if step == "advance":
            replica.advance(server, now)
        elif step == "wait":
            now += dice.choice(WAITS)
        elif step == "lose":
            replica.forget()
        elif step == "crash":
            replica.election = Election(replica.election.settings)  # restarted under the same name
            replica.forget()
        elif replica.state in ("idle", "read"):
            replica.release(server)
        acting = [each for each in replicas if each.election.leads(now + each.clock)]
        assert len(acting) <= 1


@given(st.lists(st.floats(0.0, 30.0), min_size=1, max_size=20))
def test_somebody_acts_soon_after_the_holder_is_gone(pauses: list[float]) -> None:
    server = Server()
    dead, heir = replica("dead"), replica("heir")
    dead.saw(None, "", 0.0)
    record = dead.attempt(0.0, NOW)
    assert record is not None
    assert server.write(record, 0)
    now = 0.0
    for pause in [*pauses, 2.0, 15.0]:
        now += pause
        heir.saw(server.record, str(server.version), now)
        attempt = heir.attempt(now, NOW)
        if attempt is not None:
            assert server.write(attempt, server.version)
            heir.wrote(attempt, str(server.version), now, now)
            assert heir.leads(now)
            return
    raise AssertionError("nobody leads")
