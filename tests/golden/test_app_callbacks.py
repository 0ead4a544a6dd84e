"""A sidecar asks of an application over HTTP what the original asks: at start, idle, for messages, in sickness."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import recordings
from support.actor_app import actor_app
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.placement_process import placement
from support.processes import Daprd, daprd, wait_until
from support.rawhttp import RawAnswer, exchange, request_bytes
from support.redis_server import RedisServer, redis_server
from support.tally import Tally, on_purpose

RECORDED = recordings.load("app-callbacks")["http"]
STEPS: list[dict[str, Any]] = RECORDED["steps"]
ON_PURPOSE = on_purpose("app-callbacks")
RECORDED_REDIS = "127.0.0.1:58077"
HEALTH = ("--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=2")
H2C = "start-up: app-protocol h2c is not HTTP/1.1"
ACTORS = "actor "
"""How the step begins that has a test of its own, for it asks for more than the others."""

EMBEDDED = re.compile(r'(?<="data_base64":")([A-Za-z0-9+/=]{40,})(?=")')
"""An event inside an event."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, WINDOW_UPDATE = 4, 8

Request = tuple[str, tuple[str, ...], str, str]
"""Line, headers, framing and body, without what no two runs share."""


class Application:
    """The application of the recording; ``healthy`` decides what its health endpoint says."""

    healthy = True

    def __call__(self, request: Received) -> Answer:
        path = request.target
        if path == "/healthz":
            return Answer(200 if self.healthy else 500)
        if path == "/dapr/subscribe":
            listed = json.dumps(RECORDED["app_answers"]["/dapr/subscribe"]).encode()
            return Answer(200, listed, [("Content-Type", "application/json")])
        if request.method == "OPTIONS":
            return Answer({"/cron404": 404, "/cron500": 500, "/cron405": 405}.get(path, 200))
        if path in ("/bulk", "/rbulk", "/bulkraw"):
            entries = json.loads(request.body)["entries"]
            statuses = [{"entryId": entry["entryId"], "status": "SUCCESS"} for entry in entries]
            return Answer(200, json.dumps({"statuses": statuses}).encode())
        return self._single(request) if path == "/single" else Answer(500 if path == "/dead" else 200)

    @staticmethod
    def _single(request: Received) -> Answer:
        for word, answer in ((b'"drop"', "DROP"), (b'"retry"', "RETRY")):
            if word in request.body:
                return Answer(200, json.dumps({"status": answer}).encode())
        return Answer(404 if b'"notfound"' in request.body else 200)


ODD: dict[str, Callable[[Received], Answer]] = {
    "start-up: app answers 404 to everything": lambda _: Answer(404),
    "start-up: app answers 500 to everything": lambda _: Answer(500),
    "start-up: app answers garbage": lambda _: Answer(raw=b"no HTTP at all\r\n\r\n"),
    "start-up: --disable-init-endpoints=config,subscribe": Application(),
}


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def write_resources(directory: Path, redis: RedisServer) -> Path:
    for name, text in RECORDED["context"]["resources"].items():
        (directory / name).write_text(text.replace(RECORDED_REDIS, redis.address))
    return directory


# -- what is compared


def neutral(line: str, headers: list[str], framing: str, body: str) -> list[Request]:
    """One request; a bulk of messages becomes one for each, since how they fall into batches is chance."""
    kept = tuple(
        recordings.neutral(header)
        for header in headers
        if not header.startswith(("Host:", "Content-Length:", "Readtimeutc:"))
    )
    body = EMBEDDED.sub(lambda found: base64.b64decode(found[1]).decode("utf-8", "replace"), body)
    if '"com.dapr.event.sent.bulk"' not in body:
        return [(line, kept, framing, recordings.neutral(body))]
    bulk = json.loads(body)
    each = [json.dumps({**bulk, "entries": [entry]}, separators=(",", ":")) for entry in bulk["entries"]]
    return [(line, kept, framing, recordings.neutral(one)) for one in each]


def wanted(step: dict[str, Any]) -> list[Request]:
    return [
        one
        for request in step["app_received"]
        if "line" in request
        for one in neutral(request["line"], request["headers"], request["framing"], request["body"])
    ]


def arrived(app: EchoApp, since: int) -> list[Request]:
    return [
        one
        for request in list(app.received)[since:]
        for one in neutral(request.line, request.headers, request.framing, request.body.decode())
    ]


def is_regular(request: Request) -> bool:
    """Whether it comes by the clock, be it asked for or not: health probes and ticks."""
    return "/healthz" in request[0] or (
        request[0].startswith("POST") and ("cron" in request[0] or "custom" in request[0])
    )


