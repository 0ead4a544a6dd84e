"""How gRPC ports look after the connections of foreign clients: PING floods, and a sidecar that is replaced."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from pathlib import Path

import grpc
import pytest
from support.h2client import Client
from support.manifests import component, folder
from support.processes import Daprd, daprd

from dapr_core.proto.gen.runtime.v1 import state_pb2
from dapr_core.rpc.h2 import ErrorCode, frames

GET = "/dapr.proto.runtime.v1.Dapr/GetState"


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
