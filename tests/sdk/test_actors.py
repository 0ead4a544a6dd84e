"""Actors of the official SDKs, unmodified: a host behind one sidecar, its callers at another, placement between them.

Each host is a program of ``programs`` with the same actor ``Cat``; each client calls it as users of its SDK do, and
tells what it was answered. State is in Redis, where the tests read what the SDK's state manager has written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pytest
from support import foreign
from support.calls import call
from support.cli import unique_id
from support.manifests import component, folder
from support.placement_process import PlacementProcess
from support.ports import free_port
from support.processes import Daprd, Process, daprd, wait_until
from support.redis_server import RedisServer, redis_server
from support.redis_words import ask, table
from support.sdk_programs import PROGRAMS, environment, told
from support.sdk_table import APPLICATIONS, GO, JAVA, JAVASCRIPT, PYTHON, REMINDERS, Sdk, unlike

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the programs first


@dataclass(frozen=True)
class Cats:
    """The programs of one SDK: a host on a port, and clients, each with the rows that its own API is held to.

    The first client calls the actors as well. ``application`` is the host's row in the table, ``spelled`` how the
    language writes the name of a method, ``refused`` what a caller reads of an actor's error. The host tells when its
    actors come and, with ``farewells``, when they go; without ``idles`` its SDK cannot have them go soon. With
    ``stream`` it opens a stream to its sidecar instead of a port.
    """

    application: str
    host: Callable[[int], list[str]]
    clients: Sequence[tuple[Callable[[], list[str]], Sdk]]
    refused: str
    spelled: Callable[[str], str] = str
    env: Callable[[], dict[str, str]] = dict
    idles: bool = True
    farewells: bool = True
    stream: bool = False


def python(name: str, *words: str) -> list[str]:
    return [sys.executable, str(PROGRAMS / name), *words]


def python_host(application: str, program: str) -> Cats:
    """One of the Python SDK's hosts, and its client."""
    clients = [(lambda: python("cats_client.py"), PYTHON)]
    return Cats(application, lambda port: python(program, str(port)), clients, "no more fish")


def javascript() -> Cats:
    """The JavaScript SDK's host, and its client over both protocols.

    Of an error the host tells only that there was one. Over gRPC a caller cannot say of what type its data are, and
    without a type the host does not read them; so it is called over HTTP.
    """
    node = ["node", str(PROGRAMS / "cats_client.js")]
    return Cats(
        "JavaScript, HTTP",
        lambda port: ["node", str(PROGRAMS / "cats.js"), str(port)],
        [(lambda: [*node, "http"], JAVASCRIPT["http"]), (lambda: [*node, "grpc"], JAVASCRIPT["grpc"])],
        '"status":500',
        env=lambda: {"NODE_PATH": str(foreign.javascript_sdk())},
    )


def go(protocol: str) -> Cats:
    """The Go SDK's host over HTTP or a stream, and its client; of an error the host tells only that there was one."""
    return Cats(
        f"Go, {'HTTP' if protocol == 'http' else 'gRPC'}",
        lambda port: [foreign.go_sdk_program(), "keep", protocol, str(port)],
        [(lambda: [foreign.go_sdk_program(), "cats"], GO)],
        "error invoke actor method",
        str.capitalize,
        idles=protocol != "http",
        farewells=False,
        stream=protocol != "http",
    )


def java() -> Cats:
    """The Java SDK's host in Spring Boot, and its client; of an error the host tells only that there was one."""

    def program(*words: str) -> list[str]:
        return [*foreign.spring_boot_command()[:-1], "cats.Main", *words]

    return Cats("Java, Spring Boot", lambda port: program(str(port)), [(program, JAVA)], "actor service: (500)")


CATS = {
    "Python, FastAPI": python_host("Python, FastAPI", "cats_fastapi.py"),
    "Python, Flask": python_host("Python, Flask", "cats_flask.py"),
    "Python, stream": replace(python_host("Python, gRPC", "cats_stream.py"), stream=True),
    "JavaScript": javascript(),
    "Go, HTTP": go("http"),
    "Go, stream": go("stream"),
    "Java": java(),
}


class House(NamedTuple):
    """A host at work, another sidecar that hosts nothing, and the store of both."""

    name: str
    cats: Cats
    host: Daprd
    other: Daprd
    program: Process
    redis: RedisServer

    def told(self, what: str, of: str, after: int = 0) -> int:
        """Wait until the host has told something of an actor; gives the line after it."""
        line = self.program.wait_for_line(f'{{"{what}":"{of}"}}', after=after)
        return self.program.lines.index(line, after) + 1

    def run(self, sidecar: Daprd, client: Callable[[], list[str]], part: str) -> dict[str, Any]:
        """What a client tells beside a sidecar."""
        return told([*client(), part], environment(sidecar, **self.cats.env()))

    def ask(self, sidecar: Daprd, actor: str, method: str) -> Any:
        """An actor's answer to a caller without an SDK."""
        path = f"/v1.0/actors/Cat/{actor}/method/{self.cats.spelled(method)}"
        answer = call(sidecar.http_port, "POST", path, b"", {"Content-Type": "application/json"})
        assert answer.status == 200, answer.text
        return answer.json

    def kept(self, actor: str) -> dict[str, Any]:
        """What Redis has of an actor, by key."""
        keys = ask(self.redis.port, "KEYS", f"{self.host.app_id}||Cat||{actor}||*")
        return {key: json.loads(table(self.redis.port, key)["data"]) for key in keys}


