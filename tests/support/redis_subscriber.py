"""A subscriber as a process of its own, to be killed: prints what it is given, before and after it has handled it.

Arguments: address of the server, topic, seconds that a handler takes, processingTimeout, redeliverInterval.
"""

from __future__ import annotations

import asyncio
import sys

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.pubsub.contract import Message
from dapr_components.pubsub.redis import RedisPubSub


async def main(address: str, topic: str, pause: float, timeout: str, interval: str) -> None:
    bus = RedisPubSub(ComponentContext(name="bus", type="pubsub.redis", version="v1", app_id="worker"))
    await bus.init(
        Metadata(
            {"redisHost": address, "processingTimeout": timeout, "redeliverInterval": interval, "queueDepth": "20"}
        )
    )

    async def handle(message: Message) -> None:
        print("begin", message.data.decode(), flush=True)
        await asyncio.sleep(pause)
        print("end", message.data.decode(), flush=True)

    await bus.subscribe(topic, {}, handle)
    print("subscribed", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4], sys.argv[5]))
