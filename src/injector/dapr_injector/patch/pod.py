"""The pod of an admission request, as far as the patch must know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SIDECAR: Final = "daprd"
"""Name of the container that is the sidecar."""

Json = dict[str, Any]


class InvalidPodError(ValueError):
    """The object is no pod; the text names the field."""


@dataclass(frozen=True, slots=True)
class Pod:
    """What is read of a pod. Containers and volumes stay the objects that they are."""

    name: str
    generate_name: str
    """What the name will begin with, where the API server makes it."""
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    containers: tuple[Json, ...]
    init_containers: tuple[Json, ...]
    volumes: tuple[Json, ...]
    tolerations: tuple[Json, ...]
    owner: Json | None
    """The controller that made it: ``apiVersion``, ``kind``, ``name`` and ``uid``."""

    @property
    def has_sidecar(self) -> bool:
        """Whether a container of the sidecar's name is there already."""
        return any(container.get("name") == SIDECAR for container in (*self.containers, *self.init_containers))

    def has_volume(self, name: str) -> bool:
        """Whether the pod declares this volume."""
        return any(volume.get("name") == name for volume in self.volumes)


def read_pod(value: object) -> Pod:
    """Read a decoded object.

    Raises:
        InvalidPodError: a field that is needed has another type.
    """
    pod = _object(value, "pod")
    metadata = _object(_or(pod, "metadata", {}), "metadata")
    spec = _object(_or(pod, "spec", {}), "spec")
    owners = _objects(metadata, "metadata", "ownerReferences")
    return Pod(
        name=_text(metadata, "name"),
        generate_name=_text(metadata, "generateName"),
        annotations=_texts(metadata, "annotations"),
        labels=_texts(metadata, "labels"),
        containers=_objects(spec, "spec", "containers"),
        init_containers=_objects(spec, "spec", "initContainers"),
        volumes=_objects(spec, "spec", "volumes"),
        tolerations=_objects(spec, "spec", "tolerations"),
        owner=next((owner for owner in owners if owner.get("controller") is True), None),
    )


def _or(parent: Json, name: str, default: object) -> object:
    """A field; ``null`` is as good as a missing one."""
    found = parent.get(name)
    return default if found is None else found


def _object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise InvalidPodError(f"{where} is no object")
    return value


def _objects(parent: Json, where: str, name: str) -> tuple[Json, ...]:
    found = parent.get(name)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise InvalidPodError(f"{where}.{name} is no list")
    return tuple(_object(item, f"{where}.{name}[{index}]") for index, item in enumerate(found))


def _texts(metadata: Json, name: str) -> Mapping[str, str]:
    found = _object(_or(metadata, name, {}), f"metadata.{name}")
    for key, value in found.items():
        if not isinstance(value, str):
            raise InvalidPodError(f"metadata.{name}.{key} is no string")
    return found


def _text(metadata: Json, name: str) -> str:
    found = _or(metadata, name, "")
    if not isinstance(found, str):
        raise InvalidPodError(f"metadata.{name} is no string")
    return found
