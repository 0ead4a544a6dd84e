"""`dapr status|list|components|configurations|logs -k` on a real API server."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.cli import Cli
from support.fake_kubelet import Kubelet, kubelet, skip_on_given_cluster

from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id

Json = dict[str, Any]


class Stage:
    """A namespace of the test's own, and the command line beside it."""

    def __init__(self, admin: Client, namespace: str, cli: Cli) -> None:
        self.admin, self.namespace, self.cli = admin, namespace, cli

    def json(self, *words: str) -> Any:
        done = self.cli.run(*words, "-k", "--namespace", self.namespace, "-o", "json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def table(self, *words: str) -> list[list[str]]:
        done = self.cli.run(*words, "-k", "--namespace", self.namespace)
        assert (done.returncode, done.stderr) == (0, "")
        # Below a table something may be told of the root of any control plane on this server.
        return [line.split() for line in done.stdout.partition("⚠")[0].splitlines()]

    def fails(self, *words: str) -> str:
        done = self.cli.run(*words)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    def resource(self, kind: str, name: str, spec: Json, **more: Any) -> None:
        meta = {"name": name, "namespace": self.namespace}
        self.admin.create({"apiVersion": "dapr.io/v1alpha1", "kind": kind, "metadata": meta, "spec": spec, **more})

    def pod(self, name: str, *containers: Json, app: str = "", node: str = "") -> None:
        spec: Json = {"automountServiceAccountToken": False, "containers": list(containers)}
        # Where there is a scheduler, it is not to give the pod to a node of its own.
        spec |= {"nodeName": node} if node else {"schedulerName": "nobody"}
        labels = {"labels": {"app": app}} if app else {}
        meta = {"name": name, "namespace": self.namespace, **labels}
        self.admin.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})

    def sidecar(self, name: str, app_id: str, port: str = "", node: str = "") -> None:
        words = ["--app-id", app_id, *(["--app-port", port] if port else [])]
        self.pod(name, {"name": "app", "image": "x"}, {"name": "daprd", "image": "y", "args": words}, node=node)

    def running(self, name: str, *, ready: bool = True) -> None:
        """Say of a pod what a kubelet says of one that runs."""
        state = {"name": "service", "image": "x", "imageID": "", "ready": ready, "restartCount": 0}
        status = {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{**state, "state": {"running": {"startedAt": "2026-12-01T00:00:00Z"}}}],
        }
        path = self.admin.path("v1", "Pod", self.namespace, name) + "/status"
        self.admin.request("PATCH", path, {"status": status}, content_type="application/merge-patch+json")


@pytest.fixture
def stage(admin: Client, api_server: ApiServer, namespace: str, tmp_path: Path, crds: list[Json]) -> Stage:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}
    admin.apply(account)
    return Stage(admin, namespace, Cli(tmp_path, KUBECONFIG=str(api_server.kubeconfig)))


@pytest.fixture
def node(stage: Stage, admin: Client, tmp_path: Path) -> Iterator[Kubelet]:
    skip_on_given_cluster()
    with kubelet(admin, f"node-{secrets.token_hex(4)}", tmp_path / "kubelet") as served:
        yield served


def test_the_status_of_the_control_plane_is_a_row_a_service(stage: Stage) -> None:
    for name in ("dapr-operator-1", "dapr-operator-2", "dapr-sentry-1"):
        image = {"name": "service", "image": "registry/dapr/service:1.2.3"}
        stage.pod(name, image, app=name.rpartition("-")[0])
    stage.running("dapr-operator-1")
    stage.running("dapr-sentry-1")
    headings, operator, sentry = stage.table("status")
    assert headings == ["NAME", "NAMESPACE", "HEALTHY", "STATUS", "REPLICAS", "VERSION", "AGE", "CREATED"]
    assert operator[:6] == ["dapr-operator", stage.namespace, "False", "Pending", "2", "1.2.3"]
    assert sentry[:6] == ["dapr-sentry", stage.namespace, "True", "Running", "1", "1.2.3"]
    assert stage.json("status")[1]["healthy"] is True


