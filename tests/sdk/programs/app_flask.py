"""A user's application of Flask, with the official SDK's extension; its port is the only argument.

It tells everything that reaches it as a JSON object on a line of its own.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

from dapr.actor import Actor, ActorInterface, actormethod
from dapr.ext.flask import DaprActor, DaprApp
from flask import Flask, Response, request

app = Flask("shop")
dapr, actors = DaprApp(app), DaprActor(app)
again: list[None] = []


class CatInterface(ActorInterface):
    @actormethod("meow")
    async def meow(self) -> str: ...


class Cat(Actor, CatInterface):  # type: ignore[misc]
    async def meow(self) -> str:
        return "meow"


actors.register_actor(Cat)


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def hear(topic: str) -> None:
    event = json.loads(request.data)
    data = event["data"] if "data" in event else base64.b64decode(event["data_base64"]).decode()
    tell(topic=topic, data=data, type=event["type"])


@app.before_request
def notice() -> None:
    if request.path == "/healthz":  # the extension answers it
        tell(asked="health")


@dapr.subscribe("bus", "plain")
def plain() -> str:
    hear("plain")
    return ""


@dapr.subscribe("bus", "binary")
def binary() -> str:
    hear("binary")
    return ""


@dapr.subscribe("bus", "raw", metadata={"rawPayload": "true"}, route="/taken/raw")
def raw() -> str:
    hear("raw")
    return ""


@dapr.subscribe("bus", "again")
def repeated() -> dict[str, str]:
    hear("again")
    again.append(None)
    return {"status": "RETRY" if len(again) == 1 else "SUCCESS"}


@dapr.subscribe("bus", "dropped", dead_letter_topic="dead")
def dropped() -> dict[str, str]:
    hear("dropped")
    return {"status": "DROP"}


@dapr.subscribe("bus", "dead")
def dead() -> str:
    hear("dead")
    return ""


@app.post("/tick")
def tick() -> str:
    tell(binding="tick")
    return ""


@app.post("/greet")
def greet() -> Response:
    tell(method="greet", query=request.query_string.decode(), caller=request.headers.get("dapr-caller-app-id"))
    return Response(b"hello " + request.data, content_type="text/plain")


@app.post("/fail")
def fail() -> tuple[dict[str, str], int]:
    return {"detail": "no such order"}, 409


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]))
