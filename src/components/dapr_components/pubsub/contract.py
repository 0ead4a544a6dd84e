"""The contract of a pub/sub broker (components.md §2.2, building-blocks.md §1).

Data is the bytes of a CloudEvent, or raw bytes; a broker never looks inside. Delivery is at least once: a message is
acknowledged only when its handler returns, and comes again (as the vendor does it) when the handler raises.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from dapr_components.contract import Component

BULK_FAN_OUT = 100
"""How many single publishes a bulk publish keeps in flight (building-blocks.md §1.5)."""


class Feature(StrEnum):
    """Capabilities as ``/v1.0/metadata`` names them."""

    MESSAGE_TTL = "MESSAGE_TTL"
    SUBSCRIBE_WILDCARDS = "SUBSCRIBE_WILDCARDS"
    BULK_PUBSUB = "BULK_PUBSUB"
    BULK_SUBSCRIBE_IMMEDIATE = "BULK_SUBSCRIBE_IMMEDIATE"


@dataclass(slots=True)
class PublishRequest:
    """One message for a topic. ``metadata`` None: the publisher gave none, which some brokers store differently."""

    topic: str
    data: bytes
    metadata: Mapping[str, str] | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class BulkEntry:
    """One entry of a bulk message, published or delivered. The publisher has merged request metadata into its own."""

    entry_id: str
    data: bytes
    content_type: str = ""
    metadata: Mapping[str, str] | None = None


@dataclass(slots=True)
class Message:
    """A message as the broker delivers it, with the publisher's metadata where the broker keeps it."""

    topic: str
    data: bytes
    metadata: Mapping[str, str] | None = None
    content_type: str | None = None


MessageHandler: TypeAlias = Callable[[Message], Awaitable[None]]
"""Called per message; returning acknowledges it, raising asks for it again."""

BulkHandler: TypeAlias = Callable[
    [str, Sequence[BulkEntry], Mapping[str, str]], Awaitable[Mapping[str, Exception | None]]
]
"""Called per batch with (topic, entries, metadata).

Answers per entry id: None acknowledges, an exception asks for that entry again.
"""


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """How a batch is cut: by count, or by age in milliseconds, whichever comes first."""

    max_messages: int = 100
    max_await_ms: int = 1000


class Subscription:
    """A running subscription. ``close`` stops taking messages; what is in flight is finished or comes again."""

    async def close(self) -> None:
        """Stop. Safe to call twice."""
        raise NotImplementedError


class PubSub(Component):
    """A vendor of pub/sub. Methods raise ``ComponentError`` when the broker fails."""

    features: ClassVar[frozenset[Feature]] = frozenset()

    @abstractmethod
    async def publish(self, request: PublishRequest) -> None:
        """Hand one message to the broker; returns when the broker has it."""

    @abstractmethod
    async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
        """Start delivering a topic. Returns once the subscription exists at the broker."""

    async def bulk_publish(
        self, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, Exception]:
        """Publish many; answers the entries that failed. Brokers with ``BULK_PUBSUB`` do it in one exchange.

        Here every entry is a publish of its own, at most ``BULK_FAN_OUT`` of them at once and started in order.
        """
        failed: dict[str, Exception] = {}
        limit = asyncio.Semaphore(BULK_FAN_OUT)

        async def one(entry: BulkEntry) -> None:
            async with limit:
                try:
                    request = PublishRequest(topic, entry.data, entry.metadata, entry.content_type or None)
                    await self.publish(request)
                except Exception as error:  # noqa: BLE001 - each entry has its own fate
                    failed[entry.entry_id] = error

        await asyncio.gather(*(one(entry) for entry in entries))
        return failed

    async def bulk_subscribe(
        self, topic: str, metadata: Mapping[str, str], options: BulkOptions, handler: BulkHandler
    ) -> Subscription | None:
        """Deliver batches natively; None when the vendor cannot, and the block then gathers single messages."""
        return None
