"""Subscription resources as subscriptions of this application (building-blocks.md §1.8)."""

from __future__ import annotations

from collections.abc import Iterable

from dapr_core.resources.subscription import Subscription
from daprd.app.contract import Rule, SubscriptionSpec


def declared_subscriptions(resources: Iterable[Subscription], app_id: str) -> list[SubscriptionSpec]:
    """What the resources mean for one application, in the order given; those scoped to others are left out."""
    return [_spec(resource) for resource in resources if not resource.scopes or app_id in resource.scopes]


def _spec(resource: Subscription) -> SubscriptionSpec:
    spec = resource.spec
    rules = [Rule(rule.match, rule.path) for rule in spec.routes.rules]
    if spec.routes.default:
        rules.append(Rule("", spec.routes.default))
    bulk = spec.bulk_subscribe
    return SubscriptionSpec(
        pubsub=spec.pubsubname,
        topic=spec.topic,
        rules=tuple(rules),
        dead_letter_topic=spec.dead_letter_topic,
        metadata=dict(spec.metadata or {}),
        bulk_enabled=bulk.enabled,
        bulk_max_messages=bulk.max_messages_count,
        bulk_max_await_ms=bulk.max_await_duration_ms,
        kind="DECLARATIVE",
        name=resource.name,
    )
