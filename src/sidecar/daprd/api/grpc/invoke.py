"""Service invocation over gRPC: ``InvokeService`` (api.md §3.5, §4).

The call's metadata are the headers of the application's request. Its answer comes back as message, metadata and
status: that of a gRPC application unchanged, that of an HTTP application by the table between the two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from dapr_core.proto.gen.runtime.v1 import invoke_pb2 as pb
from dapr_core.rpc.deferred import Converted, Deferred, Detour
from dapr_core.rpc.grpc.server_stream import RequestHead
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Headers, Response
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext, parse_traceparent
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import Rpc, Unary, UnaryCall
from daprd.api.grpc.render import http_failure, status_message
from daprd.blocks.invoke import metadata
from daprd.blocks.invoke.envelope import MARKED, Invocation, Marks
from daprd.blocks.invoke.headers import NOT_FROM_CLIENTS
from daprd.grpcapp import GrpcAnswer
from daprd.mesh import codec
from daprd.mesh.codec.memory import carries_secret

_NEVER: Final = NOT_FROM_CLIENTS | {b"te", b"grpc-timeout", b"grpc-encoding"}
_LOOKED_AT: Final = _NEVER | MARKED | {metadata.TRACE}
_NO_SPAN: Final = NO_SPAN.traceparent
_KEPT_HEADS: Final = 256
_KEPT_FIELDS: Final = 32


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The method of service invocation."""
    invoke, heads = blocks.invoke, _Heads()

    due: list[tuple[pb.InvokeServiceRequest, UnaryCall, Converted[Response, bytes]]] = []

    def handle(request: pb.InvokeServiceRequest, call: UnaryCall) -> Awaitable[bytes]:
        # First all calls that came in one piece are read off the connection, then all are made (see ``mesh.client``).
        if not due:
            call.stream.server.loop.call_soon(make_due)
        answer = Converted[Response, bytes](partial(answered, call))
        due.append((request, call, answer))
        return answer

    def make_due() -> None:
        calls = due.copy()
        due.clear()
        for request, call, answer in calls:
            if answer.settled:
                continue  # nobody wants it any more
            try:
                made = invoke(request.id, read_call(request, call, heads))
            except Exception as error:  # noqa: BLE001 - it is the outcome of this call, and the others are to be made
                answer.settle(None, error)
                continue
            if isinstance(made, Deferred):
                answer.of(made)
            else:
                answer.settle(None, Detour(later(made, call)))

    async def later(answer: Awaitable[Response], call: UnaryCall) -> bytes:
        return answered(call, await answer)

    return {"InvokeService": Unary(pb.InvokeServiceRequest, handle, tells_context=False)}


Invoke = Callable[[str, Invocation], Awaitable[Response]]


class _Heads:
    """What follows from the metadata of calls, kept for those that come again and again; nothing with a credential."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[RequestHead, Headers, Marks, bytes]] = {}

    def read(self, call: UnaryCall) -> tuple[Headers, Marks, bytes]:
        """The call's metadata, what was found in them, and their encoded form, if it is worth keeping."""
        head = call.stream.head
        known = self._known.get(id(head))
        if known is not None and known[0] is head:
            return known[1:]
        fields, marks = call_fields(call)
        if call.own_span or len(fields) > _KEPT_FIELDS or any(carries_secret(name) for name, _ in fields):
            return fields, marks, b""
        try:
            encoded = codec.encode_metadata(metadata.padded(fields))
        except codec.HeaderError:
            return fields, marks, b""
        if len(self._known) >= _KEPT_HEADS:
            self._known.clear()
        # The head itself is kept too, so that no other can take its id.
        self._known[id(head)] = (head, fields, marks, encoded)
        return fields, marks, encoded


def read_call(request: pb.InvokeServiceRequest, call: UnaryCall, heads: _Heads) -> Invocation:
    """A request as a neutral call."""
    message = request.message
    data = message.data
    fields, marks, prepared = heads.read(call)
    extension = message.http_extension
    verb = codec.VERB_NAMES[extension.verb] if extension.verb < len(codec.VERB_NAMES) else "POST"
    read = Invocation(message.method, verb, fields, query=extension.querystring.encode(), body=data.value, marks=marks)
    read.content_type = message.content_type.encode()
    read.type_url = data.type_url.encode()
    read.extension = message.HasField("http_extension")
    read.from_grpc = True
    read.prepared = prepared
    read.traceparent = None if call.span is None or call.span is NO_SPAN else call.span.traceparent
    read.deadline = call.stream.deadline
    return read


def call_fields(call: UnaryCall) -> tuple[Headers, Marks]:
    """The call's metadata as other sidecars get them: the authority first, and nothing of this connection."""
    head = call.stream.head
    fields: Headers = [(b":authority", head.authority)] if head.authority else []
    marks = Marks()
    spans = call.own_span
    for pair in call.metadata:
        name = pair[0]
        if name in _LOOKED_AT:
            if name in _NEVER:
                continue
            if name in MARKED:
                marks.see(name, pair[1])
            if spans and name in metadata.CONTEXT:
                continue
        fields.append(pair)
    if spans and call.span is not None:
        fields.append((b"traceparent", call.span.traceparent))
        if call.span.tracestate:
            fields.append((b"tracestate", call.span.tracestate.encode("latin-1")))
    return fields, marks


def answered(call: UnaryCall, response: Response) -> bytes:
    """The answer to the client; its metadata and trailers are set on the call. Raises ``GrpcError`` for a failure."""
    body = response.body
    assert isinstance(body, bytes)
    if isinstance(response, GrpcAnswer):
        return _grpc_answer(response, body, call)
    call.headers = metadata.from_http(response.headers, answer=True)
    call.headers += metadata.context_fields(_context(response, call), answer=True)
    call.headers.append((b"dapr-http-status", b"%d" % response.status))
    if not 200 <= response.status < 300:
        raise http_failure(response.status, body)
    return codec.encode_invoked(body, response.header(b"content-type") or b"")


def _grpc_answer(answer: GrpcAnswer, body: bytes, call: UnaryCall) -> bytes:
    context = metadata.context_fields(call.span, answer=True)
    call.headers = metadata.from_grpc(answer.headers) + context
    trailers = metadata.from_grpc(answer.trailers) + context
    if answer.code:
        code = _code(answer.code)
        details = status_message(code, answer.message, answer.details) if answer.details else None
        raise GrpcError(code, answer.message, details=details, trailers=trailers)
    call.trailers = trailers
    return codec.encode_invoked(body, answer.content_type, answer.type_url)


def _code(number: int) -> Code:
    try:
        return Code(number)
    except ValueError:
        return Code.UNKNOWN


def _context(response: Response, call: UnaryCall) -> SpanContext | None:
    """The trace context that the application put into its answer, else the call's."""
    if call.span is None:
        return None
    given = response.header(b"traceparent")
    if given is None or given == _NO_SPAN:
        return call.span
    return parse_traceparent(given) or call.span
