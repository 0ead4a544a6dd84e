"""JSON patch operations (RFC 6902) on a pod, and the additions that leave alone what the pod already has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dapr_injector.patch.pod import Json

CONTAINERS: Final = "/spec/containers"
INIT_CONTAINERS: Final = "/spec/initContainers"
VOLUMES: Final = "/spec/volumes"
LABELS: Final = "/metadata/labels"

Operation = dict[str, Any]

_HTML: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def add(path: str, value: Any) -> Operation:
    """Add a value."""
    return {"op": "add", "path": path, "value": value}


def encode(operations: Sequence[Operation]) -> bytes:
    """The patch as Go writes it: without spaces, fields in the order of their types, ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(operations, ensure_ascii=False, separators=(",", ":"))
    # These characters stand in strings only, so that the whole text may be replaced in.
    return text.translate(_HTML).encode()


def add_env(container: Json, index: int, variables: Sequence[Json]) -> list[Operation]:
    """Give an application's container variables; those it sets itself stay as they are."""
    path = f"{CONTAINERS}/{index}/env"
    present = container.get("env")
    if not present:
        return [add(path, list(variables))]
    names = {variable.get("name") for variable in present}
    return [add(path + "/-", variable) for variable in variables if variable["name"] not in names]


def add_mounts(container: Json, index: int, mounts: Sequence[Json]) -> list[Operation]:
    """Give a container mounts; where it mounts the same volume, or at the same path, it keeps its own."""
    path = f"{CONTAINERS}/{index}/volumeMounts"
    present = container.get("volumeMounts")
    if not present:
        return [add(path, list(mounts))]
    names = {mount.get("name") for mount in present}
    paths = {mount.get("mountPath") for mount in present}
    return [
        add(path + "/-", mount) for mount in mounts if mount["name"] not in names and mount["mountPath"] not in paths
    ]


class Volumes:
    """The pod's volumes while a patch grows: who comes first makes the list, and no name is added twice."""

    def __init__(self, present: Iterable[Json]) -> None:
        self._names = {volume.get("name") for volume in present}
        self._exist = bool(self._names)

    def add(self, volumes: Sequence[Json]) -> list[Operation]:
        """Add those that are not there."""
        new: list[Json] = []
        for volume in volumes:
            if volume["name"] not in self._names:
                self._names.add(volume["name"])
                new.append(volume)
        if not new:
            return []
        if self._exist:
            return [add(VOLUMES + "/-", volume) for volume in new]
        self._exist = True
        return [add(VOLUMES, new)]
