"""The internal port answers a foreign caller as the original does, to the message and the status."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from support import recordings
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.two_sidecars import Loop, TwoSidecars, two_sidecars

from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from dapr_core.rpc.grpc.client_stream import ResponseListener
from dapr_core.rpc.grpc.status import Code, Status
from dapr_core.rpc.messages import Headers, Peer
from daprd.mesh.errors import PERMISSION_DENIED, RpcError

SERVICE = "/dapr.proto.internals.v1.ServiceInvocation/"
RECORDED = [
    entry
    for entry in recordings.load("internal-grpc")["entries"]
    if entry["via"].startswith("direct") and "Actor" not in entry["name"] and "without app" not in entry["name"]
]
WORDS = {
    "CallLocal app breaks connection": "the words about what the application sent instead of HTTP are our parser's",
    "CallLocal undecodable": "the words about broken protobuf are the same; headers come first",
}
HEADERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/x-app; charset=utf-8\r\nX-Multi: one\r\nX-Multi: two\r\nx-lower: l\r\n"
    b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\nX-Empty: \r\ngrpc-status: 7\r\ndapr-custom: d\r\n"
    b'X-Data-Bin: AAEC\r\nETag: "abc"\r\nCache-Control: no-store\r\nVary: Accept\r\nServer: golden\r\nbaggage: k=v\r\n'
    b"traceparent: 00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01\r\nDate: Mon, 01 Jan 2001 00:00:00 GMT\r\n"
    b"Content-Length: 2\r\n\r\nok"
)


def application(request: Received) -> Answer:
    path = request.target.split("?")[0]
    if path.startswith("/status/"):
        body = json.dumps({"said": int(path.rsplit("/", 1)[1])}).encode()
        return Answer(int(path.rsplit("/", 1)[1]), body, [("Content-Type", "application/json"), ("X-App", "yes")])
    if path == "/headers":
        return Answer(raw=HEADERS)
    if path == "/big":
        return Answer(200, b"z" * 20000, [("Content-Type", "application/octet-stream")])
    if path == "/endless":
        return Answer(200, b"e" * 5_000_000)
    if path == "/close":
        return Answer(raw=b"\r\n")
    kind = request.header("content-type") or "text/plain"
    return Answer(200, request.body or b"hello", [("Content-Type", kind), ("X-App", "yes")])


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[EchoApp, Loop, TwoSidecars]]:
    with echo_app(application) as app, two_sidecars(app.port) as (loop, pair):
        yield app, loop, pair


class Caller(ResponseListener):
    """Keeps everything of one answer."""

    def __init__(self) -> None:
        self.headers: Headers = []
        self.messages: list[bytes] = []
        self.done: asyncio.Future[Status] = asyncio.get_running_loop().create_future()

    def on_headers(self, fields: Headers) -> None:
        self.headers = fields

    def on_message(self, message: bytes) -> None:
        self.messages.append(message)

    def on_close(self, status: Status) -> None:
        self.done.set_result(status)


async def call(pair: TwoSidecars, method: str, metadata: Headers, messages: list[bytes]) -> tuple[Caller, Status]:
    connection = await pair.client.connection(f"127.0.0.1:{pair.internal_port}")
    caller = Caller()
    stream = connection.start(SERVICE + method, metadata, caller)
    for message in messages:
        stream.send_message(message)
    stream.end()
    return caller, await caller.done


def answers(kind: type[Message], messages: list[bytes]) -> tuple[list[Any], bytes]:
    """The messages as JSON without their pieces of body, and the body."""
    shown, body = [], b""
    for raw in messages:
        message: Any = kind.FromString(raw)
        if isinstance(message, pb.InternalInvokeResponseStream):
            body += message.payload.data
            if not message.HasField("response"):
                continue
            message = message.response
        elif message.message.HasField("data"):  # an Any without a type has no JSON form
            body += message.message.data.value
            message.message.ClearField("data")
        shown.append(MessageToDict(message, preserving_proto_field_name=True))
    return shown, body


def values_sorted(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


@pytest.mark.parametrize("entry", RECORDED, ids=[entry["name"] for entry in RECORDED])
def test_a_recorded_call_gets_the_recorded_answer(
    entry: dict[str, Any], stage: tuple[EchoApp, Loop, TwoSidecars]
) -> None:
    app, loop, pair = stage
    app.received.clear()
    (recorded,) = entry["calls"]
    method = recorded["method"].rsplit("/", 1)[1]
    metadata = [(name.encode(), value.encode()) for name, value in recorded["request_headers"] if name == "traceparent"]
    events = recorded["events"]
    sent = [base64.b64decode(event["base64"]) for event in events if event["from"] == "client" and "base64" in event]
    want = [base64.b64decode(event["base64"]) for event in events if event["from"] == "server" and "base64" in event]
    trailers = dict(next(event["trailers"] for event in events if "trailers" in event))

    caller, status = loop.run(call(pair, method, metadata, sent))

    kind = pb.InternalInvokeResponseStream if method == "CallLocalStream" else pb.InternalInvokeResponse
    assert values_sorted(answers(kind, caller.messages)[0]) == values_sorted(answers(kind, want)[0])
    assert answers(kind, caller.messages)[1] == answers(kind, want)[1]
    assert int(status.code) == int(trailers["grpc-status"])
    if entry["name"] not in WORDS:
        assert status.message.replace(str(app.port), "45039") == trailers["grpc-message"]
    seen = [[line.replace(str(app.port), "45039") for line in request.headers] for request in app.received]
    if not status.code:
        assert seen == [request["headers"] for request in entry.get("app_received", [])]
        assert [request.line for request in app.received] == [request["line"] for request in entry["app_received"]]


@pytest.mark.parametrize(
    ("method", "code", "text"),
    [
        ("CallActor", grpc.StatusCode.UNAVAILABLE, "placement service is not configured"),
        ("CallActorReminder", grpc.StatusCode.UNAVAILABLE, "placement service is not configured"),
        ("CallActorStream", grpc.StatusCode.UNAVAILABLE, "placement service is not configured"),
        ("CallGhost", grpc.StatusCode.UNIMPLEMENTED, "unknown method CallGhost for service"),
    ],
)
def test_without_actors_their_calls_are_refused(
    method: str, code: grpc.StatusCode, text: str, stage: tuple[EchoApp, Loop, TwoSidecars]
) -> None:
    address = f"127.0.0.1:{stage[2].internal_port}"
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(SERVICE + method)(b"", timeout=10)
    assert caught.value.code() is code
    assert text in caught.value.details()


def test_a_foreign_client_streams_a_body_and_reads_a_big_answer(stage: tuple[EchoApp, Loop, TwoSidecars]) -> None:
    first = pb.InternalInvokeRequestStream()
    first.request.ver = 1  # type: ignore[assignment]
    first.request.metadata["x-a"].values.append("1")
    first.request.message.method = "echo"
    first.request.message.http_extension.verb = 3  # type: ignore[assignment]
    pieces = [first]
    for seq in range(100):
        piece = pb.InternalInvokeRequestStream()
        piece.payload.data, piece.payload.seq = bytes([seq]) * 10_000, seq
        pieces.append(piece)
    with grpc.insecure_channel(f"127.0.0.1:{stage[2].internal_port}") as channel:
        stub = channel.stream_stream(
            SERVICE + "CallLocalStream",
            request_serializer=pb.InternalInvokeRequestStream.SerializeToString,
            response_deserializer=pb.InternalInvokeResponseStream.FromString,
        )
        messages = list(stub(iter(pieces), timeout=20))
    assert messages[0].response.status.code == 200
    assert [message.payload.seq for message in messages if message.payload.data] == list(
        range(sum(bool(message.payload.data) for message in messages))
    )
    assert b"".join(message.payload.data for message in messages) == b"".join(
        bytes([seq]) * 10_000 for seq in range(100)
    )


def test_without_an_application_calls_are_refused() -> None:
    request = pb.InternalInvokeRequest()
    request.ver = 1  # type: ignore[assignment]
    request.metadata["x-a"].values.append("1")
    request.message.method = "x"
    request.message.http_extension.verb = 1  # type: ignore[assignment]
    stream = pb.InternalInvokeRequestStream(request=request)
    with two_sidecars(None) as (loop, pair):
        for method, message in (("CallLocal", request), ("CallLocalStream", stream)):
            _, status = loop.run(call(pair, method, [], [message.SerializeToString()]))
            assert (int(status.code), status.message) == (13, "app channel is not initialized")


def test_an_access_policy_is_asked_before_the_application() -> None:
    asked: list[tuple[str, str, bool]] = []

    def authorize(operation: str, verb: str, peer: Peer | None) -> None:
        asked.append((operation, verb, peer is not None))
        raise RpcError(PERMISSION_DENIED, "access control policy has denied access")

    request = pb.InternalInvokeRequest()
    request.ver = 1  # type: ignore[assignment]
    request.message.method = "a/../admin"
    request.message.http_extension.verb = 4  # type: ignore[assignment]
    with echo_app() as app, two_sidecars(app.port, authorize=authorize) as (loop, pair):
        _, status = loop.run(call(pair, "CallLocal", [], [request.SerializeToString()]))
        assert app.received == []
    assert (int(status.code), status.message) == (7, "access control policy has denied access")
    assert asked == [("admin", "PUT", True)]


def test_a_unary_answer_is_bounded_and_a_streamed_one_is_not(stage: tuple[EchoApp, Loop, TwoSidecars]) -> None:
    """Read whole, it would have to fit into the memory of both sidecars."""
    _, loop, pair = stage
    request = pb.InternalInvokeRequest()
    request.ver = 1  # type: ignore[assignment]
    request.metadata["x-a"].values.append("1")
    request.message.method = "endless"
    request.message.http_extension.verb = 1  # type: ignore[assignment]
    _, status = loop.run(call(pair, "CallLocal", [], [request.SerializeToString()]))
    assert (status.code, status.message) == (
        Code.RESOURCE_EXHAUSTED,
        "grpc: trying to send message larger than max (5000000 vs. 4194304)",
    )
    first = pb.InternalInvokeRequestStream(request=request)
    caller, status = loop.run(call(pair, "CallLocalStream", [], [first.SerializeToString()]))
    assert status.ok
    _, body = answers(pb.InternalInvokeResponseStream, caller.messages)
    assert len(body) == 5_000_000
