"""Pods that have a sidecar, and what the sidecar's arguments say of the application (cli-dashboard.md §9, §12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dapr_core.kube import KubeClient, Object
from dapr_core.kube.kinds import POD
from dapr_core.kube.objects import key_of, section, text

from .moments import age_of, created_at, created_column

SIDECAR = "daprd"
ENDED = ("Succeeded", "Failed")
COLUMNS = {
    "NAMESPACE": "namespace",
    "APP ID": "appId",
    "APP PORT": "appPort",
    "AGE": "age",
    "CREATED": "created",
}


class Application(NamedTuple):
    """An application's pod as its sidecar's arguments describe it; ``app_port`` is empty where it has none."""

    namespace: str
    pod: str
    app_id: str
    app_port: str
    phase: str
    created: float


async def applications(client: KubeClient, namespace: str = "") -> list[Application]:
    """All pods with a sidecar in a namespace, or in all of them. Raises KubeError."""
    found = []
    async for page in client.pages(POD, namespace):
        found += [application for pod in page.items if (application := application_of(pod)) is not None]
    return found


def application_of(pod: Object) -> Application | None:
    """What a pod's sidecar says; None where there is none."""
    sidecar = next((each for each in containers_of(pod) if text(each, "name") == SIDECAR), None)
    if sidecar is None:
        return None
    given = _arguments(sidecar)
    key, status = key_of(pod), section(pod, "status")
    phase = text(status, "phase")
    return Application(key.namespace, key.name, given["app-id"], given["app-port"], phase, created_at(pod))


def containers_of(pod: Object) -> list[Mapping[str, Any]]:
    """All containers of a pod; a native sidecar is among the first ones."""
    spec = section(pod, "spec")
    return [each for part in ("initContainers", "containers") for each in spec.get(part) or ()]


def rows(found: Iterable[Application], now: float) -> list[dict[str, Any]]:
    """One record for each pod that has not ended, sorted by namespace, the last first, then by id and age."""
    running = [each for each in found if each.phase not in ENDED]
    running.sort(key=lambda each: (each.app_id, each.created))
    running.sort(key=lambda each: each.namespace, reverse=True)
    return [
        {
            "namespace": each.namespace,
            "appId": each.app_id,
            "appPort": each.app_port,
            "age": age_of(each.created, now),
            "created": created_column(each.created),
        }
        for each in running
    ]


def chosen(found: Sequence[Application], app_id: str) -> list[Application]:
    """The pods of one application, those that run first, the newest of them in front."""
    pods = [each for each in found if each.app_id == app_id]
    return sorted(pods, key=lambda each: (each.phase != "Running", -each.created))


def _arguments(sidecar: Mapping[str, Any]) -> dict[str, str]:
    """``--app-id`` and ``--app-port``, in either form of a flag."""
    found = {"app-id": "", "app-port": ""}
    words = [str(word) for part in ("command", "args") for word in sidecar.get(part) or ()]
    for place, word in enumerate(words):
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in found:
            found[name] = value if equals else "".join(words[place + 1 : place + 2])
    return found
