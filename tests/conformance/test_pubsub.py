"""What every pub/sub vendor must do (components.md §2.2). Writing a vendor means adding it here and passing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from support.brokers import Inbox, pubsub_component
from support.pluggable_component import component_types
from support.redis_server import RedisServer, redis_server

from dapr_components.contract import ComponentError
from dapr_components.pubsub.contract import BulkEntry, Feature, PublishRequest, PubSub

TOPIC = "orders"


@dataclass(frozen=True)
class Vendor:
    type: str
    redelivers: bool
    keeps_unsubscribed: bool
    """Whether a message that is published before anybody subscribes is delivered later."""
    tells_none: bool = True
    """Whether no metadata and empty metadata arrive as two things."""


VENDORS = [
    Vendor("pubsub.in-memory", redelivers=False, keeps_unsubscribed=False),
    Vendor("pubsub.redis", redelivers=True, keeps_unsubscribed=True),
    Vendor("pubsub.shelf", redelivers=True, keeps_unsubscribed=True, tells_none=False),
]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@dataclass
class Bench:
    """Makes components of one vendor that share a broker of their own."""

    vendor: Vendor
    metadata: dict[str, str]

    @contextlib.asynccontextmanager
    async def component(self, **extra: str) -> AsyncIterator[PubSub]:
        async with pubsub_component(self.vendor.type, {**self.metadata, **extra}) as component:
            yield component


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """``pubsub.shelf``, a component in a process of its own."""
    with component_types(tmp_path_factory.mktemp("sockets") / "shelf.sock", "PubSub"):
        yield


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.type)
def bench(request: pytest.FixtureRequest) -> Bench:
    vendor: Vendor = request.param
    if vendor.type == "pubsub.shelf":
        request.getfixturevalue("shelf")
        return Bench(vendor, {"empty": "true"})
    if vendor.type != "pubsub.redis":
        return Bench(vendor, {})
    server: RedisServer = request.getfixturevalue("server")
    server.command_line(b"FLUSHALL")
    short = {"processingTimeout": "300ms", "redeliverInterval": "100ms"}
    return Bench(vendor, {"redisHost": server.address, "consumerID": "app", **short})


def test_a_message_reaches_its_subscriber_with_its_metadata(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            await bus.subscribe(TOPIC, {}, inbox)
            await bus.publish(PublishRequest(TOPIC, b"\x00\xffdata", {"k": "v"}))
            assert await inbox.wait(1) == [b"\x00\xffdata"]
            assert inbox.messages[0].topic == TOPIC
            assert inbox.messages[0].metadata == {"k": "v"}

    asyncio.run(main())


def test_a_vendor_that_is_there_answers_a_ping(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            await bus.ping()

    asyncio.run(main())


@pytest.mark.parametrize("metadata", [None, {}, {"k": "ü<&>"}], ids=["none", "empty", "escaped"])
def test_metadata_arrive_as_they_were_given(bench: Bench, metadata: dict[str, str] | None) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            await bus.subscribe(TOPIC, {}, inbox)
            await bus.publish(PublishRequest(TOPIC, b"m", metadata))
            await inbox.wait(1)
            assert inbox.messages[0].metadata == (metadata if bench.vendor.tells_none else metadata or None)

    asyncio.run(main())


def test_other_topics_do_not_reach_a_subscriber(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            await bus.subscribe(TOPIC, {}, inbox)
            await bus.publish(PublishRequest("orders2", b"other"))
            await bus.publish(PublishRequest(TOPIC, b"mine"))
            assert await inbox.wait(1) == [b"mine"]

    asyncio.run(main())


def test_a_subscriber_gets_everything_published_at_once(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            await bus.subscribe(TOPIC, {}, inbox)
            await asyncio.gather(*(bus.publish(PublishRequest(TOPIC, b"%d" % n)) for n in range(500)))
            assert sorted(await inbox.wait(500), key=int) == [b"%d" % n for n in range(500)]

    asyncio.run(main())


def test_bulk_publish_delivers_each_entry_with_its_own_metadata(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            await bus.subscribe(TOPIC, {}, inbox)
            entries = [BulkEntry("1", b"a", metadata={"k": "v"}), BulkEntry("2", b"b"), BulkEntry("3", b"c")]
            assert await bus.bulk_publish(TOPIC, entries, {"request": "level"}) == {}
            assert sorted(await inbox.wait(3)) == [b"a", b"b", b"c"]
            assert {message.data: message.metadata for message in inbox.messages} == {
                b"a": {"k": "v"}, b"b": None, b"c": None,
            }  # fmt: skip

    asyncio.run(main())


def test_one_failing_message_does_not_hold_up_the_others(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox(refuse=lambda message: message.data == b"bad")
            await bus.subscribe(TOPIC, {}, inbox)
            for data in (b"bad", b"good", b"better"):
                await bus.publish(PublishRequest(TOPIC, data))
            await inbox.until(lambda: {b"good", b"better"} <= set(inbox.finished))

    asyncio.run(main())


def test_a_failed_message_comes_again_where_the_vendor_redelivers(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            inbox.refuse = lambda message: inbox.data.count(message.data) == 1
            await bus.subscribe(TOPIC, {}, inbox)
            await bus.publish(PublishRequest(TOPIC, b"again"))
            if bench.vendor.redelivers:
                await inbox.until(lambda: inbox.finished == [b"again"])
            else:
                await bus.publish(PublishRequest(TOPIC, b"next"))
                await bus.publish(PublishRequest(TOPIC, b"last"))
                await inbox.until(lambda: b"next" in inbox.data)
                assert inbox.data.count(b"again") == 1

    asyncio.run(main())


def test_messages_before_the_first_subscription_are_kept_where_the_vendor_stores(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            await bus.publish(PublishRequest(TOPIC, b"early"))
            inbox = Inbox()
            await bus.subscribe(TOPIC, {}, inbox)
            await bus.publish(PublishRequest(TOPIC, b"late"))
            expected = [b"early", b"late"] if bench.vendor.keeps_unsubscribed else [b"late"]
            assert await inbox.wait(len(expected)) == expected

    asyncio.run(main())


def test_closing_a_subscription_lets_its_handler_finish_and_takes_nothing_more(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            inbox = Inbox()
            inbox.hold.clear()
            subscription = await bus.subscribe(TOPIC, {}, inbox)
            await bus.publish(PublishRequest(TOPIC, b"held"))
            await inbox.wait(1)
            closing = asyncio.create_task(subscription.close())
            await asyncio.sleep(0.05)
            assert not closing.done()
            inbox.hold.set()
            await closing
            assert inbox.finished == [b"held"]
            await bus.publish(PublishRequest(TOPIC, b"after"))
            await subscription.close()
            assert inbox.data == [b"held"]

    asyncio.run(main())


def test_a_topic_can_be_subscribed_again_after_closing(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            first, second = Inbox(), Inbox()
            subscription = await bus.subscribe(TOPIC, {}, first)
            await subscription.close()
            await bus.subscribe(TOPIC, {}, second)
            await bus.publish(PublishRequest(TOPIC, b"m"))
            assert await second.wait(1) == [b"m"]
            assert first.data == []

    asyncio.run(main())


def test_a_closed_component_refuses_to_publish(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            await bus.close()
            with pytest.raises(ComponentError, match="closed"):
                await bus.publish(PublishRequest(TOPIC, b"m"))

    asyncio.run(main())


def test_wildcards_match_what_lies_below_their_prefix(bench: Bench) -> None:
    async def main() -> None:
        async with bench.component() as bus:
            if Feature.SUBSCRIBE_WILDCARDS not in bus.features:
                pytest.skip("the vendor has no wildcards")
            inbox = Inbox()
            await bus.subscribe("orders/*", {}, inbox)
            for topic in ("orders/", "orders", "orders/a", "orders/a/b", "other/a"):
                await bus.publish(PublishRequest(topic, topic.encode()))
            assert await inbox.wait(2) == [b"orders/a", b"orders/a/b"]

    asyncio.run(main())
