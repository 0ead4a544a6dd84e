"""The edges of the gRPC side: policies on proxied calls, Unix sockets, limits, metrics, an application over TLS."""

from __future__ import annotations

import queue
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from support.authority import Authority
from support.grpc_app import CALLBACK, GrpcApp, Told, grpc_app, on_invoke, recorded_app
from support.manifests import component, folder
from support.processes import Daprd, daprd

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2, invoke_pb2, metadata_pb2, pubsub_pb2, state_pb2

DAPR = "/dapr.proto.runtime.v1.Dapr/"
TO_APP = [("dapr-app-id", "edge")]

RESILIENCY = """apiVersion: dapr.io/v1alpha1
kind: Resiliency
metadata:
  name: edges
spec:
  policies:
    timeouts:
      short: 400ms
    retries:
      again:
        policy: constant
        duration: 10ms
        maxRetries: 3
  targets:
    apps:
      edge:
        timeout: short
        retry: again
"""


class Moody:
    """A foreign method that fails as often as told, or takes as long as told."""

    def __init__(self) -> None:
        self.failures = 0
        self.calls = 0
        self.slow = False
        self._lock = threading.Lock()

    def __call__(self, told: Told, context: grpc.ServicerContext) -> bytes:
        with self._lock:
            self.calls += 1
            fails = self.calls <= self.failures
        if fails:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        if self.slow:
            time.sleep(1.5)
        return told.message


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def guarded(moody: Moody, tmp_path: Path) -> Iterator[tuple[GrpcApp, Daprd]]:
    (tmp_path / "resiliency.yaml").write_text(RESILIENCY)
    app = recorded_app()
    app.answers["/my.Echo/Moody"] = moody
    with (
        grpc_app(app),
        daprd("edge", "--app-protocol=grpc", app_port=app.port, resources=tmp_path) as sidecar,
    ):
        yield app, sidecar


def call(port: int, path: str, message: bytes = b"", metadata: list[tuple[str, str]] | None = None) -> bytes:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer: bytes = channel.unary_unary(path)(message, timeout=10, metadata=metadata or [])
        return answer


def test_a_policy_repeats_a_proxied_call(guarded: tuple[GrpcApp, Daprd], moody: Moody) -> None:
    moody.failures = 2
    assert call(guarded[1].grpc_port, "/my.Echo/Moody", b"again", TO_APP) == b"again"
    assert moody.calls == 3


def test_a_policy_gives_up_with_the_last_failure(guarded: tuple[GrpcApp, Daprd], moody: Moody) -> None:
    moody.failures = 99
    with pytest.raises(grpc.RpcError) as failure:
        call(guarded[1].grpc_port, "/my.Echo/Moody", b"x", TO_APP)
    assert (failure.value.code(), failure.value.details()) == (grpc.StatusCode.UNAVAILABLE, "not yet")
    assert moody.calls == 4


def test_a_policys_timeout_ends_a_proxied_call(guarded: tuple[GrpcApp, Daprd], moody: Moody) -> None:
    moody.slow = True
    with pytest.raises(grpc.RpcError) as failure:
        call(guarded[1].grpc_port, "/my.Echo/Moody", b"x", TO_APP)
    assert failure.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_stream_outlives_its_policys_timeout(guarded: tuple[GrpcApp, Daprd]) -> None:
    def requests() -> Iterator[bytes]:
        for number in range(3):
            yield b"%d" % number
            time.sleep(0.3)

    with grpc.insecure_channel(f"127.0.0.1:{guarded[1].grpc_port}") as channel:
        metadata = [*TO_APP, ("dapr-stream", "true")]
        answers = channel.stream_stream("/my.Echo/Chat")(requests(), timeout=10, metadata=metadata)
        assert list(answers) == [b"0", b"1", b"2"]


def test_the_callers_deadline_reaches_the_application(guarded: tuple[GrpcApp, Daprd]) -> None:
    left: list[float] = []
    guarded[0].answers["/my.Echo/Left"] = lambda told, context: left.append(context.time_remaining()) or b""
    call(guarded[1].grpc_port, "/my.Echo/Left", b"", TO_APP)
    # gRPC core counts with a clock of its own, which may run a little beside the caller's
    assert 5 < left[0] < 12


def test_the_api_is_served_on_a_unix_socket(tmp_path: Path) -> None:
    resources = folder(tmp_path / "resources", component("mem", "state.in-memory"))
    sockets = tmp_path / "s"
    sockets.mkdir()
    with daprd("uds", f"--unix-domain-socket={sockets}", resources=resources, ready=None) as sidecar:
        sidecar.wait_for_line("dapr initialized. Status: Running")
        with grpc.insecure_channel(f"unix:{sockets}/dapr-uds-grpc.socket") as channel:
            save = state_pb2.SaveStateRequest(store_name="mem")
            save.states.add(key="k", value=b"v")
            channel.unary_unary(DAPR + "SaveState")(save.SerializeToString(), timeout=10)
            read = state_pb2.GetStateRequest(store_name="mem", key="k").SerializeToString()
            got = state_pb2.GetStateResponse.FromString(channel.unary_unary(DAPR + "GetState")(read, timeout=10))
    assert got.data == b"v"


def test_large_messages_pass_where_the_flag_allows_them() -> None:
    app = recorded_app()
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    body = bytes(6_000_000)
    with (
        grpc_app(app, options=options),
        daprd("large", "--app-protocol=grpc", "--max-body-size=16Mi", app_port=app.port) as callee,
        daprd("largecaller", "--max-body-size=16Mi") as caller,
    ):
        for port in (callee.grpc_port, caller.grpc_port):
            with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
                say = channel.unary_unary("/my.Echo/Say")
                assert say(body, timeout=20, metadata=[("dapr-app-id", "large")]) == body
                request = invoke_pb2.InvokeServiceRequest(id="large")
                request.message.method = "x"
                request.message.data.value = body
                answer = channel.unary_unary(DAPR + "InvokeService")(request.SerializeToString(), timeout=20)
                assert common_pb2.InvokeResponse.FromString(answer).data.value == b"grpc says " + body


