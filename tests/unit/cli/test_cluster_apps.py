"""Pods with a sidecar, as `dapr list -k` and `dapr logs -k` find them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dapr_cli.cluster.apps import Application, application_of, chosen, rows

Json = dict[str, Any]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()


def pod(*words: str, part: str = "containers", key: str = "args") -> Json:
    return {
        "metadata": {"name": "p", "namespace": "shop", "creationTimestamp": "2026-12-01T11:59:30Z"},
        "spec": {part: [{"name": "daprd", key: list(words)}], "containers" if part != "containers" else "x": []},
        "status": {"phase": "Running"},
    }


@pytest.mark.parametrize(
    "described",
    [
        pod("--app-port", "80", "--app-id", "orders"),
        pod("--app-id=orders", "--app-port=80"),
        pod("-app-id", "orders", "-app-port=80"),
        pod("/daprd", "--app-id", "orders", "--app-port", "80", key="command"),
        pod("--app-id", "orders", "--app-port", "80", part="initContainers"),
    ],
    ids=["as the injector writes it", "with an equals sign", "one dash", "in the command", "a native sidecar"],
)
def test_the_sidecars_arguments_name_the_application(described: Json) -> None:
    found = application_of(described)
    assert found is not None
    assert (found.namespace, found.pod, found.app_id, found.app_port) == ("shop", "p", "orders", "80")


def test_a_flag_without_its_value_is_empty() -> None:
    found = application_of(pod("--app-id"))
    assert found is not None
    assert (found.app_id, found.app_port) == ("", "")


def test_a_pod_without_a_sidecar_is_no_application() -> None:
    assert application_of({"metadata": {}, "spec": {"containers": [{"name": "app"}]}}) is None
    assert application_of({}) is None


def app(namespace: str, app_id: str, created: float = NOW - 60, phase: str = "Running", name: str = "") -> Application:
    return Application(namespace, name or f"{app_id}-0", app_id, "80", phase, created)


def test_the_list_has_the_last_namespace_first_and_no_pod_that_has_ended() -> None:
    found = [app("a", "one"), app("b", "two"), app("b", "job", phase="Succeeded"), app("b", "one", phase="Pending")]
    told = rows(found, NOW)
    assert [(row["namespace"], row["appId"]) for row in told] == [("b", "one"), ("b", "two"), ("a", "one")]
    assert (told[0]["appPort"], told[0]["age"]) == ("80", "1m")


def test_of_several_pods_the_newest_that_runs_is_chosen() -> None:
    found = [
        app("a", "one", 10, name="old"),
        app("a", "one", 20, name="new"),
        app("a", "one", 30, "Pending", name="coming"),
        app("a", "two", 40),
    ]
    assert [each.pod for each in chosen(found, "one")] == ["new", "old", "coming"]
