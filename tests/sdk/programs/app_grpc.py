"""A user's application on gRPC, with the official SDK's extension; its port is the only argument.

It tells everything that reaches it as a JSON object on a line of its own.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import grpc
from dapr.ext.grpc import (
    App,
    BindingRequest,
    InvokeMethodRequest,
    InvokeMethodResponse,
    JobEvent,
    Rule,
    SubscriptionMessage,
    TopicEventResponse,
)

warnings.simplefilter("ignore", DeprecationWarning)  # the SDK's older form of an event is used too
app = App()
again: list[None] = []


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def hear(name: str, event: SubscriptionMessage) -> None:
    data = event.raw_data().decode() if event.data() is None else event.data()
    tell(topic=name, data=data, type=event.type())


@app.subscribe("bus", "plain")
def plain(event: SubscriptionMessage) -> None:
    hear("plain", event)


@app.subscribe("bus", "binary")
def binary(event: SubscriptionMessage) -> None:
    hear("binary", event)


@app.subscribe("bus", "raw", metadata={"rawPayload": "true"})
def raw(event: SubscriptionMessage) -> None:
    hear("raw", event)


@app.subscribe("bus", "routed", disable_topic_validation=True)  # this is how the SDK names a default route
def usual(event: Any) -> None:
    tell(topic="usual", data=json.loads(event.Data()), type=event.EventType())


@app.subscribe("bus", "routed", rule=Rule('event.type == "special"', 1))
def special(event: SubscriptionMessage) -> None:
    hear("special", event)


@app.subscribe("bus", "again")
def repeated(event: SubscriptionMessage) -> TopicEventResponse:
    hear("again", event)
    again.append(None)
    return TopicEventResponse("retry" if len(again) == 1 else "success")


@app.subscribe("bus", "dropped", dead_letter_topic="dead")
def dropped(event: SubscriptionMessage) -> TopicEventResponse:
    hear("dropped", event)
    return TopicEventResponse("drop")


@app.subscribe("bus", "dead")
def dead(event: SubscriptionMessage) -> None:
    hear("dead", event)


@app.binding("tick")
def tick(_: BindingRequest) -> None:
    tell(binding="tick")


@app.job_event("job")
def job(event: JobEvent) -> None:
    tell(job=event.name)


@app.method("greet")
def greet(request: InvokeMethodRequest) -> InvokeMethodResponse:
    [caller] = dict(request.metadata)["dapr-caller-app-id"]
    tell(method="greet", caller=caller)
    return InvokeMethodResponse(b"hello " + request.data, "text/plain")


class NoSuchOrderError(grpc.RpcError):
    """What the application refuses an order with."""


@app.method("fail")
def fail(_: InvokeMethodRequest) -> None:
    raise NoSuchOrderError("no such order")


app.register_health_check(lambda: tell(asked="health"))

if __name__ == "__main__":
    app.run(int(sys.argv[1]), "127.0.0.1")
