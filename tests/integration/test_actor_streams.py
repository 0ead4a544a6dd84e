"""Actors hosted over streams: real sidecars, a real placement, and grpcio as the application (§3.10)."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import BytesValue
from support.actor_stream import DAPR, ActorStream, Request, Response, failed, invoked
from support.grpc_app import GrpcApp, grpc_app
from support.placement_process import PlacementProcess, placement
from support.processes import Daprd, daprd, wait_until

from dapr_core.proto.gen.runtime.v1 import actors_pb2 as pb

STORE = """
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: mem
spec:
  type: state.in-memory
  version: v1
  metadata:
  - name: actorStateStore
    value: "true"
"""


class Stage:
    """A placement, sidecars without an application's port, and streams to them."""

    def __init__(self, directory: Path) -> None:
        self.resources = directory
        self.resources.mkdir()
        (directory / "mem.yaml").write_text(STORE)
        self.stack = contextlib.ExitStack()
        self.placement: PlacementProcess = self.stack.enter_context(placement())
        self.pool = self.stack.enter_context(ThreadPoolExecutor(32))

    def sidecar(self, name: str = "host", *flags: str, store: bool = True, **settings: Any) -> Daprd:
        process = Daprd(
            name, f"--placement-host-address={self.placement.address}", *flags,
            resources=self.resources if store else None, **settings,
        )  # fmt: skip
        self.stack.callback(process.terminate)
        process.wait_ready()
        return process

    def stream(self, sidecar: Daprd, *types: str, **options: Any) -> ActorStream:
        stream = ActorStream(sidecar.grpc_port, *types, **options)
        self.stack.callback(stream.close)
        return stream.wait_open() if options.get("reads", True) else stream

    def types(self) -> list[str]:
        """What placement knows of."""
        return sorted(name for types in self.placement.hosts().values() for name in types)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "resources")
    with stage.stack:
        yield stage


def ask(
    sidecar: Daprd, method: str, path: str, body: Any = b"", timeout: float = 30.0, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of one request to the actor API over HTTP."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", sidecar.http_port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request(method, f"/v1.0/actors/{path}", data, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())


def invoke(
    sidecar: Daprd, method: str, data: bytes = b"", *, actor: str = "tom", timeout: float = 30, **metadata: str
) -> bytes:
    """The data of one call over gRPC; ``_`` in names stands for ``-``."""
    named = {name.replace("_", "-"): value for name, value in metadata.items()}
    request = pb.InvokeActorRequest(actor_type="Cat", actor_id=actor, method=method, data=data, metadata=named)
    with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
        answer = channel.unary_unary(DAPR + "InvokeActor")(request.SerializeToString(), timeout=timeout)
    return pb.InvokeActorResponse.FromString(answer).data


def actor_runtime(sidecar: Daprd) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", sidecar.http_port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/v1.0/metadata")
        return json.loads(connection.getresponse().read())["actorRuntime"]


def told_off(request: Response) -> Request | None:
    """An application that fails in every way there is, by the method's name."""
    method = request.invoke_request.method
    if method == "none":
        return failed(request, 5, "no such method")
    if method == "boom":
        return failed(request, 13, "kaput")
    if method == "own":
        return invoked(request, b'{"why": "own"}', error=True, **{"content-type": "application/json"})
    return None


