"""Actors of HTTP applications: real sidecars, a real placement, and applications that note every call (§3–§5)."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.actor_app import actor_app
from support.echo_app import Answer, EchoApp, Received
from support.placement_process import PlacementProcess, placement
from support.processes import Daprd, wait_until

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
    """A placement, and hosts that join and leave."""

    def __init__(self, directory: Path) -> None:
        self.resources = directory
        self.resources.mkdir()
        (directory / "mem.yaml").write_text(STORE)
        self.stack = contextlib.ExitStack()
        self.placement: PlacementProcess = self.stack.enter_context(placement())

    def host(self, name: str, app: EchoApp | None, *flags: str) -> Daprd:
        daprd = Daprd(
            name, f"--placement-host-address={self.placement.address}", *flags,
            app_port=app.port if app is not None else None, resources=self.resources if app is not None else None,
        )  # fmt: skip
        self.stack.callback(daprd.terminate)
        return daprd

    def app(self, *types: str, **options: Any) -> EchoApp:
        return self.stack.enter_context(actor_app(*types, **options))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "resources")
    with stage.stack:
        yield stage


def ask(daprd: Daprd, method: str, path: str, body: bytes | Any = b"", **headers: str) -> tuple[int, bytes]:
    """Status and body of one request to the actor API."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", daprd.http_port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, f"/v1.0/actors/{path}", data, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def calls(app: EchoApp, method: str = "go") -> list[str]:
    """Ids of the actors that an application was called for."""
    return [request.target.split("/")[3] for request in app.received if request.target.endswith(f"/method/{method}")]


def is_deactivation(request: Received) -> bool:
    return request.method == "DELETE"


def test_an_actor_lives_in_one_place_whoever_calls_it(stage: Stage) -> None:
    apps = [stage.app("Cat"), stage.app("Cat")]
    hosts = [stage.host(f"host-{number}", app) for number, app in enumerate(apps)]
    client = stage.host("client", None)
    for daprd in (*hosts, client):
        daprd.wait_ready()
    wait_until(lambda: len(stage.placement.hosts()) >= 2, what="both hosts in the table")
    ids = [str(number) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        for daprd in (*hosts, client):
            answers = list(pool.map(lambda name, daprd=daprd: ask(daprd, "PUT", f"Cat/{name}/method/go", b"m"), ids))
            assert set(answers) == {(200, b"m")}
    homes = [set(calls(app)) for app in apps]
    assert homes[0] | homes[1] == set(ids)
    assert not homes[0] & homes[1]
    assert all(homes)
    assert Counter(calls(apps[0]) + calls(apps[1])) == dict.fromkeys(ids, 3)


def test_an_actor_takes_one_call_at_a_time_and_others_go_on(stage: Stage) -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()
    both = threading.Barrier(2)

    def busy(request: Received) -> Answer | None:
        if not request.target.endswith("/method/busy"):
            return None
        actor = request.target.split("/")[3]
        with lock:
            running[actor] += 1
            most[actor] = max(most[actor], running[actor])
        both.wait(20)  # passed only when both actors are at work
        with lock:
            running[actor] -= 1
        return Answer(200, b"done")

    host = stage.host("host", stage.app("Cat", rules=[busy]))
    host.wait_ready()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ask(host, "POST", f"Cat/{'ab'[n % 2]}/method/busy"), range(8)))
    assert set(answers) == {(200, b"done")}
    assert most == {"a": 1, "b": 1}


