"""Applications written with the official SDKs, unmodified, each behind a sidecar of its own: one specification for all.

Each is a program of ``programs`` that subscribes to the same topics, listens to the same binding and answers the same
calls, and tells what reaches it as JSON lines. Which of them has rules and bulk subscriptions stands in the table of
``support.sdk_table``, with what comes later.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import grpc
import pytest
from dapr.proto import api_service_v1, api_v1, common_v1
from google.protobuf.any_pb2 import Any as GrpcAny
from support import foreign
from support.calls import Answer, call
from support.cli import unique_id
from support.neighbours import Neighbours
from support.placement_process import PlacementProcess
from support.ports import free_port
from support.processes import Daprd, Process, daprd, wait_until
from support.sdk_programs import PROGRAMS, environment
from support.sdk_resources import application_resources
from support.sdk_table import APPLICATIONS, JOBS, Later, unlike

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the programs first

CLOUD_EVENT = {"Content-Type": "application/cloudevents+json"}
SPECIAL = {
    "specversion": "1.0", "id": "1", "source": "test", "type": "special", "datacontenttype": "application/json",
    "data": {"n": 3},
}  # fmt: skip


@dataclass(frozen=True)
class Application:
    """One program: how it is started on a port, and what callers of its method ``fail`` are told: by HTTP, by gRPC."""

    protocol: str
    command: Callable[[int], list[str]]
    failed: tuple[int, str]
    failed_code: grpc.StatusCode = grpc.StatusCode.UNKNOWN


def python(name: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, str(PROGRAMS / name), str(port)]


def go(protocol: str) -> Callable[[int], list[str]]:
    return lambda port: [foreign.go_sdk_program(), "app", protocol, str(port)]


EXISTS, ABORTED = grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.ABORTED
"""What an application's 409 is over gRPC, and what was ``ABORTED`` all along and is 409 over HTTP (api.md §3.5)."""

PROGRAMS_OF = {
    "Python, FastAPI": Application("http", python("app_fastapi.py"), (409, "no such order"), EXISTS),
    "Python, Flask": Application("http", python("app_flask.py"), (409, "no such order"), EXISTS),
    "Python, gRPC": Application("grpc", python("app_grpc.py"), (500, "no such order")),
    "Go, HTTP": Application("http", go("http"), (500, "no such order")),
    "Go, gRPC": Application("grpc", go("grpc"), (500, "no such order")),
    "Java, Spring Boot": Application(
        "http", lambda port: [*foreign.spring_boot_command(), str(port)], (409, "Conflict"), EXISTS
    ),
    "Java, gRPC": Application(
        "grpc", lambda port: [*foreign.java_sdk_command(), "app", str(port)], (409, "no such order"), ABORTED
    ),
}
TOPICS = {
    "events": {"plain", "binary"}, "raw payloads": {"raw"}, "retries": {"again"}, "dead letters": {"dropped", "dead"},
    "rules": {"routed"}, "bulk": {"bulk"},
}  # fmt: skip
"""What an application subscribes to when its SDK has the use."""


def having(use: str) -> pytest.MarkDecorator:
    """The applications whose SDK has a use."""
    names = [name for name in PROGRAMS_OF if use in APPLICATIONS[name].works]
    return pytest.mark.parametrize("stage", names, indirect=True)


class Stage(NamedTuple):
    """An application at work."""

    name: str
    application: Application
    sidecar: Daprd
    process: Process

    def told(self, **of: str) -> dict[str, Any]:
        """The first line that the application told of something."""
        return self._told(0, **of)[0]

    def heard(self, topic: str, count: int) -> list[Any]:
        """The data of the first events of a topic."""
        found, after = [], 0
        for _ in range(count):
            event, after = self._told(after, topic=topic)
            found.append(event["data"])
        return found

    def _told(self, after: int, **of: str) -> tuple[dict[str, Any], int]:
        [(kind, name)] = of.items()
        space = " " if self.name.startswith("Python") else ""
        line = self.process.wait_for_line(f'"{kind}":{space}"{name}"', after=after)
        return json.loads(line), self.process.lines.index(line, after) + 1

    def publish(self, topic: str, body: object, headers: dict[str, str] | None = None, query: str = "") -> None:
        published = call(self.sidecar.http_port, "POST", f"/v1.0/publish/bus/{topic}{query}", body, headers)
        assert published.status == 204, published.text


