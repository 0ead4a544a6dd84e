"""Components and Configurations as `dapr components -k` and `dapr configurations -k` show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dapr_cli.cluster.resources import LISTED, details, metrics_are_enabled, table_of, tracing_is_enabled
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION

Json = dict[str, Any]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()


def resource(name: str, spec: Json, **more: Any) -> Json:
    meta = {"name": name, "namespace": "shop", "creationTimestamp": "2026-11-30T12:00:00Z"}
    return {"metadata": meta, "spec": spec, **more}


def test_a_component_is_told_by_type_version_and_scopes() -> None:
    store = resource("store", {"type": "state.redis", "version": "v1"}, scopes=["a", "b"])
    headings, [row] = table_of([store], LISTED[COMPONENT], NOW)
    assert headings == ["NAMESPACE", "NAME", "TYPE", "VERSION", "SCOPES", "CREATED", "AGE"]
    assert [*row[:5], row[6]] == ["shop", "store", "state.redis", "v1", "a,b", "1d"]


def test_a_configuration_is_told_by_what_it_turns_on() -> None:
    spec = {"tracing": {"samplingRate": "0.5"}, "metrics": {"enabled": False}}
    headings, [row] = table_of([resource("tracing", spec)], LISTED[CONFIGURATION], NOW)
    assert headings == ["NAMESPACE", "NAME", "TRACING-ENABLED", "METRICS-ENABLED", "AGE", "CREATED"]
    assert row[:5] == ["shop", "tracing", "true", "false", "1d"]


@pytest.mark.parametrize(
    ("rate", "enabled"), [("1", True), ("0.001", True), ("0", False), ("", False), ("often", False), ("nan", False)]
)
def test_calls_are_traced_when_any_is_sampled(rate: str, enabled: bool) -> None:
    assert tracing_is_enabled({"tracing": {"samplingRate": rate}}) is enabled


@pytest.mark.parametrize(
    ("spec", "enabled"),
    [
        ({}, True),
        ({"metric": {"enabled": False}}, False),
        ({"metric": {"enabled": False}, "metrics": {"enabled": True}}, True),
        ({"metrics": {"recordErrorCodes": True}, "metric": {"enabled": False}}, False),
    ],
)
def test_metrics_are_on_unless_turned_off_by_the_new_name_or_the_old(spec: Json, enabled: bool) -> None:
    assert metrics_are_enabled(spec) is enabled


def test_programs_get_name_namespace_and_spec() -> None:
    store = resource("store", {"type": "state.redis"}, status={"x": 1})
    assert details([store]) == [{"name": "store", "namespace": "shop", "spec": {"type": "state.redis"}}]