def test_a_deployment_without_pods_is_in_the_status(stage: Stage) -> None:
    labels = {"app": "dapr-sidecar-injector"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "x", "image": "r/injector:7"}]}}
    stage.admin.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "dapr-sidecar-injector", "namespace": stage.namespace, "labels": labels},
            "spec": {"paused": True, "selector": {"matchLabels": labels}, "template": template},
        }
    )
    [row] = stage.json("status")
    assert (row["name"], row["healthy"], row["status"], row["version"]) == (
        "dapr-sidecar-injector", False, "No pods", "7",
    )  # fmt: skip


def test_a_cluster_without_a_control_plane_has_no_status(stage: Stage) -> None:
    said = stage.fails("status", "-k", "-n", stage.namespace)
    assert "No status returned. Is Dapr initialized in your cluster" in said
    assert "dapr init -k" in said


def test_applications_are_listed_by_their_sidecars_arguments(stage: Stage) -> None:
    stage.sidecar("orders-1", "orders", "8080")
    stage.sidecar("cart-1", "cart")
    stage.pod("plain", {"name": "app", "image": "x"})
    assert stage.table("list")[0] == ["NAMESPACE", "APP", "ID", "APP", "PORT", "AGE", "CREATED"]
    assert [(each["namespace"], each["appId"], each["appPort"]) for each in stage.json("list")] == [
        (stage.namespace, "cart", ""),
        (stage.namespace, "orders", "8080"),
    ]
    everywhere = stage.cli.run("list", "-kA", "-o", "json")
    assert stage.namespace in {each["namespace"] for each in json.loads(everywhere.stdout)}


def test_a_namespace_without_sidecars_is_told_as_such(stage: Stage) -> None:
    assert stage.cli.run("list", "-k", "-n", stage.namespace).stdout.startswith("No Dapr instances found.\n")
    assert stage.json("list") == []


def test_components_are_listed_and_shown_whole(stage: Stage) -> None:
    spec = {"type": "state.redis", "version": "v1", "metadata": [{"name": "redisHost", "value": "localhost:6379"}]}
    stage.resource("Component", "store", spec, scopes=["orders", "cart"])
    stage.resource("Component", "bus", {"type": "pubsub.redis", "version": "v1", "metadata": []})
    headings, bus, store = stage.table("components")
    assert headings == ["NAMESPACE", "NAME", "TYPE", "VERSION", "SCOPES", "CREATED", "AGE"]
    assert (bus[1:4], store[1:5]) == (["bus", "pubsub.redis", "v1"], ["store", "state.redis", "v1", "orders,cart"])
    assert stage.json("components", "--name", "STORE") == [
        {"name": "store", "namespace": stage.namespace, "spec": spec}
    ]
    as_yaml = stage.cli.run("components", "-k", "--namespace", stage.namespace, "-n", "store", "-o", "yaml").stdout
    assert yaml.safe_load(as_yaml)[0]["spec"] == spec


def test_configurations_are_listed_but_for_the_control_planes(stage: Stage) -> None:
    stage.resource("Configuration", "daprsystem", {})
    stage.resource("Configuration", "tracing", {"tracing": {"samplingRate": "1"}, "metrics": {"enabled": False}})
    try:
        headings, *rows = stage.table("configurations")
        assert headings == ["NAMESPACE", "NAME", "TRACING-ENABLED", "METRICS-ENABLED", "AGE", "CREATED"]
        assert [row[1:4] for row in rows] == [["tracing", "true", "false"]]
    finally:
        stage.admin.delete("dapr.io/v1alpha1", "Configuration", "daprsystem", stage.namespace)