@pytest.fixture(scope="module")
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, board: PlacementProcess
) -> Iterator[Stage]:
    name: str = request.param
    application, port = PROGRAMS_OF[name], free_port()
    command = application.command(port)
    topics = set().union(*(of for use, of in TOPICS.items() if use in APPLICATIONS[name].works))
    resources = application_resources(tmp_path_factory.mktemp("resources"))
    flags = (
        f"--app-protocol={application.protocol}", "--enable-app-health-check", "--app-health-probe-interval=1",
        "--app-health-check-path=/healthz", f"--placement-host-address={board.address}",
    )  # fmt: skip
    token = {"APP_API_TOKEN": "for the application"}  # the Go SDK refuses whoever calls without it
    with (
        daprd(unique_id("shop"), *flags, resources=resources, app_port=port, env=token, ready=None) as sidecar,
        Process(command, env=environment(sidecar, **token), inherit=False) as process,
    ):
        sidecar.wait_ready(timeout=120)  # Spring takes its time on a busy machine
        wait_until(lambda: subscribed(sidecar) == topics, what=f"the subscriptions of {name}")
        yield Stage(name, application, sidecar, process)


def subscribed(sidecar: Daprd) -> set[str]:
    """The topics that the sidecar has subscribed to."""
    return {each["topic"] for each in call(sidecar.http_port, "GET", "/v1.0/metadata").json.get("subscriptions", [])}


@having("events")
def test_events_arrive_with_their_data(stage: Stage) -> None:
    stage.publish("plain", {"n": 1})
    stage.publish("plain", "text", {"Content-Type": "text/plain"})
    assert sorted(map(str, stage.heard("plain", 2))) == ["text", "{'n': 1}"]


@having("events")
def test_binary_data_arrive_as_they_are(stage: Stage) -> None:
    stage.publish("binary", "bytes, \u00e9".encode(), {"Content-Type": "application/octet-stream"})
    assert stage.heard("binary", 1) == ["bytes, \u00e9"]


@having("raw payloads")
def test_raw_payloads_arrive_unwrapped(stage: Stage) -> None:
    stage.publish("raw", {"n": 9}, query="?metadata.rawPayload=true")
    [data] = stage.heard("raw", 1)
    assert data in ({"n": 9}, '{"n": 9}')


@having("rules")
def test_rules_choose_the_route(stage: Stage) -> None:
    stage.publish("routed", {"n": 2})
    stage.publish("routed", SPECIAL, CLOUD_EVENT)
    assert (stage.heard("usual", 1), stage.heard("special", 1)) == ([{"n": 2}], [{"n": 3}])


@having("bulk")
def test_bulk_subscriptions_get_their_entries(stage: Stage) -> None:
    for n in (6, 7):
        stage.publish("bulk", {"n": n})
    assert sorted(each["n"] for each in stage.heard("bulk", 2)) == [6, 7]


@having("retries")
def test_an_event_that_the_application_wants_again_comes_again(stage: Stage) -> None:
    stage.publish("again", {"n": 4})
    assert stage.heard("again", 2) == [{"n": 4}, {"n": 4}]


@having("dead letters")
def test_a_dropped_event_goes_to_the_dead_letter_topic(stage: Stage) -> None:
    stage.publish("dropped", {"n": 5})
    assert (stage.heard("dropped", 1), stage.heard("dead", 1)) == ([{"n": 5}], [{"n": 5}])


@having("input bindings")
def test_an_input_binding_calls_the_application(stage: Stage) -> None:
    assert stage.told(binding="tick")["binding"] == "tick"


@having("health")
def test_the_application_is_asked_for_its_health(stage: Stage) -> None:
    assert stage.told(asked="health") == {"asked": "health"}


