"""``pubsub.in-memory``: one at a time and in order per subscription, bounded, and nothing kept."""

from __future__ import annotations

import asyncio

import pytest
from support.brokers import Inbox, pubsub_component

from dapr_components.pubsub.contract import Feature, Message, PublishRequest
from dapr_components.pubsub.in_memory import BACKLOG


def test_its_only_feature_is_wildcards() -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            assert bus.features == {Feature.SUBSCRIBE_WILDCARDS}

    asyncio.run(main())


def test_messages_come_in_order_and_one_at_a_time() -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            for number in range(50):
                await bus.publish(PublishRequest("t", b"%d" % number))
            assert await inbox.wait(50) == [b"%d" % number for number in range(50)]
            assert inbox.most_running == 1

    asyncio.run(main())


def test_every_subscription_gets_its_own_copy() -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            inboxes = [Inbox() for _ in range(3)]
            for inbox in inboxes:
                await bus.subscribe("t", {}, inbox)
            await bus.publish(PublishRequest("t", b"m"))
            assert [await inbox.wait(1) for inbox in inboxes] == [[b"m"]] * 3

    asyncio.run(main())


def test_a_handler_may_publish_to_its_own_topic() -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            seen: list[bytes] = []
            done = asyncio.Event()

            async def echo(message: Message) -> None:
                seen.append(message.data)
                if len(seen) < 3:
                    await bus.publish(PublishRequest("t", message.data + b"!"))
                else:
                    done.set()

            await bus.subscribe("t", {}, echo)
            await bus.publish(PublishRequest("t", b"m"))
            async with asyncio.timeout(5):
                await done.wait()
            assert seen == [b"m", b"m!", b"m!!"]

    asyncio.run(main())


def test_a_publisher_waits_when_the_backlog_is_full_until_the_subscription_closes() -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            inbox = Inbox()
            inbox.hold.clear()
            subscription = await bus.subscribe("t", {}, inbox)
            await bus.publish(PublishRequest("t", b"held"))
            await inbox.wait(1)
            for _ in range(BACKLOG):
                await bus.publish(PublishRequest("t", b"m"))
            waiting = asyncio.create_task(bus.publish(PublishRequest("t", b"late")))
            await asyncio.sleep(0.02)
            assert not waiting.done()
            closing = asyncio.create_task(subscription.close())
            await waiting
            inbox.hold.set()
            await closing
            assert inbox.data == [b"held"]

    asyncio.run(main())


def test_a_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            inbox = Inbox(refuse=lambda message: True)
            await bus.subscribe("t", {}, inbox)
            await bus.publish(PublishRequest("t", b"m"))
            await bus.publish(PublishRequest("t", b"n"))
            await inbox.wait(2)
        assert "not this one" in caplog.text

    asyncio.run(main())


def test_a_subscription_can_be_closed_from_its_own_handler() -> None:
    async def main() -> None:
        async with pubsub_component("pubsub.in-memory") as bus:
            closed = asyncio.Event()

            async def close(message: Message) -> None:
                await subscription.close()
                closed.set()

            subscription = await bus.subscribe("t", {}, close)
            await bus.publish(PublishRequest("t", b"m"))
            async with asyncio.timeout(5):
                await closed.wait()

    asyncio.run(main())
