"""Resources for tests: manifests as values, and written down as a user writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]


def component(name: str, kind: str, *, scopes: Sequence[str] = (), **metadata: str) -> Document:
    """A Component; underscores in the names of metadata items stay as they are."""
    items = [{"name": key, "value": value} for key, value in metadata.items()]
    return {
        "apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": name},
        "spec": {"type": kind, "version": "v1", "metadata": items},
        **({"scopes": list(scopes)} if scopes else {}),
    }  # fmt: skip


def resource(kind: str, name: str, spec: Mapping[str, Any], *, version: str = "v1alpha1") -> Document:
    """Any other resource."""
    return {
        "apiVersion": f"dapr.io/{version}", "kind": kind, "metadata": {"name": name}, "spec": dict(spec),
    }  # fmt: skip


def subscription(name: str, pubsub: str, topic: str, route: str, **more: Any) -> Document:
    """A declarative subscription of today's version."""
    spec = {"pubsubname": pubsub, "topic": topic, "routes": {"default": route}, **more}
    return resource("Subscription", name, spec, version="v2alpha1")


def configuration(spec: Mapping[str, Any], *, hot_reload: bool = False) -> Document:
    """A Configuration named ``config``."""
    features = {"features": [{"name": "HotReload", "enabled": True}]} if hot_reload else {}
    return resource("Configuration", "config", {**spec, **features})


def finding(names: Path) -> Path:
    """A Configuration beside the table by which a sidecar finds others in it."""
    spec = {"component": "sqlite", "version": "v1", "configuration": {"connectionString": str(names)}}
    return write(names.with_suffix(".yaml"), configuration({"nameResolution": spec}))


def write(path: Path, *documents: Document) -> Path:
    """Write documents into one file, all at once, as careful editors and Kubernetes do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.write_text(yaml.safe_dump_all(documents))
    draft.replace(path)
    return path


def folder(path: Path, *documents: Document) -> Path:
    """A folder with one file for each document."""
    path.mkdir(parents=True, exist_ok=True)
    for document in documents:
        write(path / f"{document['kind'].lower()}-{document['metadata']['name']}.yaml", document)
    return path
