"""Configuration files: merging, defaults, expansion, and what stops the start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dapr_core.resources import Configuration, ResourceError, load_configurations
from dapr_core.resources.configload import expand
from dapr_core.resources.metricspec import DEFAULT_LATENCY_BUCKETS
from dapr_core.resources.settings import (
    enabled_features,
    metric_settings,
    sampling_rate,
    unsupported_sections,
)

HEAD = "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: c}\nspec:\n"


def configured(tmp_path: Path, *specs: str, environment: Mapping[str, str] | None = None) -> Configuration:
    paths = []
    for number, spec in enumerate(specs):
        path = tmp_path / f"{number}.yaml"
        path.write_text(HEAD + "\n".join(f"  {line}" for line in spec.splitlines()) + "\n")
        paths.append(str(path))
    return load_configurations(paths, environment or {})


def test_without_files_the_defaults_hold() -> None:
    spec = load_configurations([], {}).spec
    settings = metric_settings(spec)
    assert (settings.enabled, settings.increased_cardinality, settings.record_error_codes) == (True, True, False)
    assert settings.latency_buckets == DEFAULT_LATENCY_BUCKETS
    assert enabled_features(spec.features) == ("HotReload", "WorkflowsRemoteActivityReminder")
    assert (spec.tracing, spec.access_control, sampling_rate(spec)) == (None, None, 0.0001)


def test_later_files_lie_over_earlier_ones(tmp_path: Path) -> None:
    spec = configured(
        tmp_path,
        "tracing: {samplingRate: '1', otel: {endpointAddress: a, protocol: grpc}}\n"
        "features: [{name: A, enabled: true}]",
        "tracing: {samplingRate: 0.5, otel: {protocol: http}}\nfeatures: [{name: B, enabled: true}]",
    ).spec
    assert spec.tracing is not None
    assert (spec.tracing.otel.endpoint_address, spec.tracing.otel.protocol) == ("a", "http")
    assert sampling_rate(spec) == 0.5
    assert [each.name for each in spec.features] == ["B"]


def test_defaults_stay_where_a_section_leaves_fields_out(tmp_path: Path) -> None:
    spec = configured(tmp_path, "accessControl: {policies: []}\ntracing: {otel: {endpointAddress: a}}").spec
    assert spec.access_control is not None
    assert (spec.access_control.action, spec.access_control.trust_domain) == ("allow", "public")
    assert spec.tracing is not None
    assert spec.tracing.otel.is_secure


@pytest.mark.parametrize(
    ("text", "rate"), [("1", 1.0), ("0", 0.0), ("0.25", 0.25), ("", 0.0001), ("often", 0.0001), ("nan", 0.0001)]
)
def test_a_sampling_rate_is_a_number_or_the_default(tmp_path: Path, text: str, rate: float) -> None:
    assert sampling_rate(configured(tmp_path, f"tracing: {{samplingRate: '{text}'}}").spec) == rate


def test_metrics_overrides_metric_field_by_field(tmp_path: Path) -> None:
    settings = metric_settings(
        configured(
            tmp_path,
            "metric: {enabled: false, recordErrorCodes: true, latencyDistributionBuckets: [1, 2]}\n"
            "metrics: {enabled: true, http: {increasedCardinality: false, pathMatching: [/x], excludeVerbs: true},"
            " workflow: {latencyDistributionBuckets: [1, 5], latencyDistributionUnits: 1s}}",
        ).spec
    )
    assert (settings.enabled, settings.record_error_codes, settings.latency_buckets) == (True, True, (1, 2))
    assert (settings.increased_cardinality, settings.path_matching, settings.exclude_verbs) == (False, ("/x",), True)
    assert settings.workflow_buckets == (1000.0, 5000.0)


def test_rules_are_kept_by_metric_and_label(tmp_path: Path) -> None:
    settings = metric_settings(
        configured(
            tmp_path, "metric: {rules: [{name: m, labels: [{name: path, regex: {'/x/': '/x/.+', '': 'zzz'}}]}]}"
        ).spec
    )
    assert settings.rules == {("m", "path"): (("/x/.+", "/x/"), ("zzz", ""))}


def test_features_follow_the_last_entry_of_a_name(tmp_path: Path) -> None:
    features = configured(
        tmp_path,
        "features:\n- {name: HotReload, enabled: false}\n- {name: Mine, enabled: false}\n- {name: Mine, enabled: true}",
    ).spec.features
    assert enabled_features(features) == ("Mine", "WorkflowsRemoteActivityReminder")


def test_exporter_headers_have_a_short_form(tmp_path: Path) -> None:
    spec = configured(tmp_path, "tracing: {otel: {headers: [a=b=c, {name: d, value: e}]}}").spec
    assert spec.tracing is not None
    assert [(each.name, each.text) for each in spec.tracing.otel.headers] == [("a", "b=c"), ("d", "e")]


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$A-${A}", "1-1"),
        ("$UNSET|${UNSET}", "|"),
        ("100$ $", "100$ $"),
        ("$1 $$x", " x"),
        ("a$A_", "a"),
    ],
)
def test_variables_are_expanded_as_in_a_shell(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1"}) == expanded


def test_variables_are_expanded_before_parsing(tmp_path: Path) -> None:
    spec = configured(tmp_path, "tracing: {samplingRate: '$RATE'}", environment={"RATE": "0.5"}).spec
    assert sampling_rate(spec) == 0.5


@pytest.mark.parametrize(
    ("secrets", "name", "allowed"),
    [
        ("{storeName: s}", "a", True),
        ("{storeName: s, defaultAccess: Deny}", "a", False),
        ("{storeName: s, defaultAccess: deny, allowedSecrets: [a]}", "a", True),
        ("{storeName: s, allowedSecrets: [b]}", "a", False),
        ("{storeName: s, deniedSecrets: [a]}", "a", False),
        ("{storeName: s, deniedSecrets: [A]}", "a", True),
    ],
)
def test_secret_scopes_decide_by_list_then_default(tmp_path: Path, secrets: str, name: str, allowed: bool) -> None:
    spec = configured(tmp_path, f"secrets: {{scopes: [{secrets}]}}").spec
    assert spec.secrets.scopes[0].allows(name) is allowed


POLICY = "{appId: a, trustDomain: t, namespace: n}"


@pytest.mark.parametrize(
    ("section", "action"),
    [
        ("{}", "allow"),
        ("{policies: []}", "allow"),
        (f"{{policies: [{POLICY}]}}", "deny"),
        (f"{{defaultAction: '', policies: [{POLICY}]}}", "deny"),
        (f"{{defaultAction: allow, policies: [{POLICY}]}}", "allow"),
        ("{defaultAction: deny}", "deny"),
    ],
)
def test_without_a_default_action_listed_policies_exclude_everybody_else(
    tmp_path: Path, section: str, action: str
) -> None:
    control = configured(tmp_path, f"accessControl: {section}").spec.access_control
    assert control is not None
    assert control.action == action


def test_actions_that_are_no_actions_are_found(tmp_path: Path) -> None:
    operations = "[{name: a, action: ALLOW}, {name: b, action: permit}]"
    policy = f"{{appId: a, trustDomain: t, namespace: n, defaultAction: never, operations: {operations}}}"
    control = configured(tmp_path, f"accessControl: {{defaultAction: alow, policies: [{policy}]}}").spec.access_control
    assert control is not None
    assert list(control.odd_actions()) == [
        ("spec.accessControl.defaultAction", "alow"),
        ("spec.accessControl.policies[0].defaultAction", "never"),
        ("spec.accessControl.policies[0].operations[1].action", "permit"),
    ]


@pytest.mark.parametrize(
    ("spec", "cause"),
    [
        ("secrets: {scopes: [{storeName: s}, {storeName: s}]}", "s storeName is repeated in secrets configuration"),
        (
            "secrets: {scopes: [{storeName: s, defaultAccess: maybe}]}",
            "defaultAccess maybe can be either allow or deny",
        ),
        ("accessControl: {policies: [{appId: a, trustDomain: t}]}", "missing namespace"),
        ("features: on", r"spec.features: a boolean is not a list"),
        ("metric: {enabled: 'no'}", r"spec.metric.enabled: text is not true or false"),
        ("tracing: [", "is not valid YAML"),
    ],
)
def test_a_broken_configuration_stops_the_start_and_says_why(tmp_path: Path, spec: str, cause: str) -> None:
    with pytest.raises(ResourceError, match=cause):
        configured(tmp_path, spec)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"nope.yaml cannot be read: No such file or directory; check the path"):
        load_configurations([str(tmp_path / "nope.yaml")], {})


def test_sections_without_effect_are_listed(tmp_path: Path) -> None:
    spec = configured(
        tmp_path,
        "tracing: {samplingRate: '1', zipkin: {endpointAddress: http://z}}\nworkflow: {}\nwasm: {strictSandbox: true}\n"
        "api: {allowed: []}",
    ).spec
    assert [each.path for each in unsupported_sections(spec)] == ["spec.tracing.zipkin", "spec.workflow", "spec.wasm"]
    assert unsupported_sections(load_configurations([], {}).spec) == ()
