"""The book's chapter on actors as it is done today: calls, state, timers and its DemoActor in Python (B58 to B62, B65),
and what placement tells of them (B66).

Times are the book's, shortened. Reminders (B63, B64) come with the scheduler.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from dapr.proto import api_service_v1, api_v1
from support.actor_app import actor_app
from support.book import Play, play, python
from support.calls import Answer, call
from support.cli import Cli, unique_id
from support.echo_app import EchoApp, Received
from support.manifests import component, folder
from support.placement_process import PlacementProcess, placement
from support.placement_sidecar import StreamSidecar, host
from support.processes import Daprd, daprd, wait_until
from support.redis_server import RedisServer, redis_server
from support.redis_words import ask, table
from support.sdk_programs import environment, printed

TROOPER = "/v1.0/actors/stormtrooper/50"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def resources(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("actors") / "components"
    return folder(path, component("statestore", "state.redis", redisHost=redis.address, actorStateStore="true"))


@pytest.fixture
def board() -> Iterator[PlacementProcess]:
    """A placement for each test: who hosts a type in one is unknown in the next."""
    with placement() as running:
        yield running


@pytest.fixture
def other(board: PlacementProcess) -> Iterator[Daprd]:
    """A sidecar of a caller, which hosts nothing."""
    with daprd(unique_id("caller"), f"--placement-host-address={board.address}") as running:
        yield running


@contextlib.contextmanager
def hosting(app: EchoApp, board: PlacementProcess, resources: Path, name: str | None = None) -> Iterator[Daprd]:
    """A sidecar whose application hosts actors."""
    flag = f"--placement-host-address={board.address}"
    with daprd(name or unique_id("empire"), flag, app_port=app.port, resources=resources) as running:
        yield running


def shots(request: Received) -> bool:
    return request.target == "/actors/stormtrooper/50/method/shoot"


def rebels(request: Received) -> bool:
    return request.target == "/actors/stormtrooper/50/method/timer/checkRebels"


def done(answer: Answer) -> None:
    assert (answer.status, answer.body) == (204, b""), answer.text


# -- calls and state


def test_B59_an_actor_is_called_wherever_it_lives(board: PlacementProcess, other: Daprd, resources: Path) -> None:
    with actor_app("stormtrooper") as app, hosting(app, board, resources) as host:
        for sidecar in (host, other):
            answer = call(sidecar.http_port, "POST", f"{TROOPER}/method/shoot", b"pew")
            assert (answer.status, answer.text) == (200, "pew")
        assert [each.method for each in app.received if shots(each)] == ["PUT", "PUT"]


def test_B59_an_actor_is_called_over_grpc_too(board: PlacementProcess, other: Daprd, resources: Path) -> None:
    request = api_v1.InvokeActorRequest(actor_type="stormtrooper", actor_id="50", method="shoot", data=b"pew")
    with (
        actor_app("stormtrooper") as app,
        hosting(app, board, resources),
        grpc.insecure_channel(f"127.0.0.1:{other.grpc_port}") as channel,
    ):
        assert api_service_v1.DaprStub(channel).InvokeActor(request, timeout=30).data == b"pew"
        assert [each.method for each in app.received if shots(each)] == ["PUT"]


def test_B60_a_cat_keeps_each_key_by_itself(board: PlacementProcess, resources: Path, redis: RedisServer) -> None:
    kept = {"meal": "fish", "color": {"fur": "grey"}, "sleeping": False}
    with actor_app("Cat") as app, hosting(app, board, resources) as host:
        cat = "/v1.0/actors/Cat/tom"
        assert call(host.http_port, "POST", f"{cat}/method/wake").status == 200
        changes = [{"operation": "upsert", "request": {"key": key, "value": value}} for key, value in kept.items()]
        done(call(host.http_port, "POST", f"{cat}/state", changes))
        prefix = f"{host.app_id}||Cat||tom||"
        keys = ask(redis.port, "KEYS", f"{host.app_id}||*")
        assert {key: json.loads(table(redis.port, key)["data"]) for key in keys} == {
            prefix + key: value for key, value in kept.items()
        }
        # Each is loaded when it is asked for, and the others are not needed for it.
        ask(redis.port, "DEL", f"{prefix}meal")
        answers = {key: call(host.http_port, "GET", f"{cat}/state/{key}") for key in kept}
        assert {key: answer.status for key, answer in answers.items()} == {"meal": 204, "color": 200, "sleeping": 200}
        assert (answers["color"].json, answers["sleeping"].json) == ({"fur": "grey"}, False)


# -- timers


def check_rebels(**more: str) -> dict[str, str]:
    """The book's timer; a minute is 400 ms here, and 20 seconds are 150 ms."""
    return {"data": "someData", "dueTime": "400ms", "period": "150ms", "callback": "myEventHandler", **more}


class Ticks:
    """A rule that answers nothing and notes when the timer came."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, request: Received) -> None:
        if rebels(request):
            self.times.append(time.monotonic())


def set_timer(sidecar: Daprd, name: str, timer: dict[str, Any]) -> None:
    done(call(sidecar.http_port, "POST", f"{TROOPER}/timers/{name}", timer))


def other_timer_came(sidecar: Daprd, app: EchoApp) -> None:
    """Wait for a timer that is set now and due later than another's next times would be."""
    before = len(app.received)
    set_timer(sidecar, "later", {"dueTime": "800ms"})
    wait_until(lambda: any(each.target.endswith("/timer/later") for each in app.received[before:]), what="the timer")


