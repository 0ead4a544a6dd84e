"""Take one message from the broker to the application (building-blocks.md §1.10–1.12).

The message becomes an event, the subscription's rules choose a path, the inbound policy governs the attempts. Returning
acknowledges the message; raising asks the broker for it again. What the application gives up (DROP, 404), what no rule
wants, what has expired and what still fails after all attempts goes to the dead letter topic, where there is one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from dapr_components.pubsub.contract import Message
from dapr_core import events
from daprd.app.contract import AppAnswerError, EventReceiver, SubscriptionSpec, TopicEvent, Verdict
from daprd.blocks.failures import failure_text, root_cause
from daprd.blocks.pubsub.observer import Processing, PubSubObserver
from daprd.blocks.pubsub.publishing import Publisher
from daprd.blocks.pubsub.service import PubSubService
from daprd.policy.cel import CELError
from daprd.policy.contract import Policies
from daprd.policy.rules import Routes, RuleError

log = logging.getLogger("dapr.runtime.processor.subscription")

DEAD_LETTER_LIMIT: Final = 30.0
"""Seconds that publishing a dead letter may take (§1.12)."""


ROUTING_ERRORS = (RuleError, CELError)
"""What a rule raises that cannot be decided for an event."""


class RetryRequestedError(Exception):
    """The application asked for the message again."""


class DeliveryError(Exception):
    """A message was not delivered; the broker shall give it again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every delivery of a block shares."""

    publisher: Publisher
    policies: Policies
    observer: PubSubObserver
    new_id: Callable[[], str]
    now: Callable[[], datetime]


class Delivery:
    """Delivers the messages of one subscription; an instance is the broker's ``MessageHandler``."""

    def __init__(self, spec: SubscriptionSpec, service: PubSubService, channel: EventReceiver, desk: Desk) -> None:
        """Raises ``BadExpressionError`` when a rule's expression cannot be compiled."""
        self.spec = spec
        self.service = service
        self.channel = channel
        self.desk = desk
        self.routes = Routes((rule.match, rule.path) for rule in spec.rules)
        self.raw = is_raw(spec.metadata)

    async def __call__(self, message: Message) -> None:
        """Deliver one message. Raises ``DeliveryError`` when the broker shall give it again."""
        started = time.perf_counter()
        processing: Processing = "retry"
        status = ""
        try:
            processing, status = await self._deliver(message)
        finally:
            elapsed = (time.perf_counter() - started) * 1000
            topic = self.service.app_topic(message.topic)
            self.desk.observer.ingress(self.service.name, topic, processing, status or processing, elapsed)

    async def _deliver(self, message: Message) -> tuple[Processing, str]:
        metadata = self.message_metadata(message.metadata, message.content_type)
        topic = self.service.app_topic(message.topic)
        incoming: events.Incoming | None = None
        try:
            incoming = self.receive(message.data, topic, message.content_type, metadata)
        except events.EventError as malformed:
            log.error(
                "error deserializing cloud event in pubsub %s and topic %s: %s", self.service.name, topic, malformed
            )
        if incoming is None:  # no redelivery can mend it
            return await self._give_up(message, metadata)
        event = incoming.event
        if events.has_expired(event, self.desk.now()):
            log.warning("dropping expired pub/sub event %s as of %s", event.get("id"), event.get("expiration"))
            return await self._give_up(message, metadata)
        path, failure = None, None
        try:
            path = self.routes.path(event)
        except ROUTING_ERRORS as error:
            log.error("error finding matching route for event %s in topic %s: %s", event.get("id"), topic, error)
            failure = error
        if failure is not None:
            return await self._bury(message, metadata, failure)
        if path is None:
            log.warning("no matching route for event %s in topic %s; skipping", event.get("id"), topic)
            return await self._give_up(message, metadata)
        return await self._hand_over(
            TopicEvent(path, self.service.name, topic, event, incoming.body, events.CLOUDEVENTS_JSON, metadata),
            message,
        )

    async def _hand_over(self, event: TopicEvent, message: Message) -> tuple[Processing, str]:
        verdict, cause = Verdict.DROP, None
        try:
            verdict = await self._attempts(event)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message is not delivered
            cause = root_cause(error)
            log.warning(
                "encountered a retriable error while publishing a subscribed message to topic %s, err: %s",
                event.topic, failure_text(cause),
            )  # fmt: skip
        if cause is not None:
            return await self._bury(message, event.metadata, cause)
        if verdict is Verdict.DROP:
            return await self._give_up(message, event.metadata)
        return "success", ""

    async def _attempts(self, event: TopicEvent) -> Verdict:
        """Offer the event until it is taken, dropped, or the policy has had enough."""
        policy = self.desk.policies.component(self.service.name, "Pubsub", "inbound")
        if policy is None:
            return accepted(await self.channel.topic_event(event), event.envelope)

        async def attempt() -> Verdict | AppAnswerError:
            try:
                return accepted(await self.channel.topic_event(event), event.envelope)
            except AppAnswerError as answer:
                return answer  # a value, so that the policy can look at its code

        outcome = await policy.run(attempt, failed=failure_code)
        if isinstance(outcome, AppAnswerError):
            raise outcome
        return outcome

    # -- the end of a message that was not taken

    async def _give_up(self, message: Message, metadata: Mapping[str, str]) -> tuple[Processing, str]:
        """Acknowledge a message that nobody will take; the dead letter topic gets it, where there is one."""
        if not self.spec.dead_letter_topic:
            return "drop", ""
        await self._dead_letter(message, metadata)
        return "drop", "success"

    async def _bury(
        self, message: Message, metadata: Mapping[str, str], cause: BaseException
    ) -> tuple[Processing, str]:
        """Send a message that failed to the dead letter topic; where there is none, the broker shall give it again."""
        if not self.spec.dead_letter_topic:
            raise DeliveryError(f"retriable error occurred: {failure_text(cause)}") from cause
        await self._dead_letter(message, metadata)
        return "drop", "success"

    async def _dead_letter(self, message: Message, metadata: Mapping[str, str]) -> None:
        topic = self.spec.dead_letter_topic
        try:
            async with asyncio.timeout(DEAD_LETTER_LIMIT):
                await self.desk.publisher.send(self.service, topic, message.data, metadata, message.content_type)
        except Exception as error:
            log.error("failed to send message to dead letter topic %s: %s", topic, failure_text(error))
            raise DeliveryError(
                f"failed to send message to dead letter topic {topic}: {failure_text(error)}"
            ) from error

    # -- parts that batches share

    def message_metadata(self, given: Mapping[str, str] | None, content_type: str | None) -> dict[str, str]:
        """The message's metadata with what the runtime adds to it."""
        metadata = {**given, "pubsubName": self.service.name} if given else {"pubsubName": self.service.name}
        if content_type:
            metadata["content-type"] = content_type
        return metadata

    def receive(
        self, data: bytes, topic: str, content_type: str | None, metadata: Mapping[str, str]
    ) -> events.Incoming:
        """The message as an event. Raises ``EventError``."""
        return events.receive(
            data,
            topic=topic,
            pubsub=self.service.name,
            content_type=content_type or "",
            raw=self.raw,
            new_id=self.desk.new_id,
            metadata=metadata,
        )


def accepted(verdict: Verdict, envelope: Mapping[str, Any]) -> Verdict:
    """The verdict, unless the application wants the message again. Raises ``RetryRequestedError`` then."""
    if verdict is Verdict.RETRY:
        name = envelope.get("id", "")
        raise RetryRequestedError(f"RETRY status returned from app while processing pub/sub event {name}")
    return verdict


def failure_code(outcome: object) -> int | None:
    """The code by which a policy decides about a retry; None for an outcome that is no failure."""
    return outcome.code if isinstance(outcome, AppAnswerError) else None


def is_raw(metadata: Mapping[str, str]) -> bool:
    """Whether a subscription asks for raw payloads; a value that is no boolean counts as false."""
    try:
        return events.is_raw_payload(metadata)
    except ValueError:
        return False


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)