class Gate:
    """A rule that keeps calls of one method waiting until it is opened."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.opened = threading.Event()

    def __call__(self, request: Response) -> Request | None:
        if request.invoke_request.method != self.method:
            return None
        assert self.opened.wait(30)
        return invoked(request, b"let through")


@pytest.mark.parametrize("through", ["own sidecar", "another sidecar"])
def test_a_call_reaches_the_stream_and_the_answer_its_caller(stage: Stage, through: str) -> None:
    def answering(request: Response) -> Request | None:
        if request.invoke_request.method != "typed":
            return None
        return invoked(request, b"<a/>", **{"content-type": "text/xml", "X-Mine": "1", "bad name": "x", "bad": "x\ny"})

    host = stage.sidecar()
    caller = host if through == "own sidecar" else stage.sidecar("client", store=False)
    stream = stage.stream(host, "Cat", rules=(answering,))

    status, body, headers = ask(caller, "POST", "Cat/tom/method/typed", b"over http", **{"X-Custom": "1"})
    assert (status, body) == (200, b"<a/>")
    assert (headers["Content-Type"], headers["X-Mine"]) == ("text/xml", "1")
    assert not {"Bad", "Bad name"} & headers.keys()
    assert invoke(caller, "go", b"over grpc", content_type="text/plain", X_ODD_case="2") == b"over grpc"

    first, second = stream.wait_for("invoke_request", 2)
    assert (first.id, first.actor_type, first.actor_id, first.method, first.data) == (
        "1", "Cat", "tom", "typed", b"over http",
    )  # fmt: skip
    assert first.metadata["X-Custom"] == "1"
    assert second.id == "2"
    assert dict(second.metadata) == {
        "content-type": "text/plain", "X-ODD-case": "2", "Dapr-Api-Call": "true",
        "dapr-caller-app-id": caller.app_id, "dapr-caller-namespace": "default",
        **({"X-Dapr-Remote": "true"} if caller is not host else {}),
    }  # fmt: skip


@pytest.mark.parametrize("through", ["own sidecar", "another sidecar"])
def test_failures_are_told_as_those_of_an_http_application(stage: Stage, through: str) -> None:
    host = stage.sidecar()
    caller = host if through == "own sidecar" else stage.sidecar("client", store=False)
    stream = stage.stream(host, "Cat", rules=(told_off,))

    for method, text in (("none", "actor method not found: none"), ("boom", "error from actor service: kaput")):
        with pytest.raises(grpc.RpcError) as caught:
            invoke(caller, method)
        assert caught.value.code() is grpc.StatusCode.INTERNAL
        assert caught.value.details() == f"error invoke actor method: {text}"
        status, body, _ = ask(caller, "PUT", f"Cat/tom/method/{method}")
        assert (status, json.loads(body)["errorCode"]) == (500, "ERR_ACTOR_INVOKE_METHOD")
        assert json.loads(body)["message"].endswith(text)
    # What the application itself calls a failure is the caller's to read.
    assert invoke(caller, "own") == b'{"why": "own"}'
    status, body, headers = ask(caller, "PUT", "Cat/tom/method/own")
    assert (status, body, headers["X-Daprerrorresponseheader"]) == (200, b'{"why": "own"}', "true")
    assert len(stream.wait_for("invoke_request", 6)) == 6  # nothing was tried again


def test_timers_come_with_callback_and_data_over_either_api(stage: Stage) -> None:
    host = stage.sidecar()
    stream = stage.stream(host, "Cat")
    timer = {"dueTime": "10ms", "period": "R2/PT1S", "callback": "cb", "data": {"d": 1}}
    assert ask(host, "POST", "Cat/tom/timers/a", timer)[0] == 204
    told = stream.wait_for("timer_request", 2)[0]
    assert (told.actor_type, told.actor_id, told.name, told.callback) == ("Cat", "tom", "a", "cb")
    assert (told.due_time, told.period) == ("10ms", "R2/PT1S")
    assert value_of(told) == b'{"d":1}'

    request = pb.RegisterActorTimerRequest(actor_type="Cat", actor_id="tim", name="b", due_time="0s", data=b"\x01")
    with grpc.insecure_channel(f"127.0.0.1:{host.grpc_port}") as channel:
        channel.unary_unary(DAPR + "RegisterActorTimer")(request.SerializeToString(), timeout=20)
    told = stream.wait_for("timer_request", 3)[2]
    assert (told.actor_id, told.name, told.callback) == ("tim", "b", "")
    assert value_of(told) == b'"AQ=="'


def value_of(told: Any) -> bytes:
    """What the ``Any`` of a timer holds, which a foreign reader can open by its name."""
    assert told.data.type_url == "type.googleapis.com/google.protobuf.BytesValue"
    return BytesValue.FromString(told.data.value).value


def test_idle_actors_are_let_go_and_come_again(stage: Stage) -> None:
    host = stage.sidecar()
    entry = pb.ActorEntityConfig(entities=["Cat"], actor_idle_timeout=timedelta(milliseconds=300))
    stream = stage.stream(host, "Cat", "Dog", entities_config=[entry])
    invoke(host, "go")
    ask(host, "PUT", "Dog/rex/method/go")
    (left,) = stream.wait_for("deactivate_request")
    assert (left.actor_type, left.actor_id) == ("Cat", "tom")
    counts = {each["type"]: each.get("count", 0) for each in actor_runtime(host)["activeActors"]}
    assert counts == {"Cat": 0, "Dog": 1}
    assert invoke(host, "go") == b"actor says hi"


def test_a_call_comes_back_with_the_id_of_its_chain_only_where_that_is_enabled(stage: Stage) -> None:
    sidecars: list[Daprd] = []

    def deeper(request: Response) -> Request | None:
        call = request.invoke_request
        if call.method != "deeper":
            return None
        chain = call.metadata["Dapr-Reentrancy-Id"]
        return invoked(request, b"again: " + invoke(sidecars[0], "go", Dapr_Reentrancy_Id=chain))

    host = stage.sidecar()
    sidecars.append(host)
    stream = stage.stream(
        host, "Cat", "Dog", rules=(deeper,),
        reentrancy=pb.ActorReentrancyConfig(enabled=True), entities_config=[pb.ActorEntityConfig(entities=["Dog"])],
    )  # fmt: skip
    assert invoke(host, "deeper") == b"again: actor says hi"
    first, second = stream.wait_for("invoke_request", 2)
    assert first.metadata["Dapr-Reentrancy-Id"] == second.metadata["Dapr-Reentrancy-Id"] != ""
    ask(host, "PUT", "Dog/rex/method/go")
    assert "Dapr-Reentrancy-Id" not in stream.wait_for("invoke_request", 3)[2].metadata


def test_a_call_fails_when_its_stream_ends_and_a_new_stream_hosts_again(stage: Stage) -> None:
    host = stage.sidecar()
    gate = Gate("slow")
    stream = stage.stream(host, "Cat", rules=(gate,))
    wait_until(lambda: stage.types() == ["Cat"], what="the type in the table")
    calling: Future[bytes] = stage.pool.submit(invoke, host, "slow")
    stream.wait_for("invoke_request")
    stream.close()
    gate.opened.set()
    error = calling.exception(30)
    assert isinstance(error, grpc.RpcError)
    assert error.details() == "error invoke actor method: actor host disconnected before responding"  # type: ignore[attr-defined]
    wait_until(lambda: not stage.types(), what="a table without the type")
    assert "activeActors" not in actor_runtime(host)
    assert actor_runtime(host)["runtimeStatus"] == "INITIALIZING"

    waiting: Future[bytes] = stage.pool.submit(invoke, host, "go", b"patient")  # nobody hosts: it waits for somebody
    again = stage.stream(host, "Cat", "Dog")
    assert waiting.result(30) == b"patient"
    assert again.wait_for("invoke_request")[0].id == "1"
    wait_until(lambda: stage.types() == ["Cat", "Dog"], what="both types in the table")


def test_the_youngest_stream_takes_new_calls_and_the_older_finishes_its_own(stage: Stage) -> None:
    host = stage.sidecar()
    gate = Gate("slow")
    old = stage.stream(host, "Cat", rules=(gate,))
    calling: Future[bytes] = stage.pool.submit(invoke, host, "slow", actor="tim")
    old.wait_for("invoke_request")
    young = stage.stream(host, "Cat")
    assert invoke(host, "go", b"to the young one") == b"to the young one"
    assert young.wait_for("invoke_request")[0].actor_id == "tom"
    gate.opened.set()
    assert calling.result(30) == b"let through"

    old.finish()
    assert old.code == (grpc.StatusCode.OK, "")
    assert invoke(host, "go", b"still hosted") == b"still hosted"
    older = stage.stream(host, "Cat")  # which is the youngest now
    assert invoke(host, "go", b"x") == b"x"
    assert len(older.wait_for("invoke_request")) == 1
    older.finish()
    assert [each["type"] for each in actor_runtime(host)["activeActors"]] == ["Cat"]
    assert invoke(host, "go", b"back to the young one") == b"back to the young one"
    assert stage.types() == ["Cat"]


class Roll:
    """A rule that notes which actors are at work, over all streams, and how often one was at work twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.overlaps = 0

    def __call__(self, request: Response) -> Request | None:
        call = request.invoke_request
        if call.method != "count":
            return None
        with self._lock:
            self._running[call.actor_id] += 1
            self.overlaps += self._running[call.actor_id] > 1
        time.sleep(0.002)  # the work
        with self._lock:
            self._running[call.actor_id] -= 1
            self.done[call.actor_id] += 1
        return invoked(request, call.actor_id.encode())


