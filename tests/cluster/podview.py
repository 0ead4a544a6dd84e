"""A pod as a flat table: everything that the injection of a sidecar may touch, by names that tell it to a reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]
View = dict[str, Any]

GONE: Final = "(gone)"
"""In a difference: what is not there any more."""


def view(pod: Json) -> View:
    """Everything about a pod that the sidecar's injection may have touched, by names that tell it to a reader."""
    spec = pod["spec"]
    found: View = {f"label {name}": value for name, value in pod["metadata"].get("labels", {}).items()}
    found |= {f"volume {each.pop('name')}": each for each in spec["volumes"]}
    for place in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(place, ())):
            if container["name"] == "daprd":
                found |= {"place": f"{place}[{index}]"} | _sidecar(container)
            else:
                found |= {f"{container['name']} {name}": value for name, value in _container(container).items()}
    return found


def _container(container: Json) -> View:
    found: View = {"image": container["image"]}
    for variable in container.get("env", ()):
        found[f"env {variable['name']}"] = variable.get("value", variable.get("valueFrom"))
    for mount in container.get("volumeMounts", ()):
        found[f"mount {mount.pop('name')}"] = mount
    return found


def _sidecar(container: Json) -> View:
    found = _container(container)
    found |= {f"port {port['name']}": port["containerPort"] for port in container["ports"]}
    arguments = list(container["args"])
    first = arguments.index("--dapr-http-port")
    found["program"] = " ".join(container.get("command", []) + arguments[:first])
    found |= dict(_flags(arguments[first:]))
    for name in ("securityContext", "resources", "livenessProbe", "readinessProbe"):
        found |= _flat(name, container[name])
    rest = {"name", "image", "env", "volumeMounts", "ports", "args", "command", "securityContext", "resources",
            "livenessProbe", "readinessProbe"}  # fmt: skip
    return found | {name: value for name, value in container.items() if name not in rest}


def _flags(arguments: list[str]) -> Iterator[tuple[str, str | None]]:
    for index, argument in enumerate(arguments):
        if not argument.startswith("--"):
            continue
        name, equals, value = argument.partition("=")
        after = arguments[index + 1] if index + 1 < len(arguments) else "--"
        yield f"flag {name}", value if equals else None if after.startswith("--") else after


def _flat(path: str, value: Any) -> View:
    if not isinstance(value, dict):
        return {path: value}
    return {name: each for key, member in value.items() for name, each in _flat(f"{path}.{key}", member).items()}


def difference(before: View, after: View) -> View:
    found = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return found | {name: GONE for name in before if name not in after}
