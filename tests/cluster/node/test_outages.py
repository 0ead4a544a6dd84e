"""Calls go on while the control plane is upgraded, and while its pods are killed.

Two applications call one another by id and as actors all the while; not one call may fail. What an outage may do is
make calls of actors wait: where they live is known to placement alone.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator

import pytest
from cluster.kube.client import Object, patiently
from cluster.kube.release import Release
from cluster.kube.stage import Hand, Stage, Traffic

pytestmark = pytest.mark.timeout(400)

SERVICES = ("dapr-sentry", "dapr-sidecar-injector", "dapr-placement-server", "dapr-operator")
INVOKE = "v1.0/invoke/called/method/look"
ACTOR = "v1.0/actors/hand/1/method/look"
SETTLED = 20
"""Calls that are answered before anything is done, and after it."""
LEASES = {"dapr-operator": "operator.dapr.io", "dapr-placement-server": "dapr-placement"}
HA = {
    "global__ha__enabled": True,
    "global__ha__replicaCount": 2,
    # Otherwise a pod that is made while the cluster still sends to the lost injector comes without its sidecar.
    "dapr_sidecar_injector__webhookFailurePolicy": "Fail",
}


@pytest.fixture
def caller(system: Release, stage: Stage) -> Iterator[Hand]:
    """An application that calls another one, two ways, while the test goes on; afterwards no call may have failed."""
    stage.apply(_store("store", actorStateStore="true"))
    stage.deploy("called", replicas=2, actors="hand")
    stage.deploy("caller", called=False)
    stage.hands("called", 2)
    hand = stage.hand("caller")
    _wait_for(lambda: [hand.answer("GET", path) for path in (INVOKE, ACTOR)], ["200", "200"])
    for number, path in enumerate((INVOKE, ACTOR)):
        hand.begin_traffic(path, number)
        _more_calls(hand, number)
    yield hand
    for number, path in enumerate((INVOKE, ACTOR)):
        _more_calls(hand, number)
        told = hand.end_traffic(number)
        print(f"{path}: {told.answered} answered, the slowest after {told.longest} s")
        assert not told.failed, told


def test_calls_go_on_while_the_control_plane_is_upgraded(system: Release, caller: Hand) -> None:
    old = {each["metadata"]["uid"] for each in system.pods()}
    system.upgrade(global__labels__turn=f"t{secrets.token_hex(4)}")
    system.wait_complete()
    assert not old & {each["metadata"]["uid"] for each in system.pods()}, "every pod is another one"


def test_calls_go_on_while_each_pod_of_the_control_plane_is_killed(system: Release, caller: Hand) -> None:
    for app in SERVICES:
        for pod in system.pods(app):
            system.kill(pod)
            system.wait_complete()


def test_with_several_replicas_one_of_each_may_be_killed_and_nothing_is_missed(
    system: Release, stage: Stage, caller: Hand
) -> None:
    system.upgrade(**HA)
    system.wait_complete()
    for app in SERVICES:
        system.kill(_leading(system, app))
    stage.deploy("newcomer", called=False)
    assert stage.hand("newcomer").status("GET", INVOKE) == 200, "it was injected, has an identity, and calls"
    stage.apply(_store("late"))
    _wait_for(lambda: "late" in [each["name"] for each in caller.metadata()["components"]], True)
    system.wait_complete()


def test_an_injector_without_which_no_pod_is_made_is_made_itself(system: Release, stage: Stage) -> None:
    system.upgrade(dapr_sidecar_injector__webhookFailurePolicy="Fail")
    for pod in system.pods("dapr-sidecar-injector"):
        system.kill(pod)
    stage.deploy("newcomer", called=False)
    assert stage.hand("newcomer").metadata()["id"] == "newcomer", "it was not made before there was an injector"
    system.wait_complete()


def _store(name: str, **metadata: str) -> Object:
    pairs = [{"name": key, "value": value} for key, value in metadata.items()]
    spec = {"type": "state.in-memory", "version": "v1", "metadata": pairs}
    return {"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": name}, "spec": spec}


def _leading(system: Release, app: str) -> Object:
    """The replica that holds the service's Lease, or any where there is none."""
    pods = system.pods(app)
    if app not in LEASES:
        return pods[0]
    lease = system.admin.get("coordination.k8s.io/v1", "Lease", LEASES[app], system.namespace)
    [found] = [each for each in pods if each["metadata"]["name"] in lease["spec"]["holderIdentity"]]
    return found


def _more_calls(hand: Hand, number: int) -> Traffic:
    """Wait for some more calls to be answered, or to fail."""
    begun = hand.traffic(number)
    for _ in patiently(f"{SETTLED} more calls"):
        told = hand.traffic(number)
        if told.answered >= begun.answered + SETTLED or told.failed:
            return told
    raise AssertionError("unreachable")


def _wait_for(look: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + 60
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, f"{found!r} and not {wanted!r} after a minute"
        time.sleep(0.1)