def same_messages(app: EchoApp, since: int, want: list[Request]) -> list[str]:
    """How the messages that came differ from the recorded ones, in any order."""

    def messages() -> list[Request]:
        return sorted(one for one in arrived(app, since) if not is_regular(one))

    expected = sorted(want)
    try:
        wait_until(lambda: len(messages()) >= len(expected), what="the messages", timeout=5)
    except AssertionError:
        return [f"{expected} != {messages()}"]
    pairs = zip(expected, messages(), strict=False)
    return [f"{one} != {other}" for one, other in pairs if one != other] + [
        f"too many: {one}" for one in messages()[len(expected) :]
    ]


def same_kinds(app: EchoApp, since: int, want: list[Request]) -> list[str]:
    """How the kinds of requests differ: those that never came, and those that nobody recorded."""
    expected = set(want)
    try:
        wait_until(lambda: expected <= set(arrived(app, since)), what="the requests", timeout=8)
    except AssertionError:
        pass
    got = set(arrived(app, since))
    return [f"did not come: {one}" for one in sorted(expected - got)] + [
        f"not recorded: {one}" for one in sorted(got - expected)
    ]


# -- the steps


class Story:
    """One sidecar and one application through the recorded steps."""

    def __init__(self, application: Application, app: EchoApp, sidecar: Daprd, redis: RedisServer) -> None:
        self.application, self.app, self.sidecar, self.redis = application, app, sidecar, redis

    def play(self, step: dict[str, Any]) -> list[str]:
        name, since = step["step"], len(self.app.received)
        if name.startswith("start-up"):
            return self._started(step)
        if name.startswith("3 s of idling"):
            return same_kinds(self.app, 0, wanted(step) + wanted(STEPS[0]))
        if name.startswith("app unhealthy"):
            return self._unhealthy(step, since)
        if name.startswith("app healthy again"):
            self.application.healthy = True
            return same_kinds(self.app, since, wanted(step))
        if name.startswith("shutdown"):
            self.sidecar.terminate(signal.SIGTERM)
            return [f"not recorded: {one}" for one in arrived(self.app, since) if not is_regular(one)]
        request = step["publish"]["request"]
        answer = self._send(
            request["method"], request["target"], request["headers"], recordings.body_of(request["body"])
        )
        refused = [] if answer.status == step["publish"]["status"] else [f"publish: {answer.status}"]
        return refused + same_messages(self.app, since, wanted(step))

    def _started(self, step: dict[str, Any]) -> list[str]:
        found = same_kinds(self.app, 0, wanted(step))
        lines = [request.line for request in self.app.received]
        order = [lines.index(f"GET {path} HTTP/1.1") for path in ("/healthz", "/dapr/config", "/dapr/subscribe")]
        wait_until(lambda: b"rbulk" in self.redis.command_line(b"KEYS *"), what="the Redis subscriptions")
        return found + ([] if order == sorted(order) else [f"asked in another order: {lines}"])

    def _unhealthy(self, step: dict[str, Any], since: int) -> list[str]:
        self.application.healthy = False
        words = recordings.Translation({})

        def invocation() -> list[str]:
            answer = self._send("POST", "/v1.0/invoke/cbapp/method/x", ["Content-Length: 1"], b"1")
            return recordings.differences({"response": step["invoke"]}, answer, words)

        try:
            wait_until(lambda: not invocation(), what="the application's sickness", timeout=8)
        except AssertionError:
            return invocation()
        since = len(self.app.received)
        publish = self._send(
            "POST", "/v1.0/publish/bus/single", ["Content-Type: application/json", "Content-Length: 1"], b"1"
        )
        healthz = self._send("GET", "/v1.0/healthz", [], b"")
        found = recordings.differences({"response": step["publish"]}, publish, words)
        found += recordings.differences({"response": step["healthz"]}, healthz, words)
        self.app.wait_for(lambda request: "/healthz" in request.line, count=self._probes() + 2)
        return found + [f"not recorded: {one}" for one in arrived(self.app, since) if "/healthz" not in one[0]]

    def _probes(self) -> int:
        return sum("/healthz" in request.line for request in self.app.received)

    def _send(self, method: str, target: str, headers: list[str], body: bytes) -> RawAnswer:
        lines = ["Host: x", *(line for line in headers if not line.startswith("Host"))]
        return exchange(self.sidecar.http_port, request_bytes(method, target, lines, body))


def test_an_application_is_asked_what_the_original_asked_it(
    redis: RedisServer, tmp_path: Path, record_property: Any
) -> None:
    application = Application()
    steps = [step for step in STEPS if step["step"] not in (*ODD, H2C) and not step["step"].startswith(ACTORS)]
    tally = Tally(ON_PURPOSE)
    with (
        echo_app(application) as app,
        daprd(
            "cbapp",
            *HEALTH,
            app_port=app.port,
            resources=write_resources(tmp_path, redis),
            env={"APP_API_TOKEN": "apptok"},
        ) as sidecar,
    ):
        story = Story(application, app, sidecar, redis)
        for step in steps:
            tally.add(step["step"], story.play(step))
    tally.close(record_property, "app-callbacks")