def test_an_application_that_is_replaced_stream_by_stream_loses_no_call_and_doubles_no_turn(stage: Stage) -> None:
    host = stage.sidecar()
    roll, stop = Roll(), threading.Event()
    stream = stage.stream(host, "Cat", rules=(roll,))

    def caller(number: int) -> int:
        made = 0
        while not stop.is_set():
            actor = str((number + made) % 3)  # fewer actors than callers: they meet
            assert invoke(host, "count", actor=actor) == actor.encode()
            made += 1
        return made

    working = [stage.pool.submit(caller, number) for number in range(6)]
    try:
        for turn in range(5):
            before = sum(roll.done.values())
            wait_until(lambda before=before: sum(roll.done.values()) > before + 20, what="calls")
            young = stage.stream(host, "Cat", rules=(roll,), actor_idle_timeout=timedelta(seconds=60 + turn))
            young.wait_for("invoke_request", 5)
            # The older one is let go when it has answered all it was given.
            wait_until(lambda old=stream: old.answered == len(old.received), what="an old stream without work")
            stream.finish()
            stream = young
    finally:
        stop.set()
    made = sum(each.result(60) for each in working)
    assert sum(roll.done.values()) == made
    assert roll.overlaps == 0
    assert stage.types() == ["Cat"]


def test_actors_move_between_streams_of_two_sidecars_as_the_table_says(stage: Stage) -> None:
    first = stage.sidecar("first")
    old = stage.stream(first, "Cat")
    names = [str(number) for number in range(24)]
    for name in names:
        invoke(first, "go", actor=name)
    second = stage.sidecar("second")
    new = stage.stream(second, "Cat")
    moved = {each.actor_id for each in old.wait_for("deactivate_request")}
    wait_until(lambda: stage.types() == ["Cat", "Cat"], what="both hosts in the table")
    for sidecar in (first, second):
        for name in names:
            assert invoke(sidecar, "go", name.encode(), actor=name) == name.encode()
    there = {each.actor_id for each in new.wait_for("invoke_request")}
    moved |= {each.actor_id for each in old.wait_for("deactivate_request")}
    assert there == moved
    assert 0 < len(there) < len(names)