def test_mcp_servers_are_listed_by_transport_and_place(stage: Stage) -> None:
    stage.resource("MCPServer", "far", {"endpoint": {"streamableHTTP": {"url": "https://far.example/mcp"}}})
    stage.resource("MCPServer", "near", {"endpoint": {"stdio": {"command": "server"}}}, scopes=["orders"])
    headings, far, near = stage.table("mcpservers")
    assert headings == ["NAMESPACE", "NAME", "TRANSPORT", "URL", "SCOPES", "CREATED", "AGE"]
    assert (far[1:4], near[1:5]) == (
        ["far", "streamable_http", "https://far.example/mcp"],
        ["near", "stdio", "server", "orders"],
    )


def test_a_root_that_soon_ends_is_told_below_tables_only(stage: Stage) -> None:
    domain = TrustDomain("cluster.local")
    names = Names.of(domain, workload_id(domain, stage.namespace, "dapr-sentry"))
    root = make_issuer(names, datetime.now(UTC), validity=timedelta(days=5, hours=1)).anchors.pem.decode()
    meta = {"name": "dapr-trust-bundle", "namespace": stage.namespace}
    stage.admin.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"ca.crt": root}})
    stage.resource("Configuration", "daprsystem", {})
    try:
        for command in ("components", "list"):
            told = stage.cli.run(command, "-k", "--namespace", stage.namespace).stdout
            assert "⚠  Dapr root certificate of your Kubernetes cluster expires in 5 days." in told
        assert stage.json("components") == []
    finally:
        stage.admin.delete("dapr.io/v1alpha1", "Configuration", "daprsystem", stage.namespace)


def test_a_namespace_without_resources_is_told_as_such(stage: Stage) -> None:
    done = stage.cli.run("components", "-k", "--namespace", stage.namespace)
    assert done.stdout.startswith(f"No Dapr components found in namespace {stage.namespace}.\n")


def test_the_log_of_a_sidecar_is_copied_as_it_is(stage: Stage, node: Kubelet) -> None:
    stage.sidecar("orders-1", "orders", node=node.node)
    node.log(stage.namespace, "orders-1").write("one\ntwo ☃\nthree\n")
    log = ("logs", "-k", "-a", "orders", "-n", stage.namespace)
    done = stage.cli.run(*log)
    assert (done.returncode, done.stdout) == (0, "one\ntwo ☃\nthree\n✅  Fetched logs\n")
    assert stage.cli.run(*log, "--tail", "1").stdout.startswith("three\n✅")
    assert stage.cli.run(*log, "--tail", "0").stdout.startswith("✅")


def test_a_log_is_followed_while_it_is_written(stage: Stage, node: Kubelet) -> None:
    stage.sidecar("orders-1", "orders", node=node.node)
    log = node.log(stage.namespace, "orders-1")
    log.write("before\n")
    running = stage.cli.start("logs", "-k", "-a", "orders", "-n", stage.namespace, "-f")
    running.wait_for("before\n", 90)
    assert log.followed.wait(90)
    log.write("after\n")
    running.wait_for("after\n", 90)
    log.end()
    status, said = running.wait(90)
    assert (status, said) == (0, "before\nafter\n✅  Fetched logs\n")


def test_following_a_log_ends_with_an_interrupt(stage: Stage, node: Kubelet) -> None:
    stage.sidecar("orders-1", "orders", node=node.node)
    log = node.log(stage.namespace, "orders-1")
    log.write("before\n")
    running = stage.cli.start("logs", "-k", "-a", "orders", "-n", stage.namespace, "-f")
    running.wait_for("before\n", 90)
    running.interrupt()
    assert running.wait(90) == (130, "before\n")
    log.end()


def test_of_several_pods_one_is_shown_and_the_others_are_told_of(stage: Stage, node: Kubelet) -> None:
    for name in ("orders-1", "orders-2"):
        stage.sidecar(name, "orders", node=node.node)
        node.log(stage.namespace, name).write(f"of {name}\n")
    log = ("logs", "-k", "-a", "orders", "-n", stage.namespace)
    done = stage.cli.run(*log)
    assert "1 more run orders, choose by --pod-name" in done.stderr
    assert stage.cli.run(*log, "-p", "orders-2").stdout.startswith("of orders-2\n")


