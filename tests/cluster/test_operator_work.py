"""What the operator writes: Services, deletions by its watchdog, its webhook in a definition (§4.6–4.8)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cluster import operators
from cluster.admission import default_account
from cluster.control_plane import Operator, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from cluster.operators import Plane
from cluster.workloads import made_service, ports, workload
from support.identities import Authority, pem
from support.processes import wait_until

Json = dict[str, Any]

CRD = "apiextensions.k8s.io/v1"
SUBSCRIPTIONS = "subscriptions.dapr.io"


@pytest.fixture(scope="module")
def plane(api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with operators.plane(api_server, tmp_path_factory.mktemp("credentials")) as made:
        yield made


# --- Services


@pytest.fixture(scope="module")
def operator(plane: Plane) -> Iterator[Operator]:
    with plane.running() as process:
        yield process


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_the_service_of_a_workload_read_back_whole(
    admin: Client, namespace: str, operator: Operator, kind: str
) -> None:
    name = f"shop-{kind.lower()}"
    made = admin.create(workload(namespace, name, kind))
    found = made_service(admin, namespace, name)
    metadata, spec = found["metadata"], found["spec"]
    assert metadata["labels"] == {"dapr.io/enabled": "true"}
    assert metadata["annotations"] == {
        "dapr.io/app-id": name,
        "prometheus.io/probe": "true",
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9090",
        "prometheus.io/path": "/",
    }
    assert metadata["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": kind,
            "name": name,
            "uid": made["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert (spec["clusterIP"], spec["selector"]) == ("None", {"app": name})
    assert {port["protocol"] for port in spec["ports"]} == {"TCP"}
    assert ports(found) == {
        "dapr-http": (80, 3500, "http"),
        "dapr-grpc": (50001, 50001, "grpc"),
        "dapr-internal": (50002, 50002, "tls"),
        "dapr-metrics": (9090, 9090, "http"),
    }
    page = requests.get(f"http://127.0.0.1:{operator.metrics_port}/metrics", timeout=10).text
    assert f'dapr_operator_service_created_total{{app_id="{name}"}} 1' in page


@pytest.mark.parametrize(
    ("annotation", "value", "port", "annotations"),
    [
        ("grpc_port", "50011", ("dapr-grpc", (50011, 50011, "grpc")), {}),
        ("internal_grpc_port", "50012", ("dapr-internal", (50012, 50012, "tls")), {}),
        ("metrics_port", "9191", ("dapr-metrics", (9191, 9191, "http")), {"prometheus.io/port": "9191"}),
        ("grpc_port", "many", ("dapr-grpc", (50001, 50001, "grpc")), {}),
        ("enable_metrics", "false", None, {}),
        ("sidecar_svc_annotations", "a=b, c.d/e = f, x, =y, dapr.io/app-id=own", None, {"a": "b", "c.d/e": "f"}),
    ],
)  # fmt: skip
def test_an_annotation_of_the_pods_counts_for_the_service(
    admin: Client,
    namespace: str,
    operator: Operator,
    annotation: str,
    value: str,
    port: tuple[str, tuple[int, int, str]] | None,
    annotations: dict[str, str],
) -> None:
    admin.create(workload(namespace, "plain"))
    admin.create(workload(namespace, "other", **{annotation: value}))
    plain, other = made_service(admin, namespace, "plain"), made_service(admin, namespace, "other")
    assert ports(other) == ports(plain) | (dict([port]) if port else {})
    wanted = plain["metadata"]["annotations"] | {"dapr.io/app-id": "other"} | annotations
    if annotation == "enable_metrics":
        wanted = {"dapr.io/app-id": "other"}
    assert other["metadata"]["annotations"] == wanted


def test_a_service_follows_its_workload(admin: Client, namespace: str, operator: Operator) -> None:
    admin.create(workload(namespace, "shop"))
    made_service(admin, namespace, "shop")
    change = {"spec": {"template": {"metadata": {"annotations": {"dapr.io/grpc-port": "50099"}}}}}
    admin.merge("apps/v1", "Deployment", "shop", change, namespace)

    def renewed() -> bool:
        return ports(made_service(admin, namespace, "shop"))["dapr-grpc"][0] == 50099

    wait_until(renewed, what="the new port")


def test_an_id_that_can_name_no_service_is_told_of_and_stops_no_other(
    admin: Client, namespace: str, operator: Operator
) -> None:
    admin.create(workload(namespace, "bad", app_id="Not.One"))
    admin.create(workload(namespace, "good"))
    made_service(admin, namespace, "good")

    def events() -> list[Json]:
        found = admin.list("events.k8s.io/v1", "Event", namespace)
        return [event for event in found if event["regarding"]["name"] == "bad"]

    wait_until(lambda: bool(events()), what="an Event")
    assert events()[0]["reason"] == "NoServiceForSidecars"
    assert "invalid app id (input: 'Not.One', service: 'Not.One-dapr')" in events()[0]["note"]


def test_whether_sidecars_speak_mtls_counts_for_every_service_and_is_followed(
    admin: Client, namespace: str, plane: Plane, operator: Operator
) -> None:
    admin.create(workload(namespace, "shop"))
    assert ports(made_service(admin, namespace, "shop"))["dapr-internal"][2] == "tls"

    def protocol() -> str:
        return ports(made_service(admin, namespace, "shop"))["dapr-internal"][2]

    try:
        system_configuration(admin, plane.namespace, plane.authority.address, mtls=False)
        wait_until(lambda: protocol() == "grpc", what="a plain port")
    finally:
        system_configuration(admin, plane.namespace, plane.authority.address)
    wait_until(lambda: protocol() == "tls", what="mTLS again")


def test_rollouts_of_argo_get_services_where_asked_for(
    api_server: ApiServer, crds: object, plane: Plane, namespace: str
) -> None:
    admin = api_server.admin
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": anything}}
    names = {"kind": "Rollout", "listKind": "RolloutList", "plural": "rollouts", "singular": "rollout"}
    definition = {
        "apiVersion": CRD,
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "rollouts.argoproj.io"},
        "spec": {"group": "argoproj.io", "names": names, "scope": "Namespaced", "versions": [version]},
    }
    admin.apply(definition)
    admin.wait_condition(CRD, "CustomResourceDefinition", "rollouts.argoproj.io", "Established")
    flags = (
        "--enable-argo-rollout-service-reconciler=true",
        "--disable-leader-election=true",
        f"--watch-namespace={namespace}",
    )
    try:
        with plane.running(*flags):
            made = admin.create(workload(namespace, "shop", "Rollout"))
            [owner] = made_service(admin, namespace, "shop")["metadata"]["ownerReferences"]
            assert (owner["kind"], owner["uid"]) == ("Rollout", made["metadata"]["uid"])
    finally:
        admin.delete(CRD, "CustomResourceDefinition", "rollouts.argoproj.io")


# --- The watchdog


def pod(namespace: str, name: str, *, sidecar: bool, **annotations: str) -> Json:
    containers = [{"name": "app", "image": "app:1"}, *([{"name": "daprd", "image": "daprd:1"}] if sidecar else [])]
    named = {f"dapr.io/{key}": value for key, value in annotations.items()}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "annotations": named},
        "spec": {"containers": containers, "automountServiceAccountToken": False},
    }


def test_the_watchdog_deletes_pods_that_came_without_their_sidecar(
    api_server: ApiServer, crds: object, plane: Plane, namespace: str
) -> None:
    admin = api_server.admin
    default_account(admin, namespace)
    for made in (
        pod(namespace, "without", sidecar=False, enabled="true"),
        pod(namespace, "yes", sidecar=False, enabled="yes"),
        pod(namespace, "with", sidecar=True, enabled="true"),
        pod(namespace, "plain", sidecar=False),
    ):
        admin.create(made)
    flags = (
        "--watch-interval=1s",
        "--max-pod-restarts-per-minute=0",
        "--watchdog-can-patch-pod-labels=true",
        "--disable-leader-election=true",
        f"--watch-namespace={namespace}",
    )

    def names() -> set[str]:
        pods = admin.list("v1", "Pod", namespace)
        return {one["metadata"]["name"] for one in pods if "deletionTimestamp" not in one["metadata"]}

    with plane.running(*flags) as process:
        process.wait_for_line("Could not find a running dapr-sidecar-injector; will retry later")
        assert names() == {"without", "yes", "with", "plain"}
        injector = workload(plane.namespace, "dapr-sidecar-injector")
        injector["metadata"]["labels"] = {"app": "dapr-sidecar-injector"}
        injector["spec"]["template"]["metadata"]["annotations"] = {}
        admin.create(injector)
        path = admin.path("apps/v1", "Deployment", plane.namespace, "dapr-sidecar-injector") + "/status"
        status = {"status": {"replicas": 1, "readyReplicas": 1}}
        admin.request("PATCH", path, status, content_type="application/merge-patch+json")
        wait_until(lambda: names() == {"with", "plain"}, what="the pods without sidecar to go")
        process.wait_for_line(f"Pod {namespace}/without does not have the Dapr sidecar and will be deleted")

        def labels() -> Json:
            return dict(admin.get("v1", "Pod", "with", namespace)["metadata"].get("labels", {}))

        wait_until(lambda: labels() == {"dapr.io/watchdog-patched": "true"}, what="the label of a pod that is right")
        assert "labels" not in admin.get("v1", "Pod", "plain", namespace)["metadata"]


# --- The conversion webhook


def test_the_definition_follows_the_trust_anchors(
    api_server: ApiServer, crds: object, tmp_path: Path, namespace: str
) -> None:
    """Whose certificate the API server believes is kept as it is, and so is the namespace of the Service."""
    admin = api_server.admin
    path = f"/apis/{CRD}/customresourcedefinitions/{SUBSCRIPTIONS}"

    def config() -> Json:
        found = admin.get(CRD, "CustomResourceDefinition", SUBSCRIPTIONS)["spec"]["conversion"]
        return dict(found["webhook"]["clientConfig"])

    def patch(conversion: Json) -> None:
        put = [{"op": "replace", "path": "/spec/conversion", "value": conversion}]
        admin.request("PATCH", path, put, content_type="application/json-patch+json")

    where = {"namespace": "replaceme", "name": "dapr-webhook", "path": "/convert"}
    webhook = {"clientConfig": {"service": where}, "conversionReviewVersions": ["v1", "v2alpha1"]}
    with operators.plane(api_server, tmp_path) as own:
        anchors = tmp_path / "anchors.crt"
        anchors.write_bytes(own.authority.anchors)
        flags = ("--disable-leader-election=true", f"--trust-anchors-file={anchors}")
        try:
            patch({"strategy": "Webhook", "webhook": webhook})
            with own.running(*flags, ENABLE_WEBHOOKS="true"):
                assert base64.b64decode(config()["caBundle"]) == own.authority.anchors
                assert config()["service"]["namespace"] == own.namespace
                both = own.authority.anchors + pem(Authority("another root").certificate)
                written = anchors.with_suffix(".new")
                written.write_bytes(both)
                written.rename(anchors)
                wait_until(
                    lambda: base64.b64decode(config()["caBundle"]).count(b"BEGIN CERTIFICATE") == 2,
                    what="both anchors in the definition",
                )
                # An upgrade may bring the definition back to what it was at the install.
                patch({"strategy": "Webhook", "webhook": webhook})
                wait_until(lambda: config()["service"]["namespace"] == own.namespace, what="the namespace again")
        finally:
            patch({"strategy": "None"})
