"""The sidecar in Kubernetes mode: everything it knows it has from the operator, by the name it has proved to sentry."""

from __future__ import annotations

import base64
import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from cluster.admission import default_account
from cluster.control_plane import Operator, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.echo_app import Answer, Received, echo_app
from support.processes import Daprd, wait_until
from support.sentry_process import Sentry, sentry

Json = dict[str, Any]
DAPR = "dapr.io/v1alpha1"
BACK = 90.0
"""Seconds until an operator that starts on a busy machine is there, and sidecars have found it again."""


@dataclass
class Plane:
    """Sentry and an operator."""

    api_server: ApiServer
    namespace: str
    authority: Sentry
    operator: Operator

    def restart_operator(self) -> None:
        """Another operator at the address of the one that has ended."""
        anchors, port = self.authority.credentials / "ca.crt", self.operator.port
        again = Operator(self.api_server, self.namespace, anchors, f"--port={port}", ENABLE_WEBHOOKS="false")
        again.port = port
        self.operator = again


@dataclass
class Bench:
    """A namespace with what is declared in it, and sidecars."""

    admin: Client
    plane: Plane
    namespace: str

    @contextlib.contextmanager
    def sidecar(
        self, app_id: str = "web", *flags: str, ready: bool = True, app_port: int | None = None
    ) -> Iterator[Daprd]:
        plane = self.plane
        process = Daprd(
            app_id,
            "--mode=kubernetes",
            f"--control-plane-address=127.0.0.1:{plane.operator.port}",
            f"--sentry-address={plane.authority.address}",
            "--enable-mtls",
            *flags,
            app_port=app_port,
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
        version = "dapr.io/v2alpha1" if kind == "Subscription" else DAPR
        metadata = {"name": name, "namespace": self.namespace}
        self.admin.apply({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec, **more})

    def store(self, name: str, *metadata: Json, **more: Any) -> None:
        spec = {"type": "state.in-memory", "version": "v1", "metadata": list(metadata)}
        self.declare("Component", name, spec, **more)

    def secret(self, name: str, **data: str) -> None:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        metadata = {"name": name, "namespace": self.namespace}
        self.admin.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded})


def saying(text: str) -> Callable[[Received], Answer | None]:
    """A rule of an application that says the same to everybody."""
    return lambda request: Answer(200, text.encode())


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
        made = Plane(api_server, namespace, authority, operator)
        try:
            operator.wait_ready()
            yield made
        finally:
            made.operator.terminate()
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


# --- Every kind, at the start and while it runs


def test_a_subscription_counts_and_a_change_of_it_too(bench: Bench) -> None:
    bench.declare("Component", "pubsub", {"type": "pubsub.in-memory", "version": "v1", "metadata": []})
    subscription: Json = {"pubsubname": "pubsub", "topic": "orders"}
    bench.declare("Subscription", "mine", subscription | {"routes": {"default": "/first"}})
    bench.declare("Subscription", "foreign", subscription | {"routes": {"default": "/foreign"}}, scopes=["other"])
    with echo_app() as app, bench.sidecar("web", app_port=app.port) as sidecar:

        def arrives(path: str) -> bool:
            url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/publish/pubsub/orders"
            assert requests.post(url, json={"a": 1}, timeout=10).status_code == 204
            return any(request.target == path for request in app.received)

        wait_until(lambda: arrives("/first"), what="a message at the first route", pause=0.2)
        bench.declare("Subscription", "mine", subscription | {"routes": {"default": "/second"}})
        wait_until(lambda: arrives("/second"), what="a message at the second route", pause=0.2)
        bench.declare("Subscription", "late", subscription | {"topic": "late", "routes": {"default": "/late"}})

        def late() -> bool:
            url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/publish/pubsub/late"
            requests.post(url, json={"a": 1}, timeout=10)
            return any(request.target == "/late" for request in app.received)

        wait_until(late, what="a message of a topic that was subscribed to later", pause=0.2)
        assert not any(request.target == "/foreign" for request in app.received)