def test_why_there_is_no_log_is_told(stage: Stage) -> None:
    cart, orders = f"cart-{stage.namespace}", f"orders-{stage.namespace}"
    stage.sidecar("cart-1", cart)
    stage.pod("plain", {"name": "web", "image": "x"})
    log = ("logs", "-k", "-n", stage.namespace, "-a")
    nobody = stage.fails(*log, orders)
    assert f"could not get logs. Please check app-id ({orders}) and namespace ({stage.namespace})" in nobody
    assert f"the applications there are {cart}" in nobody
    elsewhere = stage.fails("logs", "-k", "-n", "kube-system", "-a", cart)
    assert f"it runs in {stage.namespace}: give --namespace {stage.namespace}" in elsewhere
    assert "The pod plain has no sidecar (its containers: web)" in stage.fails(*log, cart, "-p", "plain")
    assert "There is no pod missing in namespace" in stage.fails(*log, cart, "-p", "missing")
    assert f"is of the application {cart}, not of {orders}" in stage.fails(*log, orders, "-p", "cart-1")
    waiting = stage.fails(*log, cart)
    assert "The sidecar of pod cart-1 has none yet" in waiting
    assert "kubectl describe pod cart-1" in waiting


def test_whoever_may_not_look_is_told_what_is_missing(stage: Stage, api_server: ApiServer, tmp_path: Path) -> None:
    token = stage.admin.token("default", stage.namespace)
    config = yaml.safe_load(api_server.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    other = tmp_path / "nobody.kubeconfig"
    other.write_text(yaml.safe_dump(config))
    said = stage.fails("list", "-k", "-n", stage.namespace, "--kubeconfig", str(other))
    assert "you may not do this in the Kubernetes cluster" in said
    assert 'cannot list resource "pods"' in said
    login = tmp_path / "login.py"
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}}
    login.write_text(f"print({json.dumps(answer)!r})")
    program = {"apiVersion": answer["apiVersion"], "command": sys.executable, "args": [str(login)]}
    config["users"][0]["user"] = {"exec": {**program, "interactiveMode": "Never"}}
    other.write_text(yaml.safe_dump(config))
    by_program = stage.fails("list", "-k", "-n", stage.namespace, "--kubeconfig", str(other))
    assert f'User "system:serviceaccount:{stage.namespace}:default" cannot list resource "pods"' in by_program
    config["users"][0]["user"] = {"token": "made-up"}
    other.write_text(yaml.safe_dump(config))
    unknown = stage.fails("list", "-k", "--kubeconfig", str(other))
    assert "does not know your credentials" in unknown
    assert "made-up" not in unknown


def test_a_name_that_cannot_be_one_is_told(stage: Stage) -> None:
    assert "'a/b' cannot be the namespace of an object" in stage.fails("list", "-k", "-n", "a/b")


def test_a_context_that_is_not_there_is_told_with_those_that_are(stage: Stage) -> None:
    said = stage.fails("status", "-k", "--context", "nowhere")
    assert "has no context 'nowhere'; it has" in said


def test_no_cluster_at_all_is_told_with_a_remedy(stage: Stage, tmp_path: Path) -> None:
    gone = tmp_path / "gone.kubeconfig"
    cluster = {"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}
    context = {"name": "c", "context": {"cluster": "c", "user": ""}}
    gone.write_text(yaml.safe_dump({"current-context": "c", "clusters": [cluster], "contexts": [context]}))
    said = stage.fails("list", "-k", "--kubeconfig", str(gone))
    assert "the Kubernetes cluster cannot be reached" in said
    assert "kubectl cluster-info" in said
    assert "there is no kubeconfig" in stage.fails("list", "-k", "--kubeconfig", str(tmp_path / "missing"))
