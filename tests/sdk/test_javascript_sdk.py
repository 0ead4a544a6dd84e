"""The official JavaScript SDK as users have it: a client and an application, over HTTP and over gRPC, unmodified.

npm installs ``@dapr/dapr`` in the version of ``tests/interop/javascript-sdk`` outside the checkout. A method of the SDK
that does not stand in the table of ``support.sdk_table`` fails a test.
"""

from __future__ import annotations

import functools
import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from support import foreign
from support.calls import call as http_call
from support.cli import unique_id
from support.neighbours import SECRETS, TOKEN, TOPIC, Neighbours
from support.placement_process import PlacementProcess
from support.ports import free_port
from support.processes import Daprd, Process, daprd, wait_until
from support.sdk_programs import PROGRAMS, environment
from support.sdk_programs import told as told_at_the_end
from support.sdk_resources import application_resources
from support.sdk_table import APPLICATIONS, JAVASCRIPT, REMINDERS, unlike

pytestmark = pytest.mark.timeout(600)  # a cold machine installs the SDK first

PROTOCOLS = ("http", "grpc")

INTERNAL = {"crypto.processStream", "crypto.toArrayBuffer", "lock.getUnlockResponse", "pubsub.handleBulkPublishError"}
"""What the SDK's own methods call."""


def with_sdk(sidecar: Daprd, **more: str) -> dict[str, str]:
    """A program's environment, in which it finds the SDK."""
    return environment(sidecar, NODE_PATH=str(foreign.javascript_sdk()), **more)


def run(program: str, protocol: str, env: dict[str, str]) -> dict[str, Any]:
    """What a program tells on its last line."""
    return told_at_the_end(["node", str(PROGRAMS / program), protocol], env)


# -- the client


class Used(NamedTuple):
    protocol: str
    said: dict[str, Any]


@pytest.fixture(scope="session")
def runs(pair: Neighbours) -> Callable[[str], Used]:
    """One run of the client for each protocol, however the tests are ordered: what it did is told of once."""

    @functools.cache
    def run_once(protocol: str) -> Used:
        guarded = {
            "GUARDED_HTTP_PORT": str(pair.far.http_port),
            "GUARDED_GRPC_PORT": str(pair.far.grpc_port),
            "GUARDED_TOKEN": TOKEN,
        }
        return Used(protocol, run("client.js", protocol, with_sdk(pair.near, CALLEE=pair.far.app_id, **guarded)))

    return run_once


@pytest.fixture(params=PROTOCOLS)
def used(request: pytest.FixtureRequest, runs: Callable[[str], Used]) -> Used:
    return runs(request.param)


def test_state_is_kept_read_and_removed(used: Used) -> None:
    state = used.said["state"]
    assert state["object"] == {"a": [1, "\u00e9"]}
    assert state["bulk"] == {"object": {"a": [1, "\u00e9"]}, "text": "text", "none": ""}
    assert (state["saved"], state["deleted"], state["afterDelete"]) == ({}, {}, "")


def test_a_transaction_upserts_and_deletes(used: Used) -> None:
    assert (used.said["state"]["upserted"], used.said["state"]["removed"]) == ("done", "")


def test_a_stale_etag_neither_writes_nor_deletes(used: Used) -> None:
    state = used.said["state"]
    assert state["guarded"] == "second"
    for refused in (state["late"], state["lateDelete"]):
        assert "possible etag mismatch" in refused
        assert ('"status":409' if used.protocol == "http" else "[aborted]") in refused


def test_what_a_store_cannot_do_is_said(used: Used) -> None:
    assert "redis-json server support is required for query capability" in used.said["state"]["query"]
    assert "state store nowhere is not found" in used.said["state"]["unknownStore"]


