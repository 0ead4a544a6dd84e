"""A sidecar asks of an application over gRPC what the original asks, and gives its callers the same answers."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from support import grpc_replay, recordings
from support.grpc_app import CALLBACK, HEALTH, GrpcApp, Told, echo_chat, grpc_app, recorded_app
from support.processes import Daprd, daprd, wait_until
from support.rawhttp import exchange, request_bytes
from support.tally import Tally, on_purpose

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb
from dapr_core.rpc.grpc.client import Channel

RECORDED = recordings.load("app-callbacks")["grpc"]
STEPS: dict[str, dict[str, Any]] = {step["step"]: step for step in RECORDED["steps"]}
ON_PURPOSE = on_purpose("grpc-app-callbacks")
HEALTH_FLAGS = ("--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=2")

REGULAR = (HEALTH, CALLBACK + "OnBindingEvent")
"""What comes by the clock."""
LATER = {name for name in STEPS if name.startswith("jobs")}
ALONE = {name for name in STEPS if name.startswith(("app without", "unhealthy", "start-up", "3 s of"))}
IN_TURN = [name for name in STEPS if name not in LATER | ALONE]

KINDS: dict[str, Any] = {
    "OnInvoke": common_pb2.InvokeRequest,
    "OnTopicEvent": pb.TopicEventRequest,
    "OnBulkTopicEvent": pb.TopicEventBulkRequest,
    "OnBindingEvent": pb.BindingEventRequest,
}
CONNECTION = frozenset({"user-agent", "te", "content-type", "grpc-timeout", "grpc-accept-encoding"})
"""Fields of one connection: each hop has its own, and ours are not those of grpc-go."""
HIDDEN = frozenset({"grpc-trace-bin"})
"""What grpcio keeps from its applications; the proof that it is sent is in the tests of the unit."""
GO_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC")

Call = tuple[str, str, str]
"""Path, metadata and message, without what no two runs share."""


def neutral(path: str, metadata: list[tuple[str, str]], message: bytes) -> Call:
    fields = sorted((name, value) for name, value in metadata if name[0] != ":" and name not in CONNECTION | HIDDEN)
    kind = KINDS.get(path.rpartition("/")[2])
    shown = message if kind is None else grpc_replay.plain(kind.FromString(message))
    host = re.sub(r"host=[^;'\"]+", "host=<host>", str(fields))
    host = re.sub(r"\('x-forwarded-host', '[^']*'\)", "<host>", host)
    return path, recordings.neutral(host), GO_TIME.sub("<time>", recordings.neutral(str(shown)))


def wanted(step: dict[str, Any]) -> list[Call]:
    return sorted(
        neutral(
            call["method"],
            [(name, value) for name, value in call["request_headers"]],
            next((base64.b64decode(event["base64"]) for event in call["events"] if "base64" in event), b""),
        )
        for call in step["app_received"]
    )


def arrived(told: list[Told]) -> list[Call]:
    def text(value: str | bytes) -> str:
        return value if isinstance(value, str) else base64.b64encode(value).decode().rstrip("=")

    return sorted(neutral(one.path, [(name, text(value)) for name, value in one.metadata], one.message) for one in told)


def recorded_answer(method: str) -> bytes:
    """What the recorded application said at its start."""
    for call in RECORDED["steps"][0]["app_received"]:
        if call["method"] == CALLBACK + method:
            return next(
                base64.b64decode(event["base64"])
                for event in call["events"]
                if event["from"] == "server" and "base64" in event
            )
    raise AssertionError(method)


class Application:
    """The application of the recording; ``healthy`` decides what its health check says."""

    def __init__(self) -> None:
        self.healthy = True
        self.served = recorded_app()
        self.served.answers |= {
            HEALTH: self._health,
            CALLBACK + "ListTopicSubscriptions": lambda told, context: recorded_answer("ListTopicSubscriptions"),
            CALLBACK + "ListInputBindings": lambda told, context: recorded_answer("ListInputBindings"),
            CALLBACK + "OnBindingEvent": lambda told, context: b"",
            CALLBACK + "OnTopicEvent": self._event,
            CALLBACK + "OnBulkTopicEvent": self._batch,
        }
        self.served.streams["/my.Echo/Chat"] = echo_chat

    def _health(self, told: Told, context: grpc.ServicerContext) -> bytes:
        if not self.healthy:
            context.abort(grpc.StatusCode.UNAVAILABLE, "sick")
        return b""

    @staticmethod
    def _event(told: Told, context: grpc.ServicerContext) -> bytes:
        event = pb.TopicEventRequest.FromString(told.message)
        if event.topic == "dead":
            context.abort(grpc.StatusCode.INTERNAL, "no")
        status = {b'"retry"': 1, b'"drop"': 2}.get(event.data, 0)
        return pb.TopicEventResponse(status=status).SerializeToString()  # type: ignore[arg-type]

    @staticmethod
    def _batch(told: Told, context: grpc.ServicerContext) -> bytes:
        answer = pb.TopicEventBulkResponse()
        for entry in pb.TopicEventBulkRequest.FromString(told.message).entries:
            answer.statuses.add(entry_id=entry.entry_id)
        return answer.SerializeToString()


def write_resources(directory: Path) -> Path:
    for name, text in RECORDED["context"]["resources"].items():
        (directory / name).write_text(text)
    return directory


class Story:
    """One application, its sidecar and a caller's, through the recorded steps."""

    def __init__(self, app: GrpcApp, sidecar: Daprd, caller: Daprd) -> None:
        self.app, self.sidecar, self.caller = app, sidecar, caller

    def play(self, step: dict[str, Any]) -> list[str]:
        since = len(self.app.told)
        found = self._act(step)
        want = wanted(step)
        if any(call["method"] == "/my.Echo/Chat" or "Nope" in call["method"] for call in step["app_received"]):
            return found  # grpcio shows no metadata of these
        try:
            wait_until(lambda: len(self._got(since)) >= len(want), what="the calls", timeout=5)
        except AssertionError:
            return [*found, f"{want} != {self._got(since)}"]
        return found + [f"{one} != {other}" for one, other in zip(want, self._got(since), strict=False) if one != other]

    def _got(self, since: int) -> list[Call]:
        return arrived([told for told in self.app.told[since:] if told.path not in REGULAR])

    def _act(self, step: dict[str, Any]) -> list[str]:
        sidecar = self.caller if "another sidecar" in step["step"] else self.sidecar
        if "publish" in step:
            answer = self._send(sidecar, step["publish"]["request"])
            return [] if answer.status == step["publish"]["status"] else [f"publish: {answer.status}"]
        if "client_call" in step:
            return asyncio.run(self._called(sidecar, step["client_call"][0]))
        answer = self._send(sidecar, step["request"])
        return recordings.differences(step, answer, recordings.Translation({}))

    @staticmethod
    def _send(sidecar: Daprd, request: dict[str, Any]) -> Any:
        headers = ["Host: x", *(line for line in request["headers"] if not line.startswith("Host"))]
        body = recordings.body_of(request.get("body"))
        return exchange(sidecar.http_port, request_bytes(request["method"], request["target"], headers, body))

    @staticmethod
    async def _called(sidecar: Daprd, call: dict[str, Any]) -> list[str]:
        channel = Channel(f"127.0.0.1:{sidecar.grpc_port}")
        try:
            got = await grpc_replay.play(channel, call, recordings.Translation({}))
        finally:
            await channel.close()
        kinds = grpc_replay.types_of(call["method"])
        answer = kinds[1] if kinds else None
        one = without_connection(
            grpc_replay.shown_events([event for event in call["events"] if event["from"] == "server"], answer)
        )
        other = without_connection(grpc_replay.shown_events(got, answer))
        return [] if one == other else [f"want {one}", f"got  {other}"]


