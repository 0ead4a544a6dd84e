"""Sentry in a cluster: a control plane's namespace with everything the chart gives it, and real processes on it."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client, Object

from support.processes import wait_until
from support.sentry_process import Sentry

BUNDLE = "dapr-trust-bundle"
_RBAC = "rbac.authorization.k8s.io/v1"
CLUSTER_RULES = [
    {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
    {"apiGroups": ["dapr.io"], "resources": ["configurations"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
]
ORIGINAL_RULES = [
    {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [BUNDLE], "verbs": ["get", "update", "delete"]},
    {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": [BUNDLE],
        "verbs": ["get", "update", "watch", "list"],
    },
]
"""The Role of the original's chart (control-plane.md §1.12)."""
RULES = [
    {**ORIGINAL_RULES[0], "verbs": ["get", "update", "list", "watch"]},
    {**ORIGINAL_RULES[1], "verbs": ["get", "update", "list", "watch"]},
]
"""What our sentry needs: it watches its Secret, and never deletes it."""


class ClusterSentry(Sentry):
    """One sentry of a control plane."""

    def __init__(self, plane: ControlPlane, *flags: str, env: Mapping[str, str] | None = None) -> None:
        self.plane = plane
        super().__init__(
            Path("/nonexistent"),
            "--mode=kubernetes",
            f"--kubeconfig={plane.kubeconfig}",
            *flags,
            env={"NAMESPACE": plane.namespace, "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true", **(env or {})},
        )

    @property
    def anchors(self) -> bytes:
        return self.plane.published_anchors


class ControlPlane:
    """The namespace of a control plane: service account and roles of sentry, its empty Secret and ConfigMap."""

    def __init__(
        self,
        server: ApiServer,
        namespace: str,
        directory: Path,
        *,
        rules: list[dict[str, Any]] | None = None,
        wide: list[dict[str, Any]] | None = None,
    ) -> None:
        self.server = server
        self.admin: Client = server.admin
        self.namespace = namespace
        self.audience = f"spiffe://localhost/ns/{namespace}/dapr-sentry"
        self._name = f"dapr-sentry-{namespace}"
        self._make_account(RULES if rules is None else rules, CLUSTER_RULES if wide is None else wide)
        for kind in ("Secret", "ConfigMap"):
            self.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": BUNDLE, "labels": {"keep": "me"}}})
        self.kubeconfig = self._kubeconfig(directory)

    def create(self, thing: Object, namespace: str = "") -> Object:
        return self.admin.create(thing, namespace=namespace or self.namespace)

    @contextlib.contextmanager
    def sentry(self, *flags: str, env: Mapping[str, str] | None = None) -> Iterator[ClusterSentry]:
        """A running sentry."""
        process = ClusterSentry(self, *flags, env=env)
        try:
            process.wait_ready()
            yield process
        finally:
            process.terminate()

    def close(self) -> None:
        """Take back what lives outside the namespace."""
        self.admin.delete(_RBAC, "ClusterRoleBinding", self._name)
        self.admin.delete(_RBAC, "ClusterRole", self._name)

    # --- The bundle

    @property
    def secret(self) -> dict[str, bytes]:
        data = self.admin.get("v1", "Secret", BUNDLE, self.namespace).get("data") or {}
        return {name: base64.b64decode(value) for name, value in data.items()}

    @property
    def config_map(self) -> dict[str, str]:
        return self.admin.get("v1", "ConfigMap", BUNDLE, self.namespace).get("data") or {}

    @property
    def published_anchors(self) -> bytes:
        return self.config_map.get("ca.crt", "").encode()

    def put_secret(self, **items: bytes | None) -> None:
        """Change items of the Secret; None removes one. Names have ``_`` for the dot."""
        data = {
            name.replace("_", "."): None if value is None else base64.b64encode(value).decode()
            for name, value in items.items()
        }
        self.admin.merge("v1", "Secret", BUNDLE, {"data": data}, self.namespace)

    def wait_published(self, anchors: bytes) -> None:
        wait_until(lambda: self.published_anchors == anchors, what="the anchors in the ConfigMap")

    # --- Workloads

    def account(self, name: str, namespace: str = "") -> None:
        self.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, namespace)

    def pod(self, name: str, namespace: str = "", account: str = "app", **annotations: str) -> Object:
        """A pod that nobody runs; annotations of ``dapr.io/`` by their names with ``_`` for the dash."""
        notes = {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
        spec = {
            "serviceAccountName": account,
            "initContainers": [
                {"name": "setup", "image": "local/setup:1"},
                {"name": "daprd", "image": "local/daprd:1", "restartPolicy": "Always"},
            ],
            "containers": [{"name": "app", "image": "local/app:1"}],
        }
        thing = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": notes}, "spec": spec}
        return self.create(thing, namespace)

    def token(self, pod: Object | None, *audiences: str, namespace: str = "", account: str = "app") -> str:
        """A token for sentry, or for whom else it is said."""
        return self.admin.token(account, namespace or self.namespace, *(audiences or (self.audience,)), pod=pod)

    # --- How it is made

    def _make_account(self, rules: list[dict[str, Any]], wide: list[dict[str, Any]]) -> None:
        self.account("dapr-sentry")
        subject = {"kind": "ServiceAccount", "name": "dapr-sentry", "namespace": self.namespace}
        configurations = {
            "apiGroups": ["dapr.io"], "resources": ["configurations"], "verbs": ["get", "list", "watch"],
        }  # fmt: skip
        for kind, name, granted in (
            ("ClusterRole", self._name, wide),
            ("Role", "dapr-sentry", [*rules, configurations]),
        ):
            self.create({"apiVersion": _RBAC, "kind": kind, "metadata": {"name": name}, "rules": granted})
            self.create(
                {
                    "apiVersion": _RBAC,
                    "kind": f"{kind}Binding",
                    "metadata": {"name": name},
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
                    "subjects": [subject],
                }
            )

    def _kubeconfig(self, directory: Path) -> Path:
        (directory / "token").write_text(self.admin.token("dapr-sentry", self.namespace))
        value = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sentry",
            "contexts": [{"name": "sentry", "context": {"cluster": "test", "user": "sentry"}}],
            "clusters": [
                {
                    "name": "test",
                    "cluster": {"server": self.server.url, "certificate-authority": str(self.server.ca_file)},
                }
            ],
            "users": [{"name": "sentry", "user": {"tokenFile": "token"}}],
        }
        path = directory / "kubeconfig"
        path.write_text(yaml.safe_dump(value))
        return path
