"""Nothing acknowledged is lost: a subscriber killed in the middle of its work, a Redis killed under load."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from support.brokers import Inbox, pubsub_component
from support.processes import Process
from support.redis_server import RedisServer, redis_server

from dapr_components.contract import ComponentError
from dapr_components.pubsub.contract import PublishRequest

SUBSCRIBER = Path(__file__).parent.parent / "support" / "redis_subscriber.py"
MESSAGES = 60


def subscriber(server: RedisServer, pause: str) -> Process:
    return Process([sys.executable, str(SUBSCRIBER), server.address, "work", pause, "500ms", "100ms"])


def finished(process: Process) -> set[str]:
    return {line.split()[1] for line in list(process.lines) if line.startswith("end ")}


def test_a_killed_subscriber_loses_nothing() -> None:
    async def publish(server: RedisServer) -> None:
        async with pubsub_component("pubsub.redis", {"redisHost": server.address}) as bus:
            for number in range(MESSAGES):
                await bus.publish(PublishRequest("work", b"%d" % number))

    with redis_server() as server:
        first = subscriber(server, "0.05")
        with first:
            first.wait_for_line("subscribed")
            asyncio.run(publish(server))
            first.wait_for_line("end ")
            first.popen.send_signal(signal.SIGKILL)
            first.popen.wait()
        done = finished(first)
        assert 0 < len(done) < MESSAGES, "it must die in the middle of its work"
        with subscriber(server, "0") as second:
            wanted = {str(number) for number in range(MESSAGES)}
            for number in sorted(wanted - done, key=int):
                second.wait_for_line(f"end {number}")
            assert finished(first) | finished(second) == wanted


def test_a_subscriber_stopped_in_order_hands_over_at_once() -> None:
    async def main(server: RedisServer) -> None:
        slow = {"redisHost": server.address, "processingTimeout": "60s", "redeliverInterval": "1s", "concurrency": "1"}
        async with pubsub_component("pubsub.redis", slow) as bus:
            for number in range(10):
                await bus.publish(PublishRequest("work", b"%d" % number))
            first = Inbox()
            first.hold.clear()
            subscription = await bus.subscribe("work", {}, first)
            await first.wait(1)
            closing = asyncio.create_task(subscription.close())
            await asyncio.sleep(0.05)  # closing has begun before the handler ends
            first.hold.set()
            await closing
        assert first.finished == [b"0"]
        async with pubsub_component("pubsub.redis", slow) as bus:
            second = Inbox()
            await bus.subscribe("work", {}, second)
            assert sorted(await second.wait(9), key=int) == [b"%d" % number for number in range(1, 10)]

    with redis_server() as server:
        asyncio.run(main(server))


def test_a_redis_killed_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    options = ("--appendfsync", "always")

    async def main() -> tuple[set[bytes], set[bytes]]:
        server = RedisServer(directory=tmp_path, options=options)
        try:
            await asyncio.to_thread(server.wait_ready)
            settings = {"redisHost": server.address, "processingTimeout": "1s", "redeliverInterval": "200ms"}
            async with pubsub_component("pubsub.redis", settings) as bus:
                inbox = Inbox()
                await bus.subscribe("work", {}, inbox)
                acknowledged: set[bytes] = set()
                stop = asyncio.Event()

                async def publish(worker: int) -> None:
                    number = 0
                    while not stop.is_set():
                        data = b"%d-%d" % (worker, number)
                        number += 1
                        try:
                            await bus.publish(PublishRequest("work", data))
                        except ComponentError:
                            await asyncio.sleep(0.02)
                        else:
                            acknowledged.add(data)
                        await asyncio.sleep(0.002)

                workers = [asyncio.create_task(publish(worker)) for worker in range(8)]
                await inbox.wait(200)
                server.popen.send_signal(signal.SIGKILL)
                await asyncio.to_thread(server.popen.wait)
                before = len(acknowledged)
                port = server.port
                server.terminate()
                server = RedisServer(port=port, directory=tmp_path, options=options)
                await asyncio.to_thread(server.wait_ready)
                while len(acknowledged) < before + 200:
                    await asyncio.sleep(0.02)
                stop.set()
                await asyncio.gather(*workers)
                await inbox.until(lambda: acknowledged <= set(inbox.finished))
                return acknowledged, set(inbox.finished)
        finally:
            server.terminate()

    acknowledged, delivered = asyncio.run(main())
    assert len(acknowledged) >= 300  # most of the 200 before and of the 200 after the kill
    assert acknowledged <= delivered
