"""Components that run as containers of the pod (control-plane.md §5.7): shared sockets, and containers to add."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dapr_injector.annotations import COMPONENT_CONTAINER, SidecarAnnotations
from dapr_injector.patch.environment import COMPONENT_SOCKETS, variable
from dapr_injector.patch.operations import CONTAINERS, Operation, Volumes, add, add_env, add_mounts
from dapr_injector.patch.pod import Json, Pod
from dapr_injector.patch.volumes import mount

SOCKETS_VOLUME: Final = "dapr-components-unix-domain-socket"


@dataclass(frozen=True, slots=True)
class Component:
    """What is read of a Component in the pod's namespace."""

    name: str
    container: str
    scopes: tuple[str, ...]

    @classmethod
    def read(cls, resource: Json) -> Component | None:
        """The component of a Kubernetes object; None when it brings no container."""
        metadata = resource.get("metadata") or {}
        container = (metadata.get("annotations") or {}).get(COMPONENT_CONTAINER, "")
        if not container:
            return None
        return cls(metadata.get("name", ""), container, tuple(resource.get("scopes") or ()))


def containers_of(app_id: str, components: Iterable[Component]) -> tuple[list[Json], list[str]]:
    """Containers to add for an application, one for each image, and a complaint for each that does not read."""
    found: dict[Any, Json] = {}
    complaints: list[str] = []
    for component in components:
        if component.scopes and app_id not in component.scopes:
            continue
        try:
            container = json.loads(component.container)
        except ValueError:
            container = None
        if not isinstance(container, dict):
            complaints.append(f"component {component.name}: annotation {COMPONENT_CONTAINER} is no JSON object")
            continue
        image = container.get("image")
        if image not in found:
            found[image] = container if container.get("name") else {"name": component.name, **container}
    return list(found.values()), complaints


def is_component(container: Json, annotations: SidecarAnnotations) -> bool:
    """Whether a container of the pod was named as a component."""
    return container.get("name") in {name.strip() for name in annotations.pluggable_components.split(",")}


def share_sockets(
    pod: Pod, annotations: SidecarAnnotations, injected: Sequence[Json], volumes: Volumes, folder: str
) -> list[Operation]:
    """Give every container of a component the folder of sockets, and add those that the pod does not have."""
    sockets = mount(SOCKETS_VOLUME, folder)
    tells = variable(COMPONENT_SOCKETS, folder)
    operations = volumes.add([_empty(SOCKETS_VOLUME)])
    for index, container in enumerate(pod.containers):
        if is_component(container, annotations):
            operations += add_env(container, index, [tells])
            operations += add_mounts(container, index, [sockets])
    for container in injected:
        own = container.get("volumeMounts") or []
        operations += volumes.add([_empty(mounted["name"]) for mounted in own])
        whole = container | {"env": [*(container.get("env") or []), tells], "volumeMounts": [*own, sockets]}
        operations.append(add(CONTAINERS + "/-", whole))
    return operations


def _empty(name: str) -> Json:
    return {"name": name, "emptyDir": {}}
