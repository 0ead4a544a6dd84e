"""How gRPC ports look after the connections of foreign clients: PING floods, and a sidecar that is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from pathlib import Path

import grpc
import pytest
from support.h2client import Client
from support.manifests import component, folder
from support.processes import Daprd, daprd

from dapr_core.proto.gen.runtime.v1 import pubsub_pb2, state_pb2
from dapr_core.rpc.grpc import CallListener, GrpcServer, ServerStream
from dapr_core.rpc.grpc.messages import prefix
from dapr_core.rpc.h2 import ErrorCode, frames

TYPES = ["application/grpc", "application/grpc+proto", "application/grpc+json", "application/grpc+x-odd.v2"]
GET = "/dapr.proto.runtime.v1.Dapr/GetState"


def call_fields(path: str, kind: str = "application/grpc") -> list[tuple[bytes, bytes]]:
    """The head of a call."""
    return [
        (b":method", b"POST"), (b":scheme", b"http"), (b":path", path.encode()), (b":authority", b"localhost"),
        (b"content-type", kind.encode()), (b"te", b"trailers"),
    ]  # fmt: skip


@pytest.mark.parametrize("port", ["grpc_port", "internal_port"])
def test_a_client_that_pings_all_the_time_is_sent_away(port: str) -> None:
    async def ping(number: int) -> None:
        client = await Client.open(number)
        for _ in range(4):
            client.send(frames.frame(frames.PING, 0, 0, b"too soon"))
        await client.until(lambda: client.eof, timeout=20)
        assert [code for _, code in client.goaway] == [ErrorCode.ENHANCE_YOUR_CALM]
        assert client.goaway_text == b"too_many_pings"
        await client.close()

    with daprd("calm") as sidecar:
        asyncio.run(ping(getattr(sidecar, port)))


def test_a_subscriber_that_hangs_is_found_by_its_silence_and_loses_its_stream(tmp_path: Path) -> None:
    """Its socket still takes what is sent, as that of a stopped process does: only the PING tells."""
    folder(tmp_path, component("bus", "pubsub.in-memory"))
    first = pubsub_pb2.SubscribeTopicEventsRequestAlpha1()
    first.initial_request.pubsub_name, first.initial_request.topic = "bus", "t"

    async def hang(port: int) -> float:
        client = await Client.open(port)
        client.mute = True
        number = client.begin(call_fields("/dapr.proto.runtime.v1.Dapr/SubscribeTopicEventsAlpha1"), end=False)
        client.data(number, prefix(first.SerializeToString()))
        await client.until(lambda: client.answers[number].body, timeout=20)
        began = time.monotonic()
        await client.until(lambda: client.eof, timeout=80)
        assert client.pings == 1
        await client.close()
        return time.monotonic() - began

    with daprd("patient", resources=tmp_path) as sidecar:
        assert asyncio.run(hang(sidecar.grpc_port)) > 10


@pytest.mark.parametrize("port", ["grpc_port", "internal_port"])
def test_a_proxied_call_keeps_its_content_type_and_its_answer_that_of_the_application(port: str) -> None:
    """Messages that are no protobuf are for the two ends to read: the sidecars between them change nothing."""
    seen: list[bytes] = []

    class Echo(CallListener):
        def __init__(self, stream: ServerStream) -> None:
            self.stream = stream
            seen.append(stream.head.get(b"content-type") or b"")

        def on_message(self, message: bytes) -> None:
            if message == b"other":
                self.stream.send_metadata((), content_type=b"application/grpc+other")
            self.stream.send_message(message)

        def on_end(self) -> None:
            self.stream.finish()

    async def run() -> None:
        server = GrpcServer()
        server.register("/my.Json/Echo", Echo)
        (sock,) = await server.listen("127.0.0.1", 0)
        app_port = sock.getsockname()[1]
        with contextlib.ExitStack() as stack:
            running = daprd("subtypes", "--app-protocol=grpc", app_port=app_port)
            sidecar = await asyncio.to_thread(stack.enter_context, running)
            client = await Client.open(getattr(sidecar, port))
            for kind in TYPES:
                fields = [*call_fields("/my.Json/Echo", kind), (b"dapr-app-id", b"subtypes")]
                for message, answered in ((b'{"a":1}', kind), (b"other", "application/grpc+other")):
                    number = client.begin(fields, end=False)
                    client.data(number, prefix(message), end=True)
                    answer = await client.answer(number, timeout=20)
                    assert answer.heads[0]["content-type"] == answered
                    assert answer.body == prefix(message)
                    assert answer.heads[-1]["grpc-status"] == "0"
            await client.close()
        await server.stop(0)

    asyncio.run(run())
    assert seen == [kind.encode() for kind in TYPES for _ in range(2)]


def test_a_foreign_client_that_calls_on_loses_nothing_while_the_sidecar_is_replaced(tmp_path: Path) -> None:
    """grpcio in its default conduct but for waiting: a call that a sidecar has taken is answered, and any other waits
    for the next sidecar on the same port."""
    folder(tmp_path, component("memory", "state.in-memory"))
    request = state_pb2.GetStateRequest(store_name="memory", key="k").SerializeToString()
    outcomes: Counter[str] = Counter()
    enough, stop = threading.Event(), threading.Event()

    def call(channel: grpc.Channel) -> None:
        get = channel.unary_unary(GET)
        while not stop.is_set():
            try:
                get(request, wait_for_ready=True, timeout=60)
            except grpc.RpcError as failure:
                outcomes[f"{failure.code()}: {failure.details()}"] += 1
            else:
                outcomes["ok"] += 1
            enough.set()

    def until_more(count: int) -> None:
        wanted = outcomes["ok"] + count
        while outcomes["ok"] < wanted and outcomes.keys() <= {"ok"}:
            enough.clear()
            assert enough.wait(60)

    options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 50)]
    sidecar = Daprd("rolling", resources=tmp_path)
    port = sidecar.grpc_port
    try:
        sidecar.wait_ready()
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            callers = [threading.Thread(target=call, args=(channel,)) for _ in range(8)]
            for caller in callers:
                caller.start()
            for _ in range(3):
                until_more(200)
                assert sidecar.terminate() == 0
                sidecar = Daprd("rolling", f"--dapr-grpc-port={port}", resources=tmp_path)
                sidecar.wait_ready()
            until_more(200)
            stop.set()
            for caller in callers:
                caller.join()
    finally:
        stop.set()
        sidecar.terminate()
    assert outcomes.keys() == {"ok"}, outcomes
