"""Counters, gauges and histograms, cheap enough for every call of the data plane.

A family is declared once in a ``Registry``; ``labels(...)`` gives the child of one set of label values, which callers
keep. Recording on a child is an attribute addition, or for a histogram a bisection of its bounds and two additions: no
lock, no look-up, no allocation. That is sound because everything records on the thread of the one event loop; other
threads must hand their figures to the loop.

A child that was never recorded is not exposed, as in the original; a family keeps at most ``MAX_SERIES`` children, and
whatever comes after shares one child whose labels say so, so that no client can fill the memory with label values.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

MAX_SERIES: Final = 10_000
"""Children of one family; beyond it they are lumped together."""

OVERFLOW: Final = "_overflow"
"""Value of every label of the child that takes what is beyond ``MAX_SERIES``."""


class CounterChild:
    """A number that only grows. The hottest callers add to ``value`` themselves."""

    __slots__ = ("shown_at_zero", "value")

    def __init__(self) -> None:
        self.value: float = 0.0
        self.shown_at_zero = False

    def inc(self, amount: float = 1) -> None:
        """Add to it."""
        self.value += amount

    @property
    def touched(self) -> bool:
        """Whether it is exposed: something was counted, or it was declared to be shown from the start."""
        return self.value != 0 or self.shown_at_zero


class GaugeChild:
    """A number that goes up and down."""

    __slots__ = ("touched", "value")

    def __init__(self) -> None:
        self.value: float = 0.0
        self.touched = False

    def set(self, value: float) -> None:
        """Make it this number."""
        self.value = value
        self.touched = True

    def inc(self, amount: float = 1) -> None:
        """Add to it; a negative amount takes away."""
        self.value += amount
        self.touched = True


class HistogramChild:
    """Observations counted by bounds. ``counts`` has one entry a bound and one for what is above all of them."""

    __slots__ = ("_first", "bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self._first = bounds[0] if bounds else float("-inf")
        self.counts = [0] * (len(bounds) + 1)
        self.total: float = 0.0

    def observe(self, value: float) -> None:
        """Count one observation; a value equal to a bound is within it."""
        # Nearly every call is short and small: one comparison instead of a search that needs five.
        self.counts[0 if value <= self._first else bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def touched(self) -> bool:
        """Whether anything was observed."""
        return any(self.counts)


Child = TypeVar("Child", bound="CounterChild | GaugeChild | HistogramChild")


class Family(Generic[Child]):
    """All children of one name. ``label_names`` are in the order of exposition."""

    def __init__(
        self, name: str, text: str, kind: str, label_names: tuple[str, ...], make: Callable[[], Child]
    ) -> None:
        self.name = name
        self.help = text
        self.kind = kind
        self.label_names = label_names
        self.children: dict[tuple[str, ...], Child] = {}
        self._make: Callable[[], Child] = make

    def labels(self, *values: str) -> Child:
        """The child of these label values, in the order of ``label_names``. Keep it where it is used often."""
        child = self.children.get(values)
        if child is None:
            if len(values) != len(self.label_names):
                raise ValueError(f"{self.name} has the labels {self.label_names}, not {len(values)} values")
            if len(self.children) >= MAX_SERIES:
                values = (OVERFLOW,) * len(values)
                child = self.children.get(values)
            if child is None:
                child = self.children[values] = self._make()
        return child

    def clear(self) -> None:
        """Forget all children; those that callers keep are not exposed any more."""
        self.children.clear()


AnyFamily: TypeAlias = Family[CounterChild] | Family[GaugeChild] | Family[HistogramChild]


class Collected:
    """A family whose value is asked for at exposition time, such as the memory of the process."""

    def __init__(self, name: str, text: str, kind: str, read: Callable[[], float | None]) -> None:
        self.name = name
        self.help = text
        self.kind = kind
        self.read = read


class Registry:
    """The families of a process. Declaring a name again gives the same family (a runtime built again goes on)."""

    def __init__(self) -> None:
        self.families: dict[str, AnyFamily | Collected] = {}

    def counter(self, name: str, text: str, label_names: Sequence[str] = ()) -> Family[CounterChild]:
        """Declare a counter."""
        return self._declare(Family(name, text, "counter", tuple(label_names), CounterChild))

    def gauge(self, name: str, text: str, label_names: Sequence[str] = ()) -> Family[GaugeChild]:
        """Declare a gauge."""
        return self._declare(Family(name, text, "gauge", tuple(label_names), GaugeChild))

    def histogram(
        self, name: str, text: str, label_names: Sequence[str], bounds: Iterable[float]
    ) -> Family[HistogramChild]:
        """Declare a histogram with upper bounds (``+Inf`` is implied); they are sorted and a 0 is left out."""
        sorted_bounds = tuple(sorted({float(bound) for bound in bounds if bound != 0}))
        return self._declare(Family(name, text, "histogram", tuple(label_names), lambda: HistogramChild(sorted_bounds)))

    def collect(self, name: str, text: str, kind: str, read: Callable[[], float | None]) -> None:
        """Declare a single value that ``read`` gives at exposition time; None leaves it out."""
        self.families[name] = Collected(name, text, kind, read)

    def _declare(self, family: Family[Child]) -> Family[Child]:
        existing = self.families.get(family.name)
        if existing is None:
            self.families[family.name] = family  # type: ignore[assignment]  # it is of one of the three
            return family
        if isinstance(existing, Collected) or (existing.kind, existing.label_names) != (
            family.kind,
            family.label_names,
        ):
            raise ValueError(f"the metric {family.name} is declared twice, differently")
        return existing  # type: ignore[return-value]  # same kind, so the same type