def test_calls_survive_hosts_that_come_and_a_host_that_dies(stage: Stage) -> None:
    first = stage.app("Cat")
    old = stage.host("old", first)
    client = stage.host("client", None)
    old.wait_ready()
    client.wait_ready()
    stop = threading.Event()
    failures: list[tuple[int, bytes]] = []
    done = Counter[str]()

    def caller(number: int) -> None:
        while not stop.is_set():
            name = f"{number}-{done[str(number)] % 10}"
            answer = ask(client, "PUT", f"Cat/{name}/method/go", b"m")
            done[str(number)] += 1
            if answer != (200, b"m"):
                failures.append(answer)

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(caller, number) for number in range(4)]
        try:
            wait_until(lambda: sum(done.values()) > 50, what="calls")
            second = stage.app("Cat")
            new = stage.host("new", second)
            new.wait_ready()
            second.wait_for(lambda request: "/method/go" in request.target)
            moved = {request.target for request in first.wait_for(is_deactivation)}
            assert moved  # what lives elsewhere now was let go
            new.terminate(9)
            before = len(first.received)
            wait_until(
                lambda: (
                    {name.split("-")[0] for name in calls(first)[-40:]} == {"0", "1", "2", "3"}
                    and len(first.received) > before + 60
                ),
                what="the calls of all at the first host",
            )
        finally:
            stop.set()
        for each in working:
            each.result(60)
    # A call that was at the host when it died may fail; the others wait for the table and succeed.
    assert len(failures) <= 4, failures


def test_calls_of_types_that_keep_their_hosts_run_through_a_round(stage: Stage) -> None:
    working, leave = threading.Event(), threading.Event()

    def busy(request: Received) -> Answer | None:
        if not request.target.endswith("/method/busy"):
            return None
        working.set()
        leave.wait(30)  # the round waits for this call, for as long as calls have to end
        return Answer(200, b"done")

    app = stage.app("Cat", "Dog", rules=[busy], settings={"drainOngoingCallTimeout": "4s"})
    host = stage.host("host", app)
    host.wait_ready()
    assert ask(host, "PUT", "Dog/rex/method/go")[0] == 200
    with ThreadPoolExecutor(2) as pool:
        held = pool.submit(ask, host, "PUT", "Cat/tom/method/busy")
        assert working.wait(20)
        stage.host("other", stage.app("Cat"))
        wait_until(lambda: len(stage.placement.hosts()) > 1, what="the round")
        waiting = pool.submit(first_that_waits, host)
        slowest, began = 0.0, time.monotonic()
        while not waiting.done():
            at = time.monotonic()
            assert ask(host, "PUT", "Dog/rex/method/go")[0] == 200
            slowest = max(slowest, time.monotonic() - at)
            if at - began > 2.5:
                leave.set()
        assert waiting.result()  # a call of the type whose hosts change waits
        assert slowest < 1.0  # and one of another type does not
        assert held.result(30)[0] == 200


def first_that_waits(host: Daprd) -> bool:
    """Call one actor after another until a call takes longer than a second; False when none does in ten."""
    end = time.monotonic() + 10
    while (began := time.monotonic()) < end:
        assert ask(host, "PUT", f"Cat/{began}/method/go")[0] == 200
        if time.monotonic() - began > 1:
            return True
    return False


def test_idle_actors_are_deactivated_and_come_again(stage: Stage) -> None:
    app = stage.app("Cat", settings={"actorIdleTimeout": "300ms"})
    host = stage.host("host", app)
    host.wait_ready()
    assert ask(host, "PUT", "Cat/tom/method/go")[0] == 200
    (request,) = app.wait_for(is_deactivation)
    assert request.line == "DELETE /actors/Cat/tom HTTP/1.1"
    assert ask(host, "POST", "Cat/tom/state", [])[0] == 400  # it is not active
    assert ask(host, "PUT", "Cat/tom/method/go")[0] == 200


