"""The API of 2020, which the book's programs speak: clients of ``dapr.Dapr``, and applications that serve it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from support.echo_app import EchoApp, echo_app
from support.grpc_app import GrpcApp, Told, grpc_app
from support.manifests import component, folder
from support.processes import Daprd, daprd

from dapr_core.proto.gen.google.protobuf import any_pb2, wrappers_pb2
from dapr_core.proto.gen.v0 import dapr_pb2, daprclient_pb2

SERVICE = "/dapr.Dapr/"
CLIENT = "/daprclient.DaprClient/"


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(
        tmp_path_factory.mktemp("resources"),
        component("mem", "state.in-memory"),
        component("bus", "pubsub.in-memory"),
        component("tick", "bindings.cron", schedule="@every 1s"),
    )


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


@pytest.fixture(scope="module")
def sidecar(app: EchoApp, resources: Path) -> Iterator[Daprd]:
    with daprd("book", app_port=app.port, resources=resources) as running:
        yield running


def ask(sidecar: Daprd, method: str, request: Any) -> bytes:
    with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
        answer: bytes = channel.unary_unary(SERVICE + method)(request.SerializeToString(), timeout=10)
        return answer


def packed(text: str) -> any_pb2.Any:
    """What a program of the book sends: a text, packed."""
    value = any_pb2.Any()
    value.Pack(wrappers_pb2.StringValue(value=text))
    return value


def test_the_books_client_invokes_an_http_application(sidecar: Daprd, app: EchoApp) -> None:
    request = dapr_pb2.InvokeServiceEnvelope(id="book", method="greeting")
    request.data.CopyFrom(packed("Hi, Dapr."))

    answer = dapr_pb2.InvokeServiceResponseEnvelope.FromString(ask(sidecar, "InvokeService", request))

    assert answer.data.value == b"\x0a\x09Hi, Dapr."  # the two bytes before the text are the packing's
    assert app.received[-1].line == "POST /greeting HTTP/1.1"


def test_a_verb_and_a_query_may_be_given_as_metadata(sidecar: Daprd, app: EchoApp) -> None:
    request = dapr_pb2.InvokeServiceEnvelope(
        id="book", method="greeting", metadata={"http.verb": "GET", "http.query_string": "a=1"}
    )
    answer = dapr_pb2.InvokeServiceResponseEnvelope.FromString(ask(sidecar, "InvokeService", request))
    assert answer.data.value == b"hello"
    assert app.received[-1].line == "GET /greeting?a=1 HTTP/1.1"


def test_state_is_saved_read_and_deleted(sidecar: Daprd) -> None:
    save = dapr_pb2.SaveStateEnvelope(storeName="mem")
    save.requests.add(key="k").value.value = b"v"
    ask(sidecar, "SaveState", save)
    read = dapr_pb2.GetStateEnvelope(storeName="mem", key="k")

    got = dapr_pb2.GetStateResponseEnvelope.FromString(ask(sidecar, "GetState", read))

    assert got.data.value == b"v"
    assert got.etag
    ask(sidecar, "DeleteState", dapr_pb2.DeleteStateEnvelope(storeName="mem", key="k"))
    assert ask(sidecar, "GetState", read) == b""


def test_a_denied_group_is_denied_in_the_older_api_too(tmp_path: Path, resources: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: deny\nspec:\n  api:\n    denied:\n"
        "    - name: state\n      version: v1\n      protocol: grpc\n"
    )
    with daprd("guarded", resources=resources, config=config) as guarded, pytest.raises(grpc.RpcError) as failure:
        ask(guarded, "GetState", dapr_pb2.GetStateEnvelope(storeName="mem", key="k"))
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_the_books_server_is_invoked_at_its_own_form_of_the_service(resources: Path) -> None:
    def invoked(told: Told, context: grpc.ServicerContext) -> bytes:
        request = dapr_pb2.InvokeServiceEnvelope.FromString(told.message)
        answer = dapr_pb2.InvokeServiceResponseEnvelope()
        answer.data.CopyFrom(packed(f"Hello, {request.method}!"))
        return answer.SerializeToString()

    with (
        grpc_app(GrpcApp({SERVICE + "InvokeService": invoked})) as server,
        daprd("hello-dapr", "--app-protocol=grpc", app_port=server.port) as sidecar,
    ):
        for _ in range(2):
            request = dapr_pb2.InvokeServiceEnvelope(id="hello-dapr", method="World")
            answer = dapr_pb2.InvokeServiceResponseEnvelope.FromString(ask(sidecar, "InvokeService", request))
            assert answer.data.value == b"\x0a\x0dHello, World!"
    asked = [told.path for told in server.told if told.path.endswith(("OnInvoke", "InvokeService"))]
    assert asked.count(SERVICE + "InvokeService") == 2
    assert asked.count(CLIENT + "OnInvoke") == 1  # what it does not know is asked once


def test_an_application_of_2020_gets_events_bindings_and_calls(resources: Path) -> None:
    topics = daprclient_pb2.GetTopicSubscriptionsEnvelope(topics=["orders"]).SerializeToString()
    bindings = daprclient_pb2.GetBindingsSubscriptionsEnvelope(bindings=["tick"]).SerializeToString()
    answers = {
        CLIENT + "OnInvoke": lambda told, context: packed("answer").SerializeToString(),
        CLIENT + "GetTopicSubscriptions": lambda told, context: topics,
        CLIENT + "GetBindingsSubscriptions": lambda told, context: bindings,
        CLIENT + "OnTopicEvent": lambda told, context: b"",
        CLIENT + "OnBindingEvent": lambda told, context: b"",
    }
    with (
        grpc_app(GrpcApp(answers)) as server,
        daprd("older", "--app-protocol=grpc", app_port=server.port, resources=resources) as sidecar,
    ):
        publish = dapr_pb2.PublishEventEnvelope(topic="orders")
        publish.data.value = b'{"id":1}'
        ask(sidecar, "PublishEvent", publish)
        [told] = server.wait_for(CLIENT + "OnTopicEvent")
        event = daprclient_pb2.CloudEventEnvelope.FromString(told.message)
        assert (event.topic, event.dataContentType, event.data.value) == ("orders", "application/json", b'{"id":1}')
        [tick] = server.wait_for(CLIENT + "OnBindingEvent")
        assert daprclient_pb2.BindingEventEnvelope.FromString(tick.message).name == "tick"
        request = dapr_pb2.InvokeServiceEnvelope(id="older", method="x")
        answer = dapr_pb2.InvokeServiceResponseEnvelope.FromString(ask(sidecar, "InvokeService", request))
        assert answer.data.value == b"\x0a\x06answer"