def test_B61_a_timer_is_due_then_comes_each_period_until_it_is_deleted(
    board: PlacementProcess, resources: Path
) -> None:
    ticks = Ticks()
    with actor_app("stormtrooper", rules=[ticks]) as app, hosting(app, board, resources) as host:
        began = time.monotonic()
        set_timer(host, "checkRebels", check_rebels())
        told = app.wait_for(rebels, count=4)
        due, *_, last = ticks.times[:4]
        assert due - began >= 0.4
        assert last - began >= 0.4 + 3 * 0.15 - 0.05
        assert {each.method for each in told} == {"PUT"}
        assert json.loads(told[0].body) == check_rebels()
        done(call(host.http_port, "DELETE", f"{TROOPER}/timers/checkRebels"))
        before = len(ticks.times)
        other_timer_came(host, app)
        assert len(ticks.times) - before <= 1, "one may have been on its way"


def test_B61_a_timer_in_iso_8601_ends_after_its_repetitions(board: PlacementProcess, resources: Path) -> None:
    ticks = Ticks()
    with actor_app("stormtrooper", rules=[ticks]) as app, hosting(app, board, resources) as host:
        set_timer(host, "checkRebels", check_rebels(dueTime="PT1S", period="R2/PT1S"))
        app.wait_for(rebels, count=2)
        set_timer(host, "later", {"dueTime": "PT2S"})
        app.wait_for(lambda request: request.target.endswith("/timer/later"))
        assert len(ticks.times) == 2


def test_B61_a_timer_ends_with_its_time_to_live(board: PlacementProcess, resources: Path) -> None:
    ticks = Ticks()
    with actor_app("stormtrooper", rules=[ticks]) as app, hosting(app, board, resources) as host:
        set_timer(host, "checkRebels", check_rebels(dueTime="0s", ttl="500ms"))
        app.wait_for(rebels)
        other_timer_came(host, app)
        ended = len(ticks.times)
        assert ended <= 5, "at 0, 150, 300 and 450 ms"
        other_timer_came(host, app)
        assert len(ticks.times) == ended


def test_B61_no_timer_outlives_the_sidecar_that_died(board: PlacementProcess, resources: Path) -> None:
    ticks = Ticks()
    with actor_app("stormtrooper", rules=[ticks]) as app:
        with hosting(app, board, resources) as host:
            set_timer(host, "checkRebels", check_rebels())
            app.wait_for(rebels)
            host.terminate(9)
        before = len(ticks.times)
        with hosting(app, board, resources, host.app_id) as again:
            assert call(again.http_port, "POST", f"{TROOPER}/method/shoot").status == 200
            other_timer_came(again, app)
        assert len(ticks.times) - before <= 1, "one may have been on its way"


# -- the book's DemoActor, in Python


@pytest.fixture
def demo(tmp_path: Path, resources: Path, board: PlacementProcess) -> Iterator[Play]:
    """The application by ``dapr run``, as a user starts it."""
    cli = Cli(tmp_path)
    flag = f"--placement-host-address={board.address}"
    try:
        running = play(
            cli, unique_id("demoactor"), python("demo_actor.py"), flag, resources=resources, DAPR_HOST_IP="127.0.0.1"
        )
        yield running
    finally:
        cli.close()


def proxied(sidecar: Daprd, *words: str) -> Any:
    """What a program with a proxy is answered; it has the environment of its sidecar and no address."""
    return json.loads(printed([*python("demo_actor_client.py"), *words], environment(sidecar))[-1])


def test_B58_B65_a_proxy_calls_an_actor_that_saves_its_data(
    demo: Play, board: PlacementProcess, other: Daprd, redis: RedisServer
) -> None:
    wait_until(lambda: ["DemoActor"] in board.hosts().values(), what="the type in the table")
    assert proxied(other, "abc", "SaveData", '{"PropertyA": "ValueA"}') == "saved"
    demo.running.wait_for("This is Actor id abc with data {'PropertyA': 'ValueA'}")
    assert proxied(other, "abc", "GetData") == {"PropertyA": "ValueA"}
    data = table(redis.port, f"{demo.app_id}||DemoActor||abc||my_data")["data"]
    assert json.loads(data) == {"PropertyA": "ValueA"}


def test_B62_an_actor_sets_and_drops_a_timer_of_its_own(demo: Play, other: Daprd) -> None:
    assert proxied(other, "abc", "RegisterTimer") is None
    line = "Timer of abc with None"
    wait_until(lambda: demo.output.count(line) >= 3, what="the timer")
    assert proxied(other, "abc", "UnregisterTimer") is None
    before = demo.output.count(line)
    proxied(other, "abc", "SaveData", "{}")  # a program starts and ends, which takes many periods
    demo.running.wait_for("This is Actor id abc")
    assert demo.output.count(line) - before <= 1, "one may have been on its way"


# -- what placement tells


def test_B66_each_generation_of_the_table_is_locked_updated_and_unlocked_everywhere(board: PlacementProcess) -> None:
    first = host("10.0.0.1:50002", "stormtrooper", "Cat")
    second = host("10.0.0.2:50002", "stormtrooper")
    with StreamSidecar(board.address, first) as one:
        one.wait_unlocked(1)
        assert one.words == ["lock 1", "update 1", "unlock 1"]
        with StreamSidecar(board.address, second) as two:
            for sidecar in (one, two):
                sidecar.wait_unlocked(2)
                assert sidecar.words[-3:] == ["lock 2", "update 2", "unlock 2"]
                assert sidecar.hosts == {"stormtrooper": {first.name, second.name}, "Cat": {first.name}}
            table = one.wait_for("update 2").tables
            assert (table.version, table.replication_factor) == ("2", 100)
            assert "trooper" not in table.entries  # a type that nobody hosts has no address
        # Nobody is there any more to be told of the third generation; the others are.
        one.wait_unlocked(3)
        assert one.hosts == {"stormtrooper": {first.name}, "Cat": {first.name}}
