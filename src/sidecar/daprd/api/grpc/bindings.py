"""Output bindings over gRPC (api.md §4).

What a client sends as metadata of its call reaches the binding too, below the request's own; what the binding answers
as metadata is told in the message and, as the original does, as ``metadata.…`` fields.
"""

from __future__ import annotations

from collections.abc import Mapping

from dapr_components.bindings.contract import InvokeRequest
from dapr_core.proto.gen.runtime.v1 import binding_pb2 as pb
from dapr_core.rpc.messages import Headers
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import Rpc, Unary, UnaryCall
from daprd.api.http.bindings import metadata_fields
from daprd.blocks.bindings import OutputBindingError

_TRACE = frozenset({"traceparent", "tracestate"})


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The method of bindings."""
    block = blocks.bindings

    async def invoke(request: pb.InvokeBindingRequest, call: UnaryCall) -> bytes:
        metadata = binding_metadata(request.metadata, call)
        try:
            result = await block.invoke(request.name, InvokeRequest(request.operation, request.data, metadata))
        except OutputBindingError as error:
            call.headers = metadata_fields(error.metadata)
            raise
        call.headers = metadata_fields(result.metadata)
        answer = pb.InvokeBindingResponse(data=result.data or b"", metadata=result.metadata)
        return bytes(answer.SerializeToString())

    return {"InvokeBinding": Unary(pb.InvokeBindingRequest, invoke)}


def binding_metadata(own: Mapping[str, str], call: UnaryCall) -> dict[str, str]:
    """The request's metadata over the call's, except for the trace context, where the call's counts."""
    merged = dict(own)
    for name, value in _received(call.metadata):
        if name in _TRACE or name not in merged:
            merged[name] = value
    span = call.parent
    if span is not None:
        merged["traceparent"] = span.traceparent.decode()
        if span.tracestate:
            merged["tracestate"] = span.tracestate
    return merged


def _received(fields: Headers) -> list[tuple[str, str]]:
    """The call's fields as text, those that gRPC reserves behind ``dapr-``; the first value of a name counts."""
    found: dict[str, str] = {}
    for raw, value in fields:
        name = raw.decode("latin-1")
        if name.endswith("-bin") or name in ("te", "content-type"):
            continue
        if name.startswith("grpc-"):
            name = "dapr-" + name
        found.setdefault(name, value.decode("utf-8", "replace"))
    return list(found.items())