def test_state_is_written_all_or_none_by_active_actors(stage: Stage) -> None:
    host = stage.host("host", stage.app("Cat"))
    host.wait_ready()
    ask(host, "PUT", "Cat/tom/method/go")
    good = {"operation": "upsert", "request": {"key": "a", "value": {"n": 1}}}
    assert ask(host, "POST", "Cat/tom/state", [good])[0] == 204
    assert ask(host, "GET", "Cat/tom/state/a") == (200, b'{"n":1}')
    assert ask(host, "GET", "Cat/tim/state/a") == (204, b"")
    bad = {"operation": "upsert", "request": {"value": 1}}
    status, body = ask(host, "POST", "Cat/tom/state", [{**good, "request": {"key": "a", "value": 2}}, bad])
    assert (status, json.loads(body)["errorCode"]) == (500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")
    assert ask(host, "GET", "Cat/tom/state/a") == (200, b'{"n":1}')


def test_timers_come_as_often_as_was_asked_and_stop_when_dropped(stage: Stage) -> None:
    app = stage.app("Cat")
    host = stage.host("host", app)
    host.wait_ready()
    three = {"dueTime": "50ms", "period": "R3/PT0S", "callback": "cb", "data": {"d": 1}}
    assert ask(host, "POST", "Cat/tom/timers/many", {"dueTime": "10ms", "period": "20ms"})[0] == 204
    app.wait_for(lambda request: request.target.endswith("/timer/many"), count=3)
    assert ask(host, "DELETE", "Cat/tom/timers/many")[0] == 204
    assert ask(host, "POST", "Cat/tom/timers/once", three)[0] == 204
    (request,) = app.wait_for(lambda request: request.target.endswith("/timer/once"))
    assert json.loads(request.body) == {"data": {"d": 1}, "callback": "cb", "dueTime": "50ms", "period": "R3/PT0S"}
    told = sum(each.target.endswith("/timer/many") for each in app.received)
    assert ask(host, "POST", "Cat/tom/timers/last", {"dueTime": "200ms"})[0] == 204
    app.wait_for(lambda request: request.target.endswith("/timer/last"))
    assert sum(each.target.endswith("/timer/many") for each in app.received) <= told + 1


def test_a_timer_follows_its_actor_to_another_host(stage: Stage) -> None:
    first, second = stage.app("Cat"), stage.app("Cat")
    hosts = [stage.host("one", first), stage.host("two", second)]
    for daprd in hosts:
        daprd.wait_ready()
    for number in range(12):
        assert ask(hosts[0], "POST", f"Cat/{number}/timers/t", {"dueTime": "50ms", "data": number})[0] == 204
    first.wait_for(lambda request: "/timer/t" in request.target)
    (told, *_) = second.wait_for(lambda request: "/timer/t" in request.target)
    assert json.loads(told.body)["data"] == int(told.target.split("/")[3])


def test_a_reentrant_actor_may_be_called_by_its_own_call_and_no_deeper_than_allowed(stage: Stage) -> None:
    ports: list[Daprd] = []

    def deeper(request: Received) -> Answer | None:
        if not request.target.endswith("/method/deeper"):
            return None
        chain = request.header("dapr-reentrancy-id") or ""
        status, body = ask(ports[0], "PUT", "Cat/tom/method/deeper", **{"Dapr-Reentrancy-Id": chain})
        return Answer(200, b"%d " % status + body[:200])

    reentrancy = {"reentrancy": {"enabled": True, "maxStackDepth": 3}}
    app = stage.app("Cat", rules=[deeper], settings=reentrancy)
    host = stage.host("host", app)
    ports.append(host)
    host.wait_ready()
    status, body = ask(host, "PUT", "Cat/tom/method/deeper")
    assert status == 200
    assert b"ERR_ACTOR_STACK_DEPTH" in body
    assert len(calls(app, "deeper")) == 3


def test_stopping_deactivates_every_actor_and_takes_the_host_out_of_the_table(stage: Stage) -> None:
    app = stage.app("Cat")
    host = stage.host("host", app)
    host.wait_ready()
    for name in range(5):
        ask(host, "PUT", f"Cat/{name}/method/go")
    assert host.terminate() == 0
    assert {request.target for request in app.received if is_deactivation(request)} == {
        f"/actors/Cat/{name}" for name in range(5)
    }
    wait_until(lambda: not stage.placement.hosts(), what="an empty table")


def test_a_call_under_way_ends_with_its_state_when_its_host_stops(stage: Stage) -> None:
    begun, stopping = threading.Event(), threading.Event()
    written: list[int] = []

    def slow(request: Received) -> Answer | None:
        if not request.target.endswith("/method/slow"):
            return None
        begun.set()
        assert stopping.wait(30)
        operations = [{"operation": "upsert", "request": {"key": "meal", "value": "fish"}}]
        written.append(ask(host, "POST", "Cat/tom/state", operations)[0])
        return Answer(200, b"done")

    app = stage.app("Cat", rules=[slow], settings={"drainOngoingCallTimeout": "20s"})
    host = stage.host("host", app, "--dapr-graceful-shutdown-seconds=60")
    caller = stage.host("caller", None)
    host.wait_ready()
    caller.wait_ready()
    with ThreadPoolExecutor(1) as pool:
        calling = pool.submit(ask, caller, "PUT", "Cat/tom/method/slow")
        assert begun.wait(30)
        host.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: not stage.placement.hosts(), what="the host's departure")
        stopping.set()
        assert calling.result(timeout=60) == (200, b"done")
    assert written == [204]
    assert calls(app, "slow") == ["tom"]
    assert host.popen.wait(60) == 0
    assert [request.target for request in app.received if is_deactivation(request)] == ["/actors/Cat/tom"]


