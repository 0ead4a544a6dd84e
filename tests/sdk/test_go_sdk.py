"""The official Go SDK as users have it: its client over gRPC, unmodified, with every method it offers.

The program of ``programs/go`` is built outside the checkout. It tells what each method gave by the method's name, so
that the table of ``support.sdk_table`` is held to what was really used. Its applications are in ``test_applications``.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from support.calls import call
from support.cli import unique_id
from support.echo_app import Answer, Received, echo_app
from support.foreign import go_sdk_program
from support.manifests import component, folder, write
from support.neighbours import SECRETS, TOKEN, TOPIC, Neighbours
from support.processes import Daprd, Process, daprd, wait_until
from support.sdk_programs import environment, told
from support.sdk_proxied import Proxied
from support.sdk_table import APPLICATIONS, GO, JOBS, REMINDERS, unlike

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the program first

ACTORS = {"GetActorState", "ImplActorClientStub", "InvokeActor", "RegisterActorTimer", "SaveStateTransactionally",
          "SubscribeActorEvents", "UnregisterActorTimer"}  # fmt: skip
"""What ``test_actors`` uses, beside a placement; of reminders it tells, too."""
TRACE = "0af7651916cd43dd8448eb211c80319c"


def run(*words: str, sidecar: Daprd | None = None, **more: str) -> dict[str, Any]:
    """What a program tells on its last line."""
    return told([go_sdk_program(), *words], environment(sidecar, **more))


@pytest.fixture(scope="session")
def used(pair: Neighbours, proxied: Proxied) -> dict[str, Any]:
    with daprd(unique_id("ending"), ready="/v1.0/healthz/outbound") as ending:
        guarded = {"GUARDED_GRPC_PORT": str(pair.far.grpc_port), "GUARDED_TOKEN": TOKEN}
        others = {"CALLEE": pair.far.app_id, "PROXIED": proxied.app_id, "ENDING_GRPC_PORT": str(ending.grpc_port)}
        found = run("client", sidecar=pair.near, **guarded, **others)
        assert ending.popen.wait(15) == 0, "the client has ended its sidecar"
    return found


def test_state_is_kept_read_and_removed(used: dict[str, Any]) -> None:
    assert used["GetState"] == ['{"a":1}', "1"]
    assert (used["SaveState"], used["GetStateWithConsistency"], used["DeleteState"]) == ("saved", '{"a":1}', "")
    assert "redis-json server support is required for query capability" in used["QueryStateAlpha1"]


def test_a_stale_etag_neither_writes_nor_deletes(used: dict[str, Any]) -> None:
    for method, left in (("SaveStateWithETag", "second"), ("DeleteStateWithETag", "")):
        value, refused = used[method]
        assert value == left
        assert "code = Aborted" in refused
        assert "possible etag mismatch" in refused


def test_many_keys_are_changed_at_once(used: dict[str, Any]) -> None:
    assert used["SaveBulkState"] == "saved"
    assert used["GetBulkState"] == {"go-1": "value of go-1", "go-2": "value of go-2", "go-none": ""}
    assert used["ExecuteStateTransaction"] == {"go-tx": "done", "go-1": ""}
    assert used["DeleteBulkState"] == {"go-2": "", "go-3": ""}
    assert used["DeleteBulkStateItems"] == {"go-4": ""}


def test_events_of_every_kind_reach_the_application(used: dict[str, Any], pair: Neighbours) -> None:
    assert used["PublishEventfromCustomContent"] == "published"
    mine = pair.app.wait_for(lambda each: each.target == f"/{TOPIC}" and b"go-client" in each.body, count=7)
    data = [json.loads(each.body)["data"] for each in mine]
    texts = sorted(each for each in data if isinstance(each, str))
    assert texts == ["go-client bulk", "go-client entry", "go-client text"]
    assert sorted(each["kind"] for each in data if isinstance(each, dict)) == ["bulk", "custom", "event", "object"]


def test_publishing_tells_what_failed(used: dict[str, Any]) -> None:
    worked, none_failed, refused, one_failed = used["PublishEvents"]
    assert (worked, none_failed, one_failed) == ("none: it worked", 0, 1)
    for error in (refused, used["PublishEvent"]):
        assert "code = InvalidArgument desc = pubsub nowhere is not found" in error


def test_calls_reach_the_application_of_the_other_sidecar(used: dict[str, Any], pair: Neighbours) -> None:
    verbs = ("post", "put", "delete", "patch")
    assert used["InvokeMethodWithContent"] == {verb: f"sent by {verb}" for verb in verbs}
    lines = [each.line for each in pair.app.received if each.target == "/go/echo"]
    assert lines == [f"{verb.upper()} /go/echo HTTP/1.1" for verb in verbs]
    assert json.loads(used["InvokeMethodWithCustomContent"]) == {"mark": "go-client", "kind": "custom"}
    assert used["WithTraceID"] == "hello"
    [traced] = [each for each in pair.app.received if each.target == "/go/hello?q=a%20b"]
    assert TRACE in (traced.header("traceparent") or "")


def test_errors_of_calls_are_told(used: dict[str, Any]) -> None:
    answer, missing, nobody = used["InvokeMethod"]
    assert json.loads(answer) == {"said": "200"}
    assert "code = NotFound" in missing
    assert "couldn't find service: nobody-of-that-name" in nobody


def test_calls_of_the_clients_own_channel_are_proxied(used: dict[str, Any], proxied: Proxied) -> None:
    healthy, nobody = used["GrpcClientConn"]
    assert healthy == "none: it worked"
    assert len(proxied.asked_by("go-client")) == 1
    assert "couldn't find service: nobody-of-that-name" in nobody


def test_events_stream_to_the_client_itself(used: dict[str, Any]) -> None:
    kept, dropped = ({"mark": "go-client", "kind": kind} for kind in ("kept", "dropped"))
    assert used["Subscribe"] == [kept, "go-pulled", True, dropped]
    assert used["SubscribeWithHandler"] == ["one", "three", "two"]


def test_bindings_secrets_and_metadata_answer(used: dict[str, Any], pair: Neighbours) -> None:
    assert used["InvokeBinding"] == "from Go" == (pair.files / "go.txt").read_text()
    assert "couldn't find output binding nowhere" in used["InvokeOutputBinding"]
    secret, missing = used["GetSecret"]
    assert secret == {"mysecret": SECRETS["mysecret"]}
    assert "secret nothing not found" in missing
    assert used["GetBulkSecret"] == {name: {name: value} for name, value in SECRETS.items()}
    assert used["GetMetadata"] == [pair.near.app_id, ["files", "pubsub", "secrets", "statestore"]]
    assert (used["SetMetadata"], used["GrpcClient"], used["Wait"]) == ("go", pair.near.app_id, "none: it worked")


def test_the_api_token_opens_a_guarded_sidecar(used: dict[str, Any], pair: Neighbours) -> None:
    refused, known = used["WithAuthToken"]
    assert "code = Unauthenticated" in refused
    assert known == pair.far.app_id


def test_the_client_talks_over_a_unix_socket(tmp_path: Path) -> None:
    app_id = unique_id("socket")
    flag = f"--unix-domain-socket={tmp_path}"
    with daprd(app_id, flag, ready=None) as sidecar:
        sidecar.wait_for_line("dapr initialized")
        assert run("socket", f"{tmp_path}/dapr-{app_id}-grpc.socket") == {"id": app_id}


def test_a_streamed_subscription_outlives_a_change_of_its_component(tmp_path: Path) -> None:
    resources = folder(tmp_path, component("bus", "pubsub.in-memory"))
    with (
        daprd(unique_id("changing"), resources=resources) as sidecar,
        Process([go_sdk_program(), "hear", "news"], env={"DAPR_GRPC_PORT": str(sidecar.grpc_port)}) as program,
    ):

        def heard(text: str) -> bool:
            published = call(sidecar.http_port, "POST", "/v1.0/publish/bus/news", text, {"Content-Type": "text/plain"})
            return published.status == 204 and json.dumps({"heard": text}, separators=(",", ":")) in program.lines

        wait_until(lambda: heard("one"), what="an event")
        before = len(sidecar.lines)
        write(resources / "component-bus.yaml", component("bus", "pubsub.in-memory", changed="yes"))
        sidecar.wait_for_line("Component loaded: bus", after=before)
        wait_until(lambda: heard("two"), what="an event of the new component")


def test_many_large_and_abandoned_calls_share_one_connection(tmp_path: Path) -> None:
    done = threading.Event()

    def slow(request: Received) -> Answer | None:
        return Answer(200) if request.target == "/slow" and done.wait(20) else None

    resources = folder(tmp_path, component("statestore", "state.in-memory"))
    with (
        echo_app(slow) as app,
        daprd(unique_id("callee"), app_port=app.port) as far,
        daprd(unique_id("caller"), resources=resources) as near,
    ):
        found = run("edges", sidecar=near, CALLEE=far.app_id)
        done.set()
    assert found == {
        "calls": 60, "states": 200, "large": True, "too large": "ResourceExhausted",
        "late": "DeadlineExceeded", "given up": "Canceled", "afterwards": near.app_id,
    }  # fmt: skip


def test_every_method_of_the_sdk_stands_in_the_table(used: dict[str, Any]) -> None:
    offered = run("methods")
    assert {*offered["client"], *(f"workflow.{name}" for name in offered["workflow"])} == GO.uses
    assert set(used) == GO.works - ACTORS
    serving = {"AddServiceInvocationHandler", "AddTopicEventHandler", "AddTopicEventSubscriber", "Start", "Stop",
               "AddBindingInvocationHandler", "AddHealthCheckHandler", "GracefulStop",
               "RegisterActorImplFactoryContext"}  # fmt: skip
    old = {"RegisterActorImplFactory"}
    jobs = {use for use, row in APPLICATIONS["Go, gRPC"].later.items() if row.block == JOBS}
    assert set(offered["service"]) == serving | old | jobs


def test_what_comes_later_is_refused_with_a_reason(pair: Neighbours) -> None:
    later = {use: row for use, row in GO.later.items() if row.block != REMINDERS}
    assert unlike(later, run("later", sidecar=pair.near)) == {}
