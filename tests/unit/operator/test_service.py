"""The Service of a workload's sidecars (control-plane.md §4.6)."""

from __future__ import annotations

from typing import Any

import pytest

from dapr_core.kube.kinds import DEPLOYMENT
from dapr_operator.workloads.service import owned_by, refusal, service_of, updated
from dapr_operator.workloads.workload import InvalidAppIdError, Workload

Json = dict[str, Any]


def deployment(uid: str = "u", name: str = "web", **annotations: str) -> Json:
    named = {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": uid},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"annotations": {"dapr.io/enabled": "yes", "dapr.io/app-id": "web"} | named}},
        },
    }


def workload(uid: str = "u", name: str = "web", **annotations: str) -> Workload:
    found = Workload.of(DEPLOYMENT, deployment(uid, name, **annotations))
    assert found is not None
    return found


def wanted(*, mtls: bool = True, **annotations: str) -> Json:
    return service_of(workload(**annotations), mtls=mtls)


def test_the_whole_service() -> None:
    assert wanted() == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "web-dapr",
            "namespace": "shop",
            "labels": {"dapr.io/enabled": "true"},
            "annotations": {
                "dapr.io/app-id": "web",
                "prometheus.io/probe": "true",
                "prometheus.io/scrape": "true",
                "prometheus.io/port": "9090",
                "prometheus.io/path": "/",
            },
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": "web",
                    "uid": "u",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "clusterIP": "None",
            "selector": {"app": "web"},
            "ports": [
                {"name": "dapr-http", "protocol": "TCP", "appProtocol": "http", "port": 80, "targetPort": 3500},
                {"name": "dapr-grpc", "protocol": "TCP", "appProtocol": "grpc", "port": 50001, "targetPort": 50001},
                {"name": "dapr-internal", "protocol": "TCP", "appProtocol": "tls", "port": 50002, "targetPort": 50002},
                {"name": "dapr-metrics", "protocol": "TCP", "appProtocol": "http", "port": 9090, "targetPort": 9090},
            ],
        },
    }


def test_without_mtls_the_internal_port_is_plain_grpc() -> None:
    assert wanted(mtls=False)["spec"]["ports"][2]["appProtocol"] == "grpc"


@pytest.mark.parametrize("text", ["", "many", "0", "65536", "-1", "1e3"])
def test_a_port_that_is_none_is_the_default(text: str) -> None:
    assert wanted(grpc_port=text)["spec"]["ports"][1]["port"] == 50001


def test_metrics_that_are_off_are_not_announced() -> None:
    assert wanted(enable_metrics="false")["metadata"]["annotations"] == {"dapr.io/app-id": "web"}
    assert "prometheus.io/port" in wanted(enable_metrics="")["metadata"]["annotations"]


def test_annotations_may_be_added_and_none_of_ours_replaced() -> None:
    text = " a = b ,c, =d, prometheus.io/port=1, e=f=g"
    annotations = wanted(sidecar_svc_annotations=text)["metadata"]["annotations"]
    assert annotations["a"] == "b"
    assert annotations["e"] == "f=g"
    assert annotations["prometheus.io/port"] == "9090"
    assert "c" not in annotations


@pytest.mark.parametrize("app_id", ["", "Web", "a.b", "a" * 59, "-a"])
def test_an_id_that_cannot_name_a_service_is_an_error(app_id: str) -> None:
    with pytest.raises(InvalidAppIdError):
        wanted(app_id=app_id)


def test_a_workload_that_does_not_ask_or_is_on_its_way_out_is_none() -> None:
    assert Workload.of(DEPLOYMENT, deployment(enabled="false")) is None
    going = deployment()
    going["metadata"]["deletionTimestamp"] = "2020-01-01T00:00:00Z"
    assert Workload.of(DEPLOYMENT, going) is None
    assert Workload.of(DEPLOYMENT, {"metadata": {"name": "x"}}) is None


def test_a_service_that_is_right_is_not_written() -> None:
    present = wanted()
    present["metadata"] |= {"resourceVersion": "7", "uid": "s"}
    present["spec"] |= {"clusterIPs": ["None"], "type": "ClusterIP"}
    assert updated(present, wanted()) is None


def test_what_is_wrong_is_brought_back_and_the_rest_stays() -> None:
    present = wanted()
    present["metadata"] |= {"resourceVersion": "7", "labels": {}}
    present["spec"] |= {"sessionAffinity": "None", "selector": {}}
    changed = updated(present, wanted())
    assert changed is not None
    assert changed["metadata"]["resourceVersion"] == "7"
    assert changed["metadata"]["labels"] == {"dapr.io/enabled": "true"}
    assert changed["spec"]["selector"] == {"app": "web"}
    assert changed["spec"]["sessionAffinity"] == "None"


def test_whose_service_may_be_taken_over() -> None:
    assert refusal(wanted(), workload()) == ""
    assert refusal(wanted(), workload(uid="made again")) == ""
    assert "two workloads" in refusal(service_of(workload(name="other"), mtls=True), workload())
    assert "not made by Dapr" in refusal({"metadata": {}}, workload())
    orphan = {"metadata": {"labels": {"dapr.io/enabled": "true"}}}
    assert refusal(orphan, workload()) == ""


def test_the_owner_of_a_service_is_found() -> None:
    assert owned_by(wanted()) == "u"
    assert owned_by({"metadata": {}}) == ""
