"""A namespace with applications beside sidecars, and how a test acts from inside of them.

Sidecars listen on loopback, so whoever wants to speak to one has to be in its pod. There ``apps/stagehand.py`` is: it
takes orders by HTTP, which reach it through the API server, so that the test may run anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cluster.kube.applications import STAGEHAND
from cluster.kube.client import ApiError, Client, Object, patiently
from cluster.kube.pods import restricted

PORT: Final = 8000


@dataclass(frozen=True, slots=True)
class Traffic:
    """What became of calls so far: how many were answered, what the others said, and what the slowest took (s)."""

    answered: int
    failed: Sequence[str]
    longest: float


@dataclass(frozen=True, slots=True)
class Hand:
    """A stagehand in one pod."""

    admin: Client
    namespace: str
    pod: str

    def ask(
        self, method: str, path: str, body: object = None, *, fields: Mapping[str, str] | None = None, **query: str
    ) -> Any:
        """Order something; raises ``ApiError`` with the status it was answered by, if that is no success."""
        proxy = f"{self.admin.path('v1', 'Pod', self.namespace, self.pod)}:{PORT}/proxy/{path}"
        return self.admin.request(method, proxy, body, accept="*/*", fields=fields, **query)

    def sidecar(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """Call the sidecar's HTTP API."""
        return self.ask(method, f"sidecar/{path}", body, **query)

    def status(self, method: str, path: str, body: object = None) -> int:
        """The status by which the sidecar answers; 200 stands for every success."""
        return int(self.answer(method, path, body)[:3])

    def answer(self, method: str, path: str, body: object = None) -> str:
        """That status, followed by what is said of a failure."""
        try:
            self.sidecar(method, path, body)
        except ApiError as error:
            return str(error)
        return "200"

    def invoke(self, app_id: str, path: str, body: object = None) -> Any:
        """Call another application by its id."""
        return self.sidecar("GET" if body is None else "POST", f"v1.0/invoke/{app_id}/method/{path}", body)

    def metadata(self) -> Any:
        """What the sidecar tells of itself."""
        return self.sidecar("GET", "v1.0/metadata")

    def begin_traffic(self, path: str, number: int = 1) -> None:
        """Have the sidecar called there, one call after the other."""
        self.ask("POST", f"traffic/{number}/{path}")

    def traffic(self, number: int = 1) -> Traffic:
        """How that goes."""
        return Traffic(**self.ask("GET", f"traffic/{number}"))

    def end_traffic(self, number: int = 1) -> Traffic:
        """End it."""
        return Traffic(**self.ask("DELETE", f"traffic/{number}"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A namespace for applications."""

    admin: Client
    namespace: str

    def apply(self, *objects: Object) -> None:
        """Have these objects, as ``kubectl apply`` does."""
        for each in objects:
            self.admin.apply(each, namespace=self.namespace)

    def deploy(
        self, app_id: str, *, replicas: int = 1, called: bool = True, actors: str = "", **annotations: str
    ) -> None:
        """A Deployment of a stagehand with its sidecar; annotations without their prefix, ``_`` for ``-``.

        ``called`` tells the sidecar the application's port; ``actors`` are the types it hosts, with commas.
        """
        port = {"app-port": str(PORT)} if called else {}
        whole = {"enabled": "true", "app-id": app_id, **port, **annotations}
        container = restricted(STAGEHAND, env=[{"name": "ACTORS", "value": actors}])
        del container["command"]
        ready = {"tcpSocket": {"port": PORT}, "periodSeconds": 1}
        template = {
            "metadata": {
                "labels": {"app": app_id},
                "annotations": {f"dapr.io/{name.replace('_', '-')}": value for name, value in whole.items()},
            },
            "spec": {"containers": [container | {"name": app_id, "readinessProbe": ready}]},
        }
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": app_id}}, "template": template}
        self.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": app_id}, "spec": spec})

    def pods(self, app: str) -> list[Object]:
        """The pods of an application that are not on their way out."""
        found = self.admin.list("v1", "Pod", self.namespace, labelSelector=f"app={app}")
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def wait_ready(self, app: str, count: int = 1) -> list[Object]:
        """Wait until so many pods of an application are ready, sidecars included; gives them."""
        found: list[Object] = []
        try:
            for _ in patiently(f"{count} ready pods of {app}"):
                found = self.pods(app)
                if len(found) == count and all(_is_ready(each) for each in found):
                    return found
        except AssertionError as error:
            states = [each["status"].get("containerStatuses") for each in found]
            raise AssertionError(f"{error}: {json.dumps(states)[:2000]}") from None
        raise AssertionError("unreachable")

    def hand(self, app: str) -> Hand:
        """The stagehand of an application's first pod, once that is ready."""
        return self.hands(app)[0]

    def hands(self, app: str, count: int = 1) -> list[Hand]:
        """The stagehands of all of its pods, which have their sidecars."""
        found = self.wait_ready(app, count)
        for each in found:
            names = [container["name"] for container in each["spec"]["containers"]]
            assert "daprd" in names, f"pod {each['metadata']['name']} was made without its sidecar; it has {names}"
        return [Hand(self.admin, self.namespace, each["metadata"]["name"]) for each in found]

    def log(self, pod: str, container: str) -> str:
        """What a container has written."""
        path = self.admin.path("v1", "Pod", self.namespace, pod) + "/log"
        return str(self.admin.request("GET", path, accept="*/*", container=container))


def _is_ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
