"""What changed between the resources in force and those just read: a pure comparison (building-blocks.md §6.9).

Components and subscriptions are exchanged one by one. A changed HTTPEndpoint or Resiliency, or another Configuration
than the one in use, is beyond that: the whole runtime is built anew. Only specs (and who may use them) count; labels
and annotations do not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from dapr_core.resources.component import Component
from dapr_core.resources.loader import LoadedResources
from dapr_core.resources.subscription import Subscription


class _Named(Protocol):
    @property
    def name(self) -> str: ...


R = TypeVar("R", bound=_Named)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do, in this order: remove, replace, add; or start the runtime anew."""

    deleted: tuple[Component, ...] = ()
    updated: tuple[Component, ...] = ()
    created: tuple[Component, ...] = ()
    subscriptions: tuple[Subscription, ...] | None = None
    """The subscriptions to be in force, or None when they are what they were."""
    restart: tuple[str, ...] = field(default=())
    """Kinds and names whose change needs a new runtime."""
    after: LoadedResources = field(default=LoadedResources())
    """Everything as it is to be."""

    def __bool__(self) -> bool:
        return bool(self.deleted or self.updated or self.created or self.restart or self.subscriptions is not None)


def compare(before: LoadedResources, after: LoadedResources, *, configuration: str) -> Changes:
    """Compare two loads.

    Args:
        before: what is in force.
        after: what was just read.
        configuration: name of the Configuration in use; changes of others are ignored.
    """
    old = {each.name: each for each in before.components}
    new = {each.name: each for each in after.components}
    subscriptions_differ = [_essence(each) for each in before.subscriptions] != [
        _essence(each) for each in after.subscriptions
    ]
    return Changes(
        after=after,
        deleted=tuple(each for name, each in old.items() if name not in new),
        updated=tuple(each for name, each in new.items() if name in old and _essence(old[name]) != _essence(each)),
        created=tuple(each for name, each in new.items() if name not in old),
        subscriptions=after.subscriptions if subscriptions_differ else None,
        restart=(
            *_changed(before.endpoints, after.endpoints),
            *_changed(before.resiliencies, after.resiliencies),
            *_changed(
                (each for each in before.configurations if each.name == configuration),
                (each for each in after.configurations if each.name == configuration),
            ),
        ),
    )


def keep_missing(before: LoadedResources, after: LoadedResources) -> LoadedResources:
    """``after``, with the resources of ``before`` that it lacks: a document that does not read removes nothing."""
    return dataclasses.replace(
        after,
        components=_united(before.components, after.components),
        subscriptions=_united(before.subscriptions, after.subscriptions),
        endpoints=_united(before.endpoints, after.endpoints),
        resiliencies=_united(before.resiliencies, after.resiliencies),
        configurations=_united(before.configurations, after.configurations),
    )


def _united(before: tuple[R, ...], after: tuple[R, ...]) -> tuple[R, ...]:
    names = {each.name for each in after}
    return (*(each for each in before if each.name not in names), *after)


def _changed(before: Iterable[Any], after: Iterable[Any]) -> list[str]:
    old = {f"{each.KIND} {each.name}": _essence(each) for each in before}
    new = {f"{each.KIND} {each.name}": _essence(each) for each in after}
    return [key for key in {**old, **new} if old.get(key) != new.get(key)]


def _essence(resource: Any) -> tuple[Any, ...]:
    """What makes two resources the same to a runtime."""
    return (
        resource.metadata.name,
        resource.metadata.namespace,
        resource.spec,
        getattr(resource, "auth", None),
        getattr(resource, "scopes", ()),
    )
