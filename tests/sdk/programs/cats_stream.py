"""A user's program that hosts actors over a stream to its sidecar; it has no port, and ends when it is told to."""

from __future__ import annotations

import asyncio

from cats import Cat, settle
from dapr.actor.runtime.grpc_host import ActorGrpcHost


async def main() -> None:
    host = ActorGrpcHost()
    await host.register_actor(Cat)
    await host.run_forever()


if __name__ == "__main__":
    settle()
    asyncio.run(main())
