"""The contract of a pub/sub broker (components.md §2.2, building-blocks.md §1).

Data is the bytes of a CloudEvent, or raw bytes; a broker never looks inside. Delivery is at least once: a message is
acknowledged only when its handler returns, and comes again (as the vendor does it) when the handler raises.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

from dapr_components.contract import Component


class Feature(StrEnum):
    """Capabilities as ``/v1.0/metadata`` names them."""

    MESSAGE_TTL = "MESSAGE_TTL"
    SUBSCRIBE_WILDCARDS = "SUBSCRIBE_WILDCARDS"
    BULK_PUBSUB = "BULK_PUBSUB"
    BULK_SUBSCRIBE_IMMEDIATE = "BULK_SUBSCRIBE_IMMEDIATE"


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """One message for a topic."""

    topic: str
    data: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class BulkEntry:
    """One entry of a bulk message, published or delivered."""

    entry_id: str
    data: bytes
    content_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the broker delivers it."""

    topic: str
    data: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)
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
        """Publish many; answers the entries that failed. Brokers with ``BULK_PUBSUB`` do it in one exchange."""
        failed: dict[str, Exception] = {}
        for entry in entries:
            request = PublishRequest(topic, entry.data, {**metadata, **entry.metadata}, entry.content_type or None)
            try:
                await self.publish(request)
            except Exception as error:  # noqa: BLE001 - each entry has its own fate
                failed[entry.entry_id] = error
        return failed

    async def bulk_subscribe(
        self, topic: str, metadata: Mapping[str, str], options: BulkOptions, handler: BulkHandler
    ) -> Subscription | None:
        """Deliver batches natively; None when the vendor cannot, and the block then gathers single messages."""
        return None
