"""Take messages to a broker: envelope, scopes, resiliency, publish (building-blocks.md §1.1–1.6).

A publish has two steps, because a client whose component or topic is wrong must hear that before its body is read:
``target`` checks where the message goes and takes no lease yet, ``publish`` or ``bulk_publish`` sends it there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dapr_components.pubsub.contract import BulkEntry, PublishRequest
from dapr_core import events, jsonx
from dapr_core.errors import DaprError
from daprd.blocks.failures import failure_text, root_cause
from daprd.blocks.pubsub.observer import PubSubObserver
from daprd.blocks.pubsub.service import PubSubService
from daprd.blocks.pubsub.stamps import local_clock, uuid_source
from daprd.blocks.registry import ComponentRegistry, Entry
from daprd.catalogue import pubsub as rows
from daprd.policy.contract import Policies

NO_TRACE = events.Trace()
LARGE = jsonx.WINDOW
"""Bytes from which messages are put into envelopes on a thread."""
DUPLICATE_ENTRY: Final = "entryId is duplicated or not present for entry"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes, checked."""

    entry: Entry[PubSubService]
    topic: str
    metadata: Mapping[str, str]
    raw: bool

    @property
    def name(self) -> str:
        """The component's name."""
        return self.entry.component.name


@dataclass(frozen=True, slots=True)
class BulkMessage:
    """One message of a bulk publish. ``metadata`` None: none was given (else the request's are merged in)."""

    entry_id: str
    data: bytes
    content_type: str
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BulkFailure:
    """A message of a bulk publish that the broker did not take."""

    entry_id: str
    error: str


class _SomeEntriesFailedError(Exception):
    """Asks the policy for another attempt with the entries that are left."""


