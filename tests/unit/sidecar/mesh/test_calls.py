"""Calls through two sidecars in odd conditions: streams, big bodies, peers gone or old, targets outside Dapr."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.echo_app import Answer, Received, echo_app
from support.identities import Authority, new_key, pem
from support.rawhttp import exchange, request_bytes
from support.tls_app import server_context, tls_app
from support.two_sidecars import two_sidecars

from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from dapr_core.proto.gen.internals.v1.service_invocation_grpc import ServiceInvocationBase
from dapr_core.rpc.grpc.server import GrpcServer
from daprd.blocks.invoke.external import Endpoint

HELLO = "/v1.0/invoke/callee/method/hello"


def post(port: int, target: str, body: bytes, *headers: str) -> Any:
    lines = ["Host: localhost", f"Content-Length: {len(body)}", "Content-Type: text/plain", *headers]
    return exchange(port, request_bytes("POST", target, lines, body))


def get(port: int, target: str, *headers: str) -> Any:
    return exchange(port, request_bytes("GET", target, ["Host: localhost", *headers]))


def client_of(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


@pytest.fixture
def raw_app() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Makes an application of one function that gets each accepted connection."""
    listeners: list[socket.socket] = []

    def make(serve: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield make
    for listener in listeners:
        listener.close()


# Streams


def test_events_arrive_one_by_one_while_the_answer_is_open(raw_app: Any) -> None:
    go_on = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
            go_on.wait(10)
            connection.sendall(b"data: 2\n\n")

    with two_sidecars(raw_app(serve)) as (_, pair), client_of(pair.http_port) as client:
        client.sendall(request_bytes("GET", HELLO, ["Host: localhost", "Accept: text/event-stream"]))
        seen = b""
        while b"data: 1" not in seen:
            seen += client.recv(65536)
        assert b"data: 2" not in seen
        go_on.set()
        while b"data: 2" not in seen:
            seen += client.recv(65536)
    assert b"Cache-Control: no-cache" in seen


@pytest.mark.parametrize("size", [1, 2048, 2049, 65_536, 70_000, 3_000_000])
def test_bodies_of_any_size_come_back_whole(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with echo_app() as app, two_sidecars(app.port) as (_, pair):
        answer = post(pair.http_port, HELLO, body)
    assert (answer.code, answer.body) == (200, body)


def test_a_slow_client_holds_the_application_back(raw_app: Any) -> None:
    sent = 0
    total = 64 * 1024 * 1024

    def serve(connection: socket.socket) -> None:
        nonlocal sent
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
            piece = b"z" * 65536
            try:
                while sent < total:
                    connection.sendall(piece)
                    sent += len(piece)
            except OSError:
                return

    with two_sidecars(raw_app(serve)) as (_, pair), client_of(pair.http_port) as client:
        client.sendall(request_bytes("GET", HELLO, ["Host: localhost"]))
        client.recv(1000)
        before = -1
        while before != sent:  # the flow has come to a stop when nothing moved for a while
            before = sent
            time.sleep(0.3)
        assert 0 < sent < total // 2


def test_a_client_that_leaves_ends_the_call_at_the_application(raw_app: Any) -> None:
    left = threading.Event()
    arrived = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            arrived.set()
            if not connection.recv(1):
                left.set()

    with two_sidecars(raw_app(serve)) as (_, pair):
        client = socket.create_connection(("127.0.0.1", pair.http_port), timeout=10)
        client.sendall(request_bytes("GET", HELLO, ["Host: localhost"]))
        assert arrived.wait(10)
        client.close()
        assert left.wait(10)


def test_an_answer_that_breaks_off_breaks_off_at_the_client(raw_app: Any) -> None:
    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")

    with two_sidecars(raw_app(serve)) as (_, pair), client_of(pair.http_port) as client:
        client.sendall(request_bytes("GET", HELLO, ["Host: localhost"]))
        seen = b""
        while data := client.recv(65536):
            seen += data
    assert not seen.endswith(b"0\r\n\r\n")


# Peers


def test_a_callee_that_is_gone_is_unavailable_and_looked_up_again() -> None:
    with echo_app() as app, two_sidecars(app.port) as (_, pair):
        pair.names.addresses["callee"] = "127.0.0.1:1"
        answer = get(pair.http_port, HELLO)
        assert answer.code == 500
        assert b"rpc error: code = Unavailable desc = connection error" in answer.body
        assert pair.names.forgotten == ["callee"]
        pair.names.addresses["callee"] = f"127.0.0.1:{pair.internal_port}"
        assert get(pair.http_port, HELLO).code == 200


def test_an_unknown_application_is_named() -> None:
    with echo_app() as app, two_sidecars(app.port) as (_, pair):
        answer = get(pair.http_port, "/v1.0/invoke/nobody-here/method/x")
    assert answer.body == (
        b'{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: nobody-here, err: '
        b"couldn't find service: nobody-here\"}"
    )


class OldSidecar(ServiceInvocationBase):
    """A peer from before the streaming call."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def call_local(self, request: pb.InternalInvokeRequest, context: Any) -> pb.InternalInvokeResponse:
        self.bodies.append(request.message.data.value)
        response = pb.InternalInvokeResponse()
        response.status.code = 201
        response.headers["X-Old"].values.append(request.metadata["dapr-caller-app-id"].values[0])
        response.message.content_type = "text/plain"
        response.message.data.value = request.message.method.encode()
        return response


def test_a_peer_without_the_streaming_call_is_asked_with_the_unary_one() -> None:
    old = OldSidecar()
    with two_sidecars(None) as (loop, pair):

        async def start() -> GrpcServer:
            server = GrpcServer()
            for method in old.methods():
                if method.name == "CallLocal":
                    from dapr_core.rpc.grpc.service import listener_factory

                    server.register(f"/{old.SERVICE}/CallLocal", listener_factory(method))
            (bound, *_) = await server.listen("127.0.0.1", 0)
            pair.names.addresses["callee"] = f"127.0.0.1:{bound.getsockname()[1]}"
            return server

        server = loop.run(start())
        answers = [post(pair.http_port, HELLO, b"body") for _ in range(2)]
        loop.run(server.stop(0.1))
    assert [(answer.code, answer.body, answer.header("x-old")) for answer in answers] == [(201, b"hello", "caller")] * 2
    assert old.bodies == [b"body", b"body"]


def test_a_clients_claim_of_identity_never_reaches_the_application() -> None:
    with echo_app() as app, two_sidecars(app.port) as (_, pair):
        get(pair.http_port, HELLO, "dapr-caller-app-id: liar", "dapr-caller-namespace: evil")
        (request,) = app.received
    claims = [line for line in request.headers if line.lower().startswith("dapr-call")]
    assert claims == ["Dapr-Callee-App-Id: callee", "Dapr-Caller-App-Id: caller", "Dapr-Caller-Namespace: default"]


def test_an_application_that_dies_in_mid_call_is_an_error_not_a_hang() -> None:
    with echo_app(lambda request: Answer(raw=b"")) as app, two_sidecars(app.port) as (_, pair):
        answer = post(pair.http_port, HELLO, b"x")
    assert answer.code == 500
    assert b"error invoking app channel: Post" in answer.body


# URLs and HTTPEndpoints


def moved(request: Received) -> Answer | None:
    return Answer(302, b"", [("Location", "/there?x=1")]) if request.target.startswith("/base/here") else None


def test_an_endpoint_has_its_headers_and_follows_redirects() -> None:
    with echo_app(moved) as app:
        endpoint = Endpoint("extapi", f"http://127.0.0.1:{app.port}/base/", [(b"x-endpoint", b"from-manifest")])
        with two_sidecars(None, endpoints={"extapi": endpoint}) as (_, pair):
            plain = get(pair.http_port, "/v1.0/invoke/extapi/method/p/q?z=1", "X-Endpoint: mine", "X-Mine: 1")
            redirected = get(pair.http_port, "/v1.0/invoke/extapi/method/here")
    assert (plain.code, redirected.code) == (200, 200)
    assert [request.target for request in app.received] == ["/base/p/q?z=1", "/base/here", "/there?x=1"]
    first = app.received[0]
    assert (first.header("x-endpoint"), first.header("x-mine")) == ("from-manifest", "1")
    assert not [line for line in first.headers if "caller" in line.lower() or "forwarded" in line.lower()]


def test_redirected_calls_share_their_endpoints_tls_connections(tmp_path: Path) -> None:
    root = Authority("root", "ecdsa")
    certificate, key = root.issue(dns=["localhost"], key=new_key("ecdsa"))
    with tls_app(server_context(tmp_path, pem(certificate), key), moved) as app:
        endpoint = Endpoint("extapi", f"https://localhost:{app.port}/base", root_ca=pem(root.certificate).decode())
        with two_sidecars(None, endpoints={"extapi": endpoint}) as (_, pair):
            answers = [get(pair.http_port, "/v1.0/invoke/extapi/method/here").code for _ in range(3)]
        connections = len(app.versions)
    assert answers == [200] * 3
    assert [request.target for request in app.received] == ["/base/here", "/there?x=1"] * 3
    assert connections == 1


def test_user_and_password_of_an_endpoint_are_basic_credentials() -> None:
    with echo_app() as app:
        endpoint = Endpoint("extapi", f"http://me:secret@127.0.0.1:{app.port}", [])
        with two_sidecars(None, endpoints={"extapi": endpoint}) as (_, pair):
            get(pair.http_port, "/v1.0/invoke/extapi/method/p")
            get(pair.http_port, "/v1.0/invoke/extapi/method/p", "Authorization: Bearer mine")
    assert [request.header("authorization") for request in app.received] == ["Basic bWU6c2VjcmV0", "Bearer mine"]


def test_a_url_is_called_as_it_is_and_redirects_are_passed_back() -> None:
    with echo_app(moved) as app, two_sidecars(None) as (_, pair):
        url = f"http://127.0.0.1:{app.port}"
        assert get(pair.http_port, f"/v1.0/invoke/{url}/base/method/here").code == 302
        assert get(pair.http_port, f"/v1.0/invoke/{url}/method/status/404").code == 404
        refused = get(pair.http_port, "/v1.0/invoke/http://127.0.0.1:1/method/u")
    assert refused.body == (
        b'{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: http://127.0.0.1:1, err: '
        b'Get \\"http://127.0.0.1:1/u\\": dial tcp 127.0.0.1:1: connect: connection refused"}'
    )


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("http://[::1", "Invalid IPv6 URL"), ("http://a:99999", "Port out of range"), ("http://", "and a host"),
        ("http://a..b%C3%A9", "no domain name"), ("http://" + "%C3%A9" * 80, "no domain name"),
        ("http://%FF", ""),
    ],
    ids=["half an IPv6 address", "port", "no host", "empty label", "long label", "no UTF-8"],
)  # fmt: skip
def test_a_url_that_is_none_is_an_invocation_error(target: str, cause: str) -> None:
    with two_sidecars(None) as (_, pair):
        answer = get(pair.http_port, f"/v1.0/invoke/{target}/method/x")
    told = json.loads(answer.body)
    assert (answer.code, told["errorCode"]) == (500, "ERR_DIRECT_INVOKE")
    assert cause in told["message"]


def test_a_redirect_to_no_url_is_an_invocation_error() -> None:
    with echo_app(lambda request: Answer(302, b"", [("Location", "http://[::1")])) as app:
        endpoint = Endpoint("extapi", f"http://127.0.0.1:{app.port}")
        with two_sidecars(None, endpoints={"extapi": endpoint}) as (_, pair):
            answer = get(pair.http_port, "/v1.0/invoke/extapi/method/x")
    assert (answer.code, json.loads(answer.body)["errorCode"]) == (500, "ERR_DIRECT_INVOKE")


def test_an_endpoint_hides_its_secrets() -> None:
    endpoint = Endpoint("x", "http://h", [(b"authorization", b"hidden")], private_key="hidden")
    assert "hidden" not in repr(endpoint)
