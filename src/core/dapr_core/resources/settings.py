"""From Configuration to what a sidecar acts on: defaults, checks, and the sections this build does not act on yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from dapr_core.resources.configuration import Configuration, ConfigurationSpec, FeatureSpec
from dapr_core.resources.metricspec import MetricSettings
from dapr_core.resources.metricspec import settings as merge_metrics
from dapr_core.resources.problems import FieldProblem

DEFAULT_SAMPLING_RATE: Final = 0.0001
"""Share of traces when ``samplingRate`` is absent or no number (§2.2)."""

HOT_RELOAD: Final = "HotReload"
DEFAULT_FEATURES: Final = (HOT_RELOAD, "WorkflowsRemoteActivityReminder")
"""Features that are on unless the list names them (§2.6)."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A section that is present and has no effect in this build."""

    path: str
    text: str


def sampling_rate(spec: ConfigurationSpec) -> float:
    """The share of new traces to sample, 0 to 1; 0 turns tracing off."""
    text = spec.tracing.sampling_rate if spec.tracing is not None else ""
    try:
        rate = float(text)
    except ValueError:
        return DEFAULT_SAMPLING_RATE
    return min(max(rate, 0.0), 1.0) if rate == rate else DEFAULT_SAMPLING_RATE


def metric_settings(spec: ConfigurationSpec) -> MetricSettings:
    """What is measured and how it is labelled, ``metric`` and ``metrics`` merged."""
    return merge_metrics(spec.metric, spec.metrics)


def enabled_features(features: Iterable[FeatureSpec]) -> tuple[str, ...]:
    """Names of the features that are on, sorted. A later entry of a name overrides an earlier one."""
    states = dict.fromkeys(DEFAULT_FEATURES, True)
    states.update((each.name, each.enabled) for each in features)
    return tuple(sorted(name for name, enabled in states.items() if enabled))


def check(configuration: Configuration) -> tuple[FieldProblem, ...]:
    """Rules that span fields; a sidecar must not start while one is broken (§2.7, §2.10)."""
    return (*_check_secrets(configuration.spec), *_check_access(configuration.spec))


def unsupported_sections(spec: ConfigurationSpec) -> tuple[Unsupported, ...]:
    """The sections present that this build does not act on, for one warning each."""
    return tuple(row for row, present in _NOT_YET if present(spec))


def _check_secrets(spec: ConfigurationSpec) -> Iterable[FieldProblem]:
    seen: set[str] = set()
    for index, scope in enumerate(spec.secrets.scopes):
        path = f"spec.secrets.scopes[{index}]"
        if scope.store_name in seen:
            yield FieldProblem(
                f"{path}.storeName",
                f"{scope.store_name} storeName is repeated in secrets configuration",
                "merge its entries into one",
            )
        seen.add(scope.store_name)
        if scope.default_access and scope.default_access.lower() not in ("allow", "deny"):
            yield FieldProblem(
                f"{path}.defaultAccess", f"defaultAccess {scope.default_access} can be either allow or deny"
            )


def _check_access(spec: ConfigurationSpec) -> Iterable[FieldProblem]:
    policies = spec.access_control.policies if spec.access_control is not None else ()
    for index, policy in enumerate(policies):
        lacking = [
            key
            for key, value in (
                ("appId", policy.app_id),
                ("trustDomain", policy.trust_domain),
                ("namespace", policy.namespace),
            )
            if not value
        ]
        if lacking:
            yield FieldProblem(
                f"spec.accessControl.policies[{index}]",
                f"invalid access control spec: missing {', '.join(lacking)}",
                "every policy names the caller's appId, trustDomain and namespace",
            )


_Present = Callable[[ConfigurationSpec], bool]

_NOT_YET: Final[tuple[tuple[Unsupported, _Present], ...]] = (
    (
        Unsupported("spec.tracing.zipkin", "spans are not exported to Zipkin"),
        lambda spec: spec.tracing is not None and bool(spec.tracing.zipkin.endpoint_address),
    ),
    (
        Unsupported("spec.tracing.otel", "spans are not exported by OTLP"),
        lambda spec: spec.tracing is not None and bool(spec.tracing.otel.endpoint_address),
    ),
    (
        Unsupported("spec.tracing.stdout", "spans are not written to the log"),
        lambda spec: spec.tracing is not None and spec.tracing.stdout,
    ),
    (Unsupported("spec.workflow", "there is no workflow engine"), lambda spec: spec.workflow is not None),
    (Unsupported("spec.wasm", "there are no WebAssembly components"), lambda spec: spec.wasm.strict_sandbox),
)
