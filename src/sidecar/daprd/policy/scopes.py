"""Who may use which topic, secret and component: pure decisions over what manifests and Configuration say.

Topics: building-blocks.md §1.6. Secrets: crds-helm-config.md §2.7. Components: §2.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TopicScopes:
    """The scopes of one pub/sub component. ``publishing`` and ``subscribing`` are topics by app id."""

    publishing: Mapping[str, frozenset[str]]
    subscribing: Mapping[str, frozenset[str]]
    allowed: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset()

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> TopicScopes:
        """Read the scopes from a manifest's metadata, whose keys are compared without case."""
        folded = {key.lower(): value for key, value in metadata.items()}
        return cls(
            _by_app(folded.get("publishingscopes", "")),
            _by_app(folded.get("subscriptionscopes", "")),
            _topics(folded.get("allowedtopics", "")),
            _topics(folded.get("protectedtopics", "")),
        )

    def may_publish(self, app_id: str, topic: str) -> bool:
        """Whether the application may publish to a topic, named without its namespace prefix."""
        return self._may(self.publishing.get(app_id), topic)

    def may_subscribe(self, app_id: str, topic: str) -> bool:
        """Whether the application may subscribe to a topic, named without its namespace prefix."""
        return self._may(self.subscribing.get(app_id), topic)

    def _may(self, scope: frozenset[str] | None, topic: str) -> bool:
        if self.allowed and topic not in self.allowed:
            return False
        if scope is None:
            return topic not in self.protected
        return topic in scope


class ScopeError(ValueError):
    """The Configuration's scopes contradict themselves; the sidecar must not start."""


@dataclass(frozen=True, slots=True)
class SecretScope:
    """What one secret store gives to the application."""

    allow_by_default: bool = True
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    def allows(self, secret: str) -> bool:
        """Whether a secret may be read: a list of allowed ones decides alone, then denied ones, then the default."""
        if self.allowed:
            return secret in self.allowed
        return secret not in self.denied and self.allow_by_default


class SecretScopes:
    """The Configuration's ``spec.secrets.scopes``, by store. A store without a scope gives everything."""

    __slots__ = ("_by_store",)

    def __init__(self, entries: Iterable[Mapping[str, Any]] = ()) -> None:
        """``entries`` have ``storeName``, ``defaultAccess``, ``allowedSecrets`` and ``deniedSecrets``.

        Raises:
            ScopeError: a store is named twice, or an access is neither allow nor deny.
        """
        self._by_store: dict[str, SecretScope] = {}
        for entry in entries:
            store = str(entry.get("storeName") or "")
            if store in self._by_store:
                raise ScopeError(f"{store} storeName is repeated in secrets configuration")
            self._by_store[store] = _secret_scope(entry)

    def allows(self, store: str, secret: str) -> bool:
        """Whether the application may read a secret of a store; names are compared exactly."""
        scope = self._by_store.get(store)
        return scope is None or scope.allows(secret)

    @property
    def by_store(self) -> Mapping[str, SecretScope]:
        """The scopes, by the name of their store."""
        return self._by_store


class ComponentDenyList:
    """The Configuration's ``spec.components.deny``: entries ``type`` or ``type/version``, compared exactly."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[str] = ()) -> None:
        pairs = (entry.split("/") for entry in entries)
        self._entries = frozenset((parts[0], parts[1] if len(parts) > 1 else "") for parts in pairs if len(parts) <= 2)

    def denies(self, component_type: str, version: str) -> bool:
        """Whether a component is refused. With a list, one without type or version is refused too."""
        if not self._entries:
            return False
        if not component_type or not version:
            return True
        return (component_type, "") in self._entries or (component_type, version) in self._entries


def _by_app(text: str) -> dict[str, frozenset[str]]:
    """``app1=a,b;app2=`` as topics by app; an empty right side allows only the topic "", that is none."""
    scopes: dict[str, frozenset[str]] = {}
    for entry in text.replace(" ", "").split(";"):
        app_id, equals, topics = entry.partition("=")
        if equals and "=" not in topics:
            scopes[app_id] = frozenset(topics.split(","))
    return scopes


def _topics(text: str) -> frozenset[str]:
    return frozenset(topic for topic in text.replace(" ", "").split(",") if topic)


def _secret_scope(entry: Mapping[str, Any]) -> SecretScope:
    access = str(entry.get("defaultAccess") or "allow").lower()
    if access not in ("allow", "deny"):
        raise ScopeError(f"defaultAccess {entry.get('defaultAccess')} can be either allow or deny")
    return SecretScope(
        access == "allow", frozenset(entry.get("allowedSecrets") or ()), frozenset(entry.get("deniedSecrets") or ())
    )
