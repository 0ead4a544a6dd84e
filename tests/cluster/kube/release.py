"""The chart installed in a namespace, which admits restricted pods only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client, Object, patiently
from cluster.kube.helm import Helm, nested
from cluster.kube.namespaces import own_namespace

RESTRICTED: Final = {"pod-security.kubernetes.io/enforce": "restricted"}


class Release:
    """The chart in one namespace."""

    def __init__(self, helm: Helm, admin: Client, namespace: str) -> None:
        self.helm = helm
        self.admin = admin
        self.namespace = namespace
        self._installed = False

    def install(self, **values: object) -> None:
        """Install, and wait until every pod is ready; values as ``nested`` takes them."""
        self._installed = True
        self.helm.install(self.namespace, nested(**values))

    def wait_injecting(self) -> None:
        """Wait until pods get sidecars: the cluster sends to an injector a moment after it says that it is ready."""
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "asked", "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "asked"}},
            "spec": {"containers": [{"name": "asked", "image": "local/app:1"}]},
        }
        for _ in patiently("a pod with a sidecar"):
            if len(self.admin.create(pod, namespace="default", dry_run=True)["spec"]["containers"]) == 2:
                return

    def upgrade(self, **values: object) -> None:
        """Upgrade, and wait until every pod is ready."""
        self.helm.upgrade(self.namespace, nested(**values))

    def uninstall(self) -> None:
        """Uninstall, if it is installed."""
        if self._installed:
            self._installed = False
            self.helm.uninstall(self.namespace)

    def pods(self, app: str = "") -> list[Object]:
        """The pods that have not ended and are not told to, of one service or all."""
        selector = {"labelSelector": f"app={app}"} if app else {}
        found = self.admin.list("v1", "Pod", self.namespace, **selector)
        return [
            each
            for each in found
            if each["status"]["phase"] not in ("Succeeded", "Failed") and "deletionTimestamp" not in each["metadata"]
        ]

    def kill(self, pod: Object) -> None:
        """End a pod as a node that dies does: nobody is told before, and nothing is waited for."""
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
        self.admin.request("DELETE", self.admin.path("v1", "Pod", self.namespace, name), body)

    def wait_complete(self) -> None:
        """Wait until every Deployment and StatefulSet has all of its pods ready again."""
        for _ in patiently("all pods of the control plane"):
            if all(self._is_complete(kind) for kind in ("Deployment", "StatefulSet")):
                return

    def _is_complete(self, kind: str) -> bool:
        found = self.admin.list("apps/v1", kind, self.namespace)
        return all(
            each["status"].get("observedGeneration") == each["metadata"]["generation"]
            and each["status"].get("readyReplicas", 0) == each["spec"]["replicas"]
            and each["status"].get("replicas") == each["spec"]["replicas"]
            for each in found
        )

    def log(self, pod: Object) -> str:
        """What a pod has written."""
        path = self.admin.path("v1", "Pod", self.namespace, pod["metadata"]["name"]) + "/log"
        return str(self.admin.request("GET", path, accept="*/*"))


@contextlib.contextmanager
def namespace_for(cluster: ApiServer, helm: Helm) -> Iterator[Release]:
    """A namespace for one release; both are gone afterwards."""
    with own_namespace(cluster.admin, "system", RESTRICTED) as namespace:
        made = Release(Helm(helm.program, cluster.kubeconfig), cluster.admin, namespace)
        try:
            yield made
        finally:
            made.uninstall()
