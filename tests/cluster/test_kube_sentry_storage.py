"""The trust bundle in a cluster: one valid root whatever crashes and races do, and every change in force at once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Object
from support.cluster_sentry import BUNDLE, ORIGINAL_RULES, ClusterSentry, ControlPlane
from support.identities import Authority, key_pem, pem
from support.processes import wait_until
from support.sentry_process import chain_of
from support.sign import sign_one

from dapr_core.identity.issuer import check
from dapr_core.identity.roots import generate_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id

SOON = 1.0
"""Seconds within which a change must be in force; tests allow a loaded machine more, and measure on a quiet one."""


@pytest.fixture
def plane(api_server: ApiServer, crds: list[Object], namespace: str, tmp_path: Path) -> Iterator[ControlPlane]:
    made = ControlPlane(api_server, namespace, tmp_path)
    made.account("app")
    yield made
    made.close()


def root_in_use(sentry: ClusterSentry, anchors: bytes) -> bytes:
    """What sentry hands out as anchors to a pod of this namespace that trusts some."""
    plane = sentry.plane
    pod = plane.admin.list("v1", "Pod", plane.namespace) or [plane.pod("p", app_id="myapp")]
    response = sign_one(sentry.address, anchors, id="myapp", namespace=plane.namespace, token=plane.token(pod[0]))
    (given,) = response.trust_chain_certificates
    leaf, issuer = chain_of(response)[:2]
    leaf.verify_directly_issued_by(issuer)
    return given


def valid(plane: ControlPlane) -> bytes:
    """The anchors of the bundle, if it is whole and all of it fits."""
    items = plane.secret
    check(items["ca.crt"], items["issuer.crt"], items["issuer.key"], datetime.now(UTC))
    assert plane.published_anchors == items["ca.crt"]
    return items["ca.crt"]


def fresh(plane: ControlPlane) -> dict[str, bytes]:
    """A new root and issuer, as items."""
    domain = TrustDomain("localhost")
    issuer = generate_issuer(
        domain, workload_id(domain, plane.namespace, "dapr-sentry"), timedelta(minutes=15), datetime.now(UTC)
    )
    return {
        "ca_crt": issuer.anchors.pem,
        "issuer_crt": pem(*issuer.chain),
        "issuer_key": key_pem(issuer.key),  # type: ignore[arg-type]
    }


def test_an_empty_bundle_is_filled_and_found_again(plane: ControlPlane) -> None:
    with plane.sentry() as sentry:
        anchors = valid(plane)
        assert root_in_use(sentry, anchors) == anchors
        assert "generating self signed CA" in sentry.output
    with plane.sentry() as again:
        assert root_in_use(again, anchors) == anchors == valid(plane)
        assert "generating self signed CA" not in again.output
    assert plane.admin.get("v1", "Secret", BUNDLE, plane.namespace)["metadata"]["labels"] == {"keep": "me"}
    assert sorted(plane.secret) == ["ca.crt", "issuer.crt", "issuer.key"]


def test_items_are_called_as_flags_say_and_consumers_find_the_anchors(plane: ControlPlane) -> None:
    flags = ["--issuer-ca-filename=/x/root.pem", "--issuer-certificate-filename=c.pem", "--issuer-key-filename=k.pem"]
    with plane.sentry(*flags) as sentry:
        assert sorted(plane.secret) == ["c.pem", "k.pem", "root.pem"]
        assert list(plane.config_map) == ["ca.crt"]
        assert root_in_use(sentry, plane.published_anchors) == plane.secret["root.pem"]


def test_a_bundle_that_was_provided_is_taken_as_it_is(plane: ControlPlane) -> None:
    mine = fresh(plane)
    plane.put_secret(**mine)
    with plane.sentry() as sentry:
        assert root_in_use(sentry, mine["ca_crt"]) == mine["ca_crt"]
        assert valid(plane) == mine["ca_crt"]
        assert "generating self signed CA" not in sentry.output


def test_replicas_that_start_together_never_fork_the_root(plane: ControlPlane) -> None:
    for _ in range(3):
        plane.put_secret(ca_crt=None, issuer_crt=None, issuer_key=None)
        replicas = [ClusterSentry(plane) for _ in range(3)]
        try:
            for replica in replicas:
                replica.wait_ready()
            anchors = valid(plane)
            assert [root_in_use(replica, anchors) for replica in replicas] == [anchors] * 3
            assert sum("generating self signed CA" in replica.output for replica in replicas) == 1
        finally:
            for replica in replicas:
                replica.terminate()


# --- The store alone, in processes of its own

STEPS = ["made the issuer", "stored the issuer", "published the anchors", "made the JWT key", "stored the JWT key"]

_SCRIPT = """
import asyncio, json, os, signal, sys
from datetime import UTC, datetime, timedelta
from dapr_core.identity.roots import generate_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.kube import KubeClient, load_config
from dapr_sentry.authority.jwtkeys import generate_jwt_keys
from dapr_sentry.storage.kubernetes import Items, KubernetesStore

