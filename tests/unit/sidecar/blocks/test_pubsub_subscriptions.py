"""Which topics are read, and when: sources, precedence, health, reload, components that come and go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.app_channel import FakeApp
from support.brokers import pubsub_component
from support.replay import NoPolicies

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.pubsub.contract import (
    BulkHandler,
    BulkOptions,
    Message,
    MessageHandler,
    PublishRequest,
    PubSub,
    Subscription,
)
from dapr_components.pubsub.in_memory import InMemoryPubSub
from dapr_core.rpc.messages import Request, Response
from daprd.app.contract import AppChannelError, Rule, SubscriptionSpec
from daprd.blocks.pubsub import PubSubBlock
from daprd.blocks.pubsub.batching import Batcher
from daprd.blocks.pubsub.subscriptions import addressed
from daprd.policy.rules import BadExpressionError


def declared(topic: str, path: str = "/declared", *, pubsub: str = "bus", **more: Any) -> SubscriptionSpec:
    return SubscriptionSpec(pubsub, topic, (Rule("", path),), kind="DECLARATIVE", **more)


def programmatic(*topics: str) -> bytes:
    return json.dumps([{"pubsubname": "bus", "topic": topic, "route": f"/{topic}"} for topic in topics]).encode()


@asynccontextmanager
async def block_with_bus(**settings: Any) -> AsyncIterator[tuple[PubSubBlock, PubSub]]:
    block = PubSubBlock("app", "", NoPolicies(), **settings)
    async with pubsub_component("pubsub.in-memory", name="bus") as bus:
        await block.add("bus", bus, Metadata())
        try:
            yield block, bus
        finally:
            await block.subscriptions.stop()


async def publish(bus: PubSub, topic: str, name: str = "1") -> None:
    await bus.publish(PublishRequest(topic, json.dumps({"id": name}).encode()))


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0)


def targets(app: FakeApp) -> list[str]:
    return [request.target.decode() for request in app.requests]


# -- sources


def test_the_application_is_asked_once_in_its_life() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            app = FakeApp(subscribe=programmatic("a"))
            for _ in range(3):
                await block.subscriptions.start(app)
                await block.subscriptions.stop()
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "a")
            await app.wait(1)
            assert app.asked == 1

    asyncio.run(main())


def test_the_application_is_asked_when_the_first_broker_comes() -> None:
    async def main() -> None:
        block = PubSubBlock("app", "", NoPolicies())
        app = FakeApp(subscribe=programmatic("a"))
        await block.subscriptions.start(app)
        assert app.asked == 0
        async with pubsub_component("pubsub.in-memory", name="bus") as bus:
            await block.add("bus", bus, Metadata())
            assert app.asked == 1
            await settle()
            await publish(bus, "a")
            await app.wait(1)
            await block.subscriptions.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        pytest.param(["bus"], ["bus", "other"], id="the only one"),
        pytest.param(["bus", "pubsub"], ["pubsub", "other"], id="the default among several"),
        pytest.param(["bus", "queue"], ["other"], id="none that is meant"),
    ],
)
def test_a_subscription_without_a_component_means(components: list[str], expected: list[str]) -> None:
    specs = [SubscriptionSpec(name, "A", (Rule("", "/A"),)) for name in ("", "other")]
    assert [spec.pubsub for spec in addressed(specs, components)] == expected


def test_a_subscription_whose_component_cannot_be_told_is_named_with_its_remedy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    addressed([SubscriptionSpec("", "A", (Rule("", "/A"),))], ["queue", "bus"])
    [record] = caplog.records
    assert record.getMessage() == (
        "subscription to topic A names no pubsub component: set its pubsubname to one of bus, queue"
    )


def test_an_application_that_need_not_be_asked_is_not() -> None:
    async def main() -> None:
        async with block_with_bus(programmatic=False) as (block, bus):
            block.subscriptions.declare([declared("d")])
            app = FakeApp(subscribe=programmatic("a"))
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d")
            await app.wait(1)
            assert app.asked == 0

    asyncio.run(main())


@pytest.mark.parametrize("failure", ["not reachable", "bad rule"])
def test_a_failing_discovery_leaves_what_is_declared(failure: str) -> None:
    class Broken(FakeApp):
        async def subscriptions(self) -> list[SubscriptionSpec]:
            if failure == "not reachable":
                raise AppChannelError("connection refused")
            return [SubscriptionSpec("bus", "a", (Rule("event.type ==", "/a"),))]

    async def main() -> None:
        async with block_with_bus() as (block, bus):
            block.subscriptions.declare([declared("d")])
            app = Broken()
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d")
            await app.wait(1)
            assert [spec.topic for spec in block.subscriptions.specs()] == ["d"]

    asyncio.run(main())


def test_a_declared_rule_that_does_not_compile_is_refused_by_name() -> None:
    block = PubSubBlock("app", "", NoPolicies())
    spec = SubscriptionSpec("bus", "t", (Rule("event.type ==", "/t"),), name="mine")
    with pytest.raises(BadExpressionError, match="subscription mine of pubsub bus"):
        block.subscriptions.declare([spec])


# -- precedence


def test_the_first_declared_counts_and_the_application_s_own_takes_its_place() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            block.subscriptions.declare(
                [declared("x", "/first"), declared("x", "/second"), declared("a", "/declared"), declared("y", "/y")]
            )
            app = FakeApp(subscribe=programmatic("a", "z"))
            await block.subscriptions.start(app)
            listed = [(item["topic"], item["rules"][0]["path"], item["type"]) for item in block.listing()]
            assert listed == [
                ("x", "/first", "DECLARATIVE"), ("a", "/a", "PROGRAMMATIC"), ("y", "/y", "DECLARATIVE"),
                ("z", "/z", "PROGRAMMATIC"),
            ]  # fmt: skip
            await settle()
            for topic in ("x", "a"):
                await publish(bus, topic)
            await app.wait(2)
            await settle()
            assert sorted(targets(app)) == ["/a", "/first"]

    asyncio.run(main())


def test_a_subscription_of_an_unknown_broker_is_listed_and_harms_nobody() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            block.subscriptions.declare([declared("d", pubsub="nobus"), declared("d")])
            app = FakeApp()
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d")
            await app.wait(1)
            assert [item["pubsubname"] for item in block.listing()] == ["nobus", "bus"]

    asyncio.run(main())


def test_a_topic_outside_the_scopes_is_listed_and_not_read() -> None:
    async def main() -> None:
        block = PubSubBlock("app", "", NoPolicies())
        async with pubsub_component("pubsub.in-memory", name="bus") as bus:
            await block.add("bus", bus, Metadata({"subscriptionScopes": "app=b"}))
            block.subscriptions.declare([declared("a", "/a"), declared("b", "/b")])
            app = FakeApp()
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "a")
            await publish(bus, "b")
            await app.wait(1)
            await settle()
            assert targets(app) == ["/b"]
            assert len(block.listing()) == 2
            await block.subscriptions.stop()

    asyncio.run(main())


# -- health


def test_nothing_is_delivered_while_the_application_is_unhealthy() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            block.subscriptions.declare([declared("d")])
            app = FakeApp()
            await publish(bus, "d", "before")
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d", "healthy")
            await app.wait(1)
            await block.subscriptions.stop()
            await publish(bus, "d", "unhealthy")
            await settle()
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d", "again")
            await app.wait(2)
            assert [json.loads(request.body)["id"] for request in app.requests] == ["healthy", "again"]

    asyncio.run(main())


def test_stopping_waits_for_deliveries_in_flight() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            gate = asyncio.Event()
            done: list[str] = []

            async def slow(request: Request) -> Response:
                await gate.wait()
                done.append("delivered")
                return Response(200)

            block.subscriptions.declare([declared("d")])
            app = FakeApp(slow)
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d")
            await app.wait(1)
            stopping = asyncio.create_task(block.subscriptions.stop())
            await settle()
            assert not stopping.done()
            gate.set()
            await stopping
            assert done == ["delivered"]

    asyncio.run(main())


def test_a_batch_that_waits_goes_out_when_its_subscription_stops() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            block.subscriptions.declare([declared("d", bulk_enabled=True, bulk_max_await_ms=60_000)])
            app = FakeApp()
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d")
            await settle()
            assert app.requests == []
            await block.subscriptions.stop()
            assert len(app.requests) == 1

    asyncio.run(main())


# -- changes


def test_a_reload_touches_only_what_changed() -> None:
    class Counting(InMemoryPubSub):
        def __init__(self, context: ComponentContext) -> None:
            super().__init__(context)
            self.subscribed: list[str] = []

        async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
            self.subscribed.append(topic)
            return await super().subscribe(topic, metadata, handler)

    async def main() -> None:
        block = PubSubBlock("app", "", NoPolicies())
        async with pubsub_component("pubsub.in-memory", name="bus") as plain:
            bus = Counting(plain.context)
            await block.add("bus", bus, Metadata())
            block.subscriptions.declare(
                [declared("same", "/same"), declared("moved", "/old"), declared("gone", "/gone")]
            )
            app = FakeApp()
            await block.subscriptions.start(app)
            await settle()
            await block.subscriptions.reload(
                [declared("same", "/same"), declared("moved", "/new"), declared("added", "/added")]
            )
            await settle()
            assert bus.subscribed == ["same", "moved", "gone", "moved", "added"]
            for topic in ("same", "moved", "gone", "added"):
                await publish(bus, topic)
            await app.wait(3)
            await settle()
            assert sorted(targets(app)) == ["/added", "/new", "/same"]
            await block.subscriptions.stop()
            await bus.close()

    asyncio.run(main())


def test_a_reload_with_a_bad_rule_changes_nothing() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, _):
            block.subscriptions.declare([declared("d")])
            with pytest.raises(BadExpressionError):
                await block.subscriptions.reload([SubscriptionSpec("bus", "t", (Rule("(", "/t"),))])
            assert [spec.topic for spec in block.subscriptions.specs()] == ["d"]

    asyncio.run(main())


def test_a_reload_lets_a_delivery_in_flight_finish() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, bus):
            gate = asyncio.Event()
            finished: list[int] = []

            async def slow(request: Request) -> Response:
                await gate.wait()
                finished.append(1)
                return Response(200)

            block.subscriptions.declare([declared("d")])
            app = FakeApp(slow)
            await block.subscriptions.start(app)
            await settle()
            await publish(bus, "d")
            await app.wait(1)
            reloading = asyncio.create_task(block.subscriptions.reload([]))
            await settle()
            gate.set()
            await reloading
            assert finished == [1]
            assert block.listing() == []

    asyncio.run(main())


def test_a_component_that_is_replaced_takes_its_topics_along() -> None:
    async def main() -> None:
        async with block_with_bus() as (block, old):
            block.subscriptions.declare([declared("d")])
            app = FakeApp()
            await block.subscriptions.start(app)
            async with pubsub_component("pubsub.in-memory", name="bus") as new:
                await block.add("bus", new, Metadata())
                await settle()
                await publish(old, "d", "old")
                await publish(new, "d", "new")
                await app.wait(1)
                await settle()
                assert [json.loads(request.body)["id"] for request in app.requests] == ["new"]
                assert await block.remove("bus") is new
                await publish(new, "d", "removed")
                await settle()
                assert len(app.requests) == 1

    asyncio.run(main())


def test_removing_an_unknown_component_does_nothing() -> None:
    assert asyncio.run(PubSubBlock("app", "", NoPolicies()).remove("bus")) is None


def test_a_start_that_fails_is_tried_again() -> None:
    class Shy(InMemoryPubSub):
        failures = 2

        async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
            if self.failures:
                self.failures -= 1
                raise ComponentError("not yet")
            return await super().subscribe(topic, metadata, handler)

    async def main(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("daprd.blocks.pubsub.subscriptions.FIRST_PAUSE", 0.001)
        block = PubSubBlock("app", "", NoPolicies())
        async with pubsub_component("pubsub.in-memory", name="bus") as plain:
            bus = Shy(plain.context)
            await block.add("bus", bus, Metadata())
            block.subscriptions.declare([declared("d")])
            app = FakeApp()
            await block.subscriptions.start(app)
            async with asyncio.timeout(5):
                while not app.requests:
                    await publish(bus, "d")
                    await asyncio.sleep(0.001)
            await block.subscriptions.stop()
            await bus.close()

    with pytest.MonkeyPatch.context() as monkeypatch:
        asyncio.run(main(monkeypatch))


# -- batches


def test_a_broker_that_delivers_batches_itself_is_used() -> None:
    class Native(InMemoryPubSub):
        options: BulkOptions | None = None

        async def bulk_subscribe(
            self, topic: str, metadata: Mapping[str, str], options: BulkOptions, handler: BulkHandler
        ) -> Subscription | None:
            self.options = options
            return await self.subscribe(topic, metadata, lambda message: asyncio.sleep(0))

    async def main() -> None:
        block = PubSubBlock("app", "", NoPolicies())
        async with pubsub_component("pubsub.in-memory", name="bus") as plain:
            bus = Native(plain.context)
            await block.add("bus", bus, Metadata())
            block.subscriptions.declare([declared("d", bulk_enabled=True)])
            await block.subscriptions.start(FakeApp())
            await settle()
            assert bus.options == BulkOptions(100, 1000)
            await block.subscriptions.stop()
            await bus.close()

    asyncio.run(main())


class Batches:
    """A bulk handler that keeps what it is given."""

    def __init__(self, fail: set[bytes] | None = None) -> None:
        self.batches: list[tuple[str, list[bytes]]] = []
        self.fail = fail or set()

    async def __call__(self, topic: str, entries: Any, metadata: Any) -> dict[str, Exception | None]:
        self.batches.append((topic, [entry.data for entry in entries]))
        return {entry.entry_id: ValueError("no") if entry.data in self.fail else None for entry in entries}


def batcher(handler: BulkHandler, options: BulkOptions, *, immediate: bool = False) -> Batcher:
    numbers = iter(range(10**6))
    return Batcher(handler, options, new_id=lambda: str(next(numbers)), immediate=immediate)


def test_a_batch_goes_out_when_it_is_full() -> None:
    async def main() -> None:
        batches = Batches()
        gather = batcher(batches, BulkOptions(3, 60_000))
        await asyncio.gather(*(gather(Message("t", b"%d" % number)) for number in range(6)))
        assert batches.batches == [("t", [b"0", b"1", b"2"]), ("t", [b"3", b"4", b"5"])]

    asyncio.run(main())


def test_a_batch_goes_out_when_its_first_message_has_waited() -> None:
    async def main() -> None:
        batches = Batches()
        gather = batcher(batches, BulkOptions(100, 20))
        await asyncio.gather(*(gather(Message("t", b"%d" % number)) for number in range(2)))
        assert batches.batches == [("t", [b"0", b"1"])]

    asyncio.run(main())


def test_an_immediate_broker_s_batches_do_not_wait() -> None:
    async def main() -> None:
        batches = Batches()
        gather = batcher(batches, BulkOptions(100, 60_000), immediate=True)
        await gather(Message("t", b"0"))
        assert batches.batches == [("t", [b"0"])]

    asyncio.run(main())


def test_messages_of_different_topics_do_not_share_a_batch() -> None:
    async def main() -> None:
        batches = Batches()
        gather = batcher(batches, BulkOptions(2, 60_000))
        await asyncio.gather(*(gather(Message(topic, topic.encode())) for topic in "abab"))
        assert sorted(batches.batches) == [("a", [b"a", b"a"]), ("b", [b"b", b"b"])]

    asyncio.run(main())


def test_each_message_of_a_batch_has_its_own_fate() -> None:
    async def main() -> None:
        gather = batcher(Batches({b"1"}), BulkOptions(3, 60_000))
        results = await asyncio.gather(
            *(gather(Message("t", b"%d" % number)) for number in range(3)), return_exceptions=True
        )
        assert [result is None for result in results] == [True, False, True]

    asyncio.run(main())


def test_a_handler_that_raises_fails_the_whole_batch() -> None:
    async def broken(topic: str, entries: Any, metadata: Any) -> dict[str, Exception | None]:
        raise ValueError("no")

    async def main() -> None:
        gather = batcher(broken, BulkOptions(2, 60_000))
        results = await asyncio.gather(*(gather(Message("t", b"m")) for _ in range(2)), return_exceptions=True)
        assert [type(result) for result in results] == [ValueError, ValueError]

    asyncio.run(main())
