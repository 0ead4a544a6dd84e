"""The gRPC API answers as the original does: every recorded call is made again and its answer compared.

An entry that differs on purpose stands in ``differences.json`` with its reason; one that stands there and is equal
fails, so that the list stays true.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import grpc_replay, recordings
from support.actor_app import actor_app
from support.echo_app import Answer, EchoApp, Received
from support.placement_process import placement
from support.processes import Daprd
from support.redis_server import RedisServer, redis_server
from support.tally import Tally, on_purpose

from dapr_core.proto.gen.runtime.v1 import pubsub_pb2
from dapr_core.proto.gen.runtime.v1.dapr_grpc import DaprStub
from dapr_core.rpc.grpc.client import Channel

RECORDED = recordings.load("grpc-api")
ON_PURPOSE = on_purpose("grpc-api")
CONTEXTS = list(RECORDED["contexts"])
SECRETS = {"one": "first", "hidden": "not you"}
TOO_LARGE = 4_300_018
"""Bytes of the one recorded message that was kept as its refusal only."""

NOT_YET = re.compile("Configuration|Encrypt|Decrypt|Reminder|Job|Workflow|Converse")
"""Methods of blocks that this build does not have. Where nothing is configured their answers are compared too."""
ABSENT_PARTS = ("active_actors_count", "actor_runtime", "scheduler", "workflows")


def entries_of(context: str) -> list[dict[str, Any]]:
    return [entry for entry in RECORDED["entries"] if entry["context"] == context]


def is_built(entry: dict[str, Any]) -> bool:
    """Whether the block an entry speaks to exists in this build, or answers that there is none."""
    return entry["context"] != "full" or ("calls" in entry and NOT_YET.search(entry["rpc"]) is None)


def odd_answers(request: Received) -> Answer | None:
    """The application of these recordings, where it is not the echo."""
    path = request.target.split("?")[0]
    if path.startswith(("/dapr/", "/actors/")):
        return None
    if path == "/none":
        return Answer(404)
    if path == "/boom":
        return Answer(500, b"kaput")
    return Answer(200, request.body, [("Content-Type", "text/plain"), ("X-App", "yes")])


class Stage:
    """One recorded context brought to life: a sidecar with its manifests, the application, the store."""

    def __init__(self, name: str, directory: Path, app: EchoApp, redis: RedisServer, placement: str) -> None:
        context = RECORDED["contexts"][name]
        flags = dict(flag.lstrip("-").partition("=")[::2] for flag in context["flags"])
        everything = json.dumps(RECORDED["contexts"])
        recorded_dir = re.search(r"/any/golden-grpc-\w+", everything)
        redis_port = re.search(r"127\.0\.0\.1:(\d+)", RECORDED["contexts"]["full"]["resources"]["red.yaml"])
        app_port = re.search(r"127\.0\.0\.1:(\d+)", RECORDED["contexts"]["full"]["resources"]["httpb.yaml"])
        assert recorded_dir is not None
        assert redis_port is not None
        assert app_port is not None
        self.words = recordings.Translation(
            {recorded_dir[0]: str(directory), redis_port[1]: str(redis.port), app_port[1]: str(app.port)}
        )
        self._write(context, directory, flags)
        has_config = (directory / "config.yaml").exists()
        asked = [f"--placement-host-address={placement}"] if "placement-host-address" in flags else []
        self.daprd = Daprd(
            "golden", *asked, env=context["env"], app_port=app.port if "app-port" in flags else None,
            resources=directory / "resources", config=directory / "config.yaml" if has_config else None,
        )  # fmt: skip

    def _write(self, context: dict[str, Any], directory: Path, flags: dict[str, str]) -> None:
        """The context's manifests, without the kinds that are not there yet."""
        (directory / "resources").mkdir()
        (directory / "secrets.json").write_text(json.dumps(SECRETS))
        source = context.get("resources") or {}
        if not source and "resources-path" in flags:
            source = RECORDED["contexts"]["actor stream"]["resources"]
        for name, text in source.items():
            kind = re.search(r"^  type: (\S+)", text, re.MULTILINE)
            if kind is None or not kind[1].startswith(recordings.NOT_YET_TYPES):
                (directory / "resources" / name).write_text(self.words.to_live(text))
        if context.get("config"):
            (directory / "config.yaml").write_text(self.words.to_live(context["config"]))


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_recorded_answer_of_a_built_block_is_equal_or_differs_on_purpose(
    context: str, tmp_path: Path, record_property: Any
) -> None:
    tally = Tally(ON_PURPOSE)
    waiting = sum(not is_built(entry) for entry in entries_of(context))
    with (
        actor_app("Room", rules=[odd_answers]) as app,
        redis_server(options=("--notify-keyspace-events", "KEA")) as redis,
        placement() as service,
    ):
        stage = Stage(context, tmp_path, app, redis, service.address)
        try:
            stage.daprd.wait_ready()
            for key, found in asyncio.run(compare_all(stage, context)):
                tally.add(key, found)
        finally:
            stage.daprd.terminate()
    tally.close(record_property, f"grpc-api: {context}", waiting)


async def compare_all(stage: Stage, context: str) -> list[tuple[str, list[str]]]:
    channel = Channel(f"127.0.0.1:{stage.daprd.grpc_port}")
    try:
        return [
            (f"{context}: {entry['rpc']}: {entry['name']}", await compare(entry, stage, channel))
            for entry in entries_of(context)
            if is_built(entry)
        ]
    finally:
        await channel.close()


