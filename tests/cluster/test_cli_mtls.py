"""`dapr mtls -k` on a real API server: roots rotated in the Secret and the ConfigMap of a control plane."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cluster.control_plane import system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.cli import COMMAND, Cli
from support.cluster_sentry import ClusterSentry, ControlPlane
from support.identities import pem
from support.sentry_process import chain_of
from support.sign import sign_one

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.paths import verify_path
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import Stage, position, replaced
from dapr_core.identity.spiffe import TrustDomain, workload_id

Json = dict[str, Any]

BUNDLE = "dapr-trust-bundle"
DOMAIN = TrustDomain("cluster.local")


class Plane:
    """A control plane as the chart leaves it once sentry has made its root, and the command line beside it."""

    def __init__(self, admin: Client, namespace: str, cli: Cli) -> None:
        self.admin, self.namespace, self.cli = admin, namespace, cli
        names = Names.of(DOMAIN, workload_id(DOMAIN, namespace, "dapr-sentry"))
        self.first = make_issuer(names, datetime.now(UTC))
        held = replaced(self.first)
        data = {name: content for name, content in held.files.items() if content} | {"jwt.key": b"kept"}
        meta = {"name": BUNDLE, "namespace": namespace}
        admin.create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": meta,
                "data": {name: base64.b64encode(content).decode() for name, content in data.items()},
            }
        )
        config_map = {"ca.crt": held.anchors.decode(), "jwks.json": "{}"}
        admin.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": config_map})

    def mtls(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.cli.run("mtls", *words, "-k", "-n", self.namespace)

    def stage(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        return self.mtls("renew-certificate", "--stage", name, "--timeout", "0", *words)

    def checked(self, *words: str) -> Json:
        return dict(json.loads(self.mtls("check", "-o", "json", *words).stdout))

    @property
    def secret(self) -> dict[str, bytes]:
        data = self.admin.get("v1", "Secret", BUNDLE, self.namespace)["data"]
        return {name: base64.b64decode(content) for name, content in data.items()}

    @property
    def held(self) -> Material:
        return Material.of(self.secret)

    @property
    def config_map(self) -> dict[str, str]:
        return dict(self.admin.get("v1", "ConfigMap", BUNDLE, self.namespace)["data"])

    def pod(self, anchors: bytes) -> str:
        """A pod with a sidecar that was told these anchors."""
        name = f"app-{secrets.token_hex(3)}"
        env = [{"name": "DAPR_TRUST_ANCHORS", "value": anchors.decode()}]
        self.admin.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": self.namespace},
                "spec": {
                    "automountServiceAccountToken": False,
                    "containers": [{"name": "app", "image": "x"}, {"name": "daprd", "image": "y", "env": env}],
                },
            }
        )
        return name


@pytest.fixture
def plane(admin: Client, api_server: ApiServer, namespace: str, tmp_path: Path, crds: list[Json]) -> Iterator[Plane]:
    cli = Cli(tmp_path, KUBECONFIG=str(api_server.kubeconfig))
    admin.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}})
    system_configuration(admin, namespace, "dapr-sentry:443")
    yield Plane(admin, namespace, cli)
    admin.delete("dapr.io/v1alpha1", "Configuration", "daprsystem", namespace)


def test_whether_mutual_tls_is_on_is_read_from_the_system_configuration(plane: Plane) -> None:
    assert plane.mtls().stdout == "Mutual TLS is enabled in your Kubernetes cluster \n"
    system_configuration(plane.admin, plane.namespace, "dapr-sentry:443", mtls=False)
    assert plane.mtls().stdout == "Mutual TLS is disabled in your Kubernetes cluster \n"


def test_the_trust_chain_is_exported(plane: Plane, tmp_path: Path) -> None:
    done = plane.mtls("export", "-o", str(tmp_path / "out"))
    assert f"Trust certs successfully exported to {tmp_path / 'out'}" in done.stdout
    exported = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert exported == {name: plane.secret[name] for name in ("ca.crt", "issuer.crt", "issuer.key")}


def test_the_expiry_is_told(plane: Plane) -> None:
    assert plane.mtls("expiry").stdout.startswith("Root certificate expires in 87")


def test_a_root_is_rotated_in_secret_and_config_map(plane: Plane) -> None:
    assert plane.stage("anchors").returncode == 0
    both = TrustBundle.parse(plane.held.anchors)
    assert len(both.anchors) == 2
    assert TrustBundle.parse(plane.config_map["ca.crt"].encode()) == both
    assert position(plane.held, datetime.now(UTC)).issuer.certificate == first_certificate(plane)

    unsafe = plane.stage("issuer")
    assert (unsafe.returncode, "may not have reached everybody" in unsafe.stdout) == (1, True)
    assert plane.stage("issuer", "--force").returncode == 0
    now = position(plane.held, datetime.now(UTC))
    assert (now.stage, now.issuer.certificate != first_certificate(plane)) == (Stage.SWITCHED, True)

    assert plane.stage("withdraw").returncode == 1
    assert plane.stage("withdraw", "--force").returncode == 0
    assert len(TrustBundle.parse(plane.config_map["ca.crt"].encode()).anchors) == 1
    assert plane.config_map["ca.crt"].encode() == plane.held.anchors
    assert set(plane.secret) == {"ca.crt", "issuer.crt", "issuer.key", "jwt.key"}
    assert (plane.secret["jwt.key"], plane.config_map["jwks.json"]) == (b"kept", "{}")


def first_certificate(plane: Plane) -> Any:
    return plane.first.certificate


def test_names_of_the_control_plane_go_on(plane: Plane) -> None:
    plane.mtls("renew-certificate", "--force", "--valid-until", "30")
    issuer = position(plane.held, datetime.now(UTC)).issuer
    assert issuer.certificate.subject == plane.first.certificate.subject
    assert issuer.anchors.anchors[0].subject == plane.first.anchors.anchors[0].subject
    assert (issuer.certificate.not_valid_after_utc - datetime.now(UTC)).days in (29, 30)


def test_a_pod_that_trusts_only_the_old_root_is_in_the_way_until_it_is_gone(plane: Plane) -> None:
    old = plane.held.anchors
    stuck = plane.pod(old)
    plane.stage("anchors")
    plane.pod(plane.held.anchors)
    reasons = plane.checked()["reasons"]
    assert [reason for reason in reasons if "sidecar of pod" in reason] == [
        f"the sidecar of pod {plane.namespace}/{stuck} does not trust the new root yet: restart its workload, or "
        f"`kubectl delete pod {stuck} -n {plane.namespace}` if that brings it back"
    ]
    plane.admin.delete("v1", "Pod", stuck, plane.namespace)
    plane.admin.wait_gone("v1", "Pod", stuck, plane.namespace)
    assert not [reason for reason in plane.checked()["reasons"] if "sidecar of pod" in reason]


def test_a_config_map_that_a_crash_left_behind_is_told_of_and_brought_up_to_date(plane: Plane) -> None:
    old = plane.config_map["ca.crt"]
    plane.stage("anchors")
    plane.admin.merge("v1", "ConfigMap", BUNDLE, {"data": {"ca.crt": old}}, plane.namespace)
    assert any("the ConfigMap dapr-trust-bundle does not trust" in each for each in plane.checked()["reasons"])
    assert plane.stage("anchors").returncode == 0
    assert plane.config_map["ca.crt"].encode() == plane.held.anchors


def test_commands_that_race_make_one_new_root(plane: Plane) -> None:
    words = ["mtls", "renew-certificate", "--stage", "anchors", "-k", "-n", plane.namespace]
    racing = [subprocess.Popen([*COMMAND, *words], env=plane.cli.env, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [each.wait(120) for each in racing] == [0, 0, 0, 0]
    assert len(TrustBundle.parse(plane.held.anchors).anchors) == 2
    assert plane.config_map["ca.crt"].encode() == plane.held.anchors


def test_lives_come_from_the_system_configuration(plane: Plane) -> None:
    change = {"spec": {"mtls": {"workloadCertTTL": "1s"}}}
    plane.admin.merge("dapr.io/v1alpha1", "Configuration", "daprsystem", change, plane.namespace)
    plane.stage("anchors")
    plane.stage("issuer", "--force")
    done = plane.mtls("renew-certificate", "--timeout", "60")
    assert (done.returncode, "The old root is trusted no more" in done.stdout) == (0, True), done.stdout


def test_the_control_plane_is_restarted_and_waited_for(plane: Plane) -> None:
    pod = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
    plane.admin.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "dapr-sentry", "namespace": plane.namespace},
            "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": pod},
        }
    )
    done = plane.mtls("renew-certificate", "--stage", "anchors", "--restart", "--timeout", "2")
    assert "Restarting deploy/dapr-sentry.." in done.stdout
    template = plane.admin.get("apps/v1", "Deployment", "dapr-sentry", plane.namespace)["spec"]["template"]
    assert template["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]
    # Nothing rolls out where no controller runs.
    assert (done.returncode, "deploy/dapr-sentry: it was not ready in time" in done.stderr) == (1, True)


def test_a_cluster_without_a_control_plane_is_told_as_such(plane: Plane) -> None:
    done = plane.cli.run("mtls", "-k", "-n", "default")
    assert (done.returncode, "error checking mTLS: system configuration not found" in done.stderr) == (1, True)
    done = plane.cli.run("mtls", "expiry", "-k", "-n", "default")
    assert (done.returncode, "error getting root cert expiry: " in done.stderr) == (0, True)


def test_a_secret_that_is_empty_waits_for_sentry(plane: Plane) -> None:
    empty = {"data": dict.fromkeys(plane.secret)}
    plane.admin.merge("v1", "Secret", BUNDLE, empty, plane.namespace)
    done = plane.mtls("renew-certificate")
    assert (done.returncode, "there is no root yet" in done.stderr) == (1, True), done.stderr


# --- With sentry


@pytest.fixture
def sentries(
    api_server: ApiServer, admin: Client, crds: list[Json], namespace: str, tmp_path: Path
) -> Iterator[tuple[ControlPlane, ClusterSentry, ClusterSentry]]:
    """A control plane with two replicas of sentry."""
    plane = ControlPlane(api_server, namespace, tmp_path)
    system_configuration(admin, namespace, "dapr-sentry:443")
    plane.account("app")
    with plane.sentry() as one, plane.sentry() as other:
        yield plane, one, other
    admin.delete("dapr.io/v1alpha1", "Configuration", "daprsystem", namespace)
    plane.close()


def signed_by(sentry: ClusterSentry, plane: ControlPlane, pod: Json) -> bytes:
    """The issuer of a certificate that a pod gets now, whom the anchors of now vouch for."""
    fields = {"id": "myapp", "namespace": plane.namespace, "token": plane.token(pod)}
    leaf, issuer = chain_of(sign_one(sentry.address, plane.published_anchors, **fields))
    leaf.verify_directly_issued_by(issuer)
    verify_path([leaf, issuer], TrustBundle.parse(plane.published_anchors).anchors, datetime.now(UTC))
    return pem(issuer)


def test_all_replicas_of_sentry_follow_each_stage(
    sentries: tuple[ControlPlane, ClusterSentry, ClusterSentry], api_server: ApiServer, tmp_path: Path
) -> None:
    plane, *replicas = sentries
    cli = Cli(tmp_path, KUBECONFIG=str(api_server.kubeconfig))
    pod = plane.pod("p", app_id="myapp")
    first = plane.secret["issuer.crt"]
    for stage, roots in (("anchors", 2), ("issuer", 2), ("withdraw", 1)):
        before = [len(replica.lines) for replica in replicas]
        words = ("--stage", stage, "--force", "-k", "-n", plane.namespace)
        done = cli.run("mtls", "renew-certificate", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(TrustBundle.parse(plane.published_anchors).anchors) == roots
        for replica, lines in zip(replicas, before, strict=True):
            replica.wait_for_line("Issuer credentials changed; reloading", after=lines)
            assert signed_by(replica, plane, pod) == plane.secret["issuer.crt"]
        assert (plane.secret["issuer.crt"] == first) is (stage == "anchors")
    assert set(plane.secret) == {"ca.crt", "issuer.crt", "issuer.key"}


def test_a_command_that_was_killed_before_the_config_map_is_finished_by_sentry(
    sentries: tuple[ControlPlane, ClusterSentry, ClusterSentry], api_server: ApiServer
) -> None:
    plane, *_ = sentries
    script = """
import os, signal, sys
from dapr_cli import main
from dapr_core.identity.rotation.cluster import ClusterStore

async def killed(self):
    os.kill(os.getpid(), signal.SIGKILL)

ClusterStore._publish = killed
main.run(["mtls", "renew-certificate", "--stage", "anchors", "-k", "-n", sys.argv[1]])
"""
    env = {**os.environ, "KUBECONFIG": str(api_server.kubeconfig), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, plane.namespace], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(TrustBundle.parse(plane.secret["ca.crt"]).anchors) == 2
    plane.wait_published(plane.secret["ca.crt"])
