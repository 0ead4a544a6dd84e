"""The ``path`` label: folding, patterns, and rewrites by regular expression."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daprd.metrics.labelrules import LabelRuleError, LabelRules
from daprd.metrics.paths import PathLabels, folded


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/v1.0/state/mem/k", "/v1.0/state/mem"),
        ("/v1.0-alpha1/state/mem/query", "/v1.0-alpha1/state/mem"),
        ("/v1.0/secrets/sf/name", "/v1.0/secrets/sf"),
        ("/v1.0/state", "/v1.0/state"),
        ("/v1.0//state///mem/k", "/v1.0/state/mem"),
        ("/v1.0/x/../state/mem/./obj", "/v1.0/x/../state/mem/./obj"),
        ("/v1.0/actors/Room/1/method/go", "/v1.0/actors/Room/{id}/method"),
        ("/v1.0/actors/Room/1", "/v1.0/actors/Room/1"),
        ("actors/Room/1/method/remind/now", "actors/Room/{id}/method/remind/now"),
        ("/v1.0/workflows/dapr/abc", "/v1.0/workflows/dapr/{instanceId}"),
        ("/v1.0/workflows/dapr/wf/start", "/v1.0/workflows/dapr/wf/start"),
        ("/v1.0/workflows/dapr/abc/pause", "/v1.0/workflows/dapr/{instanceId}/pause"),
        ("/v1.0-beta1/workflows/dapr/i/raiseEvent/e", "/v1.0-beta1/workflows/dapr/{instanceId}/raiseEvent/{eventName}"),
        ("/v1.0/invoke/a/method/orders/3", "/v1.0/invoke/a/method/orders/3"),
        ("/v1.0/healthz/", "/v1.0/healthz/"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_variable_parts_of_daprs_own_paths_are_folded(path: str, label: str) -> None:
    assert folded(path) == label


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/v1.0/invoke/a/method/orders/3", "/v1.0/invoke/{app_id}/method/orders/{orderID}"),
        ("/orders/3", "/orders/{orderID}"),
        ("/orders/special", "/orders/special"),
        ("/orders", ""),
        ("/orders/3/items", ""),
        ("//orders//3", "/orders/{orderID}"),
        ("/files/a/b/c", "/files/"),
        ("/files", ""),
        ("/v1.0/state/mem/k", "/v1.0/state/mem"),
        ("/other", ""),
        ("/dapr/config", "/dapr/config"),
        ("", ""),
    ],
)
def test_patterns_label_what_they_match_and_the_rest_is_empty(path: str, label: str) -> None:
    labels = PathLabels(
        increased_cardinality=False,
        patterns=["/orders/{orderID}", "/orders/special", "/files/", "/v1.0/state/mem"],
    )
    assert labels.label(path) == label


def test_with_increased_cardinality_what_matches_nothing_is_folded() -> None:
    labels = PathLabels(increased_cardinality=True, patterns=["orders/{id}", "/{$}"])
    assert labels.label("/orders/1") == "/orders/{id}"
    assert labels.label("/v1.0/state/mem/k") == "/v1.0/state/mem"
    assert labels.label("/") == "/{$}"


def test_without_patterns_low_cardinality_is_empty_but_for_a_few() -> None:
    labels = PathLabels(increased_cardinality=False)
    assert [labels.label(path) for path in ("/x", "/healthz", "/dapr/subscribe")] == ["", "/healthz", "/dapr/subscribe"]


@given(st.text(alphabet="/ab{}.$0", max_size=20), st.lists(st.text(alphabet="/a{b}.$", max_size=10), max_size=4))
def test_any_path_has_a_label_under_any_patterns(path: str, patterns: list[str]) -> None:
    assert isinstance(PathLabels(patterns=patterns).label(path), str)


def test_rules_match_the_exported_name_however_it_is_spelt() -> None:
    rules = LabelRules({("dapr_http_server_latency", "path"): (("/a/.*", "/a/$$x"),)})
    assert rules.rewrite("dapr_http_server_latency", "path", "/a/b") == "/a/$x"
    assert rules.rewrite("dapr_http_server_latency", "method", "/a/b") == "/a/b"
    rules = LabelRules({("http/server/latency", "path"): (("(?P<n>[0-9]+)", "<${n}>"),)})
    assert rules.rewrite("dapr_http_server_latency", "path", "/a/12") == "/a/<12>"


def test_a_pattern_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(LabelRuleError, match="failed to compile regex for rule m"):
        LabelRules({("m", "path"): (("(", ""),)})
