"""The rendered objects on a real API server: it takes every one of them, and admits the pods as ``restricted``."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from cluster.kube.client import ApiError, Client, Object
from cluster.kube.helm import Helm, nested

VARIANTS = {
    "default": {},
    "ha": nested(global__ha__enabled=True, global__labels={"team": "x"}),
    "namespaced": nested(global__rbac__namespaced=True),
    "all-duties": nested(
        dapr_operator__watchInterval="10s",
        global__operator__watchdogCanPatchPodLabels=True,
        global__argoRolloutServiceReconciler__enabled=True,
        global__priorityClassName="system-cluster-critical",
        global__imagePullSecrets=["a", "b"],
        global__tolerations=[{"key": "a", "operator": "Exists"}],
        global__nodeSelector={"a": "b"},
        dapr_sentry__jwt__enabled=True,
        dapr_sentry__oidc__enabled=True,
        dapr_sentry__extraEnvVars={"A": "b"},
        dapr_sentry__tls={"root": {"certPEM": "R"}, "issuer": {"certPEM": "C", "keyPEM": "K"}},
        dapr_sidecar_injector__hostNetwork=False,
        dapr_sidecar_injector__objectSelector={"matchLabels": {"a": "b"}},
        dapr_placement__ha=True,
    ),
}


@pytest.fixture
def system(admin: Client) -> Iterator[str]:
    """A namespace whose pods must keep Pod Security's profile ``restricted``."""
    name = f"system-{secrets.token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    yield name
    admin.delete("v1", "Namespace", name)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_server_takes_every_object(
    helm: Helm, admin: Client, system: str, crds: list[Object], variant: str
) -> None:
    objects = helm.render(VARIANTS[variant], namespace=system)
    assert len(objects) > 20
    for each in objects:
        admin.apply(each, namespace=system, dry_run=True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_pod_is_admitted_as_restricted(
    helm: Helm, admin: Client, system: str, crds: list[Object], variant: str
) -> None:
    workloads = [each for each in helm.render(VARIANTS[variant], namespace=system) if _template(each)]
    assert len(workloads) == 5, "four services and the hook"
    for each in workloads:
        account = _template(each)["spec"]["serviceAccountName"]
        admin.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}}, namespace=system)
        name = each["metadata"]["name"]
        spec = {key: value for key, value in _template(each)["spec"].items() if key != "priorityClassName"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
        admin.create(pod, namespace=system, dry_run=True)


def test_the_profile_would_refuse_a_pod_that_does_not_keep_it(helm: Helm, admin: Client, system: str) -> None:
    admin.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}, namespace=system)
    spec = {"containers": [{"name": "c", "image": "x"}]}
    with pytest.raises(ApiError, match="violates PodSecurity"):
        admin.create(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}, namespace=system, dry_run=True
        )


def _template(each: Object) -> Any:
    return each["spec"].get("template") if each["kind"] in ("Deployment", "StatefulSet", "Job") else None