def without_connection(events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [
        (kind, [pair for pair in value if pair[0] not in CONNECTION] if kind in ("headers", "trailers") else value)
        for kind, value in events
    ]


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    built = Application()
    with grpc_app(built.served):
        yield built


@pytest.fixture(scope="module")
def story(application: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    flags = ("--app-protocol=grpc", *HEALTH_FLAGS)
    with (
        daprd(
            "cbgrpc", *flags, app_port=application.served.port, env={"APP_API_TOKEN": "apptok"},
            resources=write_resources(tmp_path_factory.mktemp("resources")),
        ) as sidecar,
        daprd("cbcaller") as caller,
    ):  # fmt: skip
        yield Story(application.served, sidecar, caller)


def test_it_is_asked_what_the_original_asks_at_the_start_and_by_the_clock(story: Story) -> None:
    expected = {*wanted(STEPS["start-up (until 1.5 s after ready)"]), *wanted(STEPS["3 s of idling"])}
    wait_until(lambda: expected <= set(arrived(story.app.told)), what="the calls of the start", timeout=8)
    assert set(arrived(story.app.told)) == expected


def test_every_recorded_step_is_equal_at_both_ends(story: Story, record_property: Any) -> None:
    tally = Tally(ON_PURPOSE)
    for name in IN_TURN:
        tally.add(name, story.play(STEPS[name]))
    tally.close(record_property, "app-callbacks: grpc", len(LATER))


def test_a_sick_application_is_not_called(application: Application, story: Story) -> None:
    [step] = [step for name, step in STEPS.items() if name.startswith("unhealthy")]
    request = {"method": "GET", "target": "/v1.0/invoke/cbgrpc/method/x", "headers": []}
    application.healthy = False
    try:
        wait_until(
            lambda: story._send(story.sidecar, request).status == step["response"]["status"], what="its sickness"
        )
        answer = story._send(story.sidecar, request)
        assert recordings.differences(step, answer, recordings.Translation({})) == []
    finally:
        application.healthy = True


def test_an_application_without_any_service_is_asked_no_more_and_no_less(tmp_path: Path) -> None:
    [step] = [step for name, step in STEPS.items() if name.startswith("app without")]
    with (
        grpc_app(GrpcApp()) as app,
        daprd("cbgrpc2", "--app-protocol=grpc", app_port=app.port, resources=write_resources(tmp_path)) as sidecar,
    ):
        answer = Story._send(sidecar, {"method": "GET", "target": "/v1.0/invoke/cbgrpc2/method/x", "headers": []})
        expected = {call["method"] for call in step["app_received"]}
        wait_until(lambda: expected <= {told.path for told in app.told}, what="the calls", timeout=8)
    older = ("/daprclient.DaprClient/", "/dapr.Dapr/")  # what applications of 2020 answer; the original asks no more
    assert {told.path for told in app.told if not told.path.startswith(older)} == expected
    assert (answer.status, answer.body) == (step["response"]["status"], step["response"]["body"].encode())
