"""Which Configuration an application was given: an annotation of its pods (control-plane.md §4.5)."""

from __future__ import annotations

from typing import NamedTuple

from dapr_core.kube import Informer, KubeClient, Object
from dapr_core.kube.cache import Change
from dapr_core.kube.kinds import POD
from dapr_core.kube.objects import key_of, section, text
from dapr_core.kube.reflector import Following
from dapr_core.truth import is_truthy


class AnnotatedPod(NamedTuple):
    """What is kept of a pod with a sidecar."""

    app_id: str
    configuration: str


class Named:
    """Which pods name a Configuration, by their application: asked for at each connection of a sidecar, so that it
    must not take longer the more pods there are."""

    def __init__(self) -> None:
        self._pods: dict[tuple[str, str], dict[str, str]] = {}

    def changed(self, change: Change[AnnotatedPod]) -> None:
        """A pod came, changed or went."""
        namespace, name = change.key
        if change.old is not None and change.old.configuration:
            application = (namespace, change.old.app_id)
            pods = self._pods[application]
            del pods[name]
            if not pods:
                del self._pods[application]
        if change.new is not None and change.new.configuration:
            self._pods.setdefault((namespace, change.new.app_id), {})[name] = change.new.configuration

    def configuration_of(self, namespace: str, app_id: str) -> str:
        """The name that the first of an application's pods has; empty when none has any."""
        pods = self._pods.get((namespace, app_id))
        return pods[min(pods)] if pods else ""


class Assignments:
    """Follows the pods, by their metadata only; ``run`` has to run."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        following = Following(kind=POD, namespace=namespace, project=annotated, metadata_only=True)
        self._pods = Informer(client, following)
        self._named = Named()
        self._pods.subscribe(self._named.changed)

    async def run(self) -> None:
        """Follow, for ever."""
        await self._pods.run()

    async def wait_synced(self) -> None:
        """Wait until all pods are known."""
        await self._pods.wait_synced()

    def configuration_of(self, namespace: str, app_id: str) -> str:
        """The name of an application's Configuration; empty when its pods name none."""
        return self._named.configuration_of(namespace, app_id)


def annotated(pod: Object) -> AnnotatedPod | None:
    """What is kept of a pod; None of one without sidecar."""
    annotations = section(section(pod, "metadata"), "annotations")
    if not is_truthy(text(annotations, "dapr.io/enabled")):
        return None
    app_id = text(annotations, "dapr.io/app-id") or key_of(pod).name
    return AnnotatedPod(app_id, text(annotations, "dapr.io/config"))
