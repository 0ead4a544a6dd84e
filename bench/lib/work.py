"""A piece of work to be measured, and the measuring of it.

The long form reports every work at 32 connections and at one: the medians of three rounds, each with a run of the
yardstick beside it, for what a processor does in a second is not the same from one minute to the next. The short form
repeats short runs in rounds, with the yardstick in each, and keeps the least processor time seen of either: whatever
else runs on the machine only ever adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median
from typing import Final, TypeAlias

from bench.lib.load import Figure, run_wrk
from bench.lib.yardstick import Yardstick

CONNECTIONS = (32, 1)
_ROUNDS: Final = 3


def _nothing() -> None:
    """Works that are done when their last answer has come wait for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One request, sent again and again.

    Attributes:
        roles: what each watched process (``pids``) does in it; a figure is named by work and role.
        settle: returns once all that the requests set off is done.
        spreads: the numbers of connections of the long form.
        script: more Lua for wrk, where requests differ.
    """

    name: str
    roles: tuple[str, ...]
    pids: tuple[int, ...]
    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    settle: Callable[[], None] = _nothing
    spreads: tuple[int, ...] = CONNECTIONS
    script: str = ""

    def run(self, connections: int, seconds: float) -> Figure:
        """Load it once. Raises RuntimeError if any answer was an error: a cheap failure is no figure."""
        figure = run_wrk(
            self.url,
            pids=self.pids,
            connections=connections,
            seconds=seconds,
            method=self.method,
            headers=self.headers,
            body=self.body,
            settle=self.settle,
            script=self.script,
        )
        if figure.errors:
            raise RuntimeError(f"{self.name}: {figure.errors} of the requests failed")
        return figure

    def shape(self, connections: int) -> str:
        """How many connections a run had, in words."""
        return f"{connections} conn."

    def labels(self) -> Iterator[str]:
        """The names of its figures."""
        return (f"{self.name}: {role}" if role else self.name for role in self.roles)


Stage: TypeAlias = Callable[[], AbstractContextManager[Sequence[Work]]]
"""Starts the processes of a bench and gives what can be measured on them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A run and the E that was measured just before it."""

    e_us: float
    figure: Figure


def measure(work: Work, yardstick: Yardstick, seconds: float) -> dict[str, Row]:
    """The long form of one work: of a few rounds, each beside the yardstick, the medians. ``seconds`` are a round's."""
    work.run(32, 1)
    rows: dict[str, Row] = {}
    for connections in work.spreads:
        rounds = [(yardstick.run(seconds).cpu_us[0], work.run(connections, seconds)) for _ in range(_ROUNDS)]
        figures = sorted((figure for _, figure in rounds), key=lambda figure: sum(figure.cpu_us))
        rows[f"{work.name}, {work.shape(connections)}"] = Row(median(e for e, _ in rounds), figures[_ROUNDS // 2])
    return rows


def best_ratios(works: Sequence[Work], yardstick: Yardstick, rounds: int) -> dict[str, float]:
    """The short form: multiples of E by the names of figures."""
    least: dict[str, float] = {}
    least_e = float("inf")
    for work in works:
        work.run(32, 1)
    for _ in range(rounds):
        least_e = min(least_e, yardstick.run(1).cpu_us[0])
        for work in works:
            for label, cpu in zip(work.labels(), work.run(32, 1).cpu_us, strict=True):
                least[label] = min(least.get(label, cpu), cpu)
    return {label: round(cpu / least_e, 2) for label, cpu in least.items()}
