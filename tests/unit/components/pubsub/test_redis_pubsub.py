"""``pubsub.redis`` on a real server: its layout as recorded from the original, and how it gives messages again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support import recordings
from support.brokers import Inbox, pubsub_component
from support.redis_server import RedisServer, redis_server

from dapr_components.common.redis import RedisClient, RedisSettings
from dapr_components.contract import ComponentError, Metadata
from dapr_components.pubsub.contract import BulkEntry, PublishRequest, PubSub

SHORT = {"processingTimeout": "300ms", "redeliverInterval": "100ms"}


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def server(running: RedisServer) -> RedisServer:
    running.command_line(b"FLUSHALL")
    return running


@asynccontextmanager
async def bus_and_client(server: RedisServer, **extra: str) -> AsyncIterator[tuple[PubSub, RedisClient]]:
    client = RedisClient(RedisSettings.from_metadata(Metadata({"redisHost": server.address})))
    try:
        async with pubsub_component("pubsub.redis", {"redisHost": server.address, **extra}, app_id="golden") as bus:
            yield bus, client
    finally:
        await client.close()


async def entries(client: RedisClient, topic: str) -> list[dict[str, str]]:
    """The fields of a stream's entries."""
    found = []
    for _id, fields in await client.execute("XRANGE", topic, "-", "+"):
        found.append({fields[at].decode(): fields[at + 1].decode() for at in range(0, len(fields), 2)})
    return found


async def pending(client: RedisClient, topic: str) -> int:
    found = await client.execute("XPENDING", topic, "golden")
    count: int = found[0]
    return count


async def eventually(check: Any, what: str) -> None:
    """Poll what only the server knows."""
    async with asyncio.timeout(20):
        while not await check():
            await asyncio.sleep(0.02)


# -- layout


def recorded_stream(step: str) -> list[dict[str, str]]:
    steps = recordings.load("redis-layout")["steps"]
    dump = next(each for each in steps if each["step"] == step)["dump"]["alone"]
    return [fields for _id, fields in dump["entries"]]


def test_entries_are_laid_out_as_the_original_s(server: RedisServer) -> None:
    recorded = recorded_stream("bulk publish")
    single, bulk = recorded[:3], recorded[3:]

    async def main() -> None:
        async with bus_and_client(server) as (bus, client):
            for fields in single:
                request = PublishRequest("alone", fields["data"].encode(), json.loads(fields["metadata"]))
                await bus.publish(request)
            messages = [BulkEntry(str(at), fields["data"].encode()) for at, fields in enumerate(bulk)]
            assert await bus.bulk_publish("alone", messages, {}) == {}
            assert await entries(client, "alone") == recorded

    asyncio.run(main())


def test_a_subscription_is_a_group_that_starts_at_the_beginning_and_is_named_as_its_consumer(
    server: RedisServer,
) -> None:
    async def main() -> None:
        async with bus_and_client(server) as (bus, client):
            inbox = Inbox()
            await bus.subscribe("sub", {}, inbox)
            await bus.publish(PublishRequest("sub", b"m", {}))
            await inbox.wait(1)
            await eventually(lambda: none_pending(client, "sub"), "the acknowledgement")
            group = dict(zip(*[iter((await client.execute("XINFO", "GROUPS", "sub"))[0])] * 2, strict=True))
            consumers = await client.execute("XINFO", "CONSUMERS", "sub", "golden")
            assert group[b"name"] == b"golden"
            assert [consumer[1] for consumer in consumers] == [b"golden"]

    asyncio.run(main())


async def none_pending(client: RedisClient, topic: str) -> bool:
    return await pending(client, topic) == 0


@pytest.mark.parametrize(
    ("fields", "group"),
    [({}, b"golden"), ({"consumerID": "mine"}, b"mine"), ({"consumerID": "  "}, b"golden")],
    ids=["app id by default", "consumerID", "blank consumerID"],
)
def test_the_group_is_named_by_consumer_id(server: RedisServer, fields: dict[str, str], group: bytes) -> None:
    async def main() -> None:
        async with bus_and_client(server, **fields) as (bus, client):
            await bus.subscribe("sub", {}, Inbox())
            assert (await client.execute("XINFO", "GROUPS", "sub"))[0][1] == group

    asyncio.run(main())


