"""An actor of the official Python SDK, for the applications that host it; each tells what happens to it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

from dapr.actor import Actor, ActorInterface, ActorRuntime, Remindable, actormethod
from dapr.actor.runtime.config import ActorRuntimeConfig

SOON = timedelta(milliseconds=50)
naps: Counter[str] = Counter()
both = threading.Barrier(2)


def settle() -> None:
    """Actors that nobody wants anything of are let go soon."""
    ActorRuntime.set_actor_config(ActorRuntimeConfig(actor_idle_timeout=timedelta(seconds=2)))


class CatInterface(ActorInterface):
    """What callers know of it."""

    @actormethod("eat")
    async def eat(self, meal: object) -> object: ...

    @actormethod("recall")
    async def recall(self) -> object: ...

    @actormethod("refuse")
    async def refuse(self) -> object: ...

    @actormethod("meet")
    async def meet(self) -> object: ...

    @actormethod("nap")
    async def nap(self) -> object: ...

    @actormethod("naps")
    async def naps(self) -> object: ...

    @actormethod("rise")
    async def rise(self) -> object: ...

    @actormethod("remember")
    async def remember(self) -> object: ...

    @actormethod("forget")
    async def forget(self) -> object: ...


class Cat(Actor, CatInterface, Remindable):  # type: ignore[misc]
    async def _on_activate(self) -> None:
        tell(activated=self.id.id)

    async def _on_deactivate(self) -> None:
        tell(deactivated=self.id.id)

    async def eat(self, meal: dict[str, Any]) -> object:
        _, meals = await self._state_manager.try_get_state("meals")
        await self._state_manager.set_state("meal", meal["meal"])
        await self._state_manager.set_state("meals", (meals or 0) + 1)
        return {"id": self.id.id, "ate": meal["meal"]}

    async def recall(self) -> object:
        _, meal = await self._state_manager.try_get_state("meal")
        _, meals = await self._state_manager.try_get_state("meals")
        return {"meal": meal, "meals": meals}

    async def refuse(self) -> object:
        raise ValueError("no more fish")

    async def meet(self) -> object:
        await asyncio.to_thread(both.wait, 20)
        return self.id.id

    async def nap(self) -> object:
        await self.register_timer("nap", self.wake, {"dream": "mice"}, SOON, SOON)
        return None

    async def wake(self, dream: dict[str, Any]) -> None:
        naps[f"{self.id.id} of {dream['dream']}"] += 1

    async def naps(self) -> object:
        return naps[f"{self.id.id} of mice"]

    async def rise(self) -> object:
        await self.unregister_timer("nap")
        return None

    async def remember(self) -> object:
        await self.register_reminder("vet", b"soon", SOON, SOON)
        return None

    async def forget(self) -> object:
        await self.unregister_reminder("vet")
        return None

    async def receive_reminder(
        self,
        name: str,
        state: bytes,
        due_time: timedelta,
        period: timedelta | None = None,
        ttl: timedelta | None = None,
    ) -> None:
        tell(reminded=name)


def tell(**what: Any) -> None:
    print(json.dumps(what, separators=(",", ":")), flush=True)
