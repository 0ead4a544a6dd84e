"""The sidecar in Kubernetes mode: everything it knows it has from the operator, by the name it has proved to sentry."""

from __future__ import annotations

import base64
import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from cluster.control_plane import Operator, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.processes import Daprd, wait_until
from support.sentry_process import Sentry, sentry

Json = dict[str, Any]
DAPR = "dapr.io/v1alpha1"


@dataclass
class Plane:
    """Sentry and an operator."""

    api_server: ApiServer
    namespace: str
    authority: Sentry
    operator: Operator


@dataclass
class Bench:
    """A namespace with what is declared in it, and sidecars."""

    admin: Client
    plane: Plane
    namespace: str

    @contextlib.contextmanager
    def sidecar(self, app_id: str = "web", *flags: str, ready: bool = True) -> Iterator[Daprd]:
        plane = self.plane
        process = Daprd(
            app_id,
            "--mode=kubernetes",
            f"--control-plane-address=127.0.0.1:{plane.operator.port}",
            f"--sentry-address={plane.authority.address}",
            "--enable-mtls",
            *flags,
            env={
                "NAMESPACE": self.namespace,
                "DAPR_TRUST_ANCHORS": plane.authority.anchors.decode(),
                "DAPR_CONTROLPLANE_NAMESPACE": plane.namespace,
                "DAPR_CONTROLPLANE_TRUST_DOMAIN": "cluster.local",
                "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true",
                "KUBECONFIG": str(plane.api_server.kubeconfig),
            },
        )
        try:
            if ready:
                process.wait_ready()
            yield process
        finally:
            code = process.terminate()
        assert code == 0 or not ready, process.output
        assert "Traceback" not in process.output, process.output

    def declare(self, kind: str, name: str, spec: Json, **more: Any) -> None:
        metadata = {"name": name, "namespace": self.namespace}
        self.admin.apply({"apiVersion": DAPR, "kind": kind, "metadata": metadata, "spec": spec, **more})

    def store(self, name: str, *metadata: Json, **more: Any) -> None:
        spec = {"type": "state.in-memory", "version": "v1", "metadata": list(metadata)}
        self.declare("Component", name, spec, **more)

    def secret(self, name: str, **data: str) -> None:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        metadata = {"name": name, "namespace": self.namespace}
        self.admin.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded})


def components(sidecar: Daprd) -> set[str]:
    found = requests.get(f"http://127.0.0.1:{sidecar.http_port}/v1.0/metadata", timeout=10).json()
    return {one["name"] for one in found.get("components", [])}


@pytest.fixture(scope="module")
def plane(api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    admin = api_server.admin
    namespace = f"plane-{secrets.token_hex(4)}"
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    folder: Path = tmp_path_factory.mktemp("credentials")
    with sentry(folder, "--trust-domain=cluster.local", env={"NAMESPACE": namespace}) as authority:
        system_configuration(admin, namespace, authority.address)
        operator = Operator(api_server, namespace, folder / "ca.crt", ENABLE_WEBHOOKS="false")
        try:
            operator.wait_ready()
            yield Plane(api_server, namespace, authority, operator)
        finally:
            operator.terminate()
    admin.delete("v1", "Namespace", namespace)


@pytest.fixture
def bench(admin: Client, plane: Plane, namespace: str) -> Bench:
    return Bench(admin, plane, namespace)


def test_a_component_of_the_cluster_is_in_service(bench: Bench) -> None:
    bench.store("store")
    bench.store("foreign", scopes=["other"])
    with bench.sidecar() as sidecar:
        assert components(sidecar) == {"store", "kubernetes"}
        url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/state/store"
        assert requests.post(url, json=[{"key": "k", "value": 7}], timeout=10).status_code == 204
        assert requests.get(f"{url}/k", timeout=10).json() == 7


def test_a_change_in_the_cluster_reaches_the_running_sidecar(bench: Bench) -> None:
    with bench.sidecar() as sidecar:
        assert "late" not in components(sidecar)
        bench.store("late")
        wait_until(lambda: "late" in components(sidecar), what="the new component")
        bench.admin.delete(DAPR, "Component", "late", bench.namespace)
        wait_until(lambda: "late" not in components(sidecar), what="the component to go")


def test_secrets_of_components_arrive_in_their_settings(bench: Bench) -> None:
    bench.secret("signing", key="0123456789abcdef0123456789abcdef")
    bench.declare(
        "Component",
        "files",
        {
            "type": "bindings.localstorage",
            "version": "v1",
            "metadata": [{"name": "rootPath", "secretKeyRef": {"name": "folder", "key": "path"}}],
        },
    )
    bench.secret("folder", path="/tmp/dapr-tests-files")
    with bench.sidecar() as sidecar:
        assert "files" in components(sidecar)


def test_the_secrets_of_the_cluster_are_a_store_of_their_own(bench: Bench) -> None:
    bench.secret("redis", password="swordfish")
    with bench.sidecar() as sidecar:
        url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/secrets/kubernetes/redis"
        assert requests.get(url, timeout=10).json() == {"password": "swordfish"}
    with bench.sidecar("plain", "--disable-builtin-k8s-secret-store") as sidecar:
        assert components(sidecar) == set()


def test_the_applications_configuration_counts(bench: Bench) -> None:
    bench.declare(
        "Configuration", "mine", {"api": {"denied": [{"name": "secrets", "version": "v1", "protocol": "http"}]}}
    )
    with bench.sidecar("web", "--config=mine") as sidecar:
        url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/secrets/kubernetes/redis"
        assert requests.get(url, timeout=10).status_code == 404


def test_a_configuration_that_is_not_there_ends_the_start_and_is_named(bench: Bench) -> None:
    with bench.sidecar("web", "--config=nobody", ready=False) as sidecar:
        sidecar.wait_for_line("error getting configuration")
        assert sidecar.popen.wait(30) == 1


def test_the_sidecar_waits_for_the_operator_and_outlives_it(bench: Bench) -> None:
    bench.store("store")
    with bench.sidecar() as sidecar:
        operator = bench.plane.operator
        operator.terminate()
        sidecar.wait_for_line("Error from operator stream")
        assert components(sidecar) == {"store", "kubernetes"}
        again = Operator(
            bench.plane.api_server,
            bench.plane.namespace,
            bench.plane.authority.credentials / "ca.crt",
            f"--port={operator.port}",
            ENABLE_WEBHOOKS="false",
        )
        again.port = operator.port
        bench.plane.operator = again
        bench.store("meanwhile")
        wait_until(lambda: "meanwhile" in components(sidecar), what="what was declared meanwhile")
        sidecar.wait_for_line("Reconnected to operator")
