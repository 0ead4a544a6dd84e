"""A user's application of the official Python SDK that hosts actors over a stream, without a port of its own.

Each line on standard output tells what happens to an actor.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

from dapr.actor import Actor, ActorId, ActorInterface, ActorProxy, ActorRuntime, actormethod
from dapr.actor.runtime.config import ActorReentrancyConfig, ActorRuntimeConfig
from dapr.actor.runtime.grpc_host import ActorGrpcHost

SOON = timedelta(milliseconds=50)


class BirdInterface(ActorInterface):
    """What callers know of it."""

    @actormethod("Eat")
    async def eat(self, meal: object) -> object: ...

    @actormethod("Recall")
    async def recall(self) -> object: ...

    @actormethod("Refuse")
    async def refuse(self) -> object: ...

    @actormethod("Sing")
    async def sing(self) -> object: ...

    @actormethod("Sung")
    async def sung(self) -> object: ...

    @actormethod("Mirror")
    async def mirror(self) -> object: ...


songs: Counter[str] = Counter()


class Bird(Actor, BirdInterface):  # type: ignore[misc]
    async def _on_activate(self) -> None:
        tell(activated=self.id.id)

    async def _on_deactivate(self) -> None:
        tell(deactivated=self.id.id)

    async def eat(self, meal: dict[str, Any]) -> object:
        await self._state_manager.set_state("meal", meal["meal"])
        return {"id": self.id.id, "ate": meal["meal"]}

    async def recall(self) -> object:
        _, meal = await self._state_manager.try_get_state("meal")
        return {"meal": meal}

    async def refuse(self) -> object:
        raise ValueError("no more seeds")

    async def sing(self) -> object:
        await self.register_timer("song", self.chirp, {"tune": "blues"}, SOON, SOON)
        return None

    async def chirp(self, song: dict[str, Any]) -> None:
        songs[f"{self.id.id}: {song['tune']}"] += 1

    async def sung(self) -> object:
        return songs[f"{self.id.id}: blues"]

    async def mirror(self) -> object:
        """Calls itself, which only a turn that may be entered again allows."""
        proxy: Any = ActorProxy.create("Bird", ActorId(self.id.id), BirdInterface)
        return {"seen": await proxy.Recall()}


def tell(**what: Any) -> None:
    print(json.dumps(what, separators=(",", ":")), flush=True)


async def main() -> None:
    ActorRuntime.set_actor_config(
        ActorRuntimeConfig(
            actor_idle_timeout=timedelta(seconds=2), reentrancy=ActorReentrancyConfig(enabled=True, maxStackDepth=4)
        )
    )
    host = ActorGrpcHost()
    await host.register_actor(Bird)
    async with host:
        tell(hosts="Bird")
        await asyncio.Event().wait()


asyncio.run(main())
