"""The state machine of one namespace: rounds of lock, update and unlock (actors-placement.md §1.4 to §1.7).

A change of the table starts a round with a version of its own. Every stream of the namespace gets each order, and the
next order goes out when all have acknowledged the last: nobody is unlocked before everybody has the new table, so an
actor never has two homes. Who comes or goes while a round is under way is kept for its end, and everything that has
gathered by then makes one round together.

A stream that does not acknowledge in time is cut off. It will come back at once, and if it is wedged it would hold up
everybody again; so a host that was cut off is first asked alone, with the table in force, and takes part in rounds only
after it has answered. Hosts that answer are thus held up by a wedged one once, and for one timeout at most.

Three things a round depends on cannot go on for ever: acknowledgements have the timer, departures shrink the number
that is waited for, and a change that begins the round anew may do so only ``RESTARTS`` times before changes wait for
the end like everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dapr_core.rpc.grpc import Code
from dapr_placement.dissemination import wire
from dapr_placement.dissemination.effects import (
    Close,
    CloseWindow,
    Effect,
    OpenWindow,
    Send,
    StartProbe,
    StartTimer,
    StopTimer,
)
from dapr_placement.dissemination.reports import UNKNOWN, Report
from dapr_placement.dissemination.tables import HostTable
from dapr_placement.dissemination.wire import Phase

RESTARTS: Final = 3
"""How often changed reports may begin a round anew: the first few get everywhere fast, a stream of them in batches."""

SUSPECTS: Final = 1024
"""Hosts remembered for having been cut off; the oldest are forgotten first."""

_ORDERS: Final = (Phase.LOCK, Phase.UPDATE, Phase.UNLOCK)


class _Member:
    """A stream that takes part in rounds."""

    __slots__ = ("acked", "host", "pushed")

    def __init__(self, host: tuple[str, str]) -> None:
        self.host = host
        self.acked = False
        self.pushed: int | None = None
        """Version of a table that was pushed to this stream alone: its acknowledgements count for no round."""


class _Probe:
    """A suspect that is asked alone. ``left`` are the acknowledgements it still owes."""

    __slots__ = ("left", "report", "version")

    def __init__(self, report: Report, version: int) -> None:
        self.report = report
        self.version = version
        self.left = len(_ORDERS)


class Dissemination:
    """The streams of one namespace and the table they share.

    Streams are numbered by the caller; a later stream has a higher number. Each method takes one event and returns
    what is to be done.

    Args:
        replication_factor: virtual nodes of a host, for the tables.
        coalescing: whether a window follows each round in which comings and goings gather.
        timeout_text: the dissemination timeout in Go's notation, for the status of streams that are cut off.
    """

    def __init__(self, replication_factor: int, *, coalescing: bool = False, timeout_text: str = "8s") -> None:
        self.version = 0
        self.phase = Phase.REPORT
        self.table = HostTable(replication_factor)
        self._coalescing = coalescing
        self._timeout_text = timeout_text
        self._members: dict[int, _Member] = {}
        self._waiting: dict[int, Report] = {}
        self._probes: dict[int, _Probe] = {}
        self._departed: set[int] = set()
        self._changes: dict[int, Report] = {}
        self._suspects: dict[tuple[str, str], None] = {}
        self._encoded = (-1, b"")
        self._missing = 0
        self._restarts = 0
        self._window = False

    @property
    def empty(self) -> bool:
        """No stream is left: the namespace can be forgotten."""
        return not (self._members or self._waiting or self._probes)

    @property
    def missing(self) -> int:
        """How many acknowledgements the order of the moment still waits for."""
        return self._missing

    @property
    def suspects(self) -> int:
        """How many hosts are remembered for having been cut off."""
        return len(self._suspects)

    # --- Events

    def join(self, stream: int, report: Report) -> list[Effect]:
        """A new stream with its first report."""
        self._waiting[stream] = report
        return self._settle() if self._idle else []

    def hear(self, stream: int, report: Report) -> list[Effect]:
        """A later message of a stream. One of a stream that has left is ignored."""
        member = self._members.get(stream)
        if member is not None:
            return self._hear_member(stream, member, report)
        if stream in self._probes:
            return self._hear_probe(stream, report)
        if stream in self._waiting and report.operation in (UNKNOWN, Phase.REPORT):
            self._waiting[stream] = report
        return []

    def leave(self, stream: int) -> list[Effect]:
        """A stream has ended. One that is not known is ignored."""
        if self._waiting.pop(stream, None) or self._probes.pop(stream, None):
            return []
        member = self._members.pop(stream, None)
        if member is None:
            return []
        self._changes.pop(stream, None)
        if stream in self.table:
            self._departed.add(stream)
        if self.phase is not Phase.REPORT:
            if not member.acked:
                self._missing -= 1
            return self._advance() if self._missing == 0 else []
        return self._settle() if self._idle and self._departed else []

    def timeout(self, version: int) -> list[Effect]:
        """The round of a version has had its time: cut off who has not acknowledged, begin anew with the others."""
        if version != self.version or self.phase is Phase.REPORT:
            return []
        effects: list[Effect] = []
        for stream, member in list(self._members.items()):
            if not member.acked:
                del self._members[stream]
                self._changes.pop(stream, None)
                if stream in self.table:
                    self._departed.add(stream)
                self._suspect(member.host)
                effects.append(self._cut_off(stream, version))
        return effects + self._end_round() + self._settle(force=True)

    def probe_over(self, stream: int) -> list[Effect]:
        """A suspect has had its time to answer."""
        probe = self._probes.pop(stream, None)
        return [] if probe is None else [self._cut_off(stream, probe.version)]

    def window_over(self) -> list[Effect]:
        """The coalescing window has passed."""
        if not self._window:
            return []
        self._window = False
        return self._settle() if self._idle else []

    # --- Messages

    def _hear_member(self, stream: int, member: _Member, report: Report) -> list[Effect]:
        # Sidecars before 1.17 do not say what they acknowledge: whatever they send moves the step of the moment on.
        operation = report.operation or self.phase
        if report.version is not None and report.version < self.version:
            return []
        if operation == Phase.REPORT:
            return self._change(stream, report)
        if report.version is not None and report.version > self.version:
            return []
        if member.pushed is not None:
            if operation == Phase.UNLOCK:
                member.pushed = None
            return []
        if operation != self.phase or member.acked:
            return []
        member.acked = True
        self._missing -= 1
        return self._advance() if self._missing == 0 else []

    def _hear_probe(self, stream: int, report: Report) -> list[Effect]:
        probe = self._probes[stream]
        if report.operation == Phase.REPORT:
            probe.report = report
            return []
        if report.operation == UNKNOWN:
            probe.left -= 1
        elif report.operation == Phase.UNLOCK and report.version in (None, probe.version):
            probe.left = 0
        if probe.left > 0:
            return []
        del self._probes[stream]
        self._suspects.pop(_host(probe.report), None)
        return self.join(stream, probe.report)

    def _change(self, stream: int, report: Report) -> list[Effect]:
        """A member reports anew."""
        self._changes.pop(stream, None)
        if not self.table.differs(stream, report):
            return []
        self._changes[stream] = report
        if self.phase is Phase.REPORT:
            return self._settle()
        if self._restarts < RESTARTS:
            self._restarts += 1
            return self._settle()
        return []

    # --- Rounds

    @property
    def _idle(self) -> bool:
        return self.phase is Phase.REPORT and not self._window

    def _settle(self, *, force: bool = False) -> list[Effect]:
        """Take in everything that has gathered: as a round when it changes the table, else by a push to newcomers."""
        changed = force
        for stream in self._departed:
            changed |= self.table.remove(stream)
        self._departed.clear()
        for stream, report in self._changes.items():
            changed |= self.table.put(stream, report)
        self._changes.clear()
        newcomers, suspects = self._admit()
        for stream, report in newcomers.items():
            changed |= self.table.put(stream, report)
        effects: list[Effect] = []
        if not changed:
            effects += [push for stream in newcomers for push in self._push(stream)]
        elif self._members:
            effects += self._begin_round()
        else:
            self.version += 1  # nobody is there to be told, and still a version has one table
        # Last, so that a version has one table: the one that this call has made of what it took in.
        for stream, report in suspects.items():
            self._probes[stream] = _Probe(report, self.version)
            effects += [*self._orders((stream,)), StartProbe(stream)]
        return effects

    def _admit(self) -> tuple[dict[int, Report], dict[int, Report]]:
        """Make members of those who wait, but for suspects while there is anybody to hold up; gives both."""
        waiting, self._waiting = self._waiting, {}
        clean = {stream: report for stream, report in waiting.items() if _host(report) not in self._suspects}
        if not clean and not self._members:
            clean = waiting
        for stream, report in clean.items():
            self._members[stream] = _Member(_host(report))
        return clean, {stream: report for stream, report in waiting.items() if stream not in clean}

    def _begin_round(self) -> list[Effect]:
        self.version += 1
        self.phase = Phase.LOCK
        for member in self._members.values():
            member.pushed = None
        effects: list[Effect] = [CloseWindow()] if self._window else []
        self._window = False
        return [*effects, self._ask(), StartTimer(self.version)]

    def _ask(self) -> Send:
        """Send the order of the moment to everybody and wait for all of them."""
        for member in self._members.values():
            member.acked = False
        self._missing = len(self._members)
        return self._order(self.phase, tuple(self._members))

    def _advance(self) -> list[Effect]:
        """Everybody has acknowledged: the next step, or the end."""
        if self.phase is not Phase.UNLOCK and self._members:
            self.phase = Phase(self.phase + 1)
            return [self._ask()]
        for member in self._members.values():
            self._suspects.pop(member.host, None)
        effects = self._end_round()
        if self._coalescing:
            self._window = True
            return [*effects, OpenWindow()]
        return effects + self._settle()

    def _end_round(self) -> list[Effect]:
        self.phase = Phase.REPORT
        self._missing = self._restarts = 0
        return [StopTimer()]

    # --- Orders

    def _push(self, stream: int) -> Iterable[Effect]:
        """The table in force, to one stream alone (§1.5, one-shot table push)."""
        self._members[stream].pushed = self.version
        return self._orders((stream,))

    def _orders(self, targets: tuple[int, ...]) -> list[Effect]:
        return [self._order(phase, targets) for phase in _ORDERS]

    def _order(self, phase: Phase, targets: tuple[int, ...]) -> Send:
        message = self._update() if phase is Phase.UPDATE else wire.order(phase, self.version)
        return Send(phase, self.version, targets, message)

    def _update(self) -> bytes:
        """The table in force as an order; made once, since a version has one table."""
        version, message = self._encoded
        if version != self.version:
            message = wire.order(Phase.UPDATE, self.version, self.table.encode(self.version))
            self._encoded = (self.version, message)
        return message

    def _cut_off(self, stream: int, version: int) -> Close:
        text = f"dissemination timeout after {self._timeout_text} for version {version}"
        return Close(stream, Code.DEADLINE_EXCEEDED, text)

    def _suspect(self, host: tuple[str, str]) -> None:
        self._suspects.pop(host, None)
        self._suspects[host] = None
        if len(self._suspects) > SUSPECTS:
            del self._suspects[next(iter(self._suspects))]


def _host(report: Report) -> tuple[str, str]:
    return report.name, report.app_id