@pytest.mark.parametrize("name", ODD)
def test_an_odd_application_is_asked_no_more_and_no_less(
    name: str, redis: RedisServer, tmp_path: Path, record_property: Any
) -> None:
    [step] = [each for each in STEPS if each["step"] == name]
    tally = Tally(ON_PURPOSE)
    with (
        echo_app(ODD[name]) as app,
        daprd("cbapp2", *step["flags"], app_port=app.port, resources=write_resources(tmp_path, redis)),
    ):
        tally.add(name, same_kinds(app, 0, wanted(step)))
    tally.close(record_property, "app-callbacks: " + name.removeprefix("start-up: "))


def without_id(requests: list[Request]) -> list[Request]:
    """Requests without the id that is new for each turn."""
    mask = re.compile(r"(?<=Dapr-Reentrancy-Id: )[0-9a-f-]{36}")
    return [(line, tuple(mask.sub("<id>", each) for each in headers), *rest) for line, headers, *rest in requests]  # type: ignore[misc]


def test_actors_are_asked_as_the_original_asks_them(tmp_path: Path, record_property: Any) -> None:
    [step] = [each for each in STEPS if each["step"].startswith(ACTORS)]
    tally = Tally(ON_PURPOSE)
    (tmp_path / "mem.yaml").write_text(RECORDED["context"]["resources"]["mem.yaml"])
    settings = {"actorIdleTimeout": "2s", "reentrancy": {"enabled": True}}
    with (
        placement() as service,
        actor_app("Room", settings=settings) as app,
        daprd(
            "cbapp",
            f"--placement-host-address={service.address}",
            app_port=app.port,
            resources=tmp_path,
            env={"APP_API_TOKEN": "apptok"},
        ) as sidecar,
    ):
        since = len(app.received)
        for method, path, headers, body in (
            ("PUT", "method/go?q=1", ["X-Mine: 1", "Content-Type: text/plain"], b"body"),
            ("POST", "timers/t1", [], b'{"dueTime":"100ms","callback":"cb","data":{"d":1}}'),
        ):
            lines = ["Host: x", *headers, f"Content-Length: {len(body)}"]
            target = f"/v1.0/actors/Room/1/{path}"
            assert exchange(sidecar.http_port, request_bytes(method, target, lines, body)).status.split()[1][0] == "2"
        app.wait_for(lambda request: request.method == "DELETE")
        tally.add(step["step"], unequal_in_order(without_id(wanted(step)), without_id(arrived(app, since))))
    tally.close(record_property, "app-callbacks: actors")


def unequal_in_order(want: list[Request], got: list[Request]) -> list[str]:
    return [] if want == got else [f"want {want}", f"got  {got}"]


def first_frames(listener: socket.socket) -> list[dict[str, Any]]:
    """What a client of HTTP/2 says before it hears anything: its frames, in the shape of the recordings."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as stream:
        opening = stream.read(len(PREFACE))
        if not opening:  # a probe of the port connects and says nothing
            return first_frames(listener)
        assert opening == PREFACE
        found: list[dict[str, Any]] = []
        while len(found) < 2:
            head = stream.read(9)
            payload = stream.read(int.from_bytes(head[:3], "big"))
            stream_id = int.from_bytes(head[5:], "big")
            if head[3] == SETTINGS:
                pairs = [payload[at : at + 6] for at in range(0, len(payload), 6)]
                settings = {str(int.from_bytes(each[:2], "big")): int.from_bytes(each[2:], "big") for each in pairs}
                found.append({"frame": "SETTINGS", "settings": settings})
            elif head[3] == WINDOW_UPDATE:
                increment = int.from_bytes(payload, "big")
                found.append({"frame": "WINDOW_UPDATE", "stream": stream_id, "increment": increment})
            else:
                found.append({"frame": head[3], "stream": stream_id})
        return found


def test_an_application_of_http2_is_spoken_to_without_an_upgrade(tmp_path: Path, record_property: Any) -> None:
    [step] = [each for each in STEPS if each["step"] == H2C]
    recorded = [{key: frame[key] for key in frame if key not in ("conn", "from", "at_ms")} for frame in
                step["app_received"][0]["frames"][:2]]  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        with daprd("cbapp2", *step["flags"], app_port=listener.getsockname()[1], resources=tmp_path, ready=None):
            ours = first_frames(listener)
    assert [frame["frame"] for frame in ours] == [frame["frame"] for frame in recorded]
    assert ours[0]["settings"]["2"] == 0, "nothing may be pushed to us"
    tally = Tally(ON_PURPOSE)
    tally.add(H2C, [f"{recorded} != {ours}"] if ours != recorded else [])
    tally.close(record_property, "app-callbacks: " + H2C.removeprefix("start-up: "))