def test_an_unhealthy_application_hosts_nothing_until_it_is_well_again(stage: Stage) -> None:
    well = threading.Event()
    well.set()

    def health(request: Received) -> Answer | None:
        return Answer(200 if well.is_set() else 500) if request.target == "/healthz" else None

    app = stage.app("Cat", rules=[health])
    host = stage.host(
        "host", app, "--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=1"
    )
    host.wait_ready()
    assert ask(host, "PUT", "Cat/tom/method/go")[0] == 200
    assert [types for types in stage.placement.hosts().values() if types] == [["Cat"]]
    well.clear()
    wait_until(lambda: not any(stage.placement.hosts().values()), what="a host without types")
    well.set()
    assert ask(host, "PUT", "Cat/tom/method/go")[0] == 200


def test_a_sidecar_is_ready_when_its_types_are_known_to_all(stage: Stage) -> None:
    app = stage.app("Cat")
    host = stage.host("host", app)
    host.wait_ready()
    began = time.monotonic()
    assert ask(host, "PUT", "Cat/tom/method/go")[0] == 200
    assert time.monotonic() - began < 5


def test_in_a_cluster_actors_need_a_namespace() -> None:
    nobody = "127.0.0.1:1"
    flags = ("--mode=kubernetes", "--enable-mtls", f"--placement-host-address={nobody}", f"--sentry-address={nobody}")
    host = Daprd("host", *flags, env={"NAMESPACE": ""})
    try:
        assert host.popen.wait(60) == 1
        assert "actors must have a namespace configured when running in Kubernetes mode" in host.output
    finally:
        host.terminate()


def test_two_stores_for_actors_are_an_error(stage: Stage) -> None:
    (stage.resources / "second.yaml").write_text(STORE.replace("name: mem\n", "name: other\n", 1))
    host = stage.host("host", stage.app("Cat"))
    host.wait_for_line("detected duplicate actor state store: mem and other")
    assert host.popen.wait(15) == 1


def test_metrics_count_timers_and_deactivations(stage: Stage) -> None:
    app = stage.app("Cat", settings={"actorIdleTimeout": "100ms"})
    host = stage.host("host", app)
    host.wait_ready()
    ask(host, "POST", "Cat/tom/timers/t", {"dueTime": "10ms"})
    app.wait_for(is_deactivation)
    expected = [
        'dapr_runtime_actor_timers_fired_total{app_id="host",actor_type="Cat",success="true"} 1',
        'dapr_runtime_actor_deactivated_total{app_id="host",actor_type="Cat"} 1',
        'dapr_runtime_actor_timers{app_id="host",actor_type="Cat"} 0',
    ]

    def shown() -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", host.metrics_port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode().splitlines()

    wait_until(lambda: set(expected) <= set(shown()), what="the metrics of actors")
