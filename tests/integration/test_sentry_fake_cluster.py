"""Sentry on a cluster like the one of the public project's own integration tests (control-plane.md §4.10).

That server's lists have no resourceVersion, its watches end after 200 ms and what is new may only be in the next list;
its token reviews name no audience. Against a real API server sentry is tested in ``tests/cluster``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from support.fake_kube import Answer, Asked, FakeApi, Stream, fake_api_in_thread, refusal
from support.processes import wait_until
from support.sentry_process import Sentry, chain_of
from support.sign import sign_one

from dapr_core.rpc.grpc import GrpcError

NAMESPACE = "sentrynamespace"
TOKEN = json.dumps({"kubernetes.io": {"pod": {"name": "mypod"}}})


class UpstreamCluster:
    """What the public project's tests lay behind sentry."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {
            f"/api/v1/namespaces/{NAMESPACE}/{kind}/dapr-trust-bundle": {
                "metadata": {"name": "dapr-trust-bundle", "namespace": NAMESPACE, "resourceVersion": "1"}
            }
            for kind in ("secrets", "configmaps")
        }
        self.pods: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Answer | Stream:
        if asked.watches:
            return Stream(self._short())
        if asked.path.endswith("/tokenreviews"):
            user = {"username": "system:serviceaccount:mynamespace:myserviceaccount"}
            return Answer({"kind": "TokenReview", "status": {"authenticated": True, "user": user}})
        if asked.path in self.objects:
            return self._bundle(asked)
        if asked.path == "/api/v1/pods":
            return Answer({"kind": "PodList", "items": self.pods})
        if asked.path == "/apis/dapr.io/v1alpha1/configurations" or "fieldSelector" in asked.query:
            return Answer({"kind": "List", "items": []})
        return refusal(404, "NotFound", f"{asked.path} not found")

    def _bundle(self, asked: Asked) -> Answer:
        if asked.method == "PUT":
            thing = asked.object
            thing["metadata"]["resourceVersion"] = str(int(thing["metadata"]["resourceVersion"]) + 1)
            self.objects[asked.path] = thing
        return Answer(self.objects[asked.path])

    @property
    def anchors(self) -> bytes:
        config_map = self.objects[f"/api/v1/namespaces/{NAMESPACE}/configmaps/dapr-trust-bundle"]
        return str(config_map.get("data", {}).get("ca.crt", "")).encode()

    @staticmethod
    async def _short() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.2)
        return
        yield b""


def pod(name: str, **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "mynamespace",
            "annotations": {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()},
        },
        "spec": {"serviceAccountName": "myserviceaccount"},
    }


@pytest.fixture
def cluster() -> UpstreamCluster:
    return UpstreamCluster()


@pytest.fixture
def server(cluster: UpstreamCluster) -> Iterator[FakeApi]:
    with fake_api_in_thread(cluster) as running:
        yield running


@pytest.fixture
def sentry(server: FakeApi, tmp_path: Path) -> Iterator[Sentry]:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "current-context": "default",
                "contexts": [{"name": "default", "context": {"cluster": "default", "user": "default"}}],
                "clusters": [{"name": "default", "cluster": {"server": f"http://127.0.0.1:{server.port}"}}],
                "users": [{"name": "default", "user": {}}],
            }
        )
    )
    process = Sentry(
        tmp_path,
        "--mode=kubernetes",
        f"--kubeconfig={kubeconfig}",
        "--trust-domain=integration.test.dapr.io",
        env={
            "NAMESPACE": NAMESPACE,
            "KUBERNETES_SERVICE_HOST": "anything",
            "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true",
        },
    )
    try:
        process.wait_ready()
        yield process
    finally:
        process.terminate()


def test_a_pod_of_such_a_cluster_gets_its_certificate(
    cluster: UpstreamCluster, sentry: Sentry, server: FakeApi
) -> None:
    cluster.pods = [pod("mypod", app_id="myappid")]

    def served() -> bool:
        try:
            response = sign_one(sentry.address, cluster.anchors, id="myappid", namespace="mynamespace", token=TOKEN)
        except GrpcError as error:
            if "failed to get pod of identity" not in error.message:  # which it says until the next list
                raise
            return False
        names = chain_of(response)[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://public/ns/mynamespace/myappid"]
        assert response.trust_chain_certificates == [cluster.anchors]
        return True

    wait_until(served, what="a certificate")
    reviews = [asked for asked in server.asked if asked.path.endswith("/tokenreviews")]
    audiences = ["dapr.io/sentry", f"spiffe://integration.test.dapr.io/ns/{NAMESPACE}/dapr-sentry"]
    assert all(asked.object["spec"] == {"token": TOKEN, "audiences": audiences} for asked in reviews)


def test_what_becomes_of_a_pod_is_seen_in_the_next_list(cluster: UpstreamCluster, sentry: Sentry) -> None:
    def refusal_of(app_id: str) -> str:
        try:
            sign_one(sentry.address, cluster.anchors, id=app_id, namespace="mynamespace", token=TOKEN)
        except GrpcError as error:
            return error.message
        return ""

    cluster.pods = [pod("mypod", app_id="first")]
    wait_until(lambda: refusal_of("first") == "", what="the first id")
    cluster.pods = [pod("mypod", app_id="second")]
    wait_until(lambda: refusal_of("second") == "", what="the second id")
    assert refusal_of("first") == "app-id mismatch. expected: second, received: first"
    cluster.pods = []
    wait_until(lambda: refusal_of("second") == "failed to get pod of identity", what="the end of the pod")


def test_the_root_lies_where_the_public_project_looks_for_it(cluster: UpstreamCluster, sentry: Sentry) -> None:
    secret = cluster.objects[f"/api/v1/namespaces/{NAMESPACE}/secrets/dapr-trust-bundle"]
    items = {name: base64.b64decode(value) for name, value in secret["data"].items()}
    assert sorted(items) == ["ca.crt", "issuer.crt", "issuer.key"]
    assert items["ca.crt"] == cluster.anchors
    assert b"PRIVATE KEY" in items["issuer.key"]


def test_such_a_server_is_not_asked_without_end(cluster: UpstreamCluster, sentry: Sentry, server: FakeApi) -> None:
    """Its watches end at once, and each is followed by a list; never in a tight loop."""
    time.sleep(1.0)
    before = len(server.asked)
    time.sleep(3.0)
    assert len(server.asked) - before <= 60
