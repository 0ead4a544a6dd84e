"""The injector as a real process behind a real API server: pods go in and come out with their sidecars."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster import admission
from cluster.admission import ADMISSION, REGISTRATION, patch_registration
from cluster.control_plane import Injector, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from support.ports import free_ports
from support.processes import http_status, wait_until
from support.sentry_process import Sentry

Json = dict[str, Any]


@pytest.fixture(scope="module")
def webhook(
    api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[admission.Webhook]:
    with admission.webhook(api_server, tmp_path_factory.mktemp("credentials")) as made:
        yield made


@pytest.fixture
def namespace(admin: Client, webhook: admission.Webhook) -> Iterator[str]:
    """The injector's, without pods."""
    yield webhook.namespace
    admin.request("DELETE", f"/api/v1/namespaces/{webhook.namespace}/pods", {"gracePeriodSeconds": 0})


@pytest.fixture
def running(webhook: admission.Webhook) -> Injector:
    return webhook.injector


@pytest.fixture
def authority(webhook: admission.Webhook) -> Sentry:
    return webhook.authority


def pod(namespace: str, **annotations: str) -> Json:
    named = {f"dapr.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": namespace, "annotations": {"dapr.io/enabled": "true"} | named},
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
    }


def names(made: Json) -> list[str]:
    return [container["name"] for container in made["spec"]["containers"]]


def test_an_annotated_pod_gets_its_sidecar(admin: Client, namespace: str, running: Injector) -> None:
    made = admin.create(pod(namespace, app_id="web", app_port="8080"))
    assert names(made) == ["app", "daprd"]
    sidecar = made["spec"]["containers"][1]
    assert sidecar["image"] == "dapr/daprd:test"
    assert "--enable-mtls" in sidecar["args"]
    assert made["metadata"]["labels"]["dapr.io/app-id"] == "web"
    running.wait_for_line("Sidecar injector succeeded injection for app 'web'")


def test_other_pods_pass(admin: Client, namespace: str, running: Injector) -> None:
    assert names(admin.create(pod(namespace, enabled="false"))) == ["app"]


def test_a_pod_that_cannot_have_a_sidecar_is_refused_with_the_reason(
    admin: Client, namespace: str, running: Injector
) -> None:
    with pytest.raises(ApiError, match="cannot name a Service"):
        admin.create(pod(namespace, app_id="Not.A.Label"))


def test_the_injector_writes_its_trust_anchors_into_the_registration(
    admin: Client, namespace: str, authority: Sentry, running: Injector
) -> None:
    def bundle() -> bytes:
        found = admin.get(ADMISSION, "MutatingWebhookConfiguration", REGISTRATION)
        return base64.b64decode(found["webhooks"][0]["clientConfig"].get("caBundle") or "")

    assert bundle() == authority.anchors
    # An upgrade may bring the registration back to what it was at the install.
    patch_registration(admin, {"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"})
    wait_until(lambda: bundle() == authority.anchors, what="the caBundle to be written again")


def test_mtls_follows_the_systems_configuration(admin: Client, namespace: str, running: Injector) -> None:
    system_configuration(admin, namespace, "s:1", mtls=False)

    def without() -> bool:
        made = admin.request("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", pod(namespace))
        return "--enable-mtls" not in made["spec"]["containers"][1]["args"]

    wait_until(without, what="sidecars without mTLS")
    admin.delete("dapr.io/v1alpha1", "Configuration", "daprsystem", namespace)
    wait_until(lambda: not without(), what="sidecars with mTLS, for nothing says otherwise any more")


def test_somebody_who_is_not_on_the_list_gets_a_pod_without_sidecar_and_an_event(
    admin: Client, namespace: str, running: Injector
) -> None:
    for kind, name, spec in (
        ("Role", "pods", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]}),
        (
            "RoleBinding",
            "pods",
            {
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pods"},
                "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": namespace}],
            },
        ),
    ):
        metadata = {"name": name, "namespace": namespace}
        admin.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, **spec})
    someone = admin.as_token(admin.token("default", namespace))
    assert names(someone.create(pod(namespace))) == ["app"]

    def events() -> list[Json]:
        found = admin.list("events.k8s.io/v1", "Event", namespace)
        return [event for event in found if "allowedServiceAccounts" in event["note"]]

    wait_until(lambda: bool(events()), what="an Event")
    [event, *_] = events()
    assert (event["reason"], event["regarding"]["name"]) == ("SidecarNotInjected", "web")


def test_the_certificate_is_an_rsa_one_of_the_injectors_name(namespace: str, running: Injector) -> None:
    certificate = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", running.port)).encode())
    assert isinstance(certificate.public_key(), RSAPublicKey)
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert alternatives.get_values_for_type(x509.DNSName) == [f"dapr-sidecar-injector.{namespace}.svc"]


def test_it_waits_for_sentry_and_ends_gracefully(api_server: ApiServer, namespace: str, tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    process = Injector(api_server, namespace, anchors=tmp_path / "ca.crt", sentry_address=nobody)
    try:
        process.wait_for_line("not found, waiting")
        assert http_status(process.healthz_port, "/healthz") == 503
    finally:
        assert process.terminate() == 0
    assert "Dapr sidecar injector shut down gracefully" in process.output
