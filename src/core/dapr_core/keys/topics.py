"""Consumer ids and namespaced topics of pub/sub components (building-blocks.md §1.7)."""

from __future__ import annotations

from collections.abc import Mapping

CONSUMER_ID = "consumerID"
NAMESPACE_TEMPLATE = "{namespace}"


def consumer_id(metadata: Mapping[str, str], app_id: str) -> str:
    """The component's consumer id: as its manifest says, trimmed; else the application's id."""
    for key, value in metadata.items():
        if key.lower() == "consumerid":
            return value.strip() or app_id
    return app_id


def is_namespaced(metadata: Mapping[str, str]) -> bool:
    """Whether a manifest, as written, puts its topics into the namespace: any value has ``{namespace}``."""
    return any(NAMESPACE_TEMPLATE in value for value in metadata.values())


def with_namespace(topic: str, namespace: str) -> str:
    """The broker's topic of a namespaced component: the namespace directly before the name, no separator."""
    return namespace + topic


def without_namespace(topic: str, namespace: str) -> str:
    """The topic as the application knows it; the first occurrence goes."""
    return topic.replace(namespace, "", 1) if namespace else topic
