"""A user's program: calls the actors of ``cats`` with the official SDK, and prints what they answered.

``calls`` calls them as users do, by a proxy; ``below`` uses the client that proxies and actors are made of, by the name
of each of its methods. One JSON object goes to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable
from typing import Any

from cats import CatInterface
from dapr.actor import ActorId, ActorProxy
from dapr.clients import DaprActorHttpClient
from dapr.serializers import DefaultJSONSerializer


def cat(name: str) -> Any:
    return ActorProxy.create("Cat", ActorId(name), CatInterface)


async def refusal(call: Awaitable[Any]) -> str:
    try:
        return f"none: it gave {await call}"
    except Exception as error:
        return f"{type(error).__name__} {error}"


async def calls() -> dict[str, Any]:
    tom = cat("tom")
    found = {
        "eat": [await tom.eat({"meal": "fish"}), await tom.eat({"meal": "bird"})],
        "recall": await tom.recall(),
        "refuse": await refusal(tom.refuse()),
        "recall after it": await tom.recall(),
        "meet": await asyncio.gather(cat("ann").meet(), cat("bob").meet()),
        "bytes": json.loads(await tom.invoke_method("recall")),
        "remember": await refusal(tom.remember()),
        "forget": await refusal(tom.forget()),
    }
    sleeper = cat("sleeper")
    await sleeper.nap()
    while await sleeper.naps() < 3:
        await asyncio.sleep(0.02)
    await sleeper.rise()
    risen = await sleeper.naps()
    await asyncio.sleep(0.4)  # eight periods of the timer
    return {**found, "naps": [risen, await sleeper.naps()]}


async def below() -> dict[str, Any]:
    client = DaprActorHttpClient(DefaultJSONSerializer())
    timer = {"dueTime": "0h0m0s50ms0μs", "period": "0h0m0s50ms0μs", "callback": "wake", "data": {"dream": "mice"}}
    change = {"operation": "upsert", "request": {"key": "toy", "value": {"ball": 1}}}
    one = ("Cat", "low")
    done = {
        "register_timer": await refusal(client.register_timer(*one, "nap", json.dumps(timer).encode())),
        "invoke_method": await refusal(client.invoke_method(*one, "eat", b'{"meal":"mouse"}')),
        "save_state_transactionally": await refusal(
            client.save_state_transactionally(*one, json.dumps([change]).encode())
        ),
        "get_state": await refusal(client.get_state(*one, "toy")),
        "unregister_timer": await refusal(client.unregister_timer(*one, "nap")),
        "register_reminder": await refusal(client.register_reminder(*one, "vet", b'{"dueTime":"1s","data":1}')),
        "unregister_reminder": await refusal(client.unregister_reminder(*one, "vet")),
    }
    return {f"DaprActorHttpClient.{name}": said for name, said in done.items()}


if __name__ == "__main__":
    json.dump(asyncio.run({"calls": calls, "below": below}[sys.argv[1]]()), sys.stdout)
