"""Sentry in a cluster believes pods whose token the API server vouches for, and nobody else (control-plane.md §1.4)."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Object
from cryptography import x509
from support.cluster_sentry import CLUSTER_RULES, RULES, ClusterSentry, ControlPlane
from support.identities import HOUR
from support.processes import wait_until
from support.sentry_process import chain_of
from support.sign import sign_one

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain
from dapr_core.identity.tokens import TokenSource, Validator
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateResponse
from dapr_core.rpc.grpc import GrpcError
from dapr_sentry.authority.images import OID

DIGEST = "sha256:" + "a" * 64


@pytest.fixture(scope="module")
def plane(
    api_server: ApiServer, crds: list[Object], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    admin = api_server.admin
    name = f"dapr-{secrets.token_hex(4)}"
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    made = ControlPlane(api_server, name, tmp_path_factory.mktemp("sentry"))
    for account in ("app", "other", "dapr-operator"):
        made.account(account)
    yield made
    made.close()
    admin.delete("v1", "Namespace", name)


@pytest.fixture(scope="module")
def sentry(plane: ControlPlane) -> Iterator[ClusterSentry]:
    with plane.sentry() as process:
        yield process


@pytest.fixture
def workloads(plane: ControlPlane, namespace: str) -> str:
    """A namespace of applications with an account ``app``."""
    plane.account("app", namespace)
    return namespace


def ask(sentry: ClusterSentry, app_id: str, namespace: str, token: str, **fields: Any) -> SignCertificateResponse:
    return sign_one(sentry.address, sentry.anchors, id=app_id, namespace=namespace, token=token, **fields)


def uri(response: SignCertificateResponse) -> str:
    names = chain_of(response)[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (found,) = names.get_values_for_type(x509.UniformResourceIdentifier)
    return str(found)


def dns(response: SignCertificateResponse) -> list[str]:
    names = chain_of(response)[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(names.get_values_for_type(x509.DNSName))


# --- Who gets a certificate


@pytest.mark.parametrize("validator", [0, Validator.KUBERNETES], ids=["by default", "by name"])
def test_a_pod_is_its_app_id(sentry: ClusterSentry, plane: ControlPlane, workloads: str, validator: int) -> None:
    pod = plane.pod("p", workloads, app_id="myapp")
    token = plane.token(pod, namespace=workloads)
    response = ask(sentry, "myapp", workloads, token, token_validator=validator, trust_domain="ignored.example")
    assert uri(response) == f"spiffe://public/ns/{workloads}/myapp"
    assert dns(response) == []
    assert response.trust_chain_certificates == [sentry.anchors]


def test_a_pod_without_app_id_is_its_name(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    pod = plane.pod("mypod", workloads)
    assert uri(ask(sentry, "mypod", workloads, plane.token(pod, namespace=workloads))).endswith("/mypod")


def test_the_audience_of_old_clients_is_taken(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    pod = plane.pod("p", workloads, app_id="old")
    assert ask(sentry, "old", workloads, plane.token(pod, "dapr.io/sentry", namespace=workloads))


def test_pods_get_certificates_at_once_however_young(
    sentry: ClusterSentry, plane: ControlPlane, workloads: str
) -> None:
    """Whether or not a watch has told of them yet."""
    for number in range(10):
        pod = plane.pod(f"p{number}", workloads)
        assert ask(sentry, f"p{number}", workloads, plane.token(pod, namespace=workloads))


def test_the_trust_domain_comes_from_the_pods_configuration(
    sentry: ClusterSentry, plane: ControlPlane, workloads: str
) -> None:
    def configuration(name: str, spec: Object) -> None:
        thing = {"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration", "metadata": {"name": name}, "spec": spec}
        plane.create(thing, workloads)

    configuration("named", {"accessControl": {"trustDomain": "mine.example", "defaultAction": "allow"}})
    configuration("silent", {"tracing": {"samplingRate": "1"}})
    configuration("wrong", {"accessControl": {"trustDomain": "Not A Domain", "defaultAction": "allow"}})
    pods = {name: plane.pod(name, workloads, config=name) for name in ("named", "silent", "wrong", "missing")}
    tokens = {name: plane.token(pod, namespace=workloads) for name, pod in pods.items()}
    assert uri(ask(sentry, "named", workloads, tokens["named"])) == f"spiffe://mine.example/ns/{workloads}/named"
    assert uri(ask(sentry, "silent", workloads, tokens["silent"])) == f"spiffe://public/ns/{workloads}/silent"
    with pytest.raises(GrpcError, match='failed to parse trust domain "Not A Domain"'):
        ask(sentry, "wrong", workloads, tokens["wrong"])
    with pytest.raises(GrpcError, match="failed to get configuration"):
        ask(sentry, "missing", workloads, tokens["missing"])
    plane.admin.merge(
        "dapr.io/v1alpha1", "Configuration", "silent", {"spec": {"accessControl": {"trustDomain": "new.example"}}},
        workloads,
    )  # fmt: skip
    wait_until(
        lambda: uri(ask(sentry, "silent", workloads, tokens["silent"])).startswith("spiffe://new.example/"),
        what="the new trust domain",
    )


def test_the_sidecars_own_client_gets_its_identity_by_the_token_that_is_mounted_for_it(
    sentry: ClusterSentry, plane: ControlPlane, workloads: str, tmp_path: Path
) -> None:
    """Many at once, each with its own pod and token."""

    async def fetch(number: int) -> str:
        mounted = tmp_path / str(number)
        pod = plane.pod(f"p{number}", workloads, app_id=f"app{number}")
        mounted.write_text(plane.token(pod, namespace=workloads))
        options = SentryOptions(
            address=sentry.address,
            app_id=f"app{number}",
            namespace=workloads,
            control_plane_trust_domain=TrustDomain("localhost"),
            control_plane_namespace=plane.namespace,
            tokens=TokenSource(kubernetes=True, mounted=(str(mounted),)),
        )
        return str((await SentryClient(options).fetch(TrustBundle.parse(sentry.anchors))).svid.identity)

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*[fetch(number) for number in range(20)])

    expected = [f"spiffe://public/ns/{workloads}/app{number}" for number in range(20)]
    assert asyncio.run(all_of_them()) == expected


def test_a_service_of_the_control_plane_is_itself_in_its_own_trust_domain(
    sentry: ClusterSentry, plane: ControlPlane
) -> None:
    pod = plane.pod("operator-1", account="dapr-operator", control_plane="operator")
    token = plane.token(pod, account="dapr-operator")
    response = ask(sentry, "dapr-operator", plane.namespace, token)
    assert uri(response) == f"spiffe://localhost/ns/{plane.namespace}/dapr-operator"
    assert dns(response) == [f"dapr-webhook.{plane.namespace}.svc"]


def test_a_certificate_tells_the_images_of_the_pod(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    pod = plane.pod("p", workloads)
    plane.admin.request(
        "PATCH",
        plane.admin.path("v1", "Pod", workloads, "p") + "/status",
        {"status": {"containerStatuses": [
            {"name": "app", "image": "local/app:1", "imageID": f"docker-pullable://local/app@{DIGEST}",
             "ready": True, "restartCount": 0},
        ]}},
        content_type="application/merge-patch+json",
    )  # fmt: skip
    token = plane.token(pod, namespace=workloads)

    def told() -> list[dict[str, str]]:
        leaf = chain_of(ask(sentry, "p", workloads, token))[0]
        extension = leaf.extensions.get_extension_for_oid(OID)
        assert not extension.critical
        value = extension.value.value  # type: ignore[attr-defined]
        length = value[1] if value[1] < 0x80 else int.from_bytes(value[2 : 2 + value[1] - 0x80], "big")
        content = value[-length:]
        assert value[0] == 4
        return list(json.loads(content))

    wait_until(lambda: "digest" in told()[1], what="the digest in the certificate")
    assert told() == [
        {"role": "daprd", "containerName": "daprd", "image": "local/daprd:1"},
        {"role": "app", "containerName": "app", "image": "local/app:1", "digest": DIGEST},
    ]


# --- Who gets none


def refused(sentry: ClusterSentry, app_id: str, namespace: str, token: str) -> str:
    before = len(sentry.lines)
    with pytest.raises(GrpcError) as error:
        ask(sentry, app_id, namespace, token)
    assert error.value.code.name == "PERMISSION_DENIED"
    sentry.wait_for_line("Refused to sign a certificate", after=before)
    assert not token or token not in sentry.output
    return error.value.message


def test_without_a_token_there_is_no_certificate(sentry: ClusterSentry, workloads: str) -> None:
    assert "the request does not contain a token" in refused(sentry, "p", workloads, "")


def test_a_forged_token_is_refused(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    pod = plane.pod("p", workloads)
    header, claims, signature = plane.token(pod, namespace=workloads).split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    decoded["kubernetes.io"]["pod"]["name"] = "victim"
    forged = base64.urlsafe_b64encode(json.dumps(decoded).encode()).rstrip(b"=").decode()
    nothing = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for token in (
        f"{header}.{forged}.{signature}",
        f"{header}.{claims}.{signature[:-8]}AAAAAAAA",
        f"{nothing}.{forged}.",
        json.dumps(decoded),
        "x" * 70_000,
    ):
        message = refused(sentry, "victim", workloads, token)
        assert message.startswith(("invalid token", "authentication failed"))


@pytest.mark.parametrize("audience", ["https://kubernetes.default.svc.cluster.local", "spiffe://localhost/ns/x/y", ""])
def test_a_token_for_somebody_else_is_refused(
    sentry: ClusterSentry, plane: ControlPlane, workloads: str, audience: str
) -> None:
    """That of the API server itself is in every pod."""
    pod = plane.pod("p", workloads)
    token = plane.admin.token("app", workloads, *([audience] if audience else []), pod=pod)
    assert "invalid token" in refused(sentry, "p", workloads, token)


def test_a_token_that_is_bound_to_no_pod_is_refused(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    plane.pod("p", workloads)
    token = plane.token(None, namespace=workloads)
    assert "kubernetes.io/pod/name claim is missing" in refused(sentry, "p", workloads, token)


def test_a_token_does_not_outlive_its_pod(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    token = plane.token(plane.pod("p", workloads), namespace=workloads)
    assert ask(sentry, "p", workloads, token)
    plane.admin.delete("v1", "Pod", "p", workloads)
    plane.admin.wait_gone("v1", "Pod", "p", workloads)
    # The API server remembers its verdict for some seconds, as every cluster's does (authentication-token-webhook and
    # token cache); whatever it says, the pod is not there any more.
    message = refused(sentry, "p", workloads, token)
    assert "invalid token" in message or "failed to get pod of identity" in message


def test_a_token_of_a_pod_whose_name_another_one_took_is_refused(
    sentry: ClusterSentry, plane: ControlPlane, workloads: str
) -> None:
    old = plane.token(plane.pod("p", workloads, app_id="old"), namespace=workloads)
    assert ask(sentry, "old", workloads, old)
    plane.admin.delete("v1", "Pod", "p", workloads)
    plane.admin.wait_gone("v1", "Pod", "p", workloads)
    young = plane.pod("p", workloads, app_id="young")
    for app_id in ("old", "young"):
        message = refused(sentry, app_id, workloads, old)
        assert "invalid token" in message or "failed to get pod of identity" in message
    assert ask(sentry, "young", workloads, plane.token(young, namespace=workloads))


def test_a_pod_of_another_namespace_is_refused(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    token = plane.token(plane.pod("p", workloads), namespace=workloads)
    assert "namespace mismatch; received namespace: elsewhere" in refused(sentry, "p", "elsewhere", token)


def test_a_pod_that_is_somebody_else_is_refused(sentry: ClusterSentry, plane: ControlPlane, workloads: str) -> None:
    token = plane.token(plane.pod("p", workloads, app_id="mine"), namespace=workloads)
    assert "app-id mismatch. expected: mine, received: theirs" in refused(sentry, "theirs", workloads, token)
    assert "cannot stand in a SPIFFE ID" in refused(sentry, f"{workloads}:app", workloads, token)  # an old id


def test_nobody_is_a_service_of_the_control_plane_outside_its_namespace(
    sentry: ClusterSentry, plane: ControlPlane, workloads: str
) -> None:
    token = plane.token(plane.pod("p", workloads, control_plane="operator"), namespace=workloads)
    message = refused(sentry, "dapr-operator", workloads, token)
    assert message == f"control plane service in namespace '{workloads}' is not allowed"


def test_nobody_is_an_unknown_service_of_the_control_plane_or_one_and_an_application(
    sentry: ClusterSentry, plane: ControlPlane
) -> None:
    unknown = plane.token(plane.pod("u", control_plane="dashboard"))
    assert "unknown control plane service" in refused(sentry, "dapr-dashboard", plane.namespace, unknown)
    both = plane.token(plane.pod("b", control_plane="operator", app_id="x"))
    assert "cannot have annotation 'dapr.io/app-id'" in refused(sentry, "dapr-operator", plane.namespace, both)


def test_an_application_in_the_control_planes_namespace_is_none_of_its_services(
    sentry: ClusterSentry, plane: ControlPlane
) -> None:
    """It may take the name, not the trust domain."""
    token = plane.token(plane.pod("impostor", app_id="dapr-operator"))
    assert uri(ask(sentry, "dapr-operator", plane.namespace, token)).startswith("spiffe://public/")


@pytest.mark.parametrize("validator", [Validator.INSECURE, Validator.JWKS], ids=str)
def test_other_validators_are_not_enabled(sentry: ClusterSentry, workloads: str, validator: int) -> None:
    with pytest.raises(GrpcError, match="the requested validator is not enabled"):
        ask(sentry, "p", workloads, "x", token_validator=validator)


# --- How it is set up


def test_the_configuration_of_the_control_plane_counts(plane: ControlPlane, workloads: str) -> None:
    spec = {
        "mtls": {
            "enabled": True,
            "workloadCertTTL": "1h",
            "allowedClockSkew": "1m",
            "sentryAddress": "x:443",
            "controlPlaneTrustDomain": "ignored.example",
            "tokenValidators": [{"name": "jwks", "options": {"source": '{"keys":[]}'}}],
        }
    }
    plane.create({"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration", "metadata": {"name": "own"}, "spec": spec})
    with plane.sentry("--config=own") as process:
        assert "Using validator 'kubernetes'" in process.output
        assert "Using validator 'jwks'" in process.output
        token = plane.token(plane.pod("p", workloads), namespace=workloads)
        leaf = chain_of(ask(process, "p", workloads, token))[0]
        assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == HOUR + HOUR / 60
        with pytest.raises(GrpcError, match="does not contain a token"):
            ask(process, "p", workloads, "", token_validator=Validator.JWKS)


def test_with_rights_in_one_namespace_only_its_pods_get_certificates(
    api_server: ApiServer, crds: list[Object], namespace: str, plane: ControlPlane, tmp_path: Path
) -> None:
    """As the chart gives them with ``global.rbac.namespaced``."""
    narrow = ControlPlane(api_server, namespace, tmp_path, rules=[*RULES, CLUSTER_RULES[2]], wide=[CLUSTER_RULES[0]])
    narrow.account("app")
    try:
        with narrow.sentry() as process:
            assert f"May list pods of namespace {namespace} only" in process.output
            token = narrow.token(narrow.pod("p"))
            assert uri(ask(process, "p", namespace, token)) == f"spiffe://public/ns/{namespace}/p"
            stranger = narrow.token(plane.pod("stranger"), namespace=plane.namespace)
            assert "failed to get pod of identity" in refused(process, "stranger", plane.namespace, stranger)
    finally:
        narrow.close()


@pytest.mark.parametrize(
    ("flags", "env", "reason"),
    [
        ([], {"NAMESPACE": ""}, "the variable NAMESPACE is not set"),
        ([], {"DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "false"}, "must be run as a non-root user"),
        (["--kubeconfig=/does/not/exist"], {}, "there is no kubeconfig /does/not/exist"),
        ([], {"NAMESPACE": "elsewhere"}, "forbidden"),
    ],
    ids=["no namespace", "root", "no kubeconfig", "no rights"],
)
def test_a_start_that_cannot_be_says_why(
    plane: ControlPlane, flags: list[str], env: dict[str, str], reason: str
) -> None:
    if "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK" in env and os.geteuid() != 0:
        pytest.skip("needs root, to be refused")
    process = ClusterSentry(plane, *flags, env=env)
    assert process.popen.wait(30) == 1
    process.wait_for_line("Fatal error running sentry")
    assert reason in process.output
    process.terminate()
