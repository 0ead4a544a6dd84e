"""The objects of one kind, by namespace, and who wants to hear of their changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dapr_core.kube import Key
from dapr_operator.resources.changes import Subscription
from dapr_operator.resources.resource import Resource

Listener = Callable[[Resource | None, Resource | None], None]


def is_news(known: str, version: str) -> bool:
    """Whether a version of an object tells more than the one that is known: not the same one, nor an earlier one,
    as a list has it that was read while something happened."""
    if known.isdecimal() and version.isdecimal():
        return int(version) > int(known)
    return not version or version != known


class Shelf:
    """Keeps a kind. Everything here happens on the loop, at once."""

    def __init__(self) -> None:
        self._namespaces: dict[str, dict[str, Resource]] = {}
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._listeners: list[Listener] = []

    def __len__(self) -> int:
        return sum(map(len, self._namespaces.values()))

    def __iter__(self) -> Iterator[Resource]:
        for resources in self._namespaces.values():
            yield from resources.values()

    def get(self, namespace: str, name: str) -> Resource | None:
        """One object."""
        return self._namespaces.get(namespace, {}).get(name)

    def of_namespace(self, namespace: str) -> list[Resource]:
        """The objects of a namespace, by name."""
        return [resource for _, resource in sorted(self._namespaces.get(namespace, {}).items())]

    # --- News

    def put(self, resource: Resource) -> None:
        """An object is there, new or changed. One that is known in this version already is no news, and a new version
        that says the same as the one before is told to nobody: the operator itself writes statuses."""
        namespace, name = resource.key
        resources = self._namespaces.setdefault(namespace, {})
        old = resources.get(name)
        if old is not None and not is_news(old.version, resource.version):
            return
        resources[name] = resource
        if old is None or not resource.says_the_same_as(old):
            self._tell(old, resource)

    def remove(self, key: Key) -> None:
        """An object is gone."""
        resources = self._namespaces.get(key.namespace, {})
        old = resources.pop(key.name, None)
        if old is None:
            return
        if not resources:
            del self._namespaces[key.namespace]
        self._tell(old, None)

    @property
    def keys(self) -> list[Key]:
        """All that is known."""
        return [resource.key for resource in self]

    # --- Who hears of it

    @contextmanager
    def subscribed(self, namespace: str, visible: Callable[[Resource], bool]) -> Iterator[Subscription]:
        """Hear of changes in a namespace for as long as the context lasts."""
        subscription = Subscription(namespace, visible)
        self._subscriptions.setdefault(namespace, set()).add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[namespace].discard(subscription)
            if not self._subscriptions[namespace]:
                del self._subscriptions[namespace]

    def listen(self, listener: Listener) -> None:
        """Call this with each change, old and new, for ever."""
        self._listeners.append(listener)

    def close(self) -> None:
        """End all subscriptions."""
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.close()

    def _tell(self, old: Resource | None, new: Resource | None) -> None:
        changed = new or old
        assert changed is not None
        for subscription in self._subscriptions.get(changed.key.namespace, ()):
            subscription.tell(old, new)
        for listener in self._listeners:
            listener(old, new)
