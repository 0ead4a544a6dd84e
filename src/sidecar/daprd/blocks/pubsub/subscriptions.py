"""Which topics are read, and when (building-blocks.md §1.8, §1.9, §1.15).

Subscriptions come from resources (declarative) and from the application (programmatic, asked once). They run while the
application is healthy and their component is in service; a start that fails is tried again in the background. Changes
touch only what they change: a reload stops and starts single subscriptions, a component's coming and going only its
own. Stopping takes no new messages and lets deliveries in flight finish.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from dapr_components.pubsub.contract import BulkOptions, Feature, Subscription
from daprd.app.contract import AppChannel, SubscriptionSpec
from daprd.blocks.pubsub.batching import Batcher
from daprd.blocks.pubsub.bulk_delivery import BulkDelivery
from daprd.blocks.pubsub.delivery import Delivery, Desk
from daprd.blocks.pubsub.service import PubSubService
from daprd.blocks.registry import ComponentRegistry
from daprd.policy.rules import BadExpressionError, Routes

log = logging.getLogger("dapr.runtime.processor.subscription")

DRAIN_LIMIT = 30.0
"""Seconds that deliveries in flight may take when a subscription ends (§1.15)."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
DEFAULT_COMPONENT = "pubsub"
"""The component that ``dapr init`` writes; among several, the one an application means that names none."""
DEFAULT_BULK_MESSAGES = 100
DEFAULT_BULK_AWAIT_MS = 1000


_Key: TypeAlias = tuple[str, str]
"""Component and topic: what makes two subscriptions the same one."""