def test_events_of_every_kind_reach_the_application(used: Used, pair: Neighbours) -> None:
    mark = f"js-{used.protocol}"

    def mine(body: bytes) -> bool:
        data = json.loads(body).get("data")
        return mark == (data.get("mark") if isinstance(data, dict) else str(data).split(" ")[0])

    events = pair.app.wait_for(lambda each: each.target == f"/{TOPIC}" and mine(each.body), count=6)
    data = [json.loads(each.body)["data"] for each in events]
    texts, objects = [each for each in data if isinstance(each, str)], [each for each in data if isinstance(each, dict)]
    assert sorted(texts) == [f"{mark} bulk", f"{mark} text", f"{mark} with metadata"]
    assert sorted(each["kind"] for each in objects) == ["bulk", "event", "object"]
    types = {json.loads(each.body)["type"] for each in events if b'"kind":"event"' in each.body.replace(b" ", b"")}
    assert types == {"mine"}, "the envelope of the publisher stays as it is"


def test_publishing_tells_what_failed(used: Used) -> None:
    publish = used.said["publish"]
    assert [publish[kind] for kind in ("object", "text", "event", "raw")] == [{}, {}, {}, {}]
    assert publish["bulk"] == {"failedMessages": []}
    for refused in (publish["unknown"], *publish["unknownBulk"]):
        assert "pubsub nowhere is not found" in refused
    assert len(publish["unknownBulk"]) == 1


def test_calls_reach_the_application_of_the_other_sidecar(used: Used, pair: Neighbours) -> None:
    invoke = used.said["invoke"]
    assert invoke["echo"] == {"hello": "world"}
    assert invoke["got"] == {"said": "200"}
    assert invoke["verbs"] == {verb: {"verb": verb.lower()} for verb in ("PUT", "DELETE", "PATCH")}
    assert (invoke["many"], invoke["large"]) == (list(range(20)), 1_000_000)
    lines = [each.line for each in pair.app.received if each.target == f"/js-{used.protocol}/echo"]
    assert lines == [f"{verb} /js-{used.protocol}/echo HTTP/1.1" for verb in ("POST", "PUT", "DELETE", "PATCH")]


def test_errors_of_calls_are_told(used: Used) -> None:
    invoke = used.said["invoke"]
    assert ('"status":404' if used.protocol == "http" else "[not_found]") in invoke["refused"]
    assert "couldn't find service: nobody-of-that-name" in invoke["nobody"]


def test_bindings_secrets_metadata_and_health_answer(used: Used, pair: Neighbours) -> None:
    rest = dict(used.said["rest"])
    assert rest.pop("unknownBinding").count("couldn't find output binding nowhere") == 1
    assert "secret nothing not found" in rest.pop("unknownSecret")
    assert rest == {
        "file": "from JavaScript",
        "secret": {"mysecret": SECRETS["mysecret"]},
        "secrets": {name: {name: value} for name, value in SECRETS.items()},
        "set": True,
        "id": pair.near.app_id,
        "extended": f"js-{used.protocol}",
        "components": ["files", "pubsub", "secrets", "statestore"],
        "healthy": True,
    }
    assert (pair.files / f"js-{used.protocol}.txt").read_text() == "from JavaScript"


def test_the_api_token_opens_a_guarded_sidecar(used: Used, pair: Neighbours) -> None:
    assert used.said["guarded"] == pair.far.app_id


# -- not yet


def test_every_method_of_the_sdk_stands_in_the_table(used: Used) -> None:
    offered = set(used.said["offered"])
    assert offered - INTERNAL - JAVASCRIPT[used.protocol].uses == set()
    assert {use for use in JAVASCRIPT[used.protocol].works if not use.startswith("Actor")} - offered == set()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_comes_later_is_refused_with_a_reason(pair: Neighbours, protocol: str) -> None:
    sdk = JAVASCRIPT[protocol]
    refused = run("later.js", protocol, with_sdk(pair.near))
    assert {name for name, words in sdk.elsewhere.items() if words not in refused.pop(name)} == set()
    later = {use: row for use, row in sdk.later.items() if row.block != REMINDERS}
    assert unlike(later, refused) == {}, "of reminders test_actors tells, beside a placement"


# -- the application


