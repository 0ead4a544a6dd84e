"""`dapr run -k -f` and `dapr stop -k -f` on a real API server, where the test plays controller and kubelet."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.cli import Cli
from support.fake_kubelet import Kubelet, kubelet, skip_on_given_cluster

Json = dict[str, Any]
NAMESPACE = "default"


class Stage:
    """A run file with one application, the command line beside it, and a node for its pod."""

    def __init__(self, admin: Client, cli: Cli, folder: Path, node: Kubelet) -> None:
        self.admin, self.cli, self.folder, self.node = admin, cli, folder, node
        self.app_id = f"orders-{secrets.token_hex(4)}"
        self.pod = f"{self.app_id}-0"

    def write(self, **fields: Any) -> None:
        app = {"appID": self.app_id, "appDirPath": ".", "containerImage": "r/orders:1", **fields}
        (self.folder / "dapr.yaml").write_text(yaml.safe_dump({"version": 1, "apps": [app]}))

    def deployment(self) -> Json:
        return self.admin.wait_for("apps/v1", "Deployment", self.app_id, NAMESPACE)

    def play_controller(self) -> None:
        """Make the pod that the Deployment asks for, with the sidecar that an injector would add, and let it run."""
        template = self.deployment()["spec"]["template"]
        sidecar = {"name": "daprd", "image": "r/daprd", "args": ["--app-id", self.app_id]}
        containers = [*template["spec"]["containers"], sidecar]
        spec = {"automountServiceAccountToken": False, "nodeName": self.node.node, "containers": containers}
        meta = {**template["metadata"], "name": self.pod, "namespace": NAMESPACE}
        self.admin.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        path = self.admin.path("v1", "Pod", NAMESPACE, self.pod) + "/status"
        self.admin.request("PATCH", path, {"status": {"phase": "Running"}}, content_type="application/merge-patch+json")

    def end_pod(self) -> None:
        """Take the pod away as a kubelet does, without waiting for its containers."""
        self.admin.request("DELETE", self.admin.path("v1", "Pod", NAMESPACE, self.pod), {"gracePeriodSeconds": 0})


@pytest.fixture
def stage(admin: Client, api_server: ApiServer, tmp_path: Path, crds: list[Json]) -> Iterator[Stage]:
    skip_on_given_cluster()
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}}
    admin.apply(account)
    folder = tmp_path / "app"
    folder.mkdir()
    cli = Cli(tmp_path, KUBECONFIG=str(api_server.kubeconfig))
    with kubelet(admin, f"node-{secrets.token_hex(4)}", tmp_path / "kubelet") as node:
        stage = Stage(admin, cli, folder, node)
        yield stage
        cli.close()
        admin.delete("apps/v1", "Deployment", stage.app_id, NAMESPACE)
        admin.delete("v1", "Service", stage.app_id, NAMESPACE)


def test_an_application_runs_in_the_cluster_until_the_command_is_interrupted(stage: Stage) -> None:
    stage.write(appPort=8080, createService=True, daprdLogDestination="console", logLevel="debug")
    app, sidecar = (stage.node.log(NAMESPACE, stage.pod, name) for name in (stage.app_id, "daprd"))
    app.write("hello\n")
    sidecar.write("time=now level=info msg=ready\n")
    running = stage.cli.start("run", "-k", "-f", str(stage.folder))
    stage.play_controller()
    running.wait_for(f"== APP - {stage.app_id} == hello", 90)
    running.wait_for(f"== DAPR - {stage.app_id} == time=now level=info msg=ready", 90)
    app.write("again\n")
    running.wait_for(f"== APP - {stage.app_id} == again", 90)
    annotations = stage.deployment()["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {
        "dapr.io/enabled": "true",
        "dapr.io/app-id": stage.app_id,
        "dapr.io/app-port": "8080",
        "dapr.io/log-level": "debug",
    }
    service = stage.admin.get("v1", "Service", stage.app_id, NAMESPACE)["spec"]
    assert (service["type"], service["ports"][0]["port"], service["ports"][0]["targetPort"]) == (
        "LoadBalancer", 80, 8080,
    )  # fmt: skip
    running.interrupt()
    status, said = running.wait(90)
    assert status == 0, said
    assert f"Deleted Service {stage.app_id}, Deployment {stage.app_id}" in said
    stage.admin.wait_gone("apps/v1", "Deployment", stage.app_id, NAMESPACE)
    written = {path.name for path in (stage.folder / ".dapr" / "deploy").iterdir()}
    assert written == {"deployment.yaml", "service.yaml"}
    [log] = (stage.folder / ".dapr" / "logs").glob(f"{stage.app_id}_app_*.log")
    assert log.read_text().splitlines()[:2] == [f"== APP - {stage.app_id} == {word}" for word in ("hello", "again")]
    app.end()
    sidecar.end()
    stage.end_pod()


def test_an_application_that_is_stopped_elsewhere_ends_the_command(stage: Stage) -> None:
    stage.write()
    app, sidecar = (stage.node.log(NAMESPACE, stage.pod, name) for name in (stage.app_id, "daprd"))
    app.write("hello\n")
    running = stage.cli.start("run", "-k", "-f", str(stage.folder))
    stage.play_controller()
    running.wait_for(f"== APP - {stage.app_id} == hello", 90)
    stopped = stage.cli.run("stop", "-k", "-f", str(stage.folder))
    assert (stopped.returncode, f"Deleted Deployment {stage.app_id}" in stopped.stdout) == (0, True)
    stage.end_pod()
    app.end()
    sidecar.end()
    status, said = running.wait(90)
    assert (status, f'The pod {stage.pod} of app "{stage.app_id}" is gone' in said) == (0, True), said


def test_a_deployment_of_somebody_else_is_left_alone(stage: Stage) -> None:
    stage.write()
    labels = {"app": stage.app_id}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "x", "image": "theirs"}]}}
    meta = {"name": stage.app_id, "namespace": NAMESPACE}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    stage.admin.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
    done = stage.cli.run("run", "-k", "-f", str(stage.folder))
    assert done.returncode == 1
    assert f"there is a Deployment default/{stage.app_id} in the cluster that `dapr run` did not make" in done.stderr
    assert stage.cli.run("stop", "-k", "-f", str(stage.folder)).returncode == 0
    assert stage.deployment()["spec"]["template"]["spec"]["containers"][0]["image"] == "theirs"


def test_an_application_without_an_image_is_told(stage: Stage) -> None:
    stage.write(containerImage="")
    done = stage.cli.run("run", "-k", "-f", str(stage.folder))
    assert (done.returncode, "has no containerImage" in done.stderr) == (1, True)
