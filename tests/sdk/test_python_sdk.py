"""The official Python SDK as users have it: programs of their own, configured by the environment alone.

Over HTTP the SDK waits for its sidecar, calls services and drives actors (``test_actors``); the other blocks it uses
over gRPC.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from support.cli import unique_id
from support.neighbours import SECRETS, TOKEN, TOPIC, Neighbours
from support.ports import free_ports
from support.processes import Process, daprd
from support.sdk_programs import PROGRAMS, environment, printed, told
from support.sdk_table import PYTHON, REMINDERS, unlike

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def program(name: str) -> list[str]:
    """The command of a program."""
    return [sys.executable, str(PROGRAMS / name)]


# -- over HTTP: service invocation


@pytest.fixture(scope="session")
def invoked(pair: Neighbours) -> dict[str, Any]:
    return told(program("invoking.py"), environment(pair.near, CALLEE=pair.far.app_id))


def test_a_call_without_a_verb_is_a_get(invoked: dict[str, Any]) -> None:
    answer = invoked["default verb"]
    assert (answer["status"], answer["text"], answer["type"]) == (200, "hello", "text/plain")
    assert answer["headers"]["x-line"] == "GET /hello HTTP/1.1"


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_every_verb_reaches_the_application(invoked: dict[str, Any], verb: str) -> None:
    answer = invoked[verb]
    assert (answer["status"], answer["text"]) == (200, "hello" if verb == "GET" else "sent")
    assert answer["headers"]["x-line"] == f"{verb} /some/path HTTP/1.1"


def test_bytes_and_messages_arrive_as_they_are(invoked: dict[str, Any]) -> None:
    assert (invoked["bytes"]["text"], invoked["bytes"]["type"]) == ("\u00e9", "text/plain")
    assert invoked["message"]["text"] == "\n\x02hi", "a protobuf message, serialised"
    assert invoked["low level"]["text"] == "level"


def test_metadata_become_headers_and_the_query_keeps_its_order(invoked: dict[str, Any], pair: Neighbours) -> None:
    [request] = [each for each in pair.app.received if each.target.startswith("/extras")]
    assert request.line == "POST /extras?q=1&q=2&s=a+b%26c HTTP/1.1"
    assert request.header("x-mine") == "yes"
    assert request.header("traceparent") == TRACEPARENT
    assert (request.header("user-agent") or "").startswith("dapr-sdk-python/")
    assert invoked["extras"]["text"] == '{"a": 1}'


def test_an_error_of_the_application_keeps_its_status(invoked: dict[str, Any]) -> None:
    told = invoked["application's error"]
    assert (told["kind"], told["status"]) == ("DaprHttpError", 404)


def test_an_error_of_the_sidecar_is_told_with_its_code(invoked: dict[str, Any]) -> None:
    told = invoked["nobody"]
    assert (told["kind"], told["status"], told["code"]) == ("DaprHttpError", 500, "ERR_DIRECT_INVOKE")
    assert "couldn't find service: nobody-of-that-name" in told["told"]


def test_twenty_calls_at_once_get_their_own_answers(invoked: dict[str, Any]) -> None:
    assert invoked["at once"] == [f"body {n}" for n in range(20)]


# -- over HTTP: health, tokens, endpoints


def test_a_client_waits_until_its_sidecar_is_up() -> None:
    http_port, grpc_port = free_ports(2)
    env = {"DAPR_HTTP_PORT": str(http_port), "DAPR_GRPC_PORT": str(grpc_port)}
    with Process(program("healthy.py"), env=env) as waiting:
        waiting.wait_for_line(f"Health check on http://127.0.0.1:{http_port}/v1.0/healthz/outbound failed")
        with daprd(unique_id("late"), f"--dapr-http-port={http_port}", ready=None):
            waiting.wait_for_line("ready")


def test_the_api_token_of_the_environment_opens_the_sidecar(pair: Neighbours) -> None:
    said = printed(program("healthy.py"), environment(pair.far, CALLEE=pair.far.app_id, DAPR_API_TOKEN=TOKEN))
    assert said[-2:] == ["ready", "hello"]


def test_without_the_token_calls_are_refused_but_health_is_told(pair: Neighbours) -> None:
    said = printed(program("healthy.py"), environment(pair.far, CALLEE=pair.far.app_id))
    assert said[-2:] == ["ready", "DaprHttpError Unknown Dapr Error. HTTP status code: 401."]


def test_an_endpoint_takes_the_place_of_the_port(pair: Neighbours) -> None:
    env = environment(pair.near, CALLEE=pair.far.app_id, DAPR_HTTP_ENDPOINT=pair.near_url, DAPR_HTTP_PORT="1")
    assert printed(program("healthy.py"), env)[-1] == "hello"


# -- the other blocks, over the transport that the SDK chooses


@pytest.fixture(scope="session")
def used(pair: Neighbours) -> dict[str, Any]:
    return told(program("blocks.py"), environment(pair.near))


def test_state_is_kept_read_guarded_and_removed(used: dict[str, Any]) -> None:
    assert used["state"] == {
        "first": ['{"a": 1}', "1"],
        "conflict": "ABORTED",
        "bulk": {"bulk-1": "one", "bulk-2": "two", "bulk-none": ""},
        "after the transaction": ["", "done"],
        "deleted": "",
    }


def test_events_reach_the_application_of_the_other_sidecar(used: dict[str, Any], pair: Neighbours) -> None:
    assert used["publish"] == {"failed entries": 0}

    def mine(data: object) -> bool:
        return data == {"sdk": 1} or (isinstance(data, str) and data.startswith("sdk "))

    events = pair.app.wait_for(
        lambda each: each.target == f"/{TOPIC}" and mine(json.loads(each.body).get("data")), count=3
    )
    data = [json.loads(each.body)["data"] for each in events]
    assert sorted(map(str, data)) == ["sdk a", "sdk b", "{'sdk': 1}"]


def test_secrets_bindings_and_metadata_answer(used: dict[str, Any], pair: Neighbours) -> None:
    assert used["rest"] == {
        "secret": {"mysecret": SECRETS["mysecret"]},
        "secrets": {name: {name: value} for name, value in SECRETS.items()},
        "file": "from the sdk",
        "id": pair.near.app_id,
        "extended": "the sdk",
        "components": ["files", "pubsub", "secrets", "statestore"],
    }
    assert (pair.files / "sdk.txt").read_text() == "from the sdk"


# -- not yet


@pytest.fixture(scope="session")
def later(pair: Neighbours) -> dict[str, dict[str, str]]:
    return told(program("later.py"), environment(pair.near))


LATER = {use: row for use, row in PYTHON.later.items() if row.block != REMINDERS}
"""Of reminders ``test_actors`` tells, beside a placement."""


def test_what_comes_later_is_refused_at_once(later: dict[str, dict[str, str]]) -> None:
    assert unlike(LATER, later["threads"]) == {}


def test_the_clients_of_asyncio_are_refused_alike(later: dict[str, dict[str, str]]) -> None:
    assert unlike(LATER, later["asyncio"]) == {}
