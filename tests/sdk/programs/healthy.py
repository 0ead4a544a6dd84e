"""A user's program: waits for its sidecar as every client of the official SDK does, then calls through it.

``CALLEE`` in the environment is whom to call; without one it only waits.
"""

from __future__ import annotations

import os

from dapr.clients.health import DaprHealth
from dapr.clients.http.dapr_invocation_http_client import DaprInvocationHttpClient

DaprHealth.wait_for_sidecar()
print("ready", flush=True)
if callee := os.environ.get("CALLEE"):
    try:
        print(DaprInvocationHttpClient().invoke_method(callee, "hello", b"").text())
    except Exception as error:
        print(type(error).__name__, error)
