"""Several placements in a cluster: a Lease on a real API server elects the one that serves, with the chart's rights."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.placement_process import PlacementProcess
from support.placement_sidecar import StreamSidecar, host
from support.processes import wait_until

NAMES = ("dapr-placement-server-0", "dapr-placement-server-1", "dapr-placement-server-2")
PEERS = ",".join(f"{name}={name}.dapr-placement-server.ns.svc.cluster.local:8201" for name in NAMES)
LEASE = "coordination.k8s.io/v1"
ACTOR_HOST = "10.0.0.1:50002"


@pytest.fixture
def kubeconfig(api_server: ApiServer, namespace: str, tmp_path: Path) -> Path:
    """Credentials of a service account that may read and write the one Lease, which the chart has made, and no more."""
    admin = api_server.admin
    meta = {"name": "dapr-placement", "namespace": namespace}
    admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
    admin.create({"apiVersion": LEASE, "kind": "Lease", "metadata": meta})
    admin.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta,
            "rules": [{
                "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                "resourceNames": ["dapr-placement"], "verbs": ["get", "update"],
            }],
        }
    )  # fmt: skip
    admin.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "dapr-placement"},
            "subjects": [{"kind": "ServiceAccount", "name": "dapr-placement", "namespace": namespace}],
        }
    )  # fmt: skip
    document: dict[str, Any] = yaml.safe_load(api_server.kubeconfig.read_text())
    document["users"][0]["user"] = {"token": admin.token("dapr-placement", namespace, seconds=3600)}
    path = tmp_path / "placement.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(document))
    return path


@contextlib.contextmanager
def three(kubeconfig: Path, namespace: str) -> Iterator[list[PlacementProcess]]:
    env = {"KUBECONFIG": str(kubeconfig), "NAMESPACE": namespace}
    flags = ("--mode=kubernetes", f"--initial-cluster={PEERS}")
    found = [PlacementProcess(*flags, name=name, env=env) for name in NAMES]
    try:
        for process in found:
            process.wait_ready()
        yield found
    finally:
        for process in found:
            process.popen.send_signal(signal.SIGCONT)
            process.terminate()


def leaders(processes: list[PlacementProcess]) -> list[PlacementProcess]:
    return [process for process in processes if process.metrics()["dapr_placement_leader_status"] == 1]


def one_leader(processes: list[PlacementProcess]) -> PlacementProcess:
    wait_until(lambda: len(leaders(processes)) == 1, what="one leader")
    return leaders(processes)[0]


def holder(admin: Client, namespace: str) -> str:
    return str(admin.get(LEASE, "Lease", "dapr-placement", namespace)["spec"].get("holderIdentity", ""))


def test_one_holds_the_lease_and_another_follows_when_it_ends(admin: Client, kubeconfig: Path, namespace: str) -> None:
    with three(kubeconfig, namespace) as all_three:
        leader = one_leader(all_three)
        assert holder(admin, namespace) == leader.name
        with StreamSidecar(leader.address, host(ACTOR_HOST, "cat")) as sidecar:
            sidecar.wait_unlocked(1)
            begun = time.monotonic()
            assert leader.terminate() == 0
            sidecar.wait_ended()
        rest = [process for process in all_three if process is not leader]
        new = one_leader(rest)
        print(f"another leads {time.monotonic() - begun:.1f} s after an orderly end")
        with StreamSidecar(new.address, host(ACTOR_HOST, "cat")) as sidecar:
            sidecar.wait_unlocked(1)


def test_one_that_stood_still_finds_another_in_its_place(admin: Client, kubeconfig: Path, namespace: str) -> None:
    with three(kubeconfig, namespace) as all_three:
        old = one_leader(all_three)
        with StreamSidecar(old.address, host(ACTOR_HOST, "cat")) as sidecar:
            sidecar.wait_unlocked(1)
            old.popen.send_signal(signal.SIGSTOP)
            begun = time.monotonic()
            new = one_leader([process for process in all_three if process is not old])
            print(f"another leads {time.monotonic() - begun:.1f} s after the old one stood still")
            old.popen.send_signal(signal.SIGCONT)
            code, text = sidecar.wait_ended()
            assert (code, "is not a leader" in text) == (grpc.StatusCode.FAILED_PRECONDITION, True)
            assert holder(admin, namespace) == new.name
            assert old.metrics()["dapr_placement_leader_status"] == 0


def test_without_a_cluster_it_says_what_is_missing(tmp_path: Path) -> None:
    env = {"KUBECONFIG": str(tmp_path / "none"), "HOME": str(tmp_path)}
    process = PlacementProcess("--mode=kubernetes", f"--initial-cluster={PEERS}", name=NAMES[0], env=env)
    assert process.popen.wait(30) == 1
    process.terminate()
    assert "several placements need the Kubernetes API to elect a leader" in process.output


def test_a_single_one_needs_no_rights(tmp_path: Path) -> None:
    env = {"KUBECONFIG": str(tmp_path / "none"), "HOME": str(tmp_path)}
    process = PlacementProcess("--mode=kubernetes", name=NAMES[0], env=env)
    try:
        process.wait_ready()
        process.wait_leading()
    finally:
        process.terminate()