def invoked(pair: Neighbours, stage: Stage, method: str) -> Answer:
    """Call the application from another sidecar."""
    path = f"/v1.0/invoke/{stage.sidecar.app_id}/method/{method}"
    return call(pair.near.http_port, "POST", path, b"you", {"Content-Type": "text/plain"})


@having("calls")
def test_the_application_answers_calls_of_another_sidecar(stage: Stage, pair: Neighbours) -> None:
    answer = invoked(pair, stage, "greet?q=a%20b")
    assert (answer.status, answer.text) == (200, "hello you")
    assert answer.headers["content-type"].startswith("text/plain")
    told = stage.told(method="greet")
    assert told["caller"] == pair.near.app_id
    if "query" in told:  # the Python SDK does not tell its gRPC application
        assert told["query"] == "q=a%20b"


def asked_by_grpc(pair: Neighbours, method: str, stage: Stage) -> common_v1.InvokeResponse:
    """Call the application from another sidecar's gRPC API."""
    message = common_v1.InvokeRequest(method=method, content_type="text/plain", data=GrpcAny(value=b"you"))
    message.http_extension.verb = common_v1.HTTPExtension.POST
    request = api_v1.InvokeServiceRequest(id=stage.sidecar.app_id, message=message)
    with grpc.insecure_channel(f"127.0.0.1:{pair.near.grpc_port}") as channel:
        return api_service_v1.DaprStub(channel).InvokeService(request, timeout=20)


@having("calls")
def test_the_application_answers_grpc_calls_of_another_sidecar(stage: Stage, pair: Neighbours) -> None:
    answer = asked_by_grpc(pair, "greet", stage)
    assert (answer.data.value, answer.content_type.partition(";")[0]) == (b"hello you", "text/plain")
    with pytest.raises(grpc.RpcError) as failure:
        asked_by_grpc(pair, "fail", stage)
    assert failure.value.code() is stage.application.failed_code


@having("calls")
def test_a_failure_of_the_application_is_told_to_its_caller(stage: Stage, pair: Neighbours) -> None:
    status, reason = stage.application.failed
    answer = invoked(pair, stage, "fail")
    assert answer.status == status
    assert reason in answer.text


@having("calls")
def test_a_method_that_the_application_has_not_is_an_error(stage: Stage, pair: Neighbours) -> None:
    answer = invoked(pair, stage, "nothing-of-that-name")
    assert answer.status in (404, 500, 501)


ACTOR_METHODS = {"Go, HTTP": "Meow"}
"""Where a language's own names are not in lower case."""


WITH_PORT = [
    name for name, app in PROGRAMS_OF.items() if "actors" in APPLICATIONS[name].works and app.protocol == "http"
]
"""Whose actors are asked over the application's port; ``test_actors`` has those that open a stream."""


@pytest.mark.parametrize("stage", WITH_PORT, indirect=True)
def test_an_actor_lives_in_the_application(stage: Stage) -> None:
    path = f"/v1.0/actors/Cat/{stage.sidecar.app_id}/method/{ACTOR_METHODS.get(stage.name, 'meow')}"
    wait_until(lambda: call(stage.sidecar.http_port, "PUT", path, {}).status == 200, what="an actor's place")
    assert call(stage.sidecar.http_port, "PUT", path, {}).json == "meow"


def jobs_of(name: str) -> dict[str, Later]:
    """What an SDK's application has for jobs; what its actors have for reminders is in ``test_actors``."""
    return {use: row for use, row in APPLICATIONS[name].later.items() if row.block == JOBS}


@pytest.mark.parametrize("stage", [name for name in PROGRAMS_OF if jobs_of(name)], indirect=True)
def test_what_comes_later_is_refused(stage: Stage) -> None:
    later = jobs_of(stage.name)
    answer = call(stage.sidecar.http_port, "POST", "/v1.0-alpha1/jobs/job", {"schedule": "@every 1s"})
    assert unlike(later, dict.fromkeys(later, f"{answer.status} {answer.text}")) == {}
