"""A user's application of FastAPI, with the official SDK's extension; its port is the only argument.

It tells everything that reaches it as a JSON object on a line of its own.
"""

from __future__ import annotations

import base64
import json
import sys
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from dapr.actor import Actor, ActorInterface, actormethod
from dapr.ext.fastapi import DaprActor, DaprApp
from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse


class CatInterface(ActorInterface):
    @actormethod("meow")
    async def meow(self) -> str: ...


class Cat(Actor, CatInterface):  # type: ignore[misc]
    async def meow(self) -> str:
        return "meow"


@asynccontextmanager
async def lifespan(_: FastAPI) -> Any:
    await actors.register_actor(Cat)
    yield


app = FastAPI(lifespan=lifespan)
dapr, actors = DaprApp(app), DaprActor(app)
again: list[None] = []
Event = Annotated[Any, Body()]


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def hear(event: dict[str, Any]) -> None:
    data = event["data"] if "data" in event else base64.b64decode(event["data_base64"]).decode()
    tell(topic=event["topic"], data=data, type=event["type"])


@app.middleware("http")
async def notice(request: Request, answer: Any) -> Any:
    if request.url.path == "/healthz":  # the extension answers it
        tell(asked="health")
    return await answer(request)


@dapr.subscribe("bus", "plain")
def plain(event: Event) -> None:
    hear(event)


@dapr.subscribe("bus", "binary")
def binary(event: Event) -> None:
    hear(event)


@dapr.subscribe("bus", "raw", metadata={"rawPayload": "true"}, route="/taken/raw")
def raw(event: Event) -> None:
    hear({"topic": "raw", **event})


@dapr.subscribe("bus", "again")
async def repeated(event: Event) -> dict[str, str]:
    hear(event)
    again.append(None)
    return {"status": "RETRY" if len(again) == 1 else "SUCCESS"}


@dapr.subscribe("bus", "dropped", dead_letter_topic="dead")
def dropped(event: Event) -> dict[str, str]:
    hear(event)
    return {"status": "DROP"}


@dapr.subscribe("bus", "dead")
def dead(event: Event) -> None:
    hear({**event, "topic": "dead"})


@app.post("/tick")
def tick() -> None:
    tell(binding="tick")


@app.post("/greet", response_class=PlainTextResponse)
async def greet(request: Request) -> str:
    tell(method="greet", query=request.url.query, caller=request.headers.get("dapr-caller-app-id"))
    return f"hello {(await request.body()).decode()}"


@app.post("/fail")
def fail() -> None:
    raise HTTPException(409, "no such order")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