def test_calls_are_counted_by_method_and_status(tmp_path: Path) -> None:
    folder(tmp_path, component("mem", "state.in-memory"))
    app = GrpcApp({CALLBACK + "OnInvoke": on_invoke})
    with grpc_app(app), daprd("counted", "--app-protocol=grpc", app_port=app.port, resources=tmp_path) as sidecar:
        call(sidecar.grpc_port, DAPR + "GetMetadata", metadata_pb2.GetMetadataRequest().SerializeToString())
        request = invoke_pb2.InvokeServiceRequest(id="counted")
        request.message.method = "fail"
        with pytest.raises(grpc.RpcError):
            call(sidecar.grpc_port, DAPR + "InvokeService", request.SerializeToString())
        with urllib.request.urlopen(f"http://127.0.0.1:{sidecar.metrics_port}/") as answer:
            shown = answer.read().decode()
    prefix = 'dapr_grpc_io_server_completed_rpcs{app_id="counted",grpc_server_method="/dapr.proto.runtime.v1.Dapr/'
    assert prefix + 'GetMetadata",grpc_server_status="OK"} 1' in shown
    assert prefix + 'InvokeService",grpc_server_status="NotFound"} 1' in shown
    client = 'dapr_grpc_io_client_completed_rpcs{app_id="counted",grpc_client_method="' + CALLBACK
    assert client + 'OnInvoke",grpc_client_status="NotFound"} 1' in shown


def test_an_application_that_comes_back_is_called_again() -> None:
    app = recorded_app()
    with grpc_app(app):
        port = app.port
        sidecar = Daprd("comesback", "--app-protocol=grpc", app_port=port)
        try:
            sidecar.wait_ready()
            say = [("dapr-app-id", "comesback")]
            assert call(sidecar.grpc_port, "/my.Echo/Say", b"1", say) == b"1"
        except BaseException:
            sidecar.terminate()
            raise
    try:
        with pytest.raises(grpc.RpcError) as failure:
            call(sidecar.grpc_port, "/my.Echo/Say", b"2", say)
        assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
        with grpc_app(recorded_app(), port=port):
            deadline = time.monotonic() + 10
            while True:
                try:
                    assert call(sidecar.grpc_port, "/my.Echo/Say", b"3", say) == b"3"
                    break
                except grpc.RpcError:
                    assert time.monotonic() < deadline
    finally:
        sidecar.terminate()


def test_an_application_behind_tls_is_called_and_proxied() -> None:
    pair = Authority().leaf()
    credentials = grpc.ssl_server_credentials([(pair.key.encode(), pair.cert.encode())])
    with (
        grpc_app(recorded_app(), credentials=credentials) as app,
        daprd("secured", "--app-protocol=grpcs", app_port=app.port) as sidecar,
    ):
        request = invoke_pb2.InvokeServiceRequest(id="secured")
        request.message.method = "x"
        answer = common_pb2.InvokeResponse.FromString(
            call(sidecar.grpc_port, DAPR + "InvokeService", request.SerializeToString())
        )
        assert answer.data.value == b"grpc says "
        assert call(sidecar.grpc_port, "/my.Echo/Say", b"s", [("dapr-app-id", "secured")]) == b"s"


def test_what_an_application_answers_to_a_binding_is_done(tmp_path: Path) -> None:
    folder(
        tmp_path,
        component("mem", "state.in-memory"),
        component("disk", "bindings.localstorage", rootPath=str(tmp_path / "out")),
        component("tick", "bindings.cron", schedule="@every 1s", direction="input"),
    )
    reply = appcallback_pb2.BindingEventResponse(store_name="mem", to=["disk"], data=b"hello, disk!")
    reply.states.add(key="seen", value=b"yes")
    app = GrpcApp({CALLBACK + "OnBindingEvent": lambda told, context: reply.SerializeToString()})
    with grpc_app(app), daprd("bound", "--app-protocol=grpc", app_port=app.port, resources=tmp_path) as sidecar:
        app.wait_for(CALLBACK + "OnBindingEvent", 2)
        read = state_pb2.GetStateRequest(store_name="mem", key="seen").SerializeToString()
        got = state_pb2.GetStateResponse.FromString(call(sidecar.grpc_port, DAPR + "GetState", read))
    assert got.data == b"yes"
    assert next(path.read_bytes() for path in (tmp_path / "out").iterdir()) == b"hello, disk!"


def test_a_sidecar_asked_to_stop_ends_the_streams_of_its_subscribers(tmp_path: Path) -> None:
    folder(tmp_path, component("bus", "pubsub.in-memory"))
    with (
        daprd("leaving", resources=tmp_path) as sidecar,
        grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel,
    ):
        first = pubsub_pb2.SubscribeTopicEventsRequestAlpha1()
        first.initial_request.pubsub_name, first.initial_request.topic = "bus", "t"
        outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        outgoing.put(first.SerializeToString())
        stream = channel.stream_stream(DAPR + "SubscribeTopicEventsAlpha1")(iter(outgoing.get, None))
        next(stream)
        started = time.monotonic()
        assert sidecar.terminate() == 0
        assert time.monotonic() - started < 5
        with pytest.raises(grpc.RpcError) as failure:
            next(stream)
        outgoing.put(None)
    assert (failure.value.code(), failure.value.details()) == (grpc.StatusCode.UNAVAILABLE, "api server closed")
