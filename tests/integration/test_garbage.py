"""What a call needed is freed when it ends, and nothing of it waits for the collector, which would take a tenth of the
processor time for it.

The sidecars tell on a signal how much a collection finds that nobody can reach any more.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from support import manifests
from support.calls import call
from support.echo_app import echo_app
from support.grpc_app import CALLBACK, GrpcApp, echo_say, grpc_app, on_invoke
from support.processes import Daprd, daprd, http_status, wait_until

from dapr_core.proto.gen.runtime.v1 import invoke_pb2

AGENT = """
import gc, os, signal

def told(*_):
    gc.disable()
    found = gc.collect()
    with open(os.environ["GARBAGE"], "a") as file:
        file.write(f"{found}\\n")

signal.signal(signal.SIGUSR1, told)
"""
CALLS = 60
ECHO = "/acme.Echo/Say"
INVOKE = "/dapr.proto.runtime.v1.Dapr/InvokeService"


def garbage(sidecar: Daprd, file: Path) -> int:
    """What a collection finds in a sidecar now."""
    known = len(file.read_text().splitlines()) if file.exists() else 0
    os.kill(sidecar.popen.pid, signal.SIGUSR1)

    def answered() -> bool:
        http_status(sidecar.http_port, "/v1.0/healthz")  # a loop at rest sees no signal
        return file.exists() and len(file.read_text().splitlines()) > known

    wait_until(answered, what="the collector's finding")
    return int(file.read_text().splitlines()[-1])


def invoked(channel: grpc.Channel, caller: Daprd, calls: int) -> None:
    request = invoke_pb2.InvokeServiceRequest(id="grpc")
    request.message.method = "say"
    method = channel.unary_unary(INVOKE)
    for begun in [method.future(request.SerializeToString(), timeout=20) for _ in range(calls)]:
        begun.result()


def proxied(channel: grpc.Channel, caller: Daprd, calls: int) -> None:
    method = channel.unary_unary(ECHO)
    for begun in [method.future(b"hello", timeout=20, metadata=[("dapr-app-id", "grpc")]) for _ in range(calls)]:
        begun.result()


def called(channel: grpc.Channel, caller: Daprd, calls: int) -> None:
    for _ in range(calls):
        assert call(caller.http_port, "POST", "/v1.0/invoke/http/method/say", b"hello").status == 200


@pytest.mark.parametrize("kind", [invoked, proxied, called], ids=lambda each: each.__name__)
def test_a_call_leaves_nothing_to_collect(kind: Callable[[grpc.Channel, Daprd, int], None], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(AGENT)
    names = manifests.finding(tmp_path / "names.db")
    callee = "http" if kind is called else "grpc"
    files = {name: tmp_path / name for name in ("caller", callee)}

    def agent(name: str) -> dict[str, str]:
        path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
        return {"PYTHONPATH": path, "GARBAGE": str(files[name])}

    with (
        grpc_app(GrpcApp({ECHO: echo_say, f"{CALLBACK}OnInvoke": on_invoke})) as grpc_side,
        echo_app() as http_side,
        daprd(
            callee,
            f"--app-protocol={callee}",
            app_port=(http_side if kind is called else grpc_side).port,
            config=names,
            env=agent(callee),
        ) as second,
        daprd("caller", config=names, env=agent("caller")) as caller,
        grpc.insecure_channel(f"127.0.0.1:{caller.grpc_port}") as channel,
    ):
        kind(channel, caller, 8)
        for sidecar, file in ((caller, files["caller"]), (second, files[callee])):
            garbage(sidecar, file)
        kind(channel, caller, CALLS)
        left = {sidecar.app_id: garbage(sidecar, files[sidecar.app_id]) for sidecar in (caller, second)}
    assert all(found < CALLS for found in left.values()), left
