"""Every annotation of a pod and what becomes of it, read back from the API server (control-plane.md §6).

Each case is a pod that differs from a plain annotated one in some annotations only; the whole difference between the
two pods has to be the one that is written here, so that an annotation can neither be without effect nor have another.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from cluster import admission
from cluster.admission import Webhook
from cluster.annotation_cases import CASES, OF_THE_OPERATOR, Case
from cluster.kube.apiserver import ApiServer
from cluster.podview import View, difference, view

from dapr_injector.annotations import NAMES

Json = dict[str, Any]

PRINTER: Final = {
    "image": "printer:1",
    "env": [{"name": "MODE", "value": "fast"}],
    "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
}


@pytest.fixture(scope="module")
def webhook(api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    with admission.webhook(api_server, tmp_path_factory.mktemp("credentials")) as made:
        for name, scopes in (("printer", ["web"]), ("foreign", ["other"])):
            container = PRINTER | {"image": "foreign:1"} if name == "foreign" else PRINTER
            metadata = {
                "name": name,
                "namespace": made.namespace,
                "annotations": {"dapr.io/component-container": json.dumps(container)},
            }
            spec = {"type": f"bindings.{name}", "version": "v1", "metadata": []}
            component = {"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": metadata}
            made.admin.create(component | {"spec": spec, "scopes": scopes})
        yield made


@pytest.fixture(scope="module")
def plain(webhook: Webhook) -> View:
    """The pod without any of the annotations."""
    return view(made(webhook, {}))


def asked(namespace: str, annotations: Mapping[str, str]) -> Json:
    named = {f"dapr.io/{name}": value for name, value in annotations.items()}
    name = f"pod-{secrets.token_hex(4)}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "web"} | named,
        },
        "spec": {
            "containers": [{"name": "app", "image": "app:1"}, {"name": "store", "image": "store:1"}],
            "volumes": [{"name": "data", "emptyDir": {}}, {"name": "more", "emptyDir": {}}],
            "automountServiceAccountToken": False,
        },
    }


def made(webhook: Webhook, annotations: Mapping[str, str]) -> Json:
    """The pod that the API server has after a pod with these annotations was asked for."""
    pod = asked(webhook.namespace, annotations)
    webhook.admin.create(pod)
    return webhook.admin.get("v1", "Pod", pod["metadata"]["name"], webhook.namespace)


def test_a_plain_annotated_pod(webhook: Webhook, plain: View) -> None:
    where = f"{webhook.namespace}.svc.cluster.local"
    flags = {name.removeprefix("flag "): value for name, value in plain.items() if name.startswith("flag ")}
    assert flags == {
        "--dapr-http-port": "3500",
        "--dapr-grpc-port": "50001",
        "--dapr-internal-grpc-port": "50002",
        "--dapr-listen-addresses": "[::1],127.0.0.1",
        "--dapr-public-port": "3501",
        "--app-id": "web",
        "--app-protocol": "http",
        "--log-level": "info",
        "--dapr-graceful-shutdown-seconds": "-1",
        "--mode": "kubernetes",
        "--control-plane-address": f"dapr-api.{where}:443",
        "--sentry-address": f"dapr-sentry.{where}:443",
        "--enable-metrics": None,
        "--metrics-port": "9090",
        "--placement-host-address": f"dapr-placement-server.{where}:50005",
        "--enable-mtls": None,
        "--scheduler-host-address": f"dapr-scheduler-server-a.{where}:443",
    }
    rest = {name: value for name, value in plain.items() if not name.startswith("flag ")}
    for name in [name for name in rest if "dapr-identity-token" in name]:
        del rest[name]  # only where the injector itself has a token
    assert rest == {
        "label dapr.io/app-id": "web",
        "label dapr.io/metrics-enabled": "true",
        "label dapr.io/sidecar-injected": "true",
        "volume data": {"emptyDir": {}},
        "volume more": {"emptyDir": {}},
        **{
            f"{name} {what}": value
            for name in ("app", "store")
            for what, value in {
                "image": f"{name}:1",
                "env DAPR_HTTP_PORT": "3500",
                "env DAPR_GRPC_PORT": "50001",
                "env APP_PROTOCOL": "http",
            }.items()
        },
        "place": "containers[2]",
        "program": "/daprd",
        "image": "dapr/daprd:test",
        "imagePullPolicy": "Always",
        "env NAMESPACE": webhook.namespace,
        "env DAPR_TRUST_ANCHORS": webhook.authority.anchors.decode(),
        "env POD_NAME": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}},
        "env DAPR_CONTROLPLANE_NAMESPACE": webhook.namespace,
        "env DAPR_CONTROLPLANE_TRUST_DOMAIN": "cluster.local",
        "port dapr-http": 3500,
        "port dapr-grpc": 50001,
        "port dapr-internal": 50002,
        "port dapr-metrics": 9090,
        "securityContext.runAsNonRoot": True,
        "securityContext.readOnlyRootFilesystem": True,
        "securityContext.allowPrivilegeEscalation": False,
        "livenessProbe.tcpSocket.port": 3501,
        "livenessProbe.initialDelaySeconds": 180,
        "livenessProbe.timeoutSeconds": 3,
        "livenessProbe.periodSeconds": 10,
        "livenessProbe.successThreshold": 1,
        "livenessProbe.failureThreshold": 5,
        "readinessProbe.httpGet.path": "/v1.0/healthz",
        "readinessProbe.httpGet.port": 3501,
        "readinessProbe.httpGet.scheme": "HTTP",
        "readinessProbe.initialDelaySeconds": 1,
        "readinessProbe.timeoutSeconds": 1,
        "readinessProbe.periodSeconds": 1,
        "readinessProbe.successThreshold": 1,
        "readinessProbe.failureThreshold": 5,
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_annotation_makes_this_difference_and_no_other(webhook: Webhook, plain: View, case: Case) -> None:
    assert difference(plain, view(made(webhook, case.annotations))) == case.difference


def test_every_annotation_that_is_read_is_among_the_cases() -> None:
    shown = {f"dapr.io/{name}" for case in CASES for name in case.annotations if case.difference}
    assert set(NAMES) <= shown
    assert {f"dapr.io/{name}" for case in CASES for name in case.annotations} >= OF_THE_OPERATOR


def test_only_the_literal_true_asks_for_a_sidecar(webhook: Webhook) -> None:
    for word, asks in (("true", True), ("True", True), ("yes", False), ("1", False), ("false", False), ("", False)):
        pod = view(made(webhook, {"enabled": word}))
        assert ("place" in pod) is asks, word


def test_without_an_id_the_application_is_the_pod(webhook: Webhook) -> None:
    pod = asked(webhook.namespace, {})
    del pod["metadata"]["annotations"]["dapr.io/app-id"]
    webhook.admin.create(pod)
    name = pod["metadata"]["name"]
    found = view(webhook.admin.get("v1", "Pod", name, webhook.namespace))
    assert (found["flag --app-id"], found["label dapr.io/app-id"]) == (name, name)