class SubscriptionManager:
    """The subscriptions of one application."""

    def __init__(
        self,
        registry: ComponentRegistry[PubSubService],
        desk: Desk,
        *,
        app_id: str,
        programmatic: bool = True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """``programmatic`` False: the application is never asked (``--disable-init-endpoints``)."""
        self._registry = registry
        self._desk = desk
        self._app_id = app_id
        self._ask_app = programmatic
        self._jitter = jitter
        self._declared: list[SubscriptionSpec] = []
        self._programmatic: list[SubscriptionSpec] = []
        self._asked = False
        self._channel: AppChannel | None = None
        self._active: dict[_Key, _Active] = {}
        self._turn = asyncio.Lock()

    def specs(self) -> list[SubscriptionSpec]:
        """What is subscribed, running or not, in the order metadata lists it.

        Per component and topic the first declared one counts, and the application's own takes its place (§1.9).
        """
        return list(self._wanted().values())

    def _wanted(self) -> dict[_Key, SubscriptionSpec]:
        effective: dict[_Key, SubscriptionSpec] = {}
        for spec in self._declared:
            effective.setdefault((spec.pubsub, spec.topic), spec)
        for spec in self._programmatic:
            effective[spec.pubsub, spec.topic] = spec
        return effective

    # -- what changes

    def declare(self, specs: Iterable[SubscriptionSpec]) -> None:
        """Set the declarative subscriptions before the first start.

        Raises:
            BadExpressionError: a routing rule cannot be compiled; starting up ends with that (§1.8).
        """
        declared = list(specs)
        for spec in declared:
            check_rules(spec)
        self._declared = declared

    async def reload(self, specs: Iterable[SubscriptionSpec]) -> None:
        """Take over changed declarative subscriptions; those that did not change run on undisturbed.

        Raises:
            BadExpressionError: a routing rule cannot be compiled; nothing was changed then.
        """
        async with self._turn:
            self.declare(specs)
            await self._adjust()

    async def start(self, channel: AppChannel) -> None:
        """The application is healthy: ask it once what it wants, and start everything."""
        async with self._turn:
            self._channel = channel
            await self._discover()
            await self._adjust()

    async def stop(self) -> None:
        """The application is unhealthy, or the sidecar ends: take no more messages, wait for those in flight."""
        async with self._turn:
            self._channel = None
            await self._adjust()

    async def component_added(self, name: str) -> None:
        """A component came into service; its topics start."""
        async with self._turn:
            await self._discover()
            await self._adjust()

    async def component_removed(self, name: str) -> None:
        """A component goes out of service: end its topics. To be called before it leaves the registry."""
        async with self._turn:
            await self._end([key for key in self._active if key[0] == name])

    async def _discover(self) -> None:
        if self._asked or self._channel is None or not len(self._registry):
            return
        if not self._ask_app:
            self._asked = True
            log.warning("Skipping programmatic subscription loading (see 'disable-init-endpoints' flag/annotation)")
            return
        try:
            found = addressed(await self._channel.subscriptions(), list(self._registry))
            for spec in found:
                check_rules(spec)
        except Exception as error:  # noqa: BLE001 - not fatal: what is declared still runs
            logging.getLogger("dapr.runtime").warning("failed to subscribe to topics: %s", error)
            return
        self._asked = True
        self._programmatic = found
        _announce(found)

    async def _adjust(self) -> None:
        """Make what runs equal to what is wanted."""
        channel = self._channel
        wanted = self._wanted() if channel is not None else {}
        await self._end([key for key, active in self._active.items() if wanted.get(key) != active.spec])
        if channel is None:
            return
        for key, spec in wanted.items():
            service = self._registry.get(spec.pubsub)
            if key not in self._active and service is not None and not service.leaving:
                self._begin(key, spec, service, channel)

    def _begin(self, key: _Key, spec: SubscriptionSpec, service: PubSubService, channel: AppChannel) -> None:
        if not service.scopes.may_subscribe(self._app_id, spec.topic):
            log.error("subscription to topic '%s' on pubsub '%s' is not allowed", spec.topic, spec.pubsub)
            return
        active = _Active(Delivery(spec, service, channel, self._desk), channel, self._jitter)
        self._active[key] = active
        active.begin()

    async def _end(self, keys: Sequence[_Key]) -> None:
        ending = [self._active.pop(key) for key in keys]
        await asyncio.gather(*(active.end() for active in ending))


class _Active:
    """One subscription that runs, or is being started."""

    def __init__(self, delivery: Delivery, channel: AppChannel, jitter: Callable[[], float]) -> None:
        self._delivery = delivery
        self._channel = channel
        self._jitter = jitter
        self._running: Subscription | None = None
        self._batcher: Batcher | None = None
        self._starting: asyncio.Task[None] | None = None

    @property
    def spec(self) -> SubscriptionSpec:
        return self._delivery.spec

    def begin(self) -> None:
        spec = self._delivery.spec
        self._starting = asyncio.create_task(self._start(), name=f"subscribe {spec.pubsub} {spec.topic}")

    async def _start(self) -> None:
        spec, pause = self._delivery.spec, FIRST_PAUSE
        while True:
            try:
                self._running = await self._subscribe()
            except Exception as error:  # noqa: BLE001 - tried again until it works or the subscription ends
                log.error("error starting subscription for pubsub %s and topic %s: %s", spec.pubsub, spec.topic, error)
            else:
                return
            await asyncio.sleep(pause * (0.5 + self._jitter() / 2))
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _subscribe(self) -> Subscription:
        spec, service = self._delivery.spec, self._delivery.service
        topic = service.broker_topic(spec.topic)
        if not spec.bulk_enabled:
            return await service.component.subscribe(topic, spec.metadata, self._delivery)
        options = BulkOptions(
            spec.bulk_max_messages or DEFAULT_BULK_MESSAGES, spec.bulk_max_await_ms or DEFAULT_BULK_AWAIT_MS
        )
        handler = BulkDelivery(self._delivery, self._channel)
        native = await service.component.bulk_subscribe(topic, spec.metadata, options, handler)
        if native is not None:
            return native
        immediate = Feature.BULK_SUBSCRIBE_IMMEDIATE in service.component.features
        self._batcher = Batcher(handler, options, new_id=self._delivery.desk.new_id, immediate=immediate)
        return await service.component.subscribe(topic, spec.metadata, self._batcher)

    async def end(self) -> None:
        """Take no more messages; wait for those in flight, but not for ever."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        if self._running is None:
            return
        if self._batcher is not None:
            self._batcher.flush()
        spec = self._delivery.spec
        closing = asyncio.create_task(self._running.close(), name=f"unsubscribe {spec.pubsub} {spec.topic}")
        done, _ = await asyncio.wait([closing], timeout=DRAIN_LIMIT)
        if not done:
            log.warning("topic %s of pubsub %s: deliveries still run after %d s; giving up waiting",
                        spec.topic, spec.pubsub, DRAIN_LIMIT)  # fmt: skip
            closing.cancel()
            await asyncio.wait([closing])
        if not closing.cancelled() and (error := closing.exception()) is not None:
            log.warning("error ending subscription for pubsub %s and topic %s: %s", spec.pubsub, spec.topic, error)


def addressed(specs: Iterable[SubscriptionSpec], components: Collection[str]) -> list[SubscriptionSpec]:
    """Subscriptions with their component named: in the API of 2020 an application gave a topic only (book.md N04).

    Such a topic is read from the only component, or among several from the default one. Where there is no such
    component the subscription is left out, with an error that says what to write.
    """
    [fallback] = components if len(components) == 1 else [DEFAULT_COMPONENT]
    if fallback in components:
        return [spec if spec.pubsub else replace(spec, pubsub=fallback) for spec in specs]
    named = []
    for spec in specs:
        if spec.pubsub:
            named.append(spec)
        else:
            log.error("subscription to topic %s names no pubsub component: set its pubsubname to one of %s",
                      spec.topic, ", ".join(sorted(components)))  # fmt: skip
    return named


def check_rules(spec: SubscriptionSpec) -> None:
    """Compile a subscription's rules. Raises ``BadExpressionError``, naming the subscription and the expression."""
    try:
        Routes((rule.match, rule.path) for rule in spec.rules)
    except BadExpressionError as error:
        where = f"subscription {spec.name}" if spec.name else f"subscription to topic {spec.topic}"
        raise BadExpressionError(f"{where} of pubsub {spec.pubsub}: {error}") from error


def _announce(specs: Sequence[SubscriptionSpec]) -> None:
    topics: dict[str, list[str]] = {}
    for spec in specs:
        topics.setdefault(spec.pubsub, []).append(spec.topic)
    for name, listed in topics.items():
        log.info("app is subscribed to the following topics: [[%s]] through pubsub=%s", " ".join(listed), name)
