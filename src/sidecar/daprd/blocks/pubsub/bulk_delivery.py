"""Take a batch of messages from the broker to the application (building-blocks.md §1.14).

Entries that cannot be delivered (no event, expired, no route) leave the batch first; the rest is grouped by path, one
call per path. A retry sends only the entries that are still open. Each entry has its own end: acknowledged, given up
(dead letter topic, where there is one), or handed back to the broker.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dapr_components.pubsub.contract import BulkEntry
from dapr_core import events, jsonx
from daprd.app.contract import AppAnswerError, AppChannel, Verdict
from daprd.blocks.failures import failure_text, root_cause
from daprd.blocks.pubsub.delivery import (
    DEAD_LETTER_LIMIT,
    ROUTING_ERRORS,
    Delivery,
    DeliveryError,
    RetryRequestedError,
    failure_code,
)
from daprd.blocks.pubsub.observer import Processing

log = logging.getLogger("dapr.runtime.processor.subscription")

BULK_EVENT_TYPE = "com.dapr.event.sent.bulk"
RAW_CONTENT_TYPE = "application/octet-stream"


@dataclass(slots=True)
class _Item:
    """An entry that is to be delivered: its JSON in the envelope, and the trace field of its event."""

    entry: BulkEntry
    rendered: bytes
    trace: str | None


@dataclass(slots=True)
class _Batch:
    """One batch under way; ``answers`` collects what the broker will be told."""

    topic: str
    metadata: Mapping[str, str]
    answers: dict[str, Exception | None] = field(default_factory=dict)
    dead: list[tuple[BulkEntry, Exception | None]] = field(default_factory=list)
    """Entries to end as dead letters, with the error to hand back where there is no such topic."""
    counts: dict[Processing, int] = field(default_factory=dict)

    def count(self, processing: Processing, number: int = 1) -> None:
        self.counts[processing] = self.counts.get(processing, 0) + number


class BulkDelivery:
    """Delivers the batches of one subscription; an instance is the broker's ``BulkHandler``."""

    def __init__(self, delivery: Delivery, channel: AppChannel) -> None:
        self._delivery = delivery
        self._channel = channel
        self._service = delivery.service
        self._desk = delivery.desk

    async def __call__(
        self, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, Exception | None]:
        """Deliver a batch; answers per entry id, None acknowledging."""
        started = time.perf_counter()
        batch = _Batch(self._service.app_topic(topic), self._delivery.message_metadata(metadata, None))
        groups: dict[str, list[_Item]] = {}
        for entry in entries:
            self._sort_in(entry, batch, groups)
        await asyncio.gather(*(self._deliver(path, items, batch) for path, items in groups.items()))
        await self._bury_all(batch)
        elapsed = (time.perf_counter() - started) * 1000
        for processing, number in batch.counts.items():
            self._desk.observer.bulk_ingress(self._service.name, batch.topic, processing, number, elapsed)
        return batch.answers

    # -- before the call

    def _sort_in(self, entry: BulkEntry, batch: _Batch, groups: dict[str, list[_Item]]) -> None:
        """Put an entry to those of its path, or end it here."""
        if not entry.entry_id:
            batch.answers[entry.entry_id] = DeliveryError("blank entryId supplied - won't be able to process it")
            batch.count("retry")
            return
        try:
            event, item = self._item(entry, batch)
            if event is not None and events.has_expired(event, self._desk.now()):
                log.warning("dropping expired pub/sub event %s as of %s", event.get("id"), event.get("expiration"))
                batch.dead.append((entry, None))
                return
            subject: Any = event if event is not None else entry.data.decode("utf-8", "replace")
            path = self._delivery.routes.path(subject)
        except events.EventError as error:
            log.error("error deserializing one of the messages in bulk cloud event in pubsub %s and topic %s: %s",
                      self._service.name, batch.topic, error)  # fmt: skip
            batch.dead.append((entry, None))
            return
        except ROUTING_ERRORS as error:
            log.error("error finding matching route for an event in topic %s: %s", batch.topic, error)
            batch.dead.append((entry, DeliveryError(str(error))))
            return
        if path is None:
            log.warning("no matching route for an event in topic %s; skipping", batch.topic)
            batch.dead.append((entry, None))
            return
        groups.setdefault(path, []).append(item)

    def _item(self, entry: BulkEntry, batch: _Batch) -> tuple[dict[str, Any] | None, _Item]:
        """The entry's event (None where the subscription wants it raw) and its place in the envelope."""
        if self._delivery.raw:
            text = b'"' + base64.b64encode(entry.data) + b'"'
            return None, _Item(entry, _rendered(entry, text, entry.content_type or RAW_CONTENT_TYPE), None)
        metadata = entry.metadata or {}
        event = self._delivery.receive(entry.data, batch.topic, entry.content_type, metadata).event
        trace = event.get("traceparent", event.get("traceid"))
        return event, _Item(
            entry,
            _rendered(entry, jsonx.dumps(event), entry.content_type or events.CLOUDEVENTS_JSON),
            trace if isinstance(trace, str) else None,
        )

    # -- the call

    async def _deliver(self, path: str, items: list[_Item], batch: _Batch) -> None:
        """Offer the items of one path until each is taken or dropped, or the policy has had enough."""
        pending = items

        async def attempt() -> AppAnswerError | None:
            nonlocal pending
            try:
                verdicts = await self._call(path, pending, batch)
            except AppAnswerError as answer:
                return answer
            left: list[_Item] = []
            for item in pending:
                verdict = verdicts.get(item.entry.entry_id, Verdict.RETRY)
                if verdict is Verdict.SUCCESS:
                    batch.answers[item.entry.entry_id] = None
                    batch.count("success")
                elif verdict is Verdict.DROP:
                    batch.dead.append((item.entry, None))
                else:
                    left.append(item)
            pending = left
            if left:
                raise RetryRequestedError(f"{len(left)} entries of a bulk event were not processed by the app")
            return None

        policy = self._desk.policies.component(self._service.name, "Pubsub", "inbound")
        failure: BaseException | None
        try:
            failure = await (attempt() if policy is None else policy.run(attempt, failed=failure_code))
        except Exception as error:  # noqa: BLE001 - what is still pending has failed with it
            failure = root_cause(error)
        if failure is not None:
            text = failure_text(failure)
            log.warning("encountered a retriable error while delivering a bulk event to topic %s, err: %s",
                        batch.topic, text)  # fmt: skip
            batch.dead.extend((item.entry, DeliveryError(f"retriable error occurred: {text}")) for item in pending)

    async def _call(self, path: str, items: Sequence[_Item], batch: _Batch) -> Mapping[str, Verdict]:
        traces = [item.trace for item in items if item.trace is not None]
        headers = {**batch.metadata, "traceparent": traces[0]} if traces else batch.metadata
        ids = [item.entry.entry_id for item in items]
        return await self._channel.bulk_topic_event(path, self._envelope(items, batch), ids, headers)

    def _envelope(self, items: Sequence[_Item], batch: _Batch) -> bytes:
        rest = (
            f'],"id":{jsonx.quote(self._desk.new_id())}'
            f',"metadata":{jsonx.dumps(dict(batch.metadata)).decode()}'
            f',"pubsubname":{jsonx.quote(self._service.name)}'
            f',"topic":{jsonx.quote(batch.topic)}'
            f',"type":"{BULK_EVENT_TYPE}"}}'
        )
        return b'{"entries":[' + b",".join(item.rendered for item in items) + rest.encode()

    # -- after the call

    async def _bury_all(self, batch: _Batch) -> None:
        """End the entries that nobody took."""
        topic = self._delivery.spec.dead_letter_topic
        if not batch.dead:
            return
        if not topic:
            for entry, error in batch.dead:
                batch.answers[entry.entry_id] = error
                batch.count("retry" if error is not None else "drop")
            return
        letters = [
            BulkEntry(
                entry.entry_id, entry.data, entry.content_type,
                self._delivery.message_metadata(entry.metadata, entry.content_type),
            )
            for entry, _ in batch.dead
        ]  # fmt: skip
        failed = await self._send(topic, letters)
        for letter in letters:
            text = failed.get(letter.entry_id)
            if text is None:
                batch.answers[letter.entry_id] = None
                batch.count("drop")
            else:
                log.error("failed to send message to dead letter topic %s: %s", topic, text)
                batch.answers[letter.entry_id] = DeliveryError(
                    f"failed to send message to dead letter topic {topic}: {text}"
                )
                batch.count("retry")

    async def _send(self, topic: str, letters: Sequence[BulkEntry]) -> Mapping[str, str]:
        try:
            async with asyncio.timeout(DEAD_LETTER_LIMIT):
                return await self._desk.publisher.send_many(self._service, topic, letters, {})
        except Exception as error:  # noqa: BLE001 - the scopes refuse, or time is up: all letters share it
            return {letter.entry_id: failure_text(error) for letter in letters}


def _rendered(entry: BulkEntry, event: bytes, content_type: str) -> bytes:
    """One element of ``entries``, in the order of the original's fields."""
    metadata = b"null" if entry.metadata is None else jsonx.dumps(dict(entry.metadata))
    return (
        b'{"entryId":' + jsonx.quote(entry.entry_id).encode() + b',"event":' + event
        + b',"metadata":' + metadata + b',"contentType":' + jsonx.quote(content_type).encode() + b"}"
    )  # fmt: skip
