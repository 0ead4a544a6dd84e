"""Subscriptions as a gRPC application lists them (building-blocks.md §1.8)."""

from __future__ import annotations

from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb
from daprd.app.contract import Rule, SubscriptionSpec


def specs(listed: pb.ListTopicSubscriptionsResponse) -> list[SubscriptionSpec]:
    """The subscriptions; one without routes has the empty path."""
    return [_spec(item) for item in listed.subscriptions]


def _spec(item: pb.TopicSubscription) -> SubscriptionSpec:
    rules = [Rule(rule.match, rule.path) for rule in item.routes.rules]
    if item.routes.default or not rules:
        rules.append(Rule("", item.routes.default))
    return SubscriptionSpec(
        item.pubsub_name,
        item.topic,
        tuple(rules),
        dead_letter_topic=item.dead_letter_topic,
        metadata=dict(item.metadata),
        bulk_enabled=item.bulk_subscribe.enabled,
        bulk_max_messages=item.bulk_subscribe.max_messages_count,
        bulk_max_await_ms=item.bulk_subscribe.max_await_duration_ms,
    )
