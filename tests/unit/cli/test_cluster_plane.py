"""`dapr status -k`: the control plane as its pods show it, one row a service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dapr_cli.cluster.plane import Found, image_version, rows

Json = dict[str, Any]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()


def labelled(name: str, app: str, hour: int, namespace: str = "dapr-system", **more: Any) -> Json:
    meta = {"name": name, "namespace": namespace, "labels": {"app": app}}
    return {"metadata": {**meta, "creationTimestamp": f"2026-12-01T{hour:02}:00:00Z"}, **more}


def pod(name: str, app: str, hour: int = 9, *, ready: bool = True, image: str = "r/x:1.2.3", **status: Any) -> Json:
    state = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "containerStatuses": [{"state": {"running": {}}}],
    }
    return labelled(name, app, hour, spec={"containers": [{"image": image}]}, status={**state, **status})


def waiting(reason: str) -> list[Json]:
    return [{"state": {"waiting": {"reason": reason}}}]


def test_a_service_is_a_row_with_its_pods_counted_and_the_age_of_the_oldest() -> None:
    found = Found([pod("a", "dapr-operator", 11), pod("b", "dapr-operator", 9), pod("c", "dapr-sentry", 10)])
    operator, sentry = rows(found, NOW)
    created = operator.pop("created")
    assert operator == {
        "name": "dapr-operator",
        "namespace": "dapr-system",
        "healthy": True,
        "status": "Running",
        "replicas": 2,
        "version": "1.2.3",
        "age": "3h",
    }
    assert created.startswith("2026-1")
    assert (sentry["name"], sentry["replicas"], sentry["age"]) == ("dapr-sentry", 1, "2h")


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (pod("x", "dapr-operator", ready=False), "Running"),
        (pod("x", "dapr-operator", ready=False, containerStatuses=waiting("ErrImagePull")), "Waiting (ErrImagePull)"),
        (pod("x", "dapr-operator", ready=False, containerStatuses=[{"state": {"terminated": {}}}]), "Terminated"),
        (pod("x", "dapr-operator", ready=False, phase="Pending", containerStatuses=[]), "Pending"),
        (labelled("x", "dapr-operator", 9, spec={"containers": []}), "Pending"),
    ],
    ids=["not ready", "waiting", "terminated", "pending", "without a status"],
)
def test_one_pod_in_trouble_is_what_the_service_is_told_by(broken: Json, status: str) -> None:
    [row] = rows(Found([pod("a", "dapr-operator"), broken]), NOW)
    assert (row["healthy"], row["status"], row["replicas"]) == (False, status, 2)


def test_a_pod_that_is_being_deleted_is_told_as_such() -> None:
    leaving = pod("a", "dapr-operator")
    leaving["metadata"]["deletionTimestamp"] = "2026-12-01T11:00:00Z"
    assert rows(Found([leaving]), NOW)[0]["status"] == "Terminating"


def test_a_deployment_without_pods_is_told_unless_it_wants_none() -> None:
    template = {"spec": {"containers": [{"image": "r/operator:7"}]}}
    found = Found(
        [pod("a", "dapr-sentry")],
        [
            labelled("dapr-operator", "dapr-operator", 9, spec={"template": template}),
            labelled("dapr-placement-server", "dapr-placement-server", 9, spec={"replicas": 0, "template": template}),
            labelled("dapr-sentry", "dapr-sentry", 9, spec={"template": template}),
        ],
    )
    told = {row["name"]: (row["healthy"], row["status"], row["replicas"], row["version"]) for row in rows(found, NOW)}
    assert told == {
        "dapr-operator": (False, "No pods", 0, "7"),
        "dapr-sentry": (True, "Running", 1, "1.2.3"),
    }


def test_two_control_planes_are_told_apart() -> None:
    other = pod("a", "dapr-operator")
    other["metadata"]["namespace"] = "other"
    told = rows(Found([pod("a", "dapr-operator"), other]), NOW)
    assert [(row["namespace"], row["replicas"]) for row in told] == [("dapr-system", 1), ("other", 1)]


def test_versions_beside_each_other_during_an_upgrade_are_all_told() -> None:
    pods = [pod("a", "dapr-operator", image="r/o:2"), pod("b", "dapr-operator", image="r/o:1")]
    assert rows(Found(pods), NOW)[0]["version"] == "1,2"


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("operator:1.2", "1.2"),
        ("localhost:5000/dapr/operator:1.2", "1.2"),
        ("localhost:5000/dapr/operator", "latest"),
        ("r/operator:1.2@sha256:0123456789abcdef", "1.2"),
        ("r/operator@sha256:0123456789abcdef", "sha256:0123456789ab"),
    ],
)
def test_the_version_is_the_tag_of_the_image(image: str, version: str) -> None:
    assert image_version(image) == version
