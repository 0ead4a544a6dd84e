"""Actors that the official Python SDK hosts over a stream, unmodified: called from another sidecar, without an SDK."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from support.calls import Answer, call
from support.cli import unique_id
from support.manifests import component, folder
from support.placement_process import PlacementProcess
from support.processes import Daprd, Process, daprd, wait_until
from support.sdk_programs import PROGRAMS, environment


class Aviary(NamedTuple):
    """A host at work, and another sidecar."""

    host: Daprd
    other: Daprd
    program: Process

    def ask(self, actor: str, method: str, body: object = b"") -> Answer:
        """An actor's answer to a caller at the other sidecar."""
        path = f"/v1.0/actors/Bird/{actor}/method/{method}"
        return call(self.other.http_port, "POST", path, body, {"Content-Type": "application/json"})

    def told(self, what: str, of: str) -> None:
        self.program.wait_for_line(f'{{"{what}":"{of}"}}')


@pytest.fixture(scope="module")
def aviary(tmp_path_factory: pytest.TempPathFactory, board: PlacementProcess) -> Iterator[Aviary]:
    flag = f"--placement-host-address={board.address}"
    store = component("store", "state.in-memory", actorStateStore="true")
    resources = folder(tmp_path_factory.mktemp("resources"), store)
    space = {"NAMESPACE": unique_id("aviary")}
    with (
        daprd(unique_id("birds"), flag, resources=resources, env=space) as host,
        daprd(unique_id("other"), flag, env=space) as other,
        Process([sys.executable, str(PROGRAMS / "actor_host.py")], env=environment(host), inherit=False) as program,
    ):
        program.wait_for_line('{"hosts":"Bird"}')
        yield Aviary(host, other, program)


def hosted(sidecar: Daprd) -> list[str]:
    runtime: dict[str, Any] = call(sidecar.http_port, "GET", "/v1.0/metadata").json["actorRuntime"]
    return [each["type"] for each in runtime.get("activeActors", [])]


def test_an_actor_is_called_and_remembers_what_the_sdk_keeps_of_it(aviary: Aviary) -> None:
    answer = aviary.ask("tweety", "Eat", {"meal": "seeds"})
    assert (answer.status, answer.json) == (200, {"id": "tweety", "ate": "seeds"})
    assert answer.headers["content-type"] == "application/json"
    assert aviary.ask("tweety", "Recall").json == {"meal": "seeds"}
    aviary.told("activated", "tweety")


def test_an_actors_own_error_and_a_method_that_is_not_there(aviary: Aviary) -> None:
    answer = aviary.ask("tweety", "Refuse")
    assert (answer.status, answer.headers["x-daprerrorresponseheader"]) == (200, "true")
    assert "no more seeds" in answer.json["message"]
    answer = aviary.ask("tweety", "Fly")
    assert (answer.status, answer.json["errorCode"]) == (500, "ERR_ACTOR_INVOKE_METHOD")
    assert answer.json["message"].endswith("actor method not found: Fly")


def test_a_timer_of_the_sdk_comes_with_its_data(aviary: Aviary) -> None:
    assert aviary.ask("singer", "Sing").status == 200
    wait_until(lambda: aviary.ask("singer", "Sung").json >= 3, what="three songs")


def test_an_actor_may_call_itself_in_the_turn_that_the_sdk_hands_on(aviary: Aviary) -> None:
    aviary.ask("narcissus", "Eat", {"meal": "berries"})
    assert aviary.ask("narcissus", "Mirror").json == {"seen": {"meal": "berries"}}


def test_an_idle_actor_is_let_go_and_the_end_of_the_program_withdraws_its_types(aviary: Aviary) -> None:
    assert aviary.ask("brief", "Recall").status == 200
    aviary.told("deactivated", "brief")
    assert hosted(aviary.host) == ["Bird"]
    aviary.program.terminate()
    wait_until(lambda: not hosted(aviary.host), what="a sidecar that hosts nothing")
