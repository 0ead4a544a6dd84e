"""`dapr init|upgrade|uninstall -k` with the real Helm on a real API server, where no pod starts."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client
from cluster.kube.helm import CHART, Helm
from support.cli import Cli

Json = dict[str, Any]
SERVICES = {"dapr-operator", "dapr-sentry", "dapr-sidecar-injector", "dapr-placement-server"}
NO_CLUSTER_RIGHTS = ("--set", "global.rbac.namespaced=true")
"""Cluster-wide objects would be in the way of other tests on the same server."""


class Stage:
    """A namespace that the control plane is installed in, and the command line beside it."""

    def __init__(self, admin: Client, namespace: str, cli: Cli, helm: Helm) -> None:
        self.admin, self.namespace, self.cli, self.helm = admin, namespace, cli, helm

    def run(self, *words: str, status: int = 0) -> str:
        done = self.cli.run(*words, timeout=110)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def init(self, *words: str, status: int = 0) -> str:
        return self.run("init", "--kubernetes", "-n", self.namespace, *NO_CLUSTER_RIGHTS, *words, status=status)

    def ask_helm(self, *words: str) -> Any:
        command = [str(self.helm.program), *words, "-n", self.namespace, "-o", "json"]
        done = subprocess.run(command, env=self.cli.env, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def told(self) -> Json:
        """The values that the release was told."""
        return dict(self.ask_helm("get", "values", "dapr") or {})

    def chart(self) -> str:
        """The chart of the release, with its version."""
        [release] = self.ask_helm("list")
        return str(release["chart"])

    def deployment(self, name: str) -> Json:
        return self.admin.get("apps/v1", "Deployment", name, self.namespace)

    def services(self) -> set[str]:
        kinds = ("Deployment", "StatefulSet")
        found = [each for kind in kinds for each in self.admin.list("apps/v1", kind, self.namespace)]
        return {each["metadata"]["name"] for each in found}


@pytest.fixture
def stage(
    admin: Client, api_server: ApiServer, namespace: str, tmp_path: Path, helm: Helm, crds: list[Json]
) -> Iterator[Stage]:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "helm").symlink_to(helm.program)
    homes = {f"HELM_{name}_HOME": str(tmp_path / name) for name in ("CACHE", "CONFIG", "DATA")}
    cli = Cli(tmp_path, KUBECONFIG=str(api_server.kubeconfig), PATH=f"{programs}:/usr/bin:/bin", **homes)
    stage = Stage(admin, namespace, cli, helm)
    yield stage
    stage.run("uninstall", "-k", "-n", namespace)
    assert not stage.services()
    # Nobody answers the webhook here, and other tests read Subscriptions.
    path = admin.path("apiextensions.k8s.io/v1", "CustomResourceDefinition", name="subscriptions.dapr.io")
    change = {"spec": {"conversion": {"strategy": "None", "webhook": None}}}
    admin.request("PATCH", path, change, content_type="application/merge-patch+json")


def test_B07_the_control_plane_is_installed_upgraded_and_removed(stage: Stage) -> None:
    said = stage.init("--enable-ha", "--image-registry", "registry.example/dapr")
    assert f"Success! Dapr has been installed to namespace {stage.namespace}." in said
    assert "Container images will be pulled from registry.example/dapr" in said
    assert stage.services() == SERVICES
    assert f"version: {stage.chart().removeprefix('dapr-')}\n" in (CHART / "Chart.yaml").read_text()
    assert stage.deployment("dapr-operator")["spec"]["replicas"] == 3
    rows = json.loads(stage.run("status", "-k", "-n", stage.namespace, "-o", "json"))
    assert {(row["name"], row["healthy"]) for row in rows} == {(name, False) for name in SERVICES}

    again = stage.init(status=1)
    assert f"Dapr is installed in namespace {stage.namespace} already" in again
    assert "`dapr upgrade -k`" in again

    said = stage.run(
        "upgrade", "-k", "-n", stage.namespace, "--wait=false", "--set", "global.logAsJson=true", "--timeout", "60"
    )
    version = rows[0]["version"]
    assert f"Dapr control plane version {version} detected in namespace {stage.namespace}" in said
    assert f"Dapr control plane successfully upgraded to version {version}." in said
    operator = stage.deployment("dapr-operator")
    [container] = operator["spec"]["template"]["spec"]["containers"]
    assert "--log-as-json" in container["args"]
    assert container["image"] == f"registry.example/dapr/operator:{version}", "what was told before stays"
    assert operator["spec"]["replicas"] == 3

    said = stage.run("uninstall", "-k", "-n", stage.namespace)
    assert "Dapr has been removed successfully" in said
    assert not stage.services()
    said = stage.run("uninstall", "-k", "-n", stage.namespace)
    assert "WARNING: dapr release does not exist" in said


def test_definitions_are_brought_to_this_version_first(stage: Stage) -> None:
    name = "httpendpoints.dapr.io"
    definition = stage.admin.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
    for version in definition["spec"]["versions"]:
        version.pop("subresources", None)
    path = stage.admin.path("apiextensions.k8s.io/v1", "CustomResourceDefinition", name=name)
    stage.admin.request("PUT", path, definition)
    stage.init()
    definition = stage.admin.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
    assert all("status" in version["subresources"] for version in definition["spec"]["versions"])


def test_values_come_from_files_and_flags_and_leave_no_trace_of_defaults(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("global: {logAsJson: true, ha: {enabled: true, replicaCount: 5}}\n")
    stage.init("--enable-ha=false", "--values", "values.yaml", "--set", "global.ha.replicaCount=7")
    told = stage.told()
    assert told == {
        "global": {"logAsJson": True, "ha": {"enabled": True, "replicaCount": 7}, "rbac": {"namespaced": True}}
    }, "a file counts more than a flag of the command, --set counts most"
    assert stage.deployment("dapr-operator")["spec"]["replicas"] == 7


def test_images_of_the_public_project_become_ours_and_newer_definitions_stay(stage: Stage) -> None:
    stage.init("--set", "global.registry=docker.io/daprio", "--set", "global.tag=99.0.0")
    said = stage.run("upgrade", "-k", "-n", stage.namespace, "--wait=false")
    assert "Dapr control plane version 99.0.0 detected" in said
    assert "Downgrade detected, skipping CRDs." in said
    [container] = stage.deployment("dapr-operator")["spec"]["template"]["spec"]["containers"]
    assert "daprio" not in container["image"]
    assert not container["image"].endswith("99.0.0")


def test_what_helm_refuses_is_told_in_its_words(stage: Stage) -> None:
    said = stage.init("--set", "global.ha.replicaCount=many", status=1)
    assert "helm could not install Dapr: " in said
    assert "replicaCount" in said


def test_there_is_nothing_to_upgrade_in_an_empty_namespace(stage: Stage) -> None:
    said = stage.run("upgrade", "-k", "-n", stage.namespace, status=1)
    assert "there is no Dapr control plane in your cluster to upgrade; `dapr init -k` installs one" in said


def test_a_control_plane_that_helm_does_not_know_is_left_to_its_owner(stage: Stage) -> None:
    labels = {"app": "dapr-operator"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "x", "image": "r/x:1"}]}}
    meta = {"name": "theirs", "namespace": stage.namespace, "labels": labels}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    stage.admin.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
    said = stage.run("upgrade", "-k", "-n", stage.namespace, status=1)
    assert "was not installed by Helm" in said
    stage.admin.delete("apps/v1", "Deployment", "theirs", stage.namespace)


def test_a_redis_and_a_zipkin_come_with_dev_and_go_with_it(stage: Stage) -> None:
    mine: Json = {"type": "state.in-memory", "version": "v1", "metadata": []}
    meta = {"name": "statestore", "namespace": "default"}
    stage.admin.create({"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": meta, "spec": mine})
    try:
        said = stage.init("--dev")
        assert "Kept the Component statestore that is there" in said
        pubsub = stage.admin.get("dapr.io/v1alpha1", "Component", "pubsub", "default")
        found = {each["name"]: each for each in pubsub["spec"]["metadata"]}
        assert found["redisHost"]["value"] == "dapr-dev-redis-master:6379"
        reference = found["redisPassword"]["secretKeyRef"]
        secret = stage.admin.get("v1", "Secret", reference["name"], "default")
        assert len(base64.b64decode(secret["data"][reference["key"]])) >= 24
        zipkin = stage.admin.get("dapr.io/v1alpha1", "Configuration", "appconfig", "default")["spec"]["tracing"]
        host = zipkin["zipkin"]["endpointAddress"].split("/")[2].split(".")[0]
        for name in (host, "dapr-dev-redis-master"):
            service = stage.admin.get("v1", "Service", name, "default")["spec"]
            pods = stage.admin.get("apps/v1", "Deployment", name, "default")["spec"]["template"]
            assert pods["metadata"]["labels"] == service["selector"]
    finally:
        stage.run("uninstall", "-k", "-n", stage.namespace, "--dev")
    kept = stage.admin.get("dapr.io/v1alpha1", "Component", "statestore", "default")
    assert kept["spec"]["type"] == "state.in-memory", "what others made stays"
    stage.admin.delete("dapr.io/v1alpha1", "Component", "statestore", "default")
    for api_version, kind, name in (
        ("dapr.io/v1alpha1", "Component", "pubsub"),
        ("apps/v1", "Deployment", "dapr-dev-zipkin"),
        ("v1", "Secret", "dapr-dev-redis"),
    ):
        with pytest.raises(ApiError, match="404"):
            stage.admin.get(api_version, kind, name, "default")