class Server(NamedTuple):
    protocol: str
    sidecar: Daprd
    app: Process


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, board: PlacementProcess
) -> Iterator[Server]:
    protocol, port = request.param, free_port()
    resources = application_resources(tmp_path_factory.mktemp("resources"))
    health = ("--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-check-path=/healthz")
    flags = (f"--app-protocol={protocol}", f"--placement-host-address={board.address}", *health)
    with daprd(unique_id("js"), *flags, resources=resources, app_port=port, ready=None) as sidecar:
        command = ["node", str(PROGRAMS / "server.js"), protocol, str(port)]
        with Process(command, env=with_sdk(sidecar)) as app:
            sidecar.wait_ready()
            app.wait_for_line('"published"')
            yield Server(protocol, sidecar, app)


def told(server: Server, topic: str, count: int) -> list[dict[str, Any]]:
    """The first events of a topic that the application told of."""
    after, found = 0, []
    for _ in range(count):
        line = server.app.wait_for_line(f'{{"topic":"{topic}"', after=after)
        after = server.app.lines.index(line, after) + 1
        found.append(json.loads(line))
    return found


def test_the_applications_own_events_come_back_to_it(server: Server) -> None:
    assert sorted(str(each["data"]) for each in told(server, "plain", 2)) == ["text", "{'n': 1}"]


def test_raw_payloads_arrive_unwrapped(server: Server) -> None:
    assert [each["data"] for each in told(server, "raw", 1)] == [{"n": 9}]


def test_rules_choose_the_route(server: Server) -> None:
    events = {each["route"]: each["data"] for each in told(server, "routed", 2)}
    assert events == {"usual": {"n": 2}, "special": {"n": 3}}


def test_bulk_subscriptions_get_their_entries(server: Server) -> None:
    assert sorted(each["data"]["n"] for each in told(server, "bulk", 2)) == [4, 5]


def test_a_dropped_event_goes_to_the_dead_letter_topic(server: Server) -> None:
    assert [each["data"] for topic in ("dropped", "dead") for each in told(server, topic, 1)] == [{"n": 6}, {"n": 6}]


def test_an_event_that_the_application_wants_again_comes_again(server: Server) -> None:
    assert [each["data"] for each in told(server, "again", 2)] == [{"n": 7}, {"n": 7}]


def test_an_input_binding_calls_the_application(server: Server) -> None:
    assert json.loads(server.app.wait_for_line('"binding"')) == {"binding": "tick"}


def call(pair: Neighbours, server: Server, method: str, verb: str, body: bytes | None = None) -> Any:
    """Call the application from the other sidecar."""
    url = f"{pair.near_url}/v1.0/invoke/{server.sidecar.app_id}/method/{method}"
    request = urllib.request.Request(url, data=body, method=verb, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def test_listeners_answer_calls_of_another_sidecar(server: Server, pair: Neighbours) -> None:
    assert call(pair, server, "greet?x=1", "POST", b'{"name":"you"}') == {"hello": "you"}
    seen = json.loads(server.app.wait_for_line('"method":"greet"'))
    assert (json.loads(seen["body"]), seen["contentType"]) == ({"name": "you"}, "application/json")
    assert call(pair, server, "look?q=a%20b", "GET")["looked"] in ("/look?q=a%20b", "q=a%20b")


def test_an_actor_lives_in_the_application_over_http(server: Server) -> None:
    said = json.loads(server.app.wait_for_line('"hosting"'))["hosting"]
    if server.protocol == "grpc":
        assert APPLICATIONS["JavaScript, gRPC"].elsewhere["actors"] in said
        return
    port, path = server.sidecar.http_port, "/v1.0/actors/Cat/50/method/meow"
    wait_until(lambda: http_call(port, "PUT", path, {}).status == 200, what="an actor's place")
    assert http_call(port, "PUT", path, {}).text.strip('"') == "meow"


def test_the_application_ends_its_sidecar(server: Server, pair: Neighbours) -> None:
    assert call(pair, server, "end", "POST", b"{}") == {"ending": True}
    assert server.sidecar.popen.wait(15) == 0
