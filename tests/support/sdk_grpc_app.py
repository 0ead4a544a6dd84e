"""An application written with the official Python SDK's gRPC extension, run as a process of its own by tests.

It prints one JSON line for each thing it is told, and ``listening`` when its server is up.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from dapr.clients.grpc._response import TopicEventResponse
from dapr.ext.grpc import App, BindingRequest, InvokeMethodRequest, InvokeMethodResponse

app = App()


def say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


@app.method("greet")
def greet(request: InvokeMethodRequest) -> InvokeMethodResponse:
    say(method="greet", text=request.text(), caller=dict(request.metadata).get("dapr-caller-app-id"))
    return InvokeMethodResponse(b"hello " + request.data, "text/plain; charset=UTF-8")


@app.subscribe(pubsub_name="bus", topic="orders")
def order(event: Any) -> TopicEventResponse:
    say(topic="orders", data=event.Data().decode() if isinstance(event.Data(), bytes) else event.Data())
    return TopicEventResponse("success")


@app.binding("tick")
def tick(request: BindingRequest) -> None:
    say(binding="tick", metadata=sorted(dict(request.metadata)))


app.register_health_check(lambda: None)


def main() -> None:
    threading.Timer(0.3, lambda: say(listening=True)).start()
    app.run(int(sys.argv[1]))


if __name__ == "__main__":
    main()