kubeconfig, namespace, last, times = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
domain = TrustDomain("localhost")
steps = []

def checkpoint(step):
    steps.append(step)
    if step == last:
        os.kill(os.getpid(), signal.SIGKILL)

def make():
    identity = workload_id(domain, namespace, "dapr-sentry")
    return generate_issuer(domain, identity, timedelta(minutes=15), datetime.now(UTC))

async def main():
    async with KubeClient(load_config({}, kubeconfig)) as client:
        store = KubernetesStore(client, namespace, Items(), checkpoint=checkpoint)
        found = []
        if times > 1:
            sys.stdin.readline()
        for _ in range(times):
            issuer, made = await asyncio.to_thread(store.ensure_issuer, make, datetime.now(UTC))
            keys = await asyncio.to_thread(store.ensure_jwt_keys, generate_jwt_keys)
            found.append([issuer.anchors.pem.decode(), made, keys.kid])
        print(json.dumps({"found": found, "steps": steps}))

asyncio.run(main())
"""


def store_process(plane: ControlPlane, last: str = "", times: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, str(plane.kubeconfig), plane.namespace, last, str(times)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def emptied(plane: ControlPlane) -> None:
    plane.put_secret(ca_crt=None, issuer_crt=None, issuer_key=None, jwt_key=None, jwks_json=None)
    plane.admin.merge("v1", "ConfigMap", BUNDLE, {"data": {"ca.crt": None, "jwks.json": None}}, plane.namespace)


def test_killed_at_any_step_of_making_the_bundle_a_restart_has_one_valid_root(plane: ControlPlane) -> None:
    whole = store_process(plane)
    steps = json.loads(whole.communicate(timeout=60)[0])["steps"]
    assert steps == [*STEPS, "published the anchors"]
    for step in dict.fromkeys(steps):
        emptied(plane)
        killed = store_process(plane, last=step)
        killed.communicate(timeout=60)
        assert killed.returncode == -9
        before = plane.secret.get("ca.crt")
        after = store_process(plane)
        ((anchors, made, kid),) = json.loads(after.communicate(timeout=60)[0])["found"]
        assert valid(plane) == anchors.encode()
        if before is not None:  # what anybody may have been given is still what is trusted
            assert before == anchors.encode()
        assert made == (before is None)
        assert [key["kid"] for key in json.loads(plane.config_map["jwks.json"])["keys"]] == [kid]


def test_many_processes_that_race_agree_on_one_root_and_one_key(plane: ControlPlane) -> None:
    racers = [store_process(plane, times=5) for _ in range(4)]
    outputs = [racer.communicate("go\n", timeout=120)[0] for racer in racers]
    found = [entry for output in outputs for entry in json.loads(output)["found"]]
    assert len({(anchors, kid) for anchors, _made, kid in found}) == 1
    assert sum(made for _anchors, made, _kid in found) == 1
    assert valid(plane) == found[0][0].encode()


@pytest.mark.parametrize("step", STEPS)
def test_replicas_that_race_and_die_leave_one_valid_root_to_the_one_that_lives(plane: ControlPlane, step: str) -> None:
    doomed = [store_process(plane, last=step, times=2) for _ in range(3)]
    living = store_process(plane, times=2)
    outputs = [process.communicate("go\n", timeout=120)[0] for process in (*doomed, living)]
    assert living.returncode == 0
    # Whoever comes to the step dies of it, and whoever does not has found what another one had done already.
    assert {process.returncode for process in doomed} <= {0, -9}
    found = [entry for output in outputs if output for entry in json.loads(output)["found"]]
    assert len({(anchors, kid) for anchors, _made, kid in found}) == 1
    assert valid(plane) == found[0][0].encode()


# --- Changes


def test_a_change_in_the_cluster_is_in_force_within_a_second(plane: ControlPlane) -> None:
    with plane.sentry() as sentry:
        old = valid(plane)
        mine = fresh(plane)
        both = old + mine["ca_crt"]
        began = time.monotonic()
        plane.put_secret(**{**mine, "ca_crt": both})
        sentry.wait_for_line("Issuer credentials changed; reloading")
        wait_until(lambda: root_in_use(sentry, both) == both, what="the new issuer")
        assert time.monotonic() - began < 20 * SOON  # on a machine that does other things as well
        plane.wait_published(both)
        plane.put_secret(ca_crt=mine["ca_crt"])
        wait_until(lambda: root_in_use(sentry, mine["ca_crt"]) == mine["ca_crt"], what="the old root's end")
        plane.wait_published(mine["ca_crt"])


@pytest.mark.quiet
def test_a_change_is_in_force_within_a_second_on_a_quiet_machine(plane: ControlPlane) -> None:
    with plane.sentry() as sentry:
        for _ in range(5):
            began = time.monotonic()
            seen = len(sentry.lines)
            plane.put_secret(**fresh(plane))
            sentry.wait_for_line("Issuer credentials changed; reloading", after=seen)
            assert time.monotonic() - began < SOON


def test_a_bundle_that_was_emptied_means_a_new_root(plane: ControlPlane) -> None:
    with plane.sentry() as sentry, plane.sentry() as replica:
        old = valid(plane)
        plane.put_secret(ca_crt=None, issuer_crt=None, issuer_key=None)
        wait_until(lambda: plane.published_anchors not in (b"", old), what="a new root")
        new = valid(plane)
        for each in (sentry, replica):
            wait_until(lambda each=each: root_in_use(each, new) == new, what="the new root in use")
        assert valid(plane) == new


@pytest.mark.parametrize(
    "spoiled", ["", "nonsense", pem(Authority().certificate).decode()], ids=["gone", "bad", "another"]
)
def test_anchors_that_were_spoiled_in_the_config_map_are_mended_and_the_root_stays(
    plane: ControlPlane, spoiled: str
) -> None:
    """The original makes a new root then, and cuts off every workload there is."""
    with plane.sentry() as sentry:
        anchors = valid(plane)
        plane.admin.merge(
            "v1", "ConfigMap", BUNDLE, {"data": {"ca.crt": spoiled or None, "mine": "kept"}}, plane.namespace
        )
        plane.wait_published(anchors)
        assert plane.config_map["mine"] == "kept"
        assert root_in_use(sentry, anchors) == anchors
    plane.admin.merge("v1", "ConfigMap", BUNDLE, {"data": {"ca.crt": spoiled or None}}, plane.namespace)
    with plane.sentry() as sentry:
        assert valid(plane) == anchors
        assert root_in_use(sentry, anchors) == anchors


@pytest.mark.parametrize(
    "broken",
    [{"issuer_key": b"nonsense"}, {"ca_crt": pem(Authority().certificate)}, {"issuer_crt": None}],
    ids=["key", "another root", "half"],
)
def test_a_bundle_that_does_not_fit_is_never_in_force(plane: ControlPlane, broken: dict[str, bytes | None]) -> None:
    with plane.sentry() as sentry:
        anchors = valid(plane)
        plane.put_secret(**broken)
        sentry.wait_for_line("Keeping the credentials in force")
        assert root_in_use(sentry, anchors) == anchors
        assert plane.published_anchors == anchors
        assert "nonsense" not in sentry.output


def test_without_the_right_to_watch_the_secret_it_is_asked_for(
    api_server: ApiServer, crds: list[Object], namespace: str, tmp_path: Path
) -> None:
    """The Role of the original's chart gives no more."""
    plane = ControlPlane(api_server, namespace, tmp_path, rules=ORIGINAL_RULES)
    plane.account("app")
    try:
        with plane.sentry() as sentry:
            valid(plane)
            sentry.wait_for_line("its role must allow list and watch")
            mine = fresh(plane)
            plane.put_secret(**mine)
            plane.wait_published(mine["ca_crt"])
            assert root_in_use(sentry, mine["ca_crt"]) == mine["ca_crt"]
    finally:
        plane.close()


