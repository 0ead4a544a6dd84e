"""The ``metric`` and ``metrics`` sections: fields, merge and defaults (crds-helm-config.md §2.3, observability.md §2).

Every switch reads as None when absent, since a value in ``metrics`` replaces the one in ``metric`` only when it is
there. ``MetricSettings`` is what the sidecar acts on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dapr_core.resources.modelling import model
from dapr_core.resources.schema import BOOL, DURATION, INTEGER, STRING, attr, list_of, map_of
from dapr_core.timing.duration import MILLISECOND, InvalidDurationError, parse_nanoseconds

DEFAULT_LATENCY_BUCKETS: Final = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800),
    *(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000),
)
"""Upper bounds of latency histograms, in milliseconds."""


@model
class MetricLabel:
    """Rewrites of one label's value."""

    name: str = attr("name", STRING, "Name of the label.", required=True)
    regex: dict[str, str] = attr("regex", map_of(STRING), "Replacement to the pattern it replaces.", required=True)


@model
class MetricRule:
    """Rewrites of the labels of one metric."""

    name: str = attr("name", STRING, "Name of the metric.", required=True)
    labels: tuple[MetricLabel, ...] = attr("labels", list_of(MetricLabel), "Labels to rewrite.", required=True)


@model
class MetricHTTP:
    """Labels of the HTTP metrics."""

    increased_cardinality: bool | None = attr(
        "increasedCardinality", BOOL, "Whether the path is a label. True when absent.", optional=True
    )
    path_matching: tuple[str, ...] = attr("pathMatching", list_of(STRING), "Patterns that fold paths.")
    exclude_verbs: bool | None = attr("excludeVerbs", BOOL, "Leave the verb out of the labels.", optional=True)


@model
class MetricWorkflow:
    """Histograms of workflows."""

    latency_distribution_buckets: tuple[int, ...] = attr(
        "latencyDistributionBuckets", list_of(INTEGER), "Upper bounds, in the unit below."
    )
    latency_distribution_units: str = attr("latencyDistributionUnits", DURATION, "Unit of the bounds; 1ms when absent.")


@model
class MetricSpec:
    """What is measured and how it is labelled."""

    enabled: bool | None = attr("enabled", BOOL, "Whether metrics are recorded.", required=True, optional=True)
    record_error_codes: bool | None = attr("recordErrorCodes", BOOL, "Count error codes.", optional=True)
    latency_distribution_buckets: tuple[int, ...] | None = attr(
        "latencyDistributionBuckets", list_of(INTEGER), "Upper bounds of latency histograms, in ms.", optional=True
    )
    http: MetricHTTP | None = attr("http", MetricHTTP, "Labels of the HTTP metrics.", optional=True)
    rules: tuple[MetricRule, ...] = attr("rules", list_of(MetricRule), "Rewrites of label values.")
    workflow: MetricWorkflow | None = attr("workflow", MetricWorkflow, "Histograms of workflows.", optional=True)


@dataclass(frozen=True, slots=True)
class MetricSettings:
    """The two sections merged and completed.

    ``rules`` maps (metric name, label) to its rewrites, each a pair of pattern and replacement. Bounds are in
    milliseconds.
    """

    enabled: bool = True
    record_error_codes: bool = False
    latency_buckets: tuple[float, ...] = DEFAULT_LATENCY_BUCKETS
    custom_buckets: bool = False
    workflow_buckets: tuple[float, ...] = DEFAULT_LATENCY_BUCKETS
    increased_cardinality: bool = True
    cardinality_unset: bool = True
    path_matching: tuple[str, ...] = ()
    exclude_verbs: bool = False
    rules: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)


def settings(metric: MetricSpec, metrics: MetricSpec) -> MetricSettings:
    """Merge: what is set in ``metrics`` replaces what is set in ``metric``, field by field."""
    http = metrics.http or metric.http or MetricHTTP()
    buckets = metrics.latency_distribution_buckets or metric.latency_distribution_buckets
    shared = tuple(buckets) if buckets else DEFAULT_LATENCY_BUCKETS
    return MetricSettings(
        enabled=_first(metrics.enabled, metric.enabled, default=True),
        record_error_codes=_first(metrics.record_error_codes, metric.record_error_codes, default=False),
        latency_buckets=shared,
        custom_buckets=bool(buckets),
        workflow_buckets=_workflow_buckets(metrics.workflow or metric.workflow, shared),
        increased_cardinality=_first(http.increased_cardinality, default=True),
        cardinality_unset=http.increased_cardinality is None,
        path_matching=http.path_matching,
        exclude_verbs=_first(http.exclude_verbs, default=False),
        rules=_rules(metrics.rules or metric.rules),
    )


def _first(*values: bool | None, default: bool) -> bool:
    return next((each for each in values if each is not None), default)


def _workflow_buckets(spec: MetricWorkflow | None, shared: tuple[float, ...]) -> tuple[float, ...]:
    if spec is None or not spec.latency_distribution_buckets:
        return shared
    try:
        unit = parse_nanoseconds(spec.latency_distribution_units) / MILLISECOND
    except InvalidDurationError:
        unit = 1.0
    return tuple([bound * unit for bound in spec.latency_distribution_buckets])


def _rules(rules: tuple[MetricRule, ...]) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    return {
        (rule.name, label.name): tuple([(pattern, replacement) for replacement, pattern in label.regex.items()])
        for rule in rules
        for label in rule.labels
    }
