"""The API server of the tests behaves as a cluster's does: it validates, authenticates and authorises."""

from __future__ import annotations

import os

import pytest
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client, Object
from cluster.kube.programs import KUBERNETES

AUDIENCE = "dapr.io/test"


def _account(admin: Client, namespace: str, name: str = "app") -> None:
    admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, namespace=namespace)


def _pod(admin: Client, namespace: str, name: str = "app") -> Object:
    spec = {"serviceAccountName": "app", "containers": [{"name": "app", "image": "local/app:1"}]}
    return admin.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}, namespace=namespace
    )


def _review(admin: Client, token: str, *audiences: str) -> Object:
    spec = {"token": token, "audiences": list(audiences)}
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "metadata": {}, "spec": spec}
    return dict(admin.create(review)["status"])


def test_it_is_the_pinned_version(api_server: ApiServer) -> None:
    if "KUBECONFIG" in os.environ:
        pytest.skip("the cluster of KUBECONFIG has its own version")
    assert api_server.admin.request("GET", "/version")["gitVersion"] == KUBERNETES


def test_an_object_that_does_not_fit_its_schema_is_refused_by_field(admin: Client, namespace: str) -> None:
    wrong = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s"},
        "spec": {"ports": [{"port": 80, "nodePort": 70000}]},
    }
    with pytest.raises(ApiError) as refused:
        admin.create(wrong, namespace=namespace)
    assert refused.value.reason == "Invalid"
    assert [each["field"] for each in refused.value.causes] == ["spec.ports[0].nodePort"]


def test_a_dry_run_stores_nothing(admin: Client, namespace: str) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}}
    admin.apply(config, namespace=namespace, dry_run=True)
    with pytest.raises(ApiError, match="404 NotFound"):
        admin.get("v1", "ConfigMap", "c", namespace)


def test_a_token_tells_its_account_its_pod_and_its_audience(admin: Client, namespace: str) -> None:
    _account(admin, namespace)
    token = admin.token("app", namespace, AUDIENCE, pod=_pod(admin, namespace))
    status = _review(admin, token, AUDIENCE)
    assert status["authenticated"]
    assert status["audiences"] == [AUDIENCE]
    assert status["user"]["username"] == f"system:serviceaccount:{namespace}:app"
    assert status["user"]["extra"]["authentication.kubernetes.io/pod-name"] == ["app"]


def test_a_token_for_another_audience_is_not_authenticated(admin: Client, namespace: str) -> None:
    _account(admin, namespace)
    assert not _review(admin, admin.token("app", namespace, "other"), AUDIENCE).get("authenticated")


def test_a_token_ends_with_its_pod(admin: Client, namespace: str) -> None:
    _account(admin, namespace)
    token = admin.token("app", namespace, AUDIENCE, pod=_pod(admin, namespace))
    path = admin.path("v1", "Pod", namespace, "app")
    admin.request("DELETE", path, gracePeriodSeconds="0")
    admin.wait_gone("v1", "Pod", "app", namespace)
    status = _review(admin, token, AUDIENCE)
    assert not status.get("authenticated")


def test_an_account_may_do_only_what_its_role_says(admin: Client, namespace: str) -> None:
    _account(admin, namespace)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]
    group = "rbac.authorization.k8s.io"
    admin.create(
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": rules}, namespace=namespace
    )
    subjects = [{"kind": "ServiceAccount", "name": "app", "namespace": namespace}]
    binding = {"roleRef": {"apiGroup": group, "kind": "Role", "name": "r"}, "subjects": subjects}
    admin.create(
        {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": {"name": "r"}, **binding}, namespace=namespace
    )
    account = admin.as_token(admin.token("app", namespace))
    assert account.list("v1", "ConfigMap", namespace) == []
    with pytest.raises(ApiError, match="403 Forbidden"):
        account.list("v1", "Secret", namespace)
    account.close()
