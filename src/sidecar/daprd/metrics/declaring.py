"""Declares families so that a Configuration's label rules apply to every child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from dapr_core.telemetry.metrics import CounterChild, Family, GaugeChild, HistogramChild, Registry
from daprd.metrics.labelrules import LabelRules

Child = TypeVar("Child", CounterChild, GaugeChild, HistogramChild)


class Ruled(Generic[Child]):
    """A family seen through the label rules."""

    __slots__ = ("_family", "_rules")

    def __init__(self, family: Family[Child], rules: LabelRules) -> None:
        self._family: Family[Child] = family
        self._rules = rules

    def labels(self, *values: str) -> Child:
        """The child of these label values after the rules."""
        if self._rules.empty:
            return self._family.labels(*values)
        family, rewrite = self._family, self._rules.rewrite
        named = zip(family.label_names, values, strict=True)
        return family.labels(*[rewrite(family.name, label, value) for label, value in named])


class Declared:
    """A registry, the rules, and the identity that most series carry."""

    def __init__(self, registry: Registry, rules: LabelRules, app_id: str, namespace: str) -> None:
        self.registry = registry
        self.rules = rules
        self.app_id = app_id
        self.namespace = namespace

    def counter(self, name: str, text: str, labels: Sequence[str]) -> Ruled[CounterChild]:
        """Declare a counter."""
        return Ruled(self.registry.counter(name, text, labels), self.rules)

    def gauge(self, name: str, text: str, labels: Sequence[str]) -> Ruled[GaugeChild]:
        """Declare a gauge."""
        return Ruled(self.registry.gauge(name, text, labels), self.rules)

    def histogram(self, name: str, text: str, labels: Sequence[str], bounds: Iterable[float]) -> Ruled[HistogramChild]:
        """Declare a histogram."""
        return Ruled(self.registry.histogram(name, text, labels, bounds), self.rules)