async def compare(entry: dict[str, Any], stage: Stage, channel: Channel) -> list[str]:
    """How one entry differs today; empty when it is equal."""
    if "exit_code" in entry:
        return exit_differences(stage)
    found: list[str] = []
    for call in entry["calls"]:
        if entry["name"] == "over 4 MiB":
            sent = {"from": "client", "base64": base64.b64encode(bytes(TOO_LARGE)).decode()}
            call = {**call, "events": [sent, *call["events"]]}
        hook = Publishing(channel, stage.words)
        caller = Calling(stage.daprd)

        async def cause(event: dict[str, Any], hook: Publishing = hook, caller: Calling = caller) -> None:
            await hook.publish(event)
            await caller.call(event)

        got = await grpc_replay.play(channel, call, stage.words, before_message=cause, after_message=hook.learn)
        found += await caller.differences()
        wanted = [event for event in call["events"] if event["from"] == "server"]
        learn(wanted, got, call["method"], stage.words)
        kinds = grpc_replay.types_of(call["method"])
        answer = kinds[1] if kinds else None
        one = grpc_replay.shown_events(wanted, answer)
        other = grpc_replay.shown_events(got, answer, stage.words)
        if tidy(one) != tidy(other):
            found += [f"want {tidy(one)}", f"got  {tidy(other)}"]
    return found


def exit_differences(stage: Stage) -> list[str]:
    """A sidecar that was asked to stop ends, with 0. (The recorded one hung on its unanswered workflow calls.)"""
    try:
        code = stage.daprd.popen.wait(15)
    except subprocess.TimeoutExpired:
        return ["the process did not end"]
    return [] if code == 0 else [f"exit code {code}"]


class Publishing:
    """Publishes what a recorded subscriber was sent, right before it waits for it."""

    def __init__(self, channel: Channel, words: recordings.Translation) -> None:
        self._stub = DaprStub(channel)
        self._words = words

    async def publish(self, event: dict[str, Any]) -> None:
        if "event_message" not in event.get("message", {}):
            return
        recorded = pubsub_pb2.SubscribeTopicEventsResponseAlpha1.FromString(grpc_bytes(event)).event_message
        await self._stub.publish_event(
            pubsub_pb2.PublishEventRequest(
                pubsub_name=recorded.pubsub_name, topic=recorded.topic, data=recorded.data,
                data_content_type=recorded.data_content_type,
            )
        )  # fmt: skip

    def learn(self, event: dict[str, Any], live: bytes) -> None:
        """Remember the live event's id, which the client's answer has to name."""
        if "event_message" in event.get("message", {}):
            kind = pubsub_pb2.SubscribeTopicEventsResponseAlpha1
            recorded = kind.FromString(grpc_bytes(event)).event_message.id
            self._words.learned[recorded] = kind.FromString(live).event_message.id


class Calling:
    """Does to an actor what the recorded client of the actor API did, right before its host hears of it."""

    def __init__(self, daprd: Daprd) -> None:
        self._daprd = daprd
        self._invoked: asyncio.Task[tuple[int, bytes]] | None = None

    async def call(self, event: dict[str, Any]) -> None:
        message = event.get("message", {})
        if "invoke_request" in message:
            headers = {"Content-Type": "text/plain", "X-Mine": "1"}
            self._invoked = asyncio.create_task(asyncio.to_thread(self._post, "method/go", b"body", headers))
        elif "timer_request" in message:
            timer = {"dueTime": "100ms", "callback": "cb", "data": {"d": 1}}
            await asyncio.to_thread(self._post, "timers/tm", json.dumps(timer).encode(), {})

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._daprd.http_port, timeout=grpc_replay.LIMIT)
        with contextlib.closing(connection):
            connection.putrequest("POST", f"/v1.0/actors/Str/1/{path}", skip_accept_encoding=True)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read()

    async def differences(self) -> list[str]:
        """What the caller of the actor was told, where that is not its host's answer."""
        if self._invoked is None:
            return []
        got = await self._invoked
        return [] if got == (200, b"answer") else [f"the actor's caller got {got}"]


def grpc_bytes(event: dict[str, Any]) -> bytes:
    return base64.b64decode(event["base64"])


def learn(wanted: list[dict[str, Any]], got: list[dict[str, Any]], method: str, words: recordings.Translation) -> None:
    """Remember which live etag stands for which recorded one, so that later requests can name it."""
    kinds = grpc_replay.types_of(method)
    if kinds is None or not method.endswith(("GetState", "GetBulkState")):
        return
    for one, other in zip(
        (event for event in wanted if "base64" in event), (event for event in got if "message" in event), strict=False
    ):
        recorded, live = kinds[1].FromString(grpc_bytes(one)), kinds[1].FromString(other["message"])
        for have, now in zip(etags_of(recorded), etags_of(live), strict=False):
            if have and now and have != now and len(have) > 8:
                words.learned[have] = now


def etags_of(message: Any) -> list[str]:
    return [item.etag for item in message.items] if hasattr(message, "items") else [message.etag]


def tidy(events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Without what differs by build or by run."""
    shown = []
    for kind, value in events:
        if kind == "message" and isinstance(value, dict):
            value = tidy_message(value)
        shown.append((kind, value))
    return shown


def tidy_message(message: dict[str, Any]) -> dict[str, Any]:
    if "extended_metadata" in message:
        message = {name: value for name, value in message.items() if name not in ABSENT_PARTS}
        message["enabled_features"] = sorted(message.get("enabled_features", []))
        message["registered_components"] = [
            component
            for component in message.get("registered_components", [])
            if not component["type"].startswith(recordings.NOT_YET_TYPES)
        ]
        message["runtime_version"] = message["extended_metadata"]["daprRuntimeVersion"] = "<version>"
        message.get("app_connection_properties", {}).pop("port", None)
    return json.loads(recordings.neutral(json.dumps(message, sort_keys=True)))
