"""Applications that speak gRPC, behind one sidecar and behind two: called by gRPC and by HTTP, and proxied."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any, NamedTuple

import grpc
import pytest
from support.grpc_app import CALLBACK, GrpcApp, grpc_app, recorded_app
from support.processes import Daprd, daprd
from support.rawhttp import exchange, request_bytes

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import invoke_pb2

INVOKE = "/dapr.proto.runtime.v1.Dapr/InvokeService"
ECHO = "/my.Echo/"


class Street(NamedTuple):
    """An application, its sidecar, and the sidecar of a caller."""

    app: GrpcApp
    callee: Daprd
    caller: Daprd


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with (
        grpc_app(recorded_app()) as app,
        daprd("gcallee", "--app-protocol=grpc", app_port=app.port, env={"APP_API_TOKEN": "apptok"}) as callee,
        daprd("gcaller") as caller,
    ):
        yield Street(app, callee, caller)


@pytest.fixture(params=["caller", "callee"], ids=["from another sidecar", "from its own sidecar"])
def channel(request: pytest.FixtureRequest, street: Street) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{getattr(street, request.param).grpc_port}") as opened:
        yield opened


def invoke(channel: grpc.Channel, method: str, metadata: list[tuple[str, Any]] | None = None) -> Any:
    call = channel.unary_unary(INVOKE)
    request = invoke_pb2.InvokeServiceRequest(id="gcallee")
    request.message.method = method
    request.message.content_type = "text/plain"
    request.message.data.value = b"hi"
    request.message.http_extension.verb = 3  # type: ignore[assignment]
    request.message.http_extension.querystring = "q=1"
    return call.with_call(request.SerializeToString(), timeout=10, metadata=metadata or [])


def test_a_grpc_client_gets_the_grpc_applications_answer(street: Street, channel: grpc.Channel) -> None:
    body, _ = invoke(channel, "say", [("x-mine", "1"), ("x-b-bin", b"\x00\x01"), ("dapr-caller-app-id", "liar")])

    answer = common_pb2.InvokeResponse.FromString(body)
    assert (answer.data.value, answer.content_type) == (b"grpc says hi", "text/plain")
    told = street.app.told[-1]
    request = common_pb2.InvokeRequest.FromString(told.message)
    assert (request.method, request.http_extension.querystring, request.data.value) == ("say", "q=1", b"hi")
    assert told.values("x-mine") == ["1"]
    assert told.values("x-b-bin") == [b"\x00\x01"]
    assert told.values("dapr-callee-app-id") == ["gcallee"]
    assert told.values("dapr-caller-app-id") != ["liar"]
    assert told.values("dapr-api-token") == ["apptok"]
    assert told.values("traceparent") == ["00-00000000000000000000000000000000-0000000000000000-00"]


def test_metadata_and_trailers_of_the_application_arrive(channel: grpc.Channel) -> None:
    _, call = invoke(channel, "trailers")

    assert ("x-init", "1") in call.initial_metadata()
    assert ("x-bin-bin", b"\x01") in call.initial_metadata()
    assert ("x-trail", "2") in call.trailing_metadata()


def test_the_applications_status_is_the_callers(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as failure:
        invoke(channel, "fail")
    assert (failure.value.code(), failure.value.details()) == (grpc.StatusCode.NOT_FOUND, "no such thing")


@pytest.mark.parametrize("sidecar", ["caller", "callee"])
def test_an_http_client_reaches_the_grpc_application(street: Street, sidecar: str) -> None:
    port = getattr(street, sidecar).http_port
    headers = ["Host: x", "Content-Type: application/json", "X-Mine: one", "Content-Length: 7"]
    answer = exchange(port, request_bytes("POST", "/v1.0/invoke/gcallee/method/a/b?x=1", headers, b'{"a":1}'))

    assert answer.status == "HTTP/1.1 200 OK"
    assert answer.body == b'grpc says {"a":1}'
    assert answer.header("content-type") == "application/json"
    told = street.app.told[-1]
    request = common_pb2.InvokeRequest.FromString(told.message)
    assert (request.method, request.content_type, request.http_extension.verb) == ("a/b", "application/json", 3)
    assert told.values("dapr-content-type") == ["application/json"]
    assert told.values("x-mine") == ["one"]


@pytest.mark.parametrize("sidecar", ["caller", "callee"])
def test_an_http_client_gets_a_grpc_failure_as_status_and_json(street: Street, sidecar: str) -> None:
    port = getattr(street, sidecar).http_port
    answer = exchange(
        port, request_bytes("PUT", "/v1.0/invoke/gcallee/method/fail", ["Host: x", "Content-Length: 1"], b"x")
    )

    assert answer.status == "HTTP/1.1 404 Not Found"
    assert answer.body == b'{"code":5,"message":"no such thing"}'


def test_a_foreign_unary_call_is_handed_on_untouched(street: Street, channel: grpc.Channel) -> None:
    call = channel.unary_unary(ECHO + "Say")
    metadata = [("dapr-app-id", "gcallee"), ("x-mine", "1"), ("dapr-api-token", "c")]
    body, answered = call.with_call(b"\xff\x00 no protobuf", timeout=10, metadata=metadata)

    assert body == b"\xff\x00 no protobuf"
    assert ("x-init", "1") in answered.initial_metadata()
    assert ("x-trail", "2") in answered.trailing_metadata()
    assert ("x-t-bin", b"\x01\x02") in answered.trailing_metadata()
    told = street.app.wait_for(ECHO + "Say")[-1]
    assert told.values("dapr-app-id") == []
    assert told.values("x-mine") == ["1"]
    assert told.values("dapr-api-token") == ["apptok"]


def test_a_foreign_call_through_two_sidecars_says_who_calls(street: Street) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{street.caller.grpc_port}") as channel:
        channel.unary_unary(ECHO + "Say")(b"x", timeout=10, metadata=[("dapr-app-id", "gcallee")])
    told = street.app.told[-1]
    assert told.values("dapr-caller-app-id") == ["gcaller"]
    assert told.values("dapr-callee-app-id") == ["gcallee"]
    assert told.values("traceparent") == ["00-00000000000000000000000000000000-0000000000000000-00"]


def test_foreign_failures_and_unknown_methods_keep_their_status(channel: grpc.Channel) -> None:
    for method, code in (("Fail", grpc.StatusCode.FAILED_PRECONDITION), ("Nope", grpc.StatusCode.UNIMPLEMENTED)):
        with pytest.raises(grpc.RpcError) as failure:
            channel.unary_unary(ECHO + method)(b"x", timeout=10, metadata=[("dapr-app-id", "gcallee")])
        assert failure.value.code() is code


def test_a_foreign_stream_answers_message_by_message(channel: grpc.Channel) -> None:
    outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    metadata = [("dapr-app-id", "gcallee"), ("dapr-stream", "true")]
    answers = channel.stream_stream(ECHO + "Chat")(iter(outgoing.get, None), timeout=10, metadata=metadata)

    for number in range(50):
        outgoing.put(b"%d" % number)
        assert next(answers) == b"%d" % number
    outgoing.put(None)
    assert list(answers) == []


def test_large_foreign_messages_flow_both_ways(channel: grpc.Channel) -> None:
    blocks = [bytes([number]) * 1_000_000 for number in range(20)]
    got = channel.stream_stream(ECHO + "Chat")(iter(blocks), timeout=20, metadata=[("dapr-app-id", "gcallee")])
    assert list(got) == blocks


def test_a_foreign_call_to_nobody_says_so(street: Street) -> None:
    with (
        grpc.insecure_channel(f"127.0.0.1:{street.caller.grpc_port}") as channel,
        pytest.raises(grpc.RpcError) as failure,
    ):
        channel.unary_unary(ECHO + "Say")(b"x", timeout=10, metadata=[("dapr-app-id", "nobody-here")])
    assert failure.value.code() is grpc.StatusCode.UNKNOWN
    assert "nobody-here" in failure.value.details()


def test_the_application_is_asked_what_it_wants(street: Street) -> None:
    exchange(street.caller.http_port, request_bytes("GET", "/v1.0/invoke/gcallee/method/say", ["Host: x"], b""))
    street.app.wait_for(CALLBACK + "OnInvoke")
    asked = [told.path for told in street.app.told]
    assert not any(told.values("dapr-api-token") for told in street.app.told if "List" in told.path)
    assert CALLBACK + "ListInputBindings" not in asked  # no input binding is configured
