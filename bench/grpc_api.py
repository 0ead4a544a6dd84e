"""The gRPC API with 1 KiB each way: reading state from memory, and through two sidecars a service invocation and the
proxying of a service that Dapr knows nothing of.

Each at 32 calls in flight, once on as many connections and once on a single one, and one call at a time.

``python -m bench.grpc_api``
"""

from __future__ import annotations

import contextlib
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.lib.command import main
from bench.lib.grpc_echo import ECHO
from bench.lib.grpc_load import GrpcWork
from bench.lib.processes import python
from bench.lib.sidecar import Sidecar, sidecar, write_component
from bench.lib.work import CONNECTIONS, Work
from bench.lib.yardstick import BODY
from bench.state import SAVED
from dapr_core.proto.gen.runtime.v1.invoke_pb2 import InvokeServiceRequest
from dapr_core.proto.gen.runtime.v1.state_pb2 import GetStateRequest

_API = "/dapr.proto.runtime.v1.Dapr"
_SPREADS = {1: CONNECTIONS, 32: (32,)}
"""Calls on each connection, and how many are in flight in all."""


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """A caller with a store, a callee, an application."""
    with tempfile.TemporaryDirectory() as directory:
        resources = Path(directory)
        write_component(resources, "memory", "state.in-memory", {})
        with (
            python("lib/grpc_echo.py") as (_, port),
            sidecar("callee", app_port=port, app_protocol="grpc") as callee,
            sidecar("caller", resources=resources) as caller,
        ):
            _save(caller)
            works = [work for calls in _SPREADS for work in _works(caller, callee, calls)]
            yield sorted(works, key=lambda work: work.name)


def _works(caller: Sidecar, callee: Sidecar, calls: int) -> Iterator[Work]:
    target = f"127.0.0.1:{caller.grpc_port}"
    yield GrpcWork(
        name="gRPC GetState memory",
        roles=("",),
        pids=(caller.pid,),
        url=target,
        path=f"{_API}/GetState",
        body=GetStateRequest(store_name="memory", key="k").SerializeToString(),
        least=len(BODY) - 32,
        calls=calls,
        spreads=_SPREADS[calls],
    )
    invoke = InvokeServiceRequest(id="callee")
    invoke.message.method = "echo"
    invoke.message.content_type = "application/octet-stream"
    invoke.message.data.value = BODY
    roles, pids = ("caller", "callee"), (caller.pid, callee.pid)
    yield GrpcWork(
        name="gRPC InvokeService",
        roles=roles,
        pids=pids,
        url=target,
        path=f"{_API}/InvokeService",
        body=invoke.SerializeToString(),
        calls=calls,
        spreads=_SPREADS[calls],
    )
    yield GrpcWork(
        name="gRPC proxying",
        roles=roles,
        pids=pids,
        url=target,
        path=ECHO,
        headers={"dapr-app-id": "callee"},
        body=BODY,
        calls=calls,
        spreads=_SPREADS[calls],
    )


def _save(daprd: Sidecar) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{daprd.url}/v1.0/state/memory", data=SAVED, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=10):
        pass


if __name__ == "__main__":
    main("grpc_api", stage)
