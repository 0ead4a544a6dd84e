"""An event of 1 KiB published to Redis by one sidecar and delivered from there to an application by another.

Each request is one message; the run ends when the last of them is acknowledged, so that both costs are per message.
``python -m bench.pubsub``
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.lib.command import main
from bench.lib.sidecar import echo_app, redis, redis_command, sidecar, write_component, write_subscription
from bench.lib.work import Work

EVENT = json.dumps({"message": "x" * 1005}).encode()
TOPIC = "orders"
_LIMIT = 60.0


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """A publisher, a subscriber with its application, Redis between them."""
    with tempfile.TemporaryDirectory() as directory, redis() as redis_port, echo_app() as (_, app_port):
        resources = Path(directory)
        metadata = {"redisHost": f"127.0.0.1:{redis_port}", "redisPassword": "", "maxLenApprox": "100000"}
        write_component(resources, "bus", "pubsub.redis", metadata)
        write_subscription(resources, "bus", TOPIC, "/orders", ["subscriber"])
        with (
            sidecar("subscriber", app_port=app_port, resources=resources) as subscriber,
            sidecar("publisher", resources=resources) as publisher,
        ):
            yield [
                Work(
                    name="pub/sub Redis",
                    roles=("publish", "deliver"),
                    pids=(publisher.pid, subscriber.pid),
                    url=f"{publisher.url}/v1.0/publish/bus/{TOPIC}",
                    method="POST",
                    headers={"Content-Type": "application/json"},
                    body=EVENT,
                    settle=lambda: await_delivery(redis_port),
                )
            ]


def await_delivery(port: int) -> None:
    """Wait until nothing of the stream is unread or unacknowledged. Raises RuntimeError after a minute."""
    deadline = time.perf_counter() + _LIMIT
    while outstanding(port):
        if time.perf_counter() > deadline:
            raise RuntimeError(f"{outstanding(port)} messages were not delivered within {_LIMIT:g} s")
        time.sleep(0.02)


def outstanding(port: int) -> int:
    """Messages of the stream that the subscriber's group has not read or not acknowledged."""
    answer = redis_command(port, "XINFO", "GROUPS", TOPIC)
    found = [re.search(rb"\r\n%b\r\n:(\d+)" % name, answer) for name in (b"pending", b"lag")]
    if any(match is None for match in found):
        raise RuntimeError(f"the subscriber has no group on its stream: {answer!r}")
    return sum(int(match[1]) for match in found if match is not None)


if __name__ == "__main__":
    main("pubsub", stage)
