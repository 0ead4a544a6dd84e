"""Subscription: a topic led to an application, in its two versions and one normal form (crds-helm-config.md §1.4).

Everything inside works on the newer version; a v1alpha1 document is converted when it is read: its one ``route``
becomes the default route.
"""

from __future__ import annotations

from typing import ClassVar

from dapr_core.resources.metadata import ObjectMeta
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import BOOL, INT32, STRING, attr, list_of, map_of


@model
class BulkSubscribe:
    """Delivery of several messages in one call."""

    enabled: bool = attr("enabled", BOOL, "Whether messages are delivered in bulk.", required=True)
    max_messages_count: int = attr("maxMessagesCount", INT32, "Messages in one call at most.")
    max_await_duration_ms: int = attr("maxAwaitDurationMs", INT32, "Milliseconds to wait for more messages.")


@model
class Rule:
    """One routing rule."""

    match: str = attr("match", STRING, "CEL expression over the event; blank always matches.", required=True)
    path: str = attr("path", STRING, "Path of the application that gets the event.", required=True)


@model
class Routes:
    """Where events go: the first matching rule's path, else the default."""

    default: str = attr("default", STRING, "Path when no rule matches.")
    rules: tuple[Rule, ...] = attr("rules", list_of(Rule), "Rules, in the order they are tried.")


@model
class SubscriptionSpec:
    """A topic of a pub/sub component and where its events go."""

    pubsubname: str = attr("pubsubname", STRING, "Name of the pub/sub component.", required=True)
    topic: str = attr("topic", STRING, "Topic to subscribe to.", required=True)
    routes: Routes = attr("routes", Routes, "Where events go.", required=True)
    metadata: dict[str, str] = attr("metadata", map_of(STRING), "Settings of the subscription for the component.")
    dead_letter_topic: str = attr("deadLetterTopic", STRING, "Topic for messages that could not be delivered.")
    bulk_subscribe: BulkSubscribe = attr("bulkSubscribe", BulkSubscribe, "Delivery in bulk.")


@model
class SubscriptionSpecV1:
    """A topic of a pub/sub component and its one route."""

    pubsubname: str = attr("pubsubname", STRING, "Name of the pub/sub component.", required=True)
    topic: str = attr("topic", STRING, "Topic to subscribe to.", required=True)
    route: str = attr("route", STRING, "Path of the application that gets the events.", required=True)
    metadata: dict[str, str] = attr("metadata", map_of(STRING), "Settings of the subscription for the component.")
    dead_letter_topic: str = attr("deadLetterTopic", STRING, "Topic for messages that could not be delivered.")
    bulk_subscribe: BulkSubscribe = attr("bulkSubscribe", BulkSubscribe, "Delivery in bulk.")


@model
class Subscription:
    """A declarative subscription, with routing rules."""

    KIND: ClassVar[str] = "Subscription"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v2alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: SubscriptionSpec = attr("spec", SubscriptionSpec, "The topic and where its events go.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "App ids that subscribe; empty means every app.")

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.metadata.name


@model
class SubscriptionV1:
    """A declarative subscription with one route; read only to be converted."""

    KIND: ClassVar[str] = "Subscription"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: SubscriptionSpecV1 = attr("spec", SubscriptionSpecV1, "The topic and its route.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "App ids that subscribe; empty means every app.")

    def normal(self) -> Subscription:
        """The same subscription in the normal form: the route becomes the default route."""
        spec = self.spec
        return Subscription(
            metadata=self.metadata,
            spec=SubscriptionSpec(
                pubsubname=spec.pubsubname,
                topic=spec.topic,
                routes=Routes(default=spec.route),
                metadata=spec.metadata,
                dead_letter_topic=spec.dead_letter_topic,
                bulk_subscribe=spec.bulk_subscribe,
            ),
            scopes=self.scopes,
        )