def test_without_its_objects_sentry_does_not_start(plane: ControlPlane) -> None:
    plane.admin.delete("v1", "Secret", BUNDLE, plane.namespace)
    process = ClusterSentry(plane)
    assert process.popen.wait(30) == 1
    process.wait_for_line("failed to get trust bundle secret")
    assert "the Helm chart makes Secret and ConfigMap" in process.output
    process.terminate()


def test_the_key_of_jwts_lies_in_the_secret_and_its_set_in_both(plane: ControlPlane) -> None:
    with plane.sentry("--jwt-enabled") as sentry:
        kids = [key["kid"] for key in json.loads(plane.config_map["jwks.json"])["keys"]]
        assert plane.secret["jwks.json"].decode() == plane.config_map["jwks.json"]
        assert b"PRIVATE KEY" in plane.secret["jwt.key"]
        assert "PRIVATE KEY" not in json.dumps(plane.config_map)
        pod = plane.pod("p", app_id="myapp")
        response = sign_one(
            sentry.address, sentry.anchors, id="myapp", namespace=plane.namespace, token=plane.token(pod)
        )
        assert response.jwt.value
    with plane.sentry("--jwt-enabled"):
        assert [key["kid"] for key in json.loads(plane.config_map["jwks.json"])["keys"]] == kids
    plane.put_secret(jwt_key=None, jwks_json=None)
    with plane.sentry():
        assert "jwks.json" not in plane.config_map
