"""The definitions of ``dapr_core.resources.crds`` as lines, one a field: what a reviewer compares with a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dapr_core.resources import crds

FACETS = ("format", "enum", "default", "minLength", "maxLength", "minItems", "maxItems", "x-kubernetes-list-type")
NOT_OURS = ("apiVersion", "kind", "metadata", "status")


def lines() -> Iterator[str]:
    """``path type facets required`` under a heading for each kind and version."""
    for _, definition in crds.documents():
        for version in definition["spec"]["versions"]:
            yield f"== {definition['spec']['names']['kind']} {version['name']}"
            root = version["schema"]["openAPIV3Schema"]
            for key, schema in root["properties"].items():
                if key not in NOT_OURS:
                    yield from _lines(schema, key, required=False)


def _lines(schema: dict[str, Any], path: str, *, required: bool) -> Iterator[str]:
    facets = [f"{key.removeprefix('x-kubernetes-')}={_text(schema[key])}" for key in FACETS if key in schema]
    yield " ".join([path, schema.get("type", "any"), *facets, *(["required"] if required else [])])
    for rule in schema.get("x-kubernetes-validations", ()):
        yield f"{path} rule {rule['rule']}"
    for key, below in schema.get("properties", {}).items():
        yield from _lines(below, f"{path}.{key}", required=key in schema.get("required", ()))
    if "additionalProperties" in schema:
        yield from _lines(schema["additionalProperties"], f"{path}.*", required=False)
    if "items" in schema:
        yield from _lines(schema["items"], f"{path}[]", required=False)


def _text(value: object) -> str:
    return "|".join(value) if isinstance(value, list) else str(value)
