"""A client's stream of events while components come, go and are exchanged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from support.app_channel import FakeApp
from support.brokers import pubsub_component
from support.replay import NoPolicies

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.pubsub.contract import MessageHandler, PublishRequest, PubSub, Subscription
from dapr_components.pubsub.in_memory import InMemoryPubSub
from dapr_core.errors import DaprError
from daprd.app.contract import Rule, SubscriptionSpec, TopicEvent, Verdict
from daprd.blocks.pubsub import PubSubBlock
from daprd.blocks.pubsub.streaming import StreamRefusedError

NEWS = SubscriptionSpec("bus", "news", (Rule("", "/"),), kind="STREAMING")


class Client:
    """What holds a stream: it takes every event, and answers while ``answers`` is set."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.answers = asyncio.Event()
        self.answers.set()

    async def topic_event(self, event: TopicEvent) -> Verdict:
        self.events.put_nowait(str(event.envelope["data"]))
        await self.answers.wait()
        return Verdict.SUCCESS


class SlowBus(InMemoryPubSub):
    """A broker whose subscriptions take as long as a test wants."""

    def __init__(self) -> None:
        super().__init__(ComponentContext("bus", "pubsub.in-memory", "v1", "app"))
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
        self.asked.set()
        await self.may_go_on.wait()
        return await super().subscribe(topic, metadata, handler)


@asynccontextmanager
async def stage() -> AsyncIterator[tuple[PubSubBlock, AsyncExitStack]]:
    """A block without components, and what closes those that a test adds."""
    async with AsyncExitStack() as components:
        block = PubSubBlock("app", "", NoPolicies())
        yield block, components
        await block.streams.end_all()


async def add(block: PubSubBlock, components: AsyncExitStack, **metadata: str) -> PubSub:
    bus = await components.enter_async_context(pubsub_component("pubsub.in-memory", name="bus"))
    await block.add("bus", bus, Metadata(metadata))
    return bus


async def remove(block: PubSubBlock) -> None:
    """Take the component out of service and close it, as the runtime does."""
    component = await block.remove("bus")
    assert component is not None
    await component.close()


async def publish(bus: PubSub, text: str) -> None:
    await bus.publish(PublishRequest("news", f'{{"data":"{text}"}}'.encode()))


async def next_event(client: Client) -> str:
    async with asyncio.timeout(10):
        return await client.events.get()


def test_a_stream_gets_the_events_of_the_component_that_takes_the_place_of_its_own() -> None:
    async def main() -> None:
        async with stage() as (block, components):
            client, first = Client(), await add(block, components)
            stream = await block.streams.open(NEWS, client)
            await publish(first, "of the first")
            assert await next_event(client) == "of the first"
            await remove(block)
            assert [each["topic"] for each in block.listing()] == ["news"], "the stream is still subscribed"
            second = await add(block, components)
            await publish(second, "of the second")
            assert await next_event(client) == "of the second"
            assert not stream.ended.done()

    asyncio.run(main())


def test_a_stream_that_its_client_ends_while_it_waits_is_not_subscribed_again() -> None:
    async def main() -> None:
        async with stage() as (block, components):
            client, _ = Client(), await add(block, components)
            stream = await block.streams.open(NEWS, client)
            await remove(block)
            await block.streams.close(stream)
            second = await add(block, components)
            await publish(second, "to nobody")
            await remove(block)
            assert client.events.empty()
            assert block.listing() == []

    asyncio.run(main())


def test_a_stream_that_the_new_components_scopes_forbid_ends_with_the_reason() -> None:
    async def main() -> None:
        async with stage() as (block, components):
            await add(block, components)
            stream = await block.streams.open(NEWS, Client())
            await remove(block)
            await add(block, components, subscriptionScopes="app=other")
            assert "subscription to topic 'news' on pubsub 'bus' is not allowed" in await stream.ended

    asyncio.run(main())


def test_a_stream_opened_while_its_component_goes_is_subscribed_with_the_next() -> None:
    async def main() -> None:
        async with stage() as (block, components):
            client, slow = Client(), SlowBus()
            await block.add("bus", slow, Metadata())
            opening = asyncio.create_task(block.streams.open(NEWS, client))
            await slow.asked.wait()
            await remove(block)
            second = await add(block, components)
            slow.may_go_on.set()
            await opening
            await publish(second, "of the second")
            assert await next_event(client) == "of the second"

    asyncio.run(main())


def test_nothing_is_subscribed_with_a_component_that_still_waits_for_a_streams_answer() -> None:
    async def main() -> None:
        async with stage() as (block, components):
            client, app, first = Client(), FakeApp(), await add(block, components)
            await block.streams.open(NEWS, client)
            client.answers.clear()
            await publish(first, "of the first")
            await next_event(client)
            removing = asyncio.create_task(remove(block))
            while not block.registry.use("bus").component.leaving:
                await asyncio.sleep(0)
            block.subscriptions.declare([SubscriptionSpec("bus", "news", (Rule("", "/news"),), kind="DECLARATIVE")])
            await block.subscriptions.start(app)
            with pytest.raises(DaprError):
                await block.streams.open(NEWS, Client())
            client.answers.set()
            await removing
            second = await add(block, components)
            await publish(second, "of the second")
            await app.wait(1)
            assert [request.target for request in app.requests] == [b"/news"]
            await block.subscriptions.stop()

    asyncio.run(main())


def test_a_stream_of_a_component_that_has_gone_is_refused() -> None:
    async def main() -> None:
        async with stage() as (block, components):
            await add(block, components)
            await remove(block)
            with pytest.raises(DaprError, match="bus"):
                await block.streams.open(NEWS, Client())

    asyncio.run(main())


def test_a_broker_that_refuses_a_waiting_stream_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with stage() as (block, components):
            await add(block, components)
            stream = await block.streams.open(NEWS, Client())
            await remove(block)

            async def refuse(*_: object) -> Subscription:
                raise ComponentError("no room")

            monkeypatch.setattr(InMemoryPubSub, "subscribe", refuse)
            await add(block, components)
            assert await stream.ended == "failed to create subscription for bus: no room"
            with pytest.raises(StreamRefusedError, match="no room"):
                await block.streams.open(NEWS, Client())

    asyncio.run(main())
