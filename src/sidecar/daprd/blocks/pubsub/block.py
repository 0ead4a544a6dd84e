"""What the API and the runtime hold of pub/sub: components in service, a publisher, the application's subscriptions."""

from __future__ import annotations

from typing import Any

from dapr_components.contract import Metadata
from dapr_components.pubsub.contract import PubSub
from daprd.app.contract import SubscriptionSpec
from daprd.blocks.pubsub.delivery import Desk, utc_now
from daprd.blocks.pubsub.observer import PubSubObserver, Unobserved
from daprd.blocks.pubsub.publishing import Publisher
from daprd.blocks.pubsub.scopes import TopicScopes
from daprd.blocks.pubsub.service import PubSubService
from daprd.blocks.pubsub.stamps import uuid_source
from daprd.blocks.pubsub.streaming import StreamingSubscriptions
from daprd.blocks.pubsub.subscriptions import SubscriptionManager
from daprd.blocks.registry import ComponentRegistry
from daprd.policy.contract import Policies


class PubSubBlock:
    """Pub/sub of one application.

    ``publisher`` is what the API publishes with, ``subscriptions`` what the runtime starts when the application is
    healthy, stops when it is not, and reloads; ``streams`` are what clients hold open.
    """

    def __init__(
        self,
        app_id: str,
        namespace: str,
        policies: Policies,
        *,
        observer: PubSubObserver | None = None,
        programmatic: bool = True,
    ) -> None:
        """``programmatic`` False: the application is not asked for subscriptions (``--disable-init-endpoints``)."""
        self.app_id = app_id
        self._namespace = namespace
        self.registry: ComponentRegistry[PubSubService] = ComponentRegistry()
        told = observer or Unobserved()
        self.publisher = Publisher(self.registry, app_id=app_id, policies=policies, observer=told)
        desk = Desk(self.publisher, policies, told, new_id=uuid_source(), now=utc_now)
        self.subscriptions = SubscriptionManager(self.registry, desk, app_id=app_id, programmatic=programmatic)
        self.streams = StreamingSubscriptions(self.registry, desk, app_id=app_id)

    async def add(self, name: str, component: PubSub, metadata: Metadata, *, namespaced: bool = False) -> None:
        """Take a started component into service; start its topics if the application is healthy, and those of streams.

        Args:
            name: the manifest's name.
            component: initialised.
            metadata: resolved; its scopes are read here.
            namespaced: whether the manifest asks for topics of its own namespace (building-blocks.md §1.7).
        """
        prefix = self._namespace if namespaced else ""
        service = PubSubService(name, component, TopicScopes.from_metadata(metadata), prefix)
        if name in self.registry:
            await self._leaving(name)
            await self.registry.replace(name, service)
        else:
            self.registry.add(name, service)
        await self.subscriptions.component_added(name)
        await self.streams.component_added(name)

    async def remove(self, name: str) -> PubSub | None:
        """Take a component out of service and give it back for closing; deliveries and publishes in flight finish."""
        await self._leaving(name)
        service = await self.registry.remove(name)
        return service.component if service is not None else None

    async def _leaving(self, name: str) -> None:
        service = self.registry.get(name)
        if service is not None:
            service.leaving = True
        await self.subscriptions.component_removed(name)
        await self.streams.component_removed(name)

    def specs(self) -> list[SubscriptionSpec]:
        """Everything that is subscribed: by the application, then by streams."""
        return [*self.subscriptions.specs(), *self.streams.specs()]

    def listing(self) -> list[dict[str, Any]]:
        """``subscriptions`` of ``/v1.0/metadata`` (building-blocks.md §1.9)."""
        return [_listed(spec) for spec in self.specs()]


def _listed(spec: SubscriptionSpec) -> dict[str, Any]:
    rules = [{"match": rule.match, "path": rule.path} if rule.match else {"path": rule.path} for rule in spec.rules]
    return {
        "pubsubname": spec.pubsub,
        "topic": spec.topic,
        **({"metadata": dict(spec.metadata)} if spec.metadata else {}),
        "rules": rules,
        "deadLetterTopic": spec.dead_letter_topic,
        "type": spec.kind,
    }
