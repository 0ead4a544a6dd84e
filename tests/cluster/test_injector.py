"""The injector as a real process behind a real API server: pods go in and come out with their sidecars."""

from __future__ import annotations

import base64
import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.control_plane import Injector, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from support.ports import free_ports
from support.processes import http_status, wait_until
from support.sentry_process import Sentry, sentry

Json = dict[str, Any]

REGISTRATION = "dapr-sidecar-injector"
ADMISSION = "admissionregistration.k8s.io/v1"


@contextlib.contextmanager
def injector(api_server: ApiServer, authority: Sentry, namespace: str) -> Iterator[Injector]:
    anchors = authority.credentials / "ca.crt"
    process = Injector(api_server, namespace, anchors=anchors, sentry_address=authority.address)
    try:
        process.wait_ready()
        yield process
    finally:
        process.terminate()


@pytest.fixture
def authority(tmp_path: Path, namespace: str) -> Iterator[Sentry]:
    with sentry(tmp_path, "--trust-domain=cluster.local", env={"NAMESPACE": namespace}) as running:
        yield running


def register(admin: Client, namespace: str) -> None:
    """What the chart does: a Service and the registration, here for one namespace and a process on this machine."""
    admin.apply(
        {
            "apiVersion": ADMISSION,
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": REGISTRATION},
            "webhooks": [
                {
                    "name": "sidecar-injector.dapr.io",
                    "rules": [
                        {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
                    ],
                    "clientConfig": {
                        "service": {"name": REGISTRATION, "namespace": namespace, "path": "/mutate", "port": 443}
                    },
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                    "failurePolicy": "Fail",
                    "sideEffects": "NoneOnDryRun",
                    "admissionReviewVersions": ["v1"],
                }
            ],
        }
    )


def route(admin: Client, namespace: str, port: int) -> None:
    """Let the API server find the injector by its Service: ``localhost``, at its port."""
    admin.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": REGISTRATION, "namespace": namespace},
            "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]},
        }
    )
    patch_registration(admin, {"op": "replace", "path": "/webhooks/0/clientConfig/service/port", "value": port})


def patch_registration(admin: Client, operation: Json) -> None:
    path = f"/apis/{ADMISSION}/mutatingwebhookconfigurations/{REGISTRATION}"
    admin.request("PATCH", path, [operation], content_type="application/json-patch+json")


@pytest.fixture
def registration(admin: Client, namespace: str) -> Iterator[None]:
    register(admin, namespace)
    yield
    admin.delete(ADMISSION, "MutatingWebhookConfiguration", REGISTRATION)


@pytest.fixture
def running(
    api_server: ApiServer, admin: Client, authority: Sentry, namespace: str, registration: None, crds: object
) -> Iterator[Injector]:
    with injector(api_server, authority, namespace) as process:
        route(admin, namespace, process.port)
        yield process


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


@pytest.fixture(autouse=True)
def account(admin: Client, namespace: str) -> None:
    """Where no controller makes it, pods need their service account made for them."""
    with contextlib.suppress(ApiError):
        admin.create(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}
        )


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
        admin.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, **spec})
    someone = admin.as_token(admin.token("default", namespace))
    assert names(someone.create(pod(namespace))) == ["app"]

    def events() -> list[Json]:
        found = admin.list("events.k8s.io/v1", "Event", namespace)
        return [event for event in found if event["reason"] == "SidecarNotInjected"]

    wait_until(lambda: bool(events()), what="an Event")
    [event] = events()
    assert event["regarding"]["name"] == "web"
    assert "allowedServiceAccounts" in event["note"]


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
