"""When the sidecar of a Job's pod is told to end: its application has ended for good, and only the sidecar runs on."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from dapr_operator.workloads.jobs import Leftover, leftover

RUNNING: dict[str, Any] = {"running": {"startedAt": "2026-11-30T00:00:00Z"}}
WAITING: dict[str, Any] = {"waiting": {"reason": "CrashLoopBackOff"}}


def ended(code: int) -> dict[str, Any]:
    return {"terminated": {"exitCode": code}}


def pod(*applications: dict[str, Any], sidecar: dict[str, Any] = RUNNING, restart: str = "Never") -> dict[str, Any]:
    names = [f"app-{number}" for number, _ in enumerate(applications)]
    daprd = {
        "name": "daprd",
        "ports": [{"name": "dapr-http", "containerPort": 3500}, {"name": "dapr-internal", "containerPort": 50002}],
    }
    states = [*zip(names, applications, strict=True), ("daprd", sidecar)]
    return {
        "metadata": {"name": "once-abcde", "namespace": "shop", "uid": "u1", "labels": {"dapr.io/app-id": "once"}},
        "spec": {"restartPolicy": restart, "containers": [*({"name": name} for name in names), daprd]},
        "status": {
            "phase": "Running",
            "podIP": "10.1.2.3",
            "containerStatuses": [{"name": name, "state": state} for name, state in states],
        },
    }  # fmt: skip


FOUND = Leftover("u1", "once", "10.1.2.3:50002")


@pytest.mark.parametrize("code", [0, 1])
def test_an_application_that_is_never_restarted_has_ended_however_it_did(code: int) -> None:
    assert leftover(pod(ended(code))) == FOUND


def test_one_that_is_restarted_on_failure_has_ended_only_well() -> None:
    assert leftover(pod(ended(0), restart="OnFailure")) == FOUND
    assert leftover(pod(ended(1), restart="OnFailure")) is None


def test_one_that_is_always_restarted_never_ends() -> None:
    assert leftover(pod(ended(0), restart="Always")) is None


@pytest.mark.parametrize("state", [RUNNING, WAITING, {}])
def test_all_containers_of_the_application_have_to_have_ended(state: dict[str, Any]) -> None:
    assert leftover(pod(ended(0), ended(0))) == FOUND
    assert leftover(pod(ended(0), state)) is None


@pytest.mark.parametrize("state", [WAITING, ended(0), {}])
def test_a_sidecar_that_does_not_run_is_not_called(state: dict[str, Any]) -> None:
    assert leftover(pod(ended(0), sidecar=state)) is None


def test_a_container_whose_state_is_not_told_yet_may_still_run() -> None:
    known = pod(ended(0), ended(0))
    del known["status"]["containerStatuses"][1]
    assert leftover(known) is None


def test_a_native_sidecar_is_the_kubelets_to_end() -> None:
    native = pod(ended(0))
    native["spec"]["initContainers"] = [native["spec"]["containers"].pop() | {"restartPolicy": "Always"}]
    native["status"]["initContainerStatuses"] = [native["status"]["containerStatuses"].pop()]
    assert leftover(native) is None


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_is_over_waits_for_nothing(phase: str) -> None:
    over = pod(ended(0))
    over["status"]["phase"] = phase
    assert leftover(over) is None


def test_nor_does_one_that_is_being_deleted() -> None:
    leaving = pod(ended(0))
    leaving["metadata"]["deletionTimestamp"] = "2026-11-30T00:00:00Z"
    assert leftover(leaving) is None


def test_an_address_of_version_6_stands_in_brackets() -> None:
    found = pod(ended(0))
    found["status"]["podIP"] = "fd00::1"
    assert leftover(found) == Leftover("u1", "once", "[fd00::1]:50002")


@pytest.mark.parametrize(("where", "name"), [("metadata", "labels"), ("status", "podIP"), ("spec", "containers")])
def test_a_pod_that_does_not_tell_enough_is_let_be(where: str, name: str) -> None:
    odd = copy.deepcopy(pod(ended(0)))
    del odd[where][name]
    assert leftover(odd) is None
