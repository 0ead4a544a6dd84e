"""Which Configuration an application was given: an annotation of its pods (control-plane.md §4.5)."""

from __future__ import annotations

from typing import NamedTuple

from dapr_core.kube import Informer, KubeClient, Object
from dapr_core.kube.kinds import POD
from dapr_core.kube.objects import key_of, section, text
from dapr_core.kube.reflector import Following
from dapr_core.truth import is_truthy


class AnnotatedPod(NamedTuple):
    """What is kept of a pod with a sidecar."""

    app_id: str
    configuration: str


class Assignments:
    """Follows the pods, by their metadata only; ``run`` has to run."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        following = Following(kind=POD, namespace=namespace, project=annotated, metadata_only=True)
        self._pods = Informer(client, following)

    async def run(self) -> None:
        """Follow, for ever."""
        await self._pods.run()

    async def wait_synced(self) -> None:
        """Wait until all pods are known."""
        await self._pods.wait_synced()

    def configuration_of(self, namespace: str, app_id: str) -> str:
        """The name of an application's Configuration; empty when its pods name none."""
        for key, pod in sorted(self._pods.cache.items()):
            if key.namespace == namespace and pod.app_id == app_id and pod.configuration:
                return pod.configuration
        return ""


def annotated(pod: Object) -> AnnotatedPod | None:
    """What is kept of a pod; None of one without sidecar."""
    annotations = section(section(pod, "metadata"), "annotations")
    if not is_truthy(text(annotations, "dapr.io/enabled")):
        return None
    app_id = text(annotations, "dapr.io/app-id") or key_of(pod).name
    return AnnotatedPod(app_id, text(annotations, "dapr.io/config"))