@pytest.mark.parametrize(
    ("fields", "least", "most"),
    [({"maxLenApprox": "10"}, 10, 300), ({"streamTTL": "1ms"}, 1, 300), ({}, 1000, 1000)],
    ids=["maxLenApprox", "streamTTL", "untrimmed"],
)
def test_streams_are_trimmed_as_configured(server: RedisServer, fields: dict[str, str], least: int, most: int) -> None:
    async def main() -> None:
        async with bus_and_client(server, **fields) as (bus, client):
            for _ in range(10):
                await asyncio.gather(*(bus.publish(PublishRequest("t", b"m")) for _ in range(100)))
                await asyncio.sleep(0.002)
            assert least <= await client.execute("XLEN", "t") <= most

    asyncio.run(main())


# -- again and again


def test_what_a_handler_has_done_is_acknowledged(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server) as (bus, client):
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            await asyncio.gather(*(bus.publish(PublishRequest("t", b"%d" % number)) for number in range(300)))
            await inbox.wait(300)
            await eventually(lambda: none_pending(client, "t"), "the acknowledgements")

    asyncio.run(main())


def test_a_message_that_failed_stays_pending_and_comes_again(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT) as (bus, client):
            inbox = Inbox()
            inbox.refuse = lambda message: len(inbox.messages) < 3
            await bus.subscribe("t", {}, inbox)
            await bus.publish(PublishRequest("t", b"m", {"k": "v"}))
            await inbox.until(lambda: inbox.finished == [b"m"])
            assert inbox.data == [b"m"] * 3
            assert all(message.metadata == {"k": "v"} for message in inbox.messages)
            await eventually(lambda: none_pending(client, "t"), "the acknowledgement")

    asyncio.run(main())


@pytest.mark.parametrize("field", ["processingTimeout", "redeliverInterval"])
def test_without_redelivery_a_message_that_failed_is_acknowledged(server: RedisServer, field: str) -> None:
    async def main() -> None:
        async with bus_and_client(server, **{field: "0"}) as (bus, client):
            inbox = Inbox(refuse=lambda message: True)
            await bus.subscribe("t", {}, inbox)
            await bus.publish(PublishRequest("t", b"m"))
            await inbox.wait(1)
            await eventually(lambda: none_pending(client, "t"), "the acknowledgement")

    asyncio.run(main())


def test_a_handler_that_takes_too_long_is_cancelled_and_its_message_comes_again(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT) as (bus, _):
            inbox = Inbox()
            inbox.hold.clear()
            await bus.subscribe("t", {}, inbox)
            await bus.publish(PublishRequest("t", b"m"))
            await inbox.wait(2)
            assert inbox.most_running == 1
            inbox.hold.set()
            await inbox.until(lambda: b"m" in inbox.finished)

    asyncio.run(main())


def test_waiting_in_the_queue_does_not_look_like_a_dead_consumer(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT, concurrency="1") as (bus, _):
            taken: list[bytes] = []

            async def slow(message: Any) -> None:
                taken.append(message.data)
                await asyncio.sleep(0.1)

            await bus.subscribe("t", {}, slow)
            await asyncio.gather(*(bus.publish(PublishRequest("t", b"%d" % number)) for number in range(10)))
            async with asyncio.timeout(20):
                while len(set(taken)) < 10:
                    await asyncio.sleep(0.02)
            assert sorted(taken) == sorted(set(taken)), "a waiting message was delivered twice"

    asyncio.run(main())


def test_a_message_of_a_consumer_that_died_is_taken_over(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT) as (bus, client):
            await client.execute("XGROUP", "CREATE", "t", "golden", "0", "MKSTREAM")
            await bus.publish(PublishRequest("t", b"m"))
            await client.execute("XREADGROUP", "GROUP", "golden", "dead", "STREAMS", "t", ">")
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            assert await inbox.wait(1) == [b"m"]

    asyncio.run(main())


