"""What a sidecar leaves in Redis is what the original leaves there, step by step, so that both can share a server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from support import recordings
from support.actor_app import actor_app
from support.echo_app import Answer, EchoApp, Received
from support.placement_process import placement
from support.processes import Daprd
from support.redis_dump import dump, neutral
from support.redis_server import RedisServer, redis_server
from support.tally import Tally, on_purpose

RECORDED = recordings.load("redis-layout")
ON_PURPOSE = on_purpose("redis-layout")
SETTLES_WITHIN = 3.0
"""Seconds that an acknowledgement may take to reach the server."""
OF_LATER_BLOCKS = ("c1", "c2")
"""Keys of the configuration block, which is not there yet."""
LEFT_BY_A_DIFFERENCE = {
    "transaction with etag mismatch": {"golden||x3"},
    "encrypted store": {"enc||k"},
    "publish, app answers 500, no dead letter topic": {"fail"},
}
"""What a step of differences.json leaves otherwise; later steps do not compare it again."""
WAKE = {"method": "PUT", "target": "/v1.0/actors/Room/1/method/go", "headers": ["Host: 127.0.0.1", "Content-Length: 0"]}
SUBSCRIPTIONS = [
    {"pubsubname": "rbus", "topic": "sub", "route": "/sub"},
    {"pubsubname": "rbus", "topic": "fail", "route": "/fail"},
    {"pubsubname": "rbus", "topic": "fail2", "route": "/fail", "deadLetterTopic": "graves"},
]


def subscriber(request: Received) -> Answer | None:
    """The application of the recording: three subscriptions, one of which it fails."""
    if request.target == "/dapr/subscribe":
        return Answer(200, json.dumps(SUBSCRIPTIONS).encode(), [("Content-Type", "application/json")])
    return Answer(500) if request.target == "/fail" else Answer(200) if request.target == "/sub" else None


def is_built(step: dict[str, Any]) -> bool:
    target = step.get("request", {}).get("target", "")
    return not target.startswith(recordings.NOT_YET) and step["step"] != "SET c1 by someone else"


class Stage:
    """The recorded sidecar and its Redis brought to life; ``start`` may be called again after ``stop``."""

    def __init__(self, directory: Path, app: EchoApp, server: RedisServer, placement: str) -> None:
        self.app = app
        self._placement = placement
        self.client = redis.Redis(port=server.port)
        self.words = recordings.Translation({})
        (directory / "s.json").write_text(json.dumps({"enckey": "00112233445566778899aabbccddeeff"}))
        self._resources = directory / "resources"
        self._resources.mkdir()
        for name, text in RECORDED["context"]["resources"].items():
            if not name.startswith("cfg"):
                live = text.replace("127.0.0.1:51475", server.address)
                live = live.replace("/any/golden-redis-jb184kzj/s.json", str(directory / "s.json"))
                (self._resources / name).write_text(live)
        self.start()

    def start(self) -> None:
        self.daprd = Daprd(
            "golden", f"--placement-host-address={self._placement}", app_port=self.app.port, resources=self._resources
        )
        self.daprd.wait_ready("/v1.0/healthz")

    def stop(self) -> None:
        self.daprd.terminate()

    def close(self) -> None:
        self.stop()
        self.client.close()

    def act(self, step: dict[str, Any]) -> list[str]:
        """Do what the step did; gives how the answer differs."""
        if step["step"] == "daprd stopped":
            self.stop()
        elif step["step"].startswith("second start"):
            self.start()
        if "request" not in step:
            return []
        if step["step"] == "actor state":  # only an active actor may write
            recordings.play({"request": WAKE, "response": {}}, self.daprd.http_port, self.words)
        answer = recordings.play(step, self.daprd.http_port, self.words)
        return recordings.differences(
            {**step, "response": {"framing": answer.framing, **step["response"]}}, answer, self.words
        )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with actor_app("Room", rules=[subscriber]) as app, redis_server() as server, placement() as service:
        stage = Stage(tmp_path, app, server, service.address)
        yield stage
        stage.close()


def comparable(found: dict[str, Any], without: set[str]) -> dict[str, Any]:
    kept = {key: value for key, value in found.items() if not key.startswith(OF_LATER_BLOCKS)}
    return neutral({key: value for key, value in kept.items() if key not in without})


def settle(stage: Stage, recorded: dict[str, Any], without: set[str], patience: float) -> list[str]:
    """How the server's content differs, once it is equal or ``patience`` seconds are over."""
    want = comparable(recorded, without)
    deadline = time.monotonic() + patience
    while (got := comparable(dump(stage.client), without)) != want and time.monotonic() < deadline:
        time.sleep(0.02)
    return unequal(want, got)


def unequal(want: Any, got: Any, path: str = "") -> list[str]:
    """The paths at which two values differ, with both sides."""
    if isinstance(want, dict) and isinstance(got, dict):
        keys = sorted({*want, *got})
        return [line for key in keys for line in unequal(want.get(key), got.get(key), f"{path}/{key}")]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = enumerate(zip(want, got, strict=True))
        return [line for number, (one, other) in pairs for line in unequal(one, other, f"{path}/{number}")]
    return [] if want == got else [f"{path}: {want!r} != {got!r}"]


def received_since(stage: Stage, before: int, want: list[str]) -> list[str]:
    got = [request.line for request in stage.app.received[before:]]
    return [] if got == want else [f"the application got {got}, not {want}"]


def test_every_recorded_step_leaves_the_same_content(stage: Stage, record_property: Any) -> None:
    tally = Tally(ON_PURPOSE)
    ignored: set[str] = set()
    for step in filter(is_built, RECORDED["steps"]):
        name, before = step["step"], len(stage.app.received)
        found = stage.act(step)
        found += settle(stage, step["dump"], ignored, 0.5 if name in ON_PURPOSE else SETTLES_WITHIN)
        # What a start asks and a stop tells is compared in ``test_app_callbacks``.
        if "second start" not in name and name != "daprd stopped":
            found += received_since(stage, before, step.get("app_received") or [])
        if name in ON_PURPOSE:
            ignored |= LEFT_BY_A_DIFFERENCE.get(name, set())
        tally.add(name, found)
    tally.close(record_property, "redis-layout", sum(not is_built(step) for step in RECORDED["steps"]))
