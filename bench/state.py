"""Saving and reading one value of 1 KiB through the state API, in memory and in Redis.

``python -m bench.state``
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.lib.command import main
from bench.lib.sidecar import redis, sidecar, write_component
from bench.lib.work import Work

SAVED = json.dumps([{"key": "k", "value": "x" * 1010}]).encode()


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """One sidecar with both stores."""
    with tempfile.TemporaryDirectory() as directory, redis() as port:
        resources = Path(directory)
        write_component(resources, "memory", "state.in-memory", {})
        write_component(resources, "redis", "state.redis", {"redisHost": f"127.0.0.1:{port}", "redisPassword": ""})
        with sidecar("bench", resources=resources) as daprd:
            yield [work for store in ("memory", "redis") for work in _both(store, daprd.pid, daprd.url)]


def _both(store: str, pid: int, url: str) -> Iterator[Work]:
    yield Work(
        name=f"state {store} set",
        roles=("",),
        pids=(pid,),
        url=f"{url}/v1.0/state/{store}",
        method="POST",
        headers={"Content-Type": "application/json"},
        body=SAVED,
    )
    yield Work(name=f"state {store} get", roles=("",), pids=(pid,), url=f"{url}/v1.0/state/{store}/k")


if __name__ == "__main__":
    main("state", stage)
