"""``daprd --wait``: hold a container's start until its sidecar can be called (control-plane.md §3.2)."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

LIMIT = 60.0
PAUSE = 0.1
REQUEST_LIMIT = 0.5


def wait_until_ready(
    port: int, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Poll ``healthz/outbound`` until it answers 204, for a minute at most. Whether it did."""
    deadline = clock() + LIMIT
    while clock() < deadline:
        if _ready(port):
            return True
        sleep(PAUSE)
    return False


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("localhost", port, timeout=REQUEST_LIMIT)
    try:
        connection.request("GET", "/v1.0/healthz/outbound")
        return connection.getresponse().status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