def test_an_endpoint_counts_and_a_change_of_it_too(bench: Bench) -> None:
    with echo_app(saying("one")) as one, echo_app(saying("two")) as two:
        bench.declare("HTTPEndpoint", "outside", {"baseUrl": f"http://127.0.0.1:{one.port}"})
        with bench.sidecar() as sidecar:

            def answer() -> str:
                url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/invoke/outside/method/x"
                with contextlib.suppress(requests.RequestException):
                    return requests.get(url, timeout=10).text
                return ""  # a new runtime is being built

            assert answer() == "one"
            bench.declare("HTTPEndpoint", "outside", {"baseUrl": f"http://127.0.0.1:{two.port}"})
            wait_until(lambda: answer() == "two", what="the endpoint's new address", pause=0.2)
            assert sidecar.popen.poll() is None


def test_a_policy_that_is_declared_later_counts(bench: Bench) -> None:
    asked: list[Received] = []

    def moody(request: Received) -> Answer | None:
        """Takes every third request."""
        if not request.target.startswith("/moody"):
            return None
        asked.append(request)
        return Answer(200, b"well") if len(asked) % 3 == 0 else Answer(503)

    with echo_app(moody) as app, bench.sidecar("web", app_port=app.port) as sidecar:

        def calls() -> set[int]:
            url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/invoke/web/method/moody"
            with contextlib.suppress(requests.RequestException):
                return {requests.get(url, timeout=10).status_code for _ in range(3)}
            return set()

        assert 503 in calls()
        policies = {"retries": {"thrice": {"policy": "constant", "duration": "10ms", "maxRetries": 3}}}
        bench.declare("Resiliency", "mine", {"policies": policies, "targets": {"apps": {"web": {"retry": "thrice"}}}})
        wait_until(lambda: calls() == {200}, what="calls that are made again", pause=0.2)


def test_a_change_of_the_applications_configuration_counts_also_one_made_while_the_operator_was_away(
    bench: Bench,
) -> None:
    denied = {"api": {"denied": [{"name": "secrets", "version": "v1", "protocol": "http"}]}}
    bench.secret("redis", password="swordfish")
    bench.declare("Configuration", "mine", {"tracing": {"samplingRate": "0"}})
    default_account(bench.admin, bench.namespace)
    annotations = {"dapr.io/enabled": "true", "dapr.io/app-id": "web", "dapr.io/config": "mine"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": bench.namespace, "annotations": annotations},
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
    }
    bench.admin.create(pod)
    with bench.sidecar("web", "--config=mine") as sidecar:

        def status() -> int:
            url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/secrets/kubernetes/redis"
            with contextlib.suppress(requests.RequestException):
                return requests.get(url, timeout=10).status_code
            return 0

        assert status() == 200
        bench.declare("Configuration", "mine", denied)
        wait_until(lambda: status() == 404, what="the API to be denied", pause=0.2)
        bench.plane.operator.terminate()
        sidecar.wait_for_line("Error from operator stream")
        bench.declare("Configuration", "mine", {"tracing": {"samplingRate": "0"}})
        bench.plane.restart_operator()
        wait_until(lambda: status() == 200, what="the API to be allowed again", timeout=BACK, pause=0.2)


def test_a_configuration_that_is_not_there_ends_the_start_and_is_named(bench: Bench) -> None:
    with bench.sidecar("web", "--config=nobody", ready=False) as sidecar:
        sidecar.wait_for_line("error getting configuration")
        assert sidecar.popen.wait(30) == 1


def test_the_sidecar_waits_for_the_operator_and_outlives_it(bench: Bench) -> None:
    bench.store("store")
    with bench.sidecar() as sidecar:
        bench.plane.operator.terminate()
        sidecar.wait_for_line("Error from operator stream")
        assert components(sidecar) == {"store", "kubernetes"}
        bench.plane.restart_operator()
        bench.store("meanwhile")
        wait_until(lambda: "meanwhile" in components(sidecar), what="what was declared meanwhile", timeout=BACK)
        sidecar.wait_for_line("Reconnected to operator", BACK)
