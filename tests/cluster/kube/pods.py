"""Pods of one namespace, as tests use them: made, awaited, their logs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cluster.kube.client import Client, Object, patiently


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods of a namespace on a cluster that runs them."""

    admin: Client
    namespace: str

    def run_to_end(self, name: str, spec: Object) -> str:
        """Run a pod until it ends; gives its log.

        Raises:
            AssertionError: it failed; the message has its state and log.
        """
        self.create(name, {"restartPolicy": "Never", **spec})
        for _ in patiently(f"the end of pod {name}"):
            status = self.status(name)
            if status["phase"] == "Succeeded":
                return self.log(name)
            assert status["phase"] != "Failed", f"{status.get('containerStatuses')}\n{self.log(name)}"
        raise AssertionError("unreachable")

    def create(self, name: str, spec: Object, labels: dict[str, str] | None = None) -> Object:
        """Create a pod under Pod Security's profile ``restricted``, without the default 30 s to end."""
        meta = {"name": name, "labels": labels or {}}
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta,
            "spec": {"terminationGracePeriodSeconds": 1, **spec},
        }
        return self.admin.create(body, namespace=self.namespace)

    def wait_ready(self, name: str) -> Object:
        """Wait until a pod is ready; gives it."""
        return self.admin.wait_condition("v1", "Pod", name, "Ready", self.namespace)

    def status(self, name: str) -> Any:
        """A pod's status."""
        return self.admin.get("v1", "Pod", name, self.namespace)["status"]

    def log(self, name: str, container: str = "") -> str:
        """What a container wrote, by the kubelet."""
        path = self.admin.path("v1", "Pod", self.namespace, name) + "/log"
        return str(self.admin.request("GET", path, accept="*/*", **({"container": container} if container else {})))


def restricted(image: str, *command: str, **more: Any) -> Object:
    """A container as the profile ``restricted`` wants it, with nothing writable."""
    return {
        "name": "main",
        "image": image,
        "command": list(command),
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **more,
    }
