"""Publish and subscribe (building-blocks.md §1).

``block`` is what the API and the runtime hold. ``publishing`` takes a message to a broker; ``subscriptions`` decides
which topics are read and when; ``delivery`` takes one message from a broker to the application, ``bulk_delivery`` a
batch of them, gathered by ``batching`` where the broker delivers singly. ``declarative`` turns Subscription resources
into what the rest understands. Blocks know neither HTTP nor gRPC.
"""

from daprd.blocks.pubsub.block import PubSubBlock
from daprd.blocks.pubsub.declarative import declared_subscriptions
from daprd.blocks.pubsub.observer import PubSubObserver
from daprd.blocks.pubsub.publishing import BulkFailure, BulkMessage, Publisher, Target
from daprd.blocks.pubsub.subscriptions import SubscriptionManager

__all__ = [
    "BulkFailure",
    "BulkMessage",
    "PubSubBlock",
    "PubSubObserver",
    "Publisher",
    "SubscriptionManager",
    "Target",
    "declared_subscriptions",
]
