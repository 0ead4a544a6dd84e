"""Reads what ``ledger_app`` noted, and finds the turns that should not have been: one actor on two hosts at a time.

All processes are on one machine, so that their monotonic clocks are one clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an actor on a host; times in seconds."""

    actor: str
    host: str
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two turns of one actor at one time; ``one`` began first."""

    one: Turn
    other: Turn

    @property
    def begin(self) -> float:
        return self.other.begin

    @property
    def end(self) -> float:
        return min(self.one.end, self.other.end)

    @property
    def two_hosts(self) -> bool:
        return self.one.host != self.other.host

    def after(self, moment: float) -> float:
        """Seconds of it that were after a moment."""
        return max(0.0, self.end - max(self.begin, moment))


@dataclass
class Records:
    """What all applications noted.

    Attributes:
        turns: all of them.
        writes: outcomes by their number.
        kept: by actor and the version it was made on, writes that were kept.
    """

    turns: list[Turn] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)
    kept: Counter[tuple[str, int]] = field(default_factory=Counter)

    def read(self, path: Path, host: str, died: float) -> None:
        """Add one process's file; its turns that have no end ended when it ``died``."""
        running: dict[str, tuple[str, float]] = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            kind, time, actor, *rest = line.split(" ")
            if kind == "B":
                running[rest[0]] = actor, float(time)
            elif kind == "E":
                _, begin = running.pop(rest[0])
                self.turns.append(Turn(actor, host, begin, float(time)))
            else:
                self.writes[rest[1]] += 1
                if rest[1] == "kept":
                    self.kept[actor, int(rest[0])] += 1
        self.turns += [Turn(actor, host, begin, died) for actor, begin in running.values()]

    @property
    def lost_updates(self) -> list[tuple[str, int]]:
        """Actors and versions on which two writes were kept: one of them has undone the other."""
        return [base for base, times in self.kept.items() if times > 1]


def overlaps(turns: Iterable[Turn]) -> list[Overlap]:
    """All pairs of turns of one actor that ran at one time."""
    by_actor: defaultdict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_actor[turn.actor].append(turn)
    found: list[Overlap] = []
    for each in by_actor.values():
        running: list[Turn] = []
        for turn in sorted(each, key=lambda turn: turn.begin):
            running = [earlier for earlier in running if earlier.end > turn.begin]
            found += [Overlap(earlier, turn) for earlier in running]
            running.append(turn)
    return found


def until_death(turns: Iterable[Turn], deaths: Sequence[tuple[str, float]]) -> tuple[list[Turn], list[float]]:
    """Turns whose sidecar died while they ran end there: nobody waits for their answer, and they cannot write.

    Args:
        turns: of all hosts.
        deaths: of sidecars: host and time.

    Returns:
        The turns, and for how many seconds each of those that were cut short went on.
    """
    whole: list[Turn] = []
    tails: list[float] = []
    for turn in turns:
        times = [time for host, time in deaths if host == turn.host and turn.begin < time < turn.end]
        if times:
            tails.append(turn.end - min(times))
            turn = Turn(turn.actor, turn.host, turn.begin, min(times))
        whole.append(turn)
    return whole, tails
