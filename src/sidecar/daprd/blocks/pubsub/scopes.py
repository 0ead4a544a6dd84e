"""Who may publish and subscribe to which topic of a component (building-blocks.md §1.6).

Read from the component's metadata: ``allowedTopics`` bounds what exists, ``protectedTopics`` are closed to all that are
not named, ``publishingScopes`` and ``subscriptionScopes`` list topics per application. Names are compared as written,
without a namespace prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TopicScopes:
    """The scopes of one component. An application that is not listed is not restricted, save by protected topics."""

    allowed: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset()
    publishing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    subscribing: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> TopicScopes:
        """Read a component's metadata, whose look-ups ignore case."""
        return cls(
            allowed=_topics(metadata.get("allowedTopics", "")),
            protected=_topics(metadata.get("protectedTopics", "")),
            publishing=_by_app(metadata.get("publishingScopes", "")),
            subscribing=_by_app(metadata.get("subscriptionScopes", "")),
        )

    def may_publish(self, app_id: str, topic: str) -> bool:
        """Whether an application may publish to a topic."""
        return self._permits(self.publishing, app_id, topic)

    def may_subscribe(self, app_id: str, topic: str) -> bool:
        """Whether an application may read a topic."""
        return self._permits(self.subscribing, app_id, topic)

    def _permits(self, scopes: Mapping[str, frozenset[str]], app_id: str, topic: str) -> bool:
        if self.allowed and topic not in self.allowed:
            return False
        listed = scopes.get(app_id)
        if listed is None:
            return topic not in self.protected
        return topic in listed


def _topics(text: str) -> frozenset[str]:
    return frozenset(topic for topic in text.replace(" ", "").split(",") if topic)


def _by_app(text: str) -> dict[str, frozenset[str]]:
    """``app1=a,b;app2=c``; an application with nothing behind its ``=`` may do nothing."""
    found: dict[str, frozenset[str]] = {}
    for part in text.replace(" ", "").split(";"):
        app_id, equals, topics = part.partition("=")
        if equals and app_id:
            found[app_id] = frozenset(topics.split(","))
    return found
