"""A pub/sub component in service: the vendor, who may use which topic, and how its topics are spelled at the broker."""

from __future__ import annotations

from dapr_components.pubsub.contract import Feature, PubSub
from daprd.blocks.pubsub.scopes import TopicScopes


class PubSubService:
    """What the block keeps per component.

    ``prefix`` goes before every topic at the broker when the component is namespaced; applications and scopes only ever
    see names without it (building-blocks.md §1.7). ``leaving`` is set when it goes out of service: nothing is
    subscribed with it any more, while deliveries in flight may still publish their dead letters.
    """

    __slots__ = ("component", "handles_ttl", "leaving", "name", "prefix", "scopes")

    def __init__(self, name: str, component: PubSub, scopes: TopicScopes, prefix: str = "") -> None:
        self.name = name
        self.component = component
        self.scopes = scopes
        self.prefix = prefix
        self.leaving = False
        self.handles_ttl = Feature.MESSAGE_TTL in component.features

    def broker_topic(self, topic: str) -> str:
        """A topic as the broker knows it."""
        return self.prefix + topic

    def app_topic(self, broker_topic: str) -> str:
        """A topic as applications know it."""
        return broker_topic.replace(self.prefix, "", 1) if self.prefix else broker_topic
