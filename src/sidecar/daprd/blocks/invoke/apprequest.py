"""A call as the own application gets it: an HTTP request, or a call of ``OnInvoke`` (api.md §3.4, §5.3)."""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.messages import Headers, Request
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext, parse_traceparent
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke import metadata
from daprd.blocks.invoke.envelope import Invocation
from daprd.grpcapp import GrpcCall
from daprd.mesh import codec
from daprd.mesh.errors import INVALID_ARGUMENT, RpcError

NO_TRACE: Final = NO_SPAN.traceparent
PROTOBUF: Final = b"application/x-protobuf"
REFUSED_VERBS: Final = frozenset({"NONE", "CONNECT"})
"""What no HTTP application is called with."""


def http_request(call: Invocation, stamps: Headers, *, tracing: bool) -> Request:
    """The request that an HTTP application gets. ``stamps`` are identities that the sidecar vouches for.

    Raises:
        RpcError: INVALID_ARGUMENT for a call that is none in HTTP.
    """
    if not call.extension:
        raise RpcError(INVALID_ARGUMENT, "missing HTTP extension field")
    if call.verb in REFUSED_VERBS:
        raise RpcError(INVALID_ARGUMENT, "invalid HTTP verb")
    headers = rules.app_headers(call.headers, PROTOBUF if call.type_url else call.content_type)
    headers += stamps
    if call.from_grpc:
        headers = [pair for pair in headers if pair[0] not in metadata.CONTEXT]
        if call.traceparent is not None:
            headers.append((b"traceparent", call.traceparent))
    if tracing and call.traceparent is None:
        headers.append((b"traceparent", NO_TRACE))
    target = b"/" + call.method.encode("utf-8", "surrogateescape")
    if call.query:
        target += b"?" + call.query
    return Request(call.verb, target, headers, call.body, length=call.length)


async def grpc_call(call: Invocation, stamps: Headers, *, tracing: bool) -> GrpcCall:
    """The call that an application gets over gRPC; its body is read whole."""
    body = call.body if isinstance(call.body, bytes) else await call.body.read()
    fields = metadata.from_grpc(call.headers) if call.from_grpc else metadata.from_http(call.headers, answer=False)
    fields += stamps
    if tracing:
        fields += metadata.context_fields(_span(call.traceparent))
    message = codec.encode_invoke(
        call.method.encode("utf-8", "replace"),
        codec.VERBS.get(call.verb, 0),
        data=body,
        type_url=call.type_url,
        query=call.query,
        content_type=call.content_type,
        extension=call.extension,
    )
    return GrpcCall(call.verb, b"/" + call.method.encode("utf-8", "replace"), fields, message)


def _span(traceparent: bytes | None) -> SpanContext:
    if traceparent is None:
        return NO_SPAN
    return parse_traceparent(traceparent) or NO_SPAN