def test_pending_entries_beyond_one_page_are_found(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT, queueDepth="3") as (bus, client):
            await client.execute("XGROUP", "CREATE", "t", "golden", "0", "MKSTREAM")
            for number in range(20):
                await bus.publish(PublishRequest("t", b"%d" % number))
            await client.execute("XREADGROUP", "GROUP", "golden", "dead", "STREAMS", "t", ">")
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            assert len(set(await inbox.wait(20))) == 20

    asyncio.run(main())


def test_pending_entries_that_were_deleted_are_forgotten(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT) as (bus, client):
            await client.execute("XGROUP", "CREATE", "t", "golden", "0", "MKSTREAM")
            await bus.publish(PublishRequest("t", b"gone"))
            (entry_id, _), *_ = await client.execute("XRANGE", "t", "-", "+")
            await client.execute("XREADGROUP", "GROUP", "golden", "dead", "STREAMS", "t", ">")
            await client.execute("XDEL", "t", entry_id)
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            await eventually(lambda: none_pending(client, "t"), "the deleted entry's end")
            assert inbox.data == []

    asyncio.run(main())


def test_a_stream_that_was_deleted_is_subscribed_again(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, **SHORT) as (bus, client):
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            await client.execute("DEL", "t")
            await bus.publish(PublishRequest("t", b"m"))
            assert await inbox.wait(1) == [b"m"]

    asyncio.run(main())


def test_entries_of_foreign_writers_are_delivered_as_they_are(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server) as (bus, client):
            inbox = Inbox()
            await bus.subscribe("t", {}, inbox)
            await client.execute("XADD", "t", "*", "other", "x")
            await client.execute("XADD", "t", "*", "data", "d", "metadata", "{broken")
            await client.execute("XADD", "t", "*", "data", "e", "metadata", '{"a":"b","n":1}')
            await inbox.wait(3)
            assert [(message.data, message.metadata) for message in inbox.messages] == [
                (b"", None), (b"d", None), (b"e", {"a": "b"}),
            ]  # fmt: skip

    asyncio.run(main())


# -- bounds


def test_no_more_handlers_run_than_concurrency_allows_over_all_topics(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, concurrency="3") as (bus, _):
            inbox = Inbox()
            inbox.hold.clear()
            await bus.subscribe("t", {}, inbox)
            await bus.subscribe("u", {}, inbox)
            for number in range(10):
                await bus.publish(PublishRequest("t" if number % 2 else "u", b"%d" % number))
            await inbox.wait(3)
            await asyncio.sleep(0.1)
            assert inbox.most_running == 3
            inbox.hold.set()
            await inbox.wait(10)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"redisHost": ""}, "redisHost"),
        ({"queueDepth": "0"}, "queueDepth"),
        ({"concurrency": "many"}, "concurrency"),
        ({"processingTimeout": "soon"}, "processingTimeout"),
        ({"maxLenApprox": "-1"}, "maxLenApprox"),
        ({"redisHost": "127.0.0.1:1"}, "connecting to redis.*refused"),
    ],
    ids=lambda value: str(value),
)
def test_a_wrong_manifest_is_named(server: RedisServer, fields: dict[str, str], text: str) -> None:
    async def main() -> None:
        settings = {"redisHost": server.address, "redisMaxRetries": "0", **fields}
        with pytest.raises(ComponentError, match=text):
            async with pubsub_component("pubsub.redis", settings):
                pass

    asyncio.run(main())


def test_both_trimming_strategies_together_are_warned_of(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with bus_and_client(server, maxLenApprox="10", streamTTL="1h"):
            assert "maxLenApprox and streamTTL cannot be used together" in caplog.text

    asyncio.run(main())


def test_an_application_that_is_down_does_not_make_the_backlog_run_through(server: RedisServer) -> None:
    async def main() -> None:
        async with bus_and_client(server, queueDepth="5") as (bus, _):
            await asyncio.gather(*(bus.publish(PublishRequest("t", b"%d" % number)) for number in range(500)))
            inbox = Inbox(refuse=lambda message: True)
            await bus.subscribe("t", {}, inbox)
            await inbox.wait(15)
            await asyncio.sleep(0.3)
            assert len(inbox.messages) < 100
            inbox.refuse = lambda message: False
            await inbox.until(lambda: len(inbox.finished) > 300)

    asyncio.run(main())
