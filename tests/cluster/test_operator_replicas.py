"""Which of several operators writes, and what flags leave out (control-plane.md §3.3, §4.9)."""

from __future__ import annotations

import signal
from pathlib import Path

import requests
from cluster import operators
from cluster.control_plane import Operator
from cluster.kube.apiserver import ApiServer
from cluster.workloads import made_service, service, workload

TAKEOVER = 90.0
"""Seconds; a Lease that nobody releases is left alone for 15."""


def leads(process: Operator) -> bool:
    return any("Leading by the lease" in line for line in process.lines)


def test_when_the_leader_ends_another_replica_writes_at_once(
    api_server: ApiServer, crds: object, tmp_path: Path, namespace: str
) -> None:
    admin = api_server.admin
    with operators.plane(api_server, tmp_path) as own:
        first = own.operator()
        first.wait_for_line("Leading by the lease")
        with first, own.running() as second:
            assert not leads(second)
            assert first.terminate() == 0, first.output
            second.wait_for_line("Leading by the lease", TAKEOVER)
            admin.create(workload(namespace, "shop"))
            made_service(admin, namespace, "shop")
        lease = admin.get("coordination.k8s.io/v1", "Lease", "operator.dapr.io", own.namespace)
        assert not lease["spec"].get("holderIdentity"), "the Lease was not released"


def test_when_the_leader_is_killed_another_replica_takes_over_what_it_left(
    api_server: ApiServer, crds: object, tmp_path: Path, namespace: str
) -> None:
    admin = api_server.admin
    with operators.plane(api_server, tmp_path) as own:
        first = own.operator()
        first.wait_for_line("Leading by the lease")
        with first, own.running() as second:
            first.terminate(signal.SIGKILL)
            # Nobody writes now; what is declared meanwhile is made good.
            admin.create(workload(namespace, "shop"))
            assert service(admin, namespace, "shop-dapr") is None
            second.wait_for_line("Leading by the lease", TAKEOVER)
            made_service(admin, namespace, "shop")


def test_without_the_reconciler_there_are_no_services(
    api_server: ApiServer, crds: object, tmp_path: Path, namespace: str
) -> None:
    admin = api_server.admin
    admin.create(workload(namespace, "shop"))
    with operators.plane(api_server, tmp_path) as own:
        with own.running("--disable-service-reconciler=true", "--disable-leader-election=true") as process:
            page = requests.get(f"http://127.0.0.1:{process.metrics_port}/metrics", timeout=10).text
            assert "dapr_operator_service_created_total{" not in page
            assert service(admin, namespace, "shop-dapr") is None
        with own.running("--disable-leader-election=true"):
            made_service(admin, namespace, "shop")


def test_an_operator_of_one_namespace_leaves_all_others_alone(
    api_server: ApiServer, crds: object, tmp_path: Path, namespace: str
) -> None:
    admin = api_server.admin
    with operators.plane(api_server, tmp_path) as own:
        admin.create(workload(own.namespace, "elsewhere"))
        with own.running(f"--watch-namespace={namespace}"):
            admin.create(workload(namespace, "shop"))
            made_service(admin, namespace, "shop")
            assert service(admin, own.namespace, "elsewhere-dapr") is None
