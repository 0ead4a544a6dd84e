"""A caller of the book's DemoActor, which it knows by interface and id alone.

``python demo_actor_client.py <id> <method of the interface> [<data as JSON>]`` prints the answer as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

from dapr.actor import ActorId, ActorProxy
from demo_actor import DemoActorInterface


async def main(name: str, method: str, *data: str) -> None:
    proxy = ActorProxy.create("DemoActor", ActorId(name), DemoActorInterface)
    print(json.dumps(await getattr(proxy, method)(*map(json.loads, data))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
