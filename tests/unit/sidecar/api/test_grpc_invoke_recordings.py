"""What a sidecar sends to the callee's for a gRPC client's call is what the original was recorded to send."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest
from support import recordings

from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from dapr_core.proto.gen.runtime.v1 import invoke_pb2
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.api.grpc.invoke import _Heads, read_call
from daprd.blocks.invoke.remote import MeshRemote

CLIENTS = {
    entry["name"]: entry["client_call"]
    for entry in recordings.load("invoke-app-side")["entries"]
    if "client_call" in entry
}
SENT = {
    entry["name"]: entry["calls"][0]
    for entry in recordings.load("internal-grpc")["entries"]
    if entry["name"] in CLIENTS and entry["calls"]
}
OTHER_VERB = "gRPC InvokeService: undefined verb 42"


def remote() -> Any:
    unused: Any = None
    return MeshRemote(
        unused, unused, app_id="caller", namespace="default", host_address="127.0.0.1", host_name="vm", tracing=True
    )


def client_of(recorded: Any) -> tuple[invoke_pb2.InvokeServiceRequest, Any]:
    call = recorded[0] if isinstance(recorded, list) else recorded
    fields = [(name.encode(), value.encode()) for name, value in call["request_headers"] if name[0] != ":"]
    authority = next(value for name, value in call["request_headers"] if name == ":authority")
    head = SimpleNamespace(authority=authority.encode(), fields=fields)
    stream = SimpleNamespace(head=head, deadline=None)
    message = next(event for event in call["events"] if "base64" in event)
    request = invoke_pb2.InvokeServiceRequest.FromString(base64.b64decode(message["base64"]))
    return request, SimpleNamespace(stream=stream, metadata=fields, span=NO_SPAN, own_span=False)


def metadata_of(request: pb.InternalInvokeRequest, port: str) -> dict[str, list[str]]:
    return {
        name: [text.replace(port, "<authority>") for text in entry.values] for name, entry in request.metadata.items()
    }


@pytest.mark.parametrize("name", SENT)
def test_the_request_between_the_sidecars_is_the_recorded_one(name: str) -> None:
    first = next(event for event in SENT[name]["events"] if event["from"] == "client")
    wanted = pb.InternalInvokeRequestStream.FromString(base64.b64decode(first["base64"])).request
    request, call = client_of(CLIENTS[name])

    for heads in (_Heads(), heads_that_know(request, call)):
        invocation = read_call(request, call, heads)
        got = pb.InternalInvokeRequest.FromString(remote()._encode(request.id, invocation))

        assert metadata_of(got, call.stream.head.authority.decode()) == metadata_of(
            wanted, wanted.metadata[":authority"].values[0]
        )
        assert got.ver == wanted.ver
        if name == OTHER_VERB:
            assert got.message.http_extension.verb == 3
            got.message.http_extension.verb = wanted.message.http_extension.verb
        assert got.message == wanted.message


def heads_that_know(request: invoke_pb2.InvokeServiceRequest, call: Any) -> _Heads:
    heads = _Heads()
    read_call(request, call, heads)
    return heads