@pytest.fixture(scope="module", params=CATS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, board: PlacementProcess
) -> Iterator[House]:
    name: str = request.param
    cats, port = CATS[name], free_port()
    command = cats.host(port)
    flag = f"--placement-host-address={board.address}"
    with redis_server() as redis:
        store = component("store", "state.redis", redisHost=redis.address, actorStateStore="true")
        resources = folder(tmp_path_factory.mktemp("resources"), store)
        # Each house has a namespace of its own: a table of its own in the placement that all share.
        space = {"NAMESPACE": unique_id("house")}
        with (
            daprd(
                unique_id("host"),
                flag,
                resources=resources,
                app_port=None if cats.stream else port,
                env=space,
                # Go's program ends when it cannot reach its sidecar within seconds of its own start.
                ready="/v1.0/healthz/outbound",
            ) as host,
            daprd(unique_id("other"), flag, resources=resources, env=space, ready=None) as other,
            Process(command, env=environment(host, **cats.env()), inherit=False) as program,
        ):
            other.wait_ready()
            host.wait_ready(timeout=120)  # Spring takes its time on a busy machine
            wait_until(lambda: "Cat" in hosted(host), what=f"the actors of {name}", timeout=120)
            yield House(name, cats, host, other, program, redis)


def hosted(sidecar: Daprd) -> dict[str, int]:
    """The actor types of a sidecar that is known to placement, with how many of each it has."""
    runtime = call(sidecar.http_port, "GET", "/v1.0/metadata").json.get("actorRuntime", {})
    types = runtime.get("activeActors", []) if runtime.get("hostReady") else []
    return {each["type"]: each.get("count", 0) for each in types}


@pytest.fixture(scope="module")
def calls(house: House) -> dict[str, Any]:
    """What the SDK's proxies answered beside the other sidecar."""
    client, _ = house.cats.clients[0]
    return house.run(house.other, client, "calls")


def test_an_actor_is_called_with_data_and_answers(calls: dict[str, Any]) -> None:
    assert calls["eat"] == [{"id": "tom", "ate": "fish"}, {"id": "tom", "ate": "bird"}]


def test_state_is_saved_under_the_hosts_keys_and_read_back(house: House, calls: dict[str, Any]) -> None:
    assert calls["recall"] == {"meal": "bird", "meals": 2}
    prefix = f"{house.host.app_id}||Cat||tom||"
    assert house.kept("tom") == {f"{prefix}meal": "bird", f"{prefix}meals": 2}


def test_an_error_of_an_actor_reaches_its_caller_and_leaves_its_state(house: House, calls: dict[str, Any]) -> None:
    assert house.cats.refused in calls["refuse"]
    assert calls["recall after it"] == {"meal": "bird", "meals": 2}


def test_two_actors_are_at_work_at_once(calls: dict[str, Any]) -> None:
    assert calls["meet"] == ["ann", "bob"]


def test_a_timer_fires_until_it_is_dropped(calls: dict[str, Any]) -> None:
    risen, later = calls["naps"]
    assert risen >= 3
    assert later == risen


@pytest.mark.parametrize("house", [name for name, cats in CATS.items() if cats.idles], indirect=True)
def test_an_idle_actor_is_let_go_and_comes_back_with_its_state(house: House, calls: dict[str, Any]) -> None:
    assert calls["recall"] == {"meal": "bird", "meals": 2}
    came = house.told("activated", "tom")
    wait_until(lambda: hosted(house.host) == {"Cat": 0}, what="a host without actors")
    if house.cats.farewells:
        house.told("deactivated", "tom")
    assert house.ask(house.other, "tom", "recall") == {"meal": "bird", "meals": 2}
    house.told("activated", "tom", after=came)


def test_an_actor_answers_callers_without_an_sdk_at_either_sidecar(house: House, calls: dict[str, Any]) -> None:
    answers = [house.ask(sidecar, "tom", "recall") for sidecar in (house.host, house.other)]
    assert answers == [calls["recall"]] * 2


def test_reminders_are_refused_by_name_until_they_come(house: House, calls: dict[str, Any]) -> None:
    later = {use: row for use, row in APPLICATIONS[house.cats.application].later.items() if row.block == REMINDERS}
    refused = {use: calls[what] for use, what in zip(later, ("remember", "forget"), strict=True)}
    assert unlike(later, refused) == {}


def test_every_method_for_actors_does_what_its_row_says(house: House) -> None:
    for client, sdk in house.cats.clients:
        found = house.run(house.host, client, "below")
        later = {use: row for use, row in sdk.later.items() if row.block == REMINDERS}
        assert unlike(later, {use: found.pop(use) for use in later}) == {}
        assert set(found) <= sdk.works
        assert {use: said for use, said in found.items() if not said.startswith("none: it gave")} == {}
        assert all("ball" in said for use, said in found.items() if "get" in use.lower()), found
