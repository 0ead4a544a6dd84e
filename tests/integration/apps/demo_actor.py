"""The book's DemoActor, in Python as the official SDK has it today. ``dapr run`` gives its port in the environment."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import uvicorn
from dapr.actor import Actor, ActorInterface, Remindable, actormethod
from dapr.ext.fastapi import DaprActor
from fastapi import FastAPI

PERIOD = timedelta(milliseconds=200)


class DemoActorInterface(ActorInterface):
    @actormethod(name="SaveData")
    async def save_data(self, data: object) -> object: ...

    @actormethod(name="GetData")
    async def get_data(self) -> object: ...

    @actormethod(name="RegisterTimer")
    async def start(self) -> object: ...

    @actormethod(name="UnregisterTimer")
    async def stop(self) -> object: ...


class DemoActor(Actor, DemoActorInterface, Remindable):  # type: ignore[misc]
    async def save_data(self, data: dict[str, Any]) -> object:
        print(f"This is Actor id {self.id.id} with data {data}", flush=True)
        await self._state_manager.set_state("my_data", data)
        return "saved"

    async def get_data(self) -> object:
        return await self._state_manager.get_state("my_data")

    async def start(self) -> object:
        await self.register_timer("Test", self.timer_callback, None, PERIOD, PERIOD)
        return None

    async def stop(self) -> object:
        await self.unregister_timer("Test")
        return None

    async def timer_callback(self, state: object) -> None:
        print(f"Timer of {self.id.id} with {state}", flush=True)

    async def receive_reminder(
        self,
        name: str,
        state: bytes,
        due_time: timedelta,
        period: timedelta | None = None,
        ttl: timedelta | None = None,
    ) -> None:
        print(f"Reminder {name}", flush=True)


@asynccontextmanager
async def lifespan(_: FastAPI) -> Any:
    await actors.register_actor(DemoActor)
    yield


app = FastAPI(lifespan=lifespan)
actors = DaprActor(app)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["APP_PORT"]), log_level="warning")
