"""A user's program: calls an application through its sidecar with the official SDK, and prints what it got.

``CALLEE`` in the environment is the id of the application; the ports of the sidecar are where ``dapr run`` puts them.
One JSON object goes to standard output, an entry for each thing tried.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from dapr.aio.clients import DaprClient as AsyncDaprClient
from dapr.clients import DaprClient
from dapr.clients.http.dapr_invocation_http_client import DaprInvocationHttpClient
from google.protobuf.wrappers_pb2 import StringValue

CALLEE = os.environ["CALLEE"]
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def shown(response: Any) -> dict[str, Any]:
    """An answer as the program sees it; names of headers in lower case."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    headers = {name: value[0] if isinstance(value, list) else value for name, value in headers.items()}
    return {
        "text": response.text(), "type": response.content_type, "status": response.status_code, "headers": headers,
    }  # fmt: skip


def refused(call: Any) -> dict[str, Any]:
    """What the SDK raises for a call that fails."""
    try:
        call()
    except Exception as error:
        code = getattr(error, "_error_code", None)
        return {"kind": type(error).__name__, "code": code, "status": getattr(error, "_status_code", None),
                "told": str(error)}  # fmt: skip
    return {"kind": "none"}


def blocking(client: DaprClient) -> dict[str, Any]:
    found: dict[str, Any] = {"default verb": shown(client.invoke_method(CALLEE, "hello", ""))}
    for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        found[verb] = shown(client.invoke_method(CALLEE, "some/path", "sent", http_verb=verb))
    found["bytes"] = shown(
        client.invoke_method(CALLEE, "typed", b"\xc3\xa9", content_type="text/plain", http_verb="POST")
    )
    found["message"] = shown(client.invoke_method(CALLEE, "proto", StringValue(value="hi"), http_verb="POST"))
    found["extras"] = shown(
        client.invoke_method(
            CALLEE, "extras", '{"a": 1}', metadata=(("x-mine", "yes"),), http_verb="POST",
            http_querystring=(("q", "1"), ("q", "2"), ("s", "a b&c")),
        )
    )  # fmt: skip
    found["application's error"] = refused(lambda: client.invoke_method(CALLEE, "status/404", "", http_verb="GET"))
    found["nobody"] = refused(lambda: client.invoke_method("nobody-of-that-name", "hello", "", http_verb="GET"))
    return found


async def waiting() -> dict[str, Any]:
    async with AsyncDaprClient() as client:
        calls = [client.invoke_method(CALLEE, f"n/{n}", f"body {n}", http_verb="POST") for n in range(20)]
        return {"at once": [shown(answer)["text"] for answer in await asyncio.gather(*calls)]}


if __name__ == "__main__":
    with DaprClient(headers_callback=lambda: {"traceparent": TRACEPARENT}) as client:
        results = blocking(client)
    low = DaprInvocationHttpClient(timeout=10)
    results["low level"] = shown(low.invoke_method(CALLEE, "low", b"level", http_verb="POST"))
    results.update(asyncio.run(waiting()))
    json.dump(results, sys.stdout)