class Publisher:
    """Publishes for one application."""

    def __init__(
        self,
        registry: ComponentRegistry[PubSubService],
        *,
        app_id: str,
        policies: Policies,
        observer: PubSubObserver,
        now: Callable[[], datetime] | None = None,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        self._registry = registry
        self._app_id = app_id
        self._policies = policies
        self._observer = observer
        self._now = now or local_clock()
        self._new_id = new_id or uuid_source()

    def target(self, name: str, topic: str, metadata: Mapping[str, str]) -> Target:
        """Check where a message shall go.

        Raises:
            DaprError: name or topic is empty, the component is unknown, or ``rawPayload`` is no boolean.
        """
        if not name:
            raise DaprError(rows.NAME_EMPTY, name="", metadata=metadata)
        entry = self._registry.find(name)
        if entry is None:
            raise DaprError(rows.NOT_FOUND, name=name)
        if not topic:
            raise DaprError(rows.TOPIC_EMPTY, name=name, metadata=metadata)
        try:
            raw = bool(metadata) and events.is_raw_payload(metadata)
        except ValueError as error:
            raise DaprError(rows.METADATA, name=name, error=str(error), metadata=metadata) from None
        return Target(entry, topic, metadata, raw)

    # -- one message

    async def publish(
        self, target: Target, data: bytes, *, content_type: str = "", trace: events.Trace = NO_TRACE
    ) -> None:
        """Publish one message; returns when the broker has it.

        Raises:
            DaprError: the body claims to be a CloudEvent and is none, the scopes refuse, or the broker failed.
        """
        with target.entry as service:
            if not target.raw:
                parts = (service, target.topic, data, content_type, target.metadata, trace)
                large = len(data) >= LARGE
                data = await asyncio.to_thread(self._envelope, *parts) if large else self._envelope(*parts)
            await self.send(service, target.topic, data, target.metadata, content_type or None)

    async def send(
        self,
        service: PubSubService,
        topic: str,
        data: bytes,
        metadata: Mapping[str, str] | None,
        content_type: str | None,
    ) -> None:
        """Hand bytes to the broker as they are: what ``publish`` ends in, and dead letters begin with.

        Raises:
            DaprError: the scopes refuse, or the broker failed.
        """
        started = time.perf_counter()
        success = False
        try:
            self._check_scope(service, topic)
            request = PublishRequest(service.broker_topic(topic), data, metadata, content_type)
            policy = self._policies.component(service.name, "Pubsub", "outbound")
            if policy is None:
                await service.component.publish(request)
            else:
                await policy.run(lambda: service.component.publish(request))
            success = True
        except DaprError:
            raise
        except Exception as error:
            raise DaprError(rows.PUBLISH, name=service.name, topic=topic, error=failure_text(error)) from error
        finally:
            self._observer.egress(service.name, topic, success, (time.perf_counter() - started) * 1000)

    # -- many messages

    async def bulk_publish(
        self, target: Target, messages: Sequence[BulkMessage], *, trace: events.Trace = NO_TRACE
    ) -> list[BulkFailure]:
        """Publish many messages to one topic; each has its own fate. Answers those that failed, in order.

        Raises:
            DaprError: an entry id is missing or comes twice, an entry claims to be a CloudEvent and is none, or the
                scopes refuse.
        """
        self._check_entry_ids(target, messages)
        with target.entry as service:
            large = sum(len(message.data) for message in messages) >= LARGE
            parts = (service, target, messages, trace)
            entries = await asyncio.to_thread(self._bulk_entries, *parts) if large else self._bulk_entries(*parts)
            failed = await self.send_many(service, target.topic, entries, target.metadata)
        return [BulkFailure(entry.entry_id, failed[entry.entry_id]) for entry in entries if entry.entry_id in failed]

    async def send_many(
        self, service: PubSubService, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, str]:
        """Hand entries to the broker as they are; retries send again only what has failed. Answers failures by id.

        Raises:
            DaprError: the scopes refuse.
        """
        started = time.perf_counter()
        failed: dict[str, str] = {entry.entry_id: "not published" for entry in entries}
        try:
            self._check_scope(service, topic)
            failed = await self._send_pending(service, topic, entries, metadata)
        finally:
            self._observer.bulk_egress(service.name, topic, not failed, (time.perf_counter() - started) * 1000)
        return failed

    async def _send_pending(
        self, service: PubSubService, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, str]:
        pending = list(entries)
        failed: dict[str, str] = {}
        if not pending:
            return failed

        async def attempt() -> None:
            nonlocal pending
            errors = await service.component.bulk_publish(service.broker_topic(topic), pending, metadata)
            pending = [entry for entry in pending if entry.entry_id in errors]
            failed.clear()
            failed.update((entry.entry_id, failure_text(errors[entry.entry_id])) for entry in pending)
            if pending:
                raise _SomeEntriesFailedError

        policy = self._policies.component(service.name, "Pubsub", "outbound")
        try:
            await (attempt() if policy is None else policy.run(attempt))
        except Exception as error:  # noqa: BLE001 - whatever ended it, what is pending has failed
            if not isinstance(root_cause(error), _SomeEntriesFailedError):
                failed.update((entry.entry_id, failure_text(error)) for entry in pending)
        return failed

    def _bulk_entries(
        self, service: PubSubService, target: Target, messages: Sequence[BulkMessage], trace: events.Trace
    ) -> list[BulkEntry]:
        return [self._bulk_entry(service, target, message, trace) for message in messages]

    def _bulk_entry(
        self, service: PubSubService, target: Target, message: BulkMessage, trace: events.Trace
    ) -> BulkEntry:
        metadata = message.metadata
        if metadata is not None:
            metadata = {**target.metadata, **metadata}
        data = message.data
        if not target.raw:
            data = self._envelope(service, target.topic, data, message.content_type, metadata or {}, trace)
        return BulkEntry(message.entry_id, data, message.content_type, metadata)

    def _check_entry_ids(self, target: Target, messages: Sequence[BulkMessage]) -> None:
        seen: set[str] = set()
        for message in messages:
            if not message.entry_id or message.entry_id in seen:
                raise DaprError(
                    rows.MARSHAL_EVENTS, name=target.name, topic=target.topic, appID=self._app_id, error=DUPLICATE_ENTRY
                )
            seen.add(message.entry_id)

    # -- parts

    def _envelope(
        self,
        service: PubSubService,
        topic: str,
        data: bytes,
        content_type: str,
        metadata: Mapping[str, str],
        trace: events.Trace,
    ) -> bytes:
        try:
            return events.compose(
                data,
                topic=topic,
                pubsub=service.name,
                source=self._app_id,
                content_type=content_type,
                now=self._now(),
                new_id=self._new_id,
                trace=trace,
                metadata=metadata,
                handles_ttl=service.handles_ttl,
            )
        except events.EventError as error:
            raise DaprError(rows.CLOUD_EVENT, name=service.name, appID=self._app_id, error=str(error)) from None

    def _check_scope(self, service: PubSubService, topic: str) -> None:
        if not service.scopes.may_publish(self._app_id, topic):
            raise DaprError(rows.FORBIDDEN, name=service.name, topic=topic, app_id=self._app_id)
