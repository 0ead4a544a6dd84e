"""What sentry knows of a pod, and whom a pod may be (control-plane.md §1.4). No I/O.

Of tens of kilobytes that a pod is made of, some hundred bytes are kept, and of equal texts one. (``sys.intern`` is not
used for that: on CPython 3.12 it keeps for ever what was interned once, and pods come and go.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from dapr_core.kube.objects import Key, Object, annotations_of, section, text, uid_of
from dapr_sentry.authority.images import ContainerImage
from dapr_sentry.validators.contract import RefusedError

CONTROL_PLANE: Final = "dapr.io/control-plane"
APP_ID: Final = "dapr.io/app-id"
CONFIG: Final = "dapr.io/config"
SERVICES: Final = frozenset(("operator", "placement", "injector", "sentry", "scheduler"))
SIDECAR: Final = "daprd"
MAX_IMAGES: Final = 16 * 1024
"""Characters of all images together that fit into a certificate; a TLS peer takes no endless one."""


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod.

    Attributes:
        uid: tells it from another one of the same name.
        account: its service account.
        control_plane, app_id, config: its annotations of these names; None where it has none.
        images: of its containers.
    """

    uid: str
    account: str
    control_plane: str | None
    app_id: str | None
    config: str | None
    images: tuple[ContainerImage, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """Whom a pod may be."""

    app_id: str
    control_plane: bool


@lru_cache(maxsize=4096)
def _shared(words: str) -> str:
    """The same text, as one of the last thousands was."""
    return words


def pod_of(thing: Object) -> Pod:
    """What is kept of a pod."""
    spec, annotations = section(thing, "spec"), annotations_of(thing)
    return Pod(
        uid_of(thing),
        _shared(text(spec, "serviceAccountName")),
        _annotation(annotations, CONTROL_PLANE),
        _annotation(annotations, APP_ID),
        _annotation(annotations, CONFIG),
        _bounded(_images(spec, section(thing, "status"))),
    )


def expected_of(key: Key, pod: Pod, control_plane_namespace: str) -> Expected:
    """Whom a pod may be: a service of the control plane, its app id, or its own name.

    Raises:
        RefusedError: it says that it is a service, and may not be one.
    """
    if pod.control_plane is None:
        return Expected(key.name if pod.app_id is None else pod.app_id, control_plane=False)
    if key.namespace != control_plane_namespace:
        raise RefusedError(f"control plane service in namespace '{key.namespace}' is not allowed")
    if pod.control_plane not in SERVICES:
        raise RefusedError(f"unknown control plane service '{key.name}'")
    if pod.app_id is not None:
        raise RefusedError(f"control plane service '{key.name}' cannot have annotation '{APP_ID}'")
    return Expected(f"dapr-{pod.control_plane}", control_plane=True)


def _annotation(annotations: Mapping[str, Any], name: str) -> str | None:
    value = annotations.get(name)
    return _shared(value) if isinstance(value, str) else None


def _images(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[ContainerImage]:
    """Native sidecars first, then containers, in the pod's order."""
    natives = [each for each in _entries(spec, "initContainers") if each.get("restartPolicy") == "Always"]
    running = {
        text(each, "name"): text(each, "imageID")
        for each in (*_entries(status, "initContainerStatuses"), *_entries(status, "containerStatuses"))
    }
    for container in (*natives, *_entries(spec, "containers")):
        name = text(container, "name")
        role = SIDECAR if name == SIDECAR else "app"
        yield ContainerImage(
            role, _shared(name), _shared(text(container, "image")), _shared(digest_of(running.get(name, "")))
        )


def digest_of(image_id: str) -> str:
    """The digest in an ``imageID``, which runtimes write in several ways; empty when there is none."""
    _, at, digest = image_id.rpartition("@")
    if at:
        return digest
    return image_id if image_id.startswith("sha256:") else ""


def _bounded(images: Iterable[ContainerImage]) -> tuple[ContainerImage, ...]:
    """All images, or none when they are too many to be told."""
    found = tuple(images)
    size = sum(len(each.container) + len(each.image) + len(each.digest) for each in found)
    return found if size <= MAX_IMAGES else ()


def _entries(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
