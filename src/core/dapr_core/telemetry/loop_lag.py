"""How late the event loop is: the time between when a timer was due and when it ran.

Everything of a process waits in one loop, so this lag is what each request waits in addition. A loop that does nothing
but wait for I/O stays below a millisecond; a handler that computes, or a blocking call, shows here at once.
"""

from __future__ import annotations

import asyncio
from typing import Final

from dapr_core.telemetry.metrics import Registry

INTERVAL: Final = 0.25
"""Seconds between measurements: four timers a second cost nothing that can be measured."""

BOUNDS_MS: Final = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


async def watch(registry: Registry, *, interval: float = INTERVAL) -> None:
    """Measure until cancelled; in ``dapr_loop_lag_ms`` (histogram) and ``dapr_loop_lag_last_ms`` (gauge)."""
    lags = registry.histogram("dapr_loop_lag_ms", "How late timers of the event loop ran.", (), BOUNDS_MS).labels()
    last = registry.gauge("dapr_loop_lag_last_ms", "How late the last timer of the event loop ran.").labels()
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + interval
        await asyncio.sleep(interval)
        late = max(0.0, (clock() - due) * 1000)
        lags.observe(late)
        last.set(late)