def test_a_stream_without_types_is_a_client(stage: Stage) -> None:
    host, client = stage.sidecar(), stage.sidecar("client")
    stage.stream(host, "Cat")
    stream = stage.stream(client)
    assert invoke(client, "go", b"hi") == b"hi"
    assert actor_runtime(client)["runtimeStatus"] == "RUNNING"
    stream.finish()
    assert stream.code == (grpc.StatusCode.OK, "")
    assert invoke(client, "go", b"hi") == b"hi"


def test_the_end_of_the_sidecar_lets_every_actor_go_before_the_stream_ends(stage: Stage) -> None:
    host = stage.sidecar()
    stream = stage.stream(host, "Cat")
    for name in "abcde":
        invoke(host, "go", actor=name)
    assert host.terminate() == 0
    assert {each.actor_id for each in stream.wait_for("deactivate_request", 5)} == set("abcde")
    assert stream.ended.wait(20)
    assert stream.code == (grpc.StatusCode.OK, "")
    wait_until(lambda: not stage.placement.hosts(), what="an empty table")


def test_requests_that_a_slow_reader_has_not_taken_go_with_those_who_wait_for_them(stage: Stage) -> None:
    host = stage.sidecar()
    stream = stage.stream(host, "Cat", reads=False)
    wait_until(lambda: stage.types() == ["Cat"], what="the type in the table")
    large = bytes(1 << 20)
    calls = [
        stage.pool.submit(invoke, host, "go", large, actor=str(number), timeout=8) for number in range(24)
    ]  # fmt: skip
    for each in calls:
        assert isinstance(each.exception(60), grpc.RpcError)
    stream.read()
    stream.wait_open()
    assert invoke(host, "last", b"answered") == b"answered"
    received = stream.wait_for("invoke_request")
    assert received[-1].method == "last"
    assert len(received) < 12  # the rest was never sent


def test_answers_to_nothing_are_dropped_and_the_stream_goes_on(stage: Stage) -> None:
    host = stage.sidecar()
    stream = stage.stream(host, "Cat")
    left = pb.SubscribeActorEventsRequestDeactivateResponseAlpha1(id="77")
    stream.send(Request(deactivate_response=left))
    stream.send(Request())
    host.wait_for_line("Dropping actor callback response with unknown id='77'")
    host.wait_for_line("Dropping actor callback response without correlation id")
    assert invoke(host, "go", b"hi") == b"hi"


def test_a_grpc_application_hosts_over_its_stream_and_one_of_http_is_refused(stage: Stage) -> None:
    with grpc_app(GrpcApp({})) as app:
        host = stage.sidecar("speaks", "--app-protocol=grpc", app_port=app.port)
        stage.stream(host, "Cat")
        assert invoke(host, "go", b"hi") == b"hi"
        other = stage.sidecar("other", "--app-protocol=http", app_port=app.port)
        refused = ActorStream(other.grpc_port, "Cat")
        stage.stack.callback(refused.close)
        assert refused.ended.wait(20)
        text = "actor callback streaming requires a gRPC app channel"
        assert refused.code == (grpc.StatusCode.FAILED_PRECONDITION, text)


def test_without_placement_there_are_no_streams() -> None:
    with daprd("lonely") as sidecar:
        refused = ActorStream(sidecar.grpc_port, "Cat")
        try:
            assert refused.ended.wait(20)
            assert refused.code == (grpc.StatusCode.UNAVAILABLE, "placement service is not configured")
        finally:
            refused.close()
