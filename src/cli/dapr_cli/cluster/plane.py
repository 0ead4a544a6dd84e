"""The control plane as its pods show it: a row a service (cli-dashboard.md §12).

The public CLI takes the first pod of a service for all of them. Here a service is healthy when all its pods are ready,
its status is that of the one that is worst off, and a Deployment that got no pod at all is told of too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dapr_core.kube import ForbiddenError, KubeClient, Object, Selector
from dapr_core.kube.kinds import DEPLOYMENT, POD, STATEFUL_SET
from dapr_core.kube.objects import key_of, metadata, section, text

from .moments import age_of, created_at, created_column

SERVICES = (
    "dapr-operator",
    "dapr-sentry",
    "dapr-placement",
    "dapr-placement-server",
    "dapr-sidecar-injector",
    "dapr-scheduler-server",
)
"""Values of the label ``app`` by which the control plane is known."""
SELECTOR = Selector(labels=f"app in ({','.join(SERVICES)})")
COLUMNS = {
    "NAME": "name",
    "NAMESPACE": "namespace",
    "HEALTHY": "healthy",
    "STATUS": "status",
    "REPLICAS": "replicas",
    "VERSION": "version",
    "AGE": "age",
    "CREATED": "created",
}
RUNNING = "Running"
NO_PODS = "No pods"


class Found(NamedTuple):
    """What a cluster holds of the control plane: its pods, and the workloads that are to keep them."""

    pods: Sequence[Object]
    workloads: Sequence[Object] = ()


async def look(client: KubeClient, namespace: str = "") -> Found:
    """Find the control plane in a namespace, or wherever it is. Raises KubeError."""
    pods = (await client.list(POD, namespace, selector=SELECTOR)).items
    workloads: list[Object] = []
    for kind in (DEPLOYMENT, STATEFUL_SET):
        try:
            workloads += (await client.list(kind, namespace, selector=SELECTOR)).items
        except ForbiddenError:  # who may see pods sees most
            break
    return Found(pods, workloads)


def rows(found: Found, now: float) -> list[dict[str, Any]]:
    """One record for each service, by namespace and name."""
    kept: dict[tuple[str, str], list[Object]] = {}
    for pod in found.pods:
        kept.setdefault(_service(pod), []).append(pod)
    empty = [thing for thing in found.workloads if _service(thing) not in kept and _wanted(thing)]
    records = [_row(service, pods, now) for service, pods in kept.items()]
    records += [_row_without_pods(_service(thing), thing, now) for thing in empty]
    return sorted(records, key=lambda record: (record["namespace"], record["name"]))


def image_version(image: str) -> str:
    """The tag of an image's reference; of one that is named by digest alone, the digest's beginning."""
    name, _, digest = image.partition("@")
    _, colon, tag = name.rpartition("/")[2].partition(":")
    return tag if colon else digest[:19] or "latest"


def _row(service: tuple[str, str], pods: Sequence[Object], now: float) -> dict[str, Any]:
    states = [_state(pod) for pod in pods]
    bad = [state for state in states if state != RUNNING]
    versions = {image_version(image) for pod in pods for image in [_image(section(pod, "spec"))] if image}
    created = min(created_at(pod) for pod in pods)
    namespace, name = service
    return {
        "name": name,
        "namespace": namespace,
        "healthy": all(map(_is_ready, pods)),
        "status": bad[0] if bad else RUNNING,
        "replicas": len(pods),
        "version": ",".join(sorted(versions)),
        "age": age_of(created, now),
        "created": created_column(created),
    }


def _row_without_pods(service: tuple[str, str], workload: Object, now: float) -> dict[str, Any]:
    created = created_at(workload)
    namespace, name = service
    return {
        "name": name,
        "namespace": namespace,
        "healthy": False,
        "status": NO_PODS,
        "replicas": 0,
        "version": image_version(_image(section(workload, "spec", "template", "spec"))),
        "age": age_of(created, now),
        "created": created_column(created),
    }


def _service(thing: Object) -> tuple[str, str]:
    return key_of(thing).namespace, text(section(thing, "metadata", "labels"), "app")


def _wanted(workload: Object) -> bool:
    return bool(section(workload, "spec").get("replicas", 1))


def _state(pod: Object) -> str:
    """The pod's state in a word: that of the first container which is not running, else its phase."""
    if metadata(pod).get("deletionTimestamp"):
        return "Terminating"
    status = section(pod, "status")
    for container in _containers(status):
        for state in ("waiting", "terminated"):
            if state in section(container, "state"):
                reason = text(section(container, "state", state), "reason")
                return f"{state.capitalize()} ({reason})" if reason else state.capitalize()
    return text(status, "phase") or "Pending"


def _is_ready(pod: Object) -> bool:
    conditions = section(pod, "status").get("conditions") or []
    return any(text(each, "type") == "Ready" and text(each, "status") == "True" for each in conditions)


def _containers(status: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return [each for each in status.get("containerStatuses") or () if isinstance(each, Mapping)]


def _image(spec: Mapping[str, Any]) -> str:
    containers = spec.get("containers") or []
    return text(containers[0], "image") if containers else ""
