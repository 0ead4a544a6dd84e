"""The official Java SDK as users have it: its clients, unmodified, with every method they offer.

Maven fetches ``io.dapr:dapr-sdk`` and builds the programs of ``programs/java`` outside the checkout. They tell what
each method gave by the method's name, so that the table of ``support.sdk_table`` is held to what was really used. The
SDK calls services over HTTP and everything else over gRPC. Its applications are in ``test_applications``, its actors in
``test_actors``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.cli import unique_id
from support.foreign import java_sdk_command
from support.neighbours import SECRETS, TOKEN, TOPIC, Neighbours
from support.processes import daprd
from support.sdk_programs import environment, told
from support.sdk_proxied import Proxied
from support.sdk_table import JAVA, unlike

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the programs first


@pytest.fixture(scope="session")
def used(pair: Neighbours, proxied: Proxied) -> dict[str, Any]:
    with daprd(unique_id("ending"), ready="/v1.0/healthz/outbound") as ending:
        guarded = {"GUARDED_GRPC_PORT": str(pair.far.grpc_port), "GUARDED_TOKEN": TOKEN}
        others = {"CALLEE": pair.far.app_id, "PROXIED": proxied.app_id, "ENDING_GRPC_PORT": str(ending.grpc_port)}
        found = told([*java_sdk_command(), "client"], environment(pair.near, **guarded, **others))
        assert ending.popen.wait(15) == 0, "the client has ended its sidecar"
    return found


def test_state_is_kept_read_and_removed(used: dict[str, Any]) -> None:
    assert used["getState"] == ["object", "1"]
    assert (used["saveState"][0], used["deleteState"][0]) == ("second", "null")
    assert "redis-json server support is required for query capability" in used["queryState"]


def test_a_stale_etag_neither_writes_nor_deletes(used: dict[str, Any]) -> None:
    for method in ("saveState", "deleteState"):
        refused = used[method][1]
        assert refused.startswith("ABORTED")
        assert "possible etag mismatch" in refused


def test_many_keys_are_changed_at_once(used: dict[str, Any]) -> None:
    assert used["saveBulkState"] == "saved"
    assert used["getBulkState"] == {"java-1": "one", "java-2": "two", "java-none": "null"}
    assert used["executeStateTransaction"] == ["done", "null"]


def test_events_of_every_kind_reach_the_application(used: dict[str, Any], pair: Neighbours) -> None:
    mine = pair.app.wait_for(lambda each: each.target == f"/{TOPIC}" and b"java-client" in each.body, count=5)
    data = [json.loads(each.body)["data"] for each in mine]
    texts = sorted(each for each in data if isinstance(each, str))
    assert texts == ['"java-client text"', "java-client bulk"], "the SDK publishes a single text as JSON"
    assert sorted(each["kind"] for each in data if isinstance(each, dict)) == ["bulk", "event", "object"]
    assert {json.loads(each.body)["type"] for each in mine if b'"event"' in each.body} == {"mine"}


def test_publishing_tells_what_failed(used: dict[str, Any]) -> None:
    failed, refused = used["publishEvents"]
    assert failed == 0
    assert {refused, used["publishEvent"]} == {"INVALID_ARGUMENT: pubsub nowhere is not found"}


def test_calls_reach_the_application_of_the_other_sidecar(used: dict[str, Any], pair: Neighbours) -> None:
    verbs, got, length, missing, nobody = used["invokeMethod"]
    assert (verbs, got, length) == ({"POST": "POST", "PUT": "PUT"}, "hello", 1_000_000)
    assert "404" in missing
    assert nobody.startswith("ERR_DIRECT_INVOKE: failed to invoke, id: nobody-of-that-name")
    [gone] = [each for each in pair.app.received if each.target == "/java/gone"]
    assert (gone.method, gone.body) == ("DELETE", b"")
    [asked] = [each for each in pair.app.received if each.target.startswith("/java/hello")]
    assert sorted(asked.target.partition("?")[2].replace("+", "%20").split("&")) == ["q=a%20b", "q=c%26d"]
    assert asked.header("x-mine") == "yes"


def test_calls_of_a_stub_of_the_clients_are_proxied(used: dict[str, Any], proxied: Proxied) -> None:
    healthy, nobody = used["newGrpcStub"]
    assert healthy == "none: it worked"
    assert len(proxied.asked_by("java-client")) == 1
    assert "couldn't find service: nobody-of-that-name" in nobody


def test_events_stream_to_the_client_itself(used: dict[str, Any]) -> None:
    assert used["subscribeToTopic"] == "flowed"
    assert used["subscribeToEvents"] == [["one", "two"], "flowed"]


def test_bindings_secrets_and_metadata_answer(used: dict[str, Any], pair: Neighbours) -> None:
    read, unknown = used["invokeBinding"]
    assert read == "from Java" == (pair.files / "java.txt").read_text()
    assert "couldn't find output binding nowhere" in unknown
    secret, missing = used["getSecret"]
    assert secret == {"mysecret": SECRETS["mysecret"]}
    assert "secret nothing not found" in missing
    assert used["getBulkSecret"] == {name: {name: value} for name, value in SECRETS.items()}
    assert used["getMetadata"] == [pair.near.app_id, ["files", "pubsub", "secrets", "statestore"]]


def test_the_api_token_opens_a_guarded_sidecar(used: dict[str, Any], pair: Neighbours) -> None:
    refused, known = used["token"]
    assert refused.startswith("UNAUTHENTICATED")
    assert known == pair.far.app_id


def test_every_method_of_the_sdk_stands_in_the_table(used: dict[str, Any]) -> None:
    offered = told([*java_sdk_command(), "methods"], environment())
    methods = {*offered["DaprClient"], *offered["DaprPreviewClient"], "close"}
    workflows = {f"DaprWorkflowClient.{name}" for name in offered["DaprWorkflowClient"] if name != "close"}
    assert methods | workflows == JAVA.uses - {"ActorProxy.invokeMethod", "WorkflowRuntime"}
    assert set(used) - {"token"} == JAVA.works - {"ActorProxy.invokeMethod"}


def test_what_comes_later_is_refused_with_a_reason(pair: Neighbours) -> None:
    assert unlike(JAVA.later, told([*java_sdk_command(), "later"], environment(pair.near))) == {}
