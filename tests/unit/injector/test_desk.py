"""Reviews: what is answered, counted and told (control-plane.md §5.2)."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from dapr_core.kube import UnreachableError
from dapr_core.telemetry.exposition import exposition
from dapr_core.telemetry.metrics import Registry
from dapr_injector.desk import Desk
from dapr_injector.metrics import InjectorMetrics
from dapr_injector.options import Options
from dapr_injector.patch.pluggable import Component
from dapr_injector.patch.pod import Pod
from dapr_injector.settings import settings_of

Json = dict[str, Any]

CONTROLLER = "system:serviceaccount:kube-system:replicaset-controller"
ENVIRONMENT = {"SIDECAR_IMAGE": "daprd", "NAMESPACE": "dapr-system", "KUBE_CLUSTER_DOMAIN": "cluster.local"}


class FakeCluster:
    mtls = True

    def __init__(self, *components: Component, error: Exception | None = None) -> None:
        self._components = components
        self._error = error

    async def components(self, namespace: str) -> list[Component]:
        assert namespace == "shop"
        if self._error is not None:
            raise self._error
        return list(self._components)


class Bench:
    """A desk, what it counted and whom it told."""

    def __init__(self, cluster: FakeCluster | None = None) -> None:
        self.registry = Registry()
        self.told: list[tuple[str, str]] = []
        settings = settings_of(Options(), ENVIRONMENT, tokens=())
        metrics = InjectorMetrics(self.registry)
        self.desk = Desk(settings, cluster or FakeCluster(), lambda: "PEM", metrics, self._notify)

    def _notify(self, pod: Pod, namespace: str, why: str) -> None:
        self.told.append((namespace, why))

    def answer(self, body: bytes | Json) -> Json:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads(asyncio.run(self.desk.answer(raw)))

    def counted(self, name: str) -> list[str]:
        lines = exposition(self.registry).decode().splitlines()
        return [line for line in lines if line.startswith(f"dapr_injector_sidecar_injection_{name}")]


def review(pod: Json | None = None, *, user: str = CONTROLLER, kind: str = "Pod", **more: Any) -> Json:
    return {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1beta1",
        "request": {
            "uid": "u-1",
            "kind": {"group": "", "version": "v1", "kind": kind},
            "namespace": "shop",
            "userInfo": {"username": user, "groups": []},
            "object": pod if pod is not None else asking(),
            **more,
        },
    }


def asking(**annotations: str) -> Json:
    named = {f"dapr.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    whole = {"dapr.io/enabled": "true", "dapr.io/app-id": "web"} | named
    return {"metadata": {"name": "p", "annotations": whole}, "spec": {"containers": [{"name": "app"}]}}


def test_a_pod_that_asks_is_injected() -> None:
    bench = Bench()
    found = bench.answer(review())
    assert (found["kind"], found["apiVersion"]) == ("AdmissionReview", "admission.k8s.io/v1beta1")
    response = found["response"]
    assert (response["uid"], response["allowed"], response["patchType"]) == ("u-1", True, "JSONPatch")
    assert b'"daprd"' in base64.b64decode(response["patch"])
    assert bench.counted("succeeded_total") == ['dapr_injector_sidecar_injection_succeeded_total{app_id="web"} 1']


@pytest.mark.parametrize(
    "pod", [{"metadata": {}}, {}, asking(enabled="false"), {"metadata": {"annotations": None}, "spec": None}]
)
def test_a_pod_that_does_not_ask_passes_in_silence(pod: Json) -> None:
    bench = Bench()
    response = bench.answer(review(pod))["response"]
    assert response == {"uid": "u-1", "allowed": True}
    assert bench.told == []
    assert bench.counted("failed_total") == []


def test_a_pod_with_a_sidecar_passes() -> None:
    pod = asking()
    pod["spec"]["containers"].append({"name": "daprd"})
    assert Bench().answer(review(pod))["response"] == {"uid": "u-1", "allowed": True}


def test_what_is_no_pod_passes_and_counts_as_failed() -> None:
    bench = Bench()
    assert bench.answer(review({}, kind="Job"))["response"] == {"uid": "u-1", "allowed": True}
    assert 'reason="pod_patch"' in bench.counted("failed_total")[0]


def test_a_caller_that_is_not_on_the_list_is_warned_and_an_event_is_written() -> None:
    bench = Bench()
    response = bench.answer(review(user="system:serviceaccount:shop:default"))["response"]
    assert response["allowed"]
    assert "patch" not in response
    assert "allowedServiceAccounts" in response["warnings"][0]
    assert bench.told == [("shop", response["warnings"][0])]
    assert bench.counted("failed_total") == [
        'dapr_injector_sidecar_injection_failed_total{app_id="web",reason="pod_patch"} 1'
    ]


def test_a_dry_run_leaves_no_event() -> None:
    bench = Bench()
    bench.answer(review(user="somebody", dryRun=True))
    assert bench.told == []


def test_another_word_for_yes_is_warned_of() -> None:
    response = Bench().answer(review(asking(enabled="yes")))["response"]
    assert response["allowed"]
    assert '"true"' in response["warnings"][0]


def test_a_bad_app_id_is_refused_with_reason_and_event() -> None:
    bench = Bench()
    response = bench.answer(review(asking(app_id="Not.A.Label")))["response"]
    assert not response["allowed"]
    assert "Not.A.Label" in response["status"]["message"]
    assert bench.counted("failed_total") == [
        'dapr_injector_sidecar_injection_failed_total{app_id="Not.A.Label",reason="patch"} 1'
    ]
    assert len(bench.told) == 1


def test_components_that_cannot_be_listed_refuse_a_pod_that_needs_them() -> None:
    cluster = FakeCluster(error=UnreachableError("away"))
    assert not Bench(cluster).answer(review(asking(inject_pluggable_components="true")))["response"]["allowed"]
    assert Bench(cluster).answer(review())["response"]["allowed"]


def test_complaints_become_warnings() -> None:
    response = Bench().answer(review(asking(app_port="eighty")))["response"]
    assert response["allowed"]
    assert "dapr.io/app-port" in response["warnings"][0]


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"request": 1}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_review_is_answered_with_a_refusal(body: bytes) -> None:
    bench = Bench()
    response = bench.answer(body)["response"]
    assert not response["allowed"]
    assert response["status"]["message"]


@pytest.mark.parametrize(
    "request_",
    [
        {"uid": 1, "kind": [], "userInfo": [], "object": []},
        {"uid": "u", "kind": {"kind": "Pod"}, "userInfo": {"groups": "x"}, "object": [1]},
        {"kind": {"kind": "Pod"}, "object": {"metadata": {"annotations": {"dapr.io/enabled": 1}}}},
    ],
)
def test_fields_of_other_types_end_in_an_answer(request_: Json) -> None:
    assert "allowed" in Bench().answer({"request": request_})["response"]
