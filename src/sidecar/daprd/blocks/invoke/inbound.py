"""The callee's side of a call between sidecars: check it, call the application, hand its answer back (api.md §3.4).

What a call's head says is worked out once and kept with the head, because callers repeat themselves. What may be
called is for an access policy to say: ``authorize`` is asked before anything reaches the application.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from dapr_core.identity.spiffe import InvalidSpiffeIdError, parse_spiffe_id, workload_of
from dapr_core.rpc.messages import Body, Headers, Peer, Request, Response
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.app.contract import AppChannel, AppChannelError, AppUnhealthyError
from daprd.app.shared import SharedHeaders
from daprd.app.urls import UrlError
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke import metadata
from daprd.blocks.invoke.apprequest import PROTOBUF, REFUSED_VERBS
from daprd.blocks.invoke.method import MethodError, normalise
from daprd.blocks.invoke.remote import InvocationRecord
from daprd.grpcapp import GrpcCall, status_code
from daprd.mesh import codec
from daprd.mesh.bodies import Whole
from daprd.mesh.codec import VERB_NAMES, Entry, RequestMessage
from daprd.mesh.errors import INTERNAL, INVALID_ARGUMENT, UNIMPLEMENTED, RpcError

_VERSION: Final = 1
_REJECTED: Final = "error invoking app channel: "
_CONTEXT: Final = frozenset({b"traceparent", b"tracestate"})
_GRPC: Final = b"application/grpc"


class Authorize(Protocol):
    """Decides who may call what.

    Raises:
        RpcError: PERMISSION_DENIED with the documented text.
    """

    def __call__(self, operation: str, verb: str, peer: Peer | None) -> None: ...


class _Head:
    """What follows from a request's head alone, and from the id that its caller has proved (None without mTLS).

    ``refusal`` is why it cannot be called, once it may be. ``headers`` are the application's, without a trace context
    but for one the caller's client gave; ``plain`` are the same with an all-zero context where there is none.
    """

    __slots__ = (
        "_without_span",
        "declared",
        "has_context",
        "headers",
        "identity",
        "metadata",
        "method",
        "owner",
        "plain",
        "refusal",
        "source",
        "target",
        "verb",
    )

    def __init__(self, owner: Inbound, message: RequestMessage, identity: str | None) -> None:
        self.owner = owner
        self.identity = identity
        try:
            self.method = normalise(message.method)
        except MethodError as error:
            raise RpcError(INVALID_ARGUMENT, str(error)) from error
        self.verb = VERB_NAMES[message.verb] if message.verb < len(VERB_NAMES) else "POST"
        self.refusal = _refusal(message, self.verb)
        target = b"/" + self.method.encode()
        self.target = target + b"?" + message.query if message.query else target
        entries = message.entries if identity is None else proven(message.entries, identity)
        headers, self.declared = _headers(entries)
        kind = PROTOBUF if message.type_url else message.content_type
        self.metadata = metadata.from_grpc(headers) if _came_by_grpc(entries) else _http_metadata(entries)
        self.headers = SharedHeaders(rules.app_headers(headers, kind))
        self.has_context = any(name == b"traceparent" for name, _ in headers)
        self.plain = self.headers
        if not self.has_context:
            self.plain = SharedHeaders([*self.headers, (b"traceparent", NO_SPAN.traceparent)])
        self.source = _caller(entries)
        self._without_span: SharedHeaders | None = None

    def without_span(self) -> SharedHeaders:
        """The metadata that a gRPC application gets with a call that has no span: the same for every such call."""
        if self._without_span is None:
            self._without_span = SharedHeaders(self.metadata + metadata.context_fields(NO_SPAN))
        return self._without_span


class Inbound:
    """Calls that other sidecars make on the own application."""

    def __init__(
        self,
        channel: Callable[[], AppChannel | None],
        tracer: Tracer,
        *,
        authorize: Authorize | None = None,
        record: InvocationRecord | None = None,
    ) -> None:
        self._channel = channel
        self._tracer = tracer
        self._spans = tracer.mode is TraceMode.SPANS
        self._authorize = authorize
        self._record = record

    def span(self, parent: SpanContext | None) -> SpanContext | None:
        """The context in which a call runs here; None with tracing off."""
        return self._tracer.child(parent) if self._tracer.enabled else None

    async def deliver(
        self, message: RequestMessage, body: Body, span: SpanContext | None, peer: Peer | None = None
    ) -> Response:
        """Call the application; its headers without those of its connection.

        Args:
            body: what came with the call; its declared length is in the message's ``content-length``.
            span: the call's context, as ``span`` gave it.

        Raises:
            RpcError: the call is malformed, refused, or the application did not answer.
        """
        channel = self._channel()
        if channel is None:
            raise RpcError(INTERNAL, "app channel is not initialized")
        head = message.derived
        identity = None if peer is None else peer.spiffe_id
        if type(head) is not _Head or head.owner is not self or head.identity != identity:
            head = message.derived = _Head(self, message, identity)
        if self._record is not None:
            self._record.request_received(head.source)
        if self._authorize is not None:
            self._authorize(head.method, head.verb, peer)
        if channel.speaks_grpc:
            if message.version != _VERSION:
                raise RpcError(INTERNAL, _REJECTED + str(head.refusal)) from head.refusal
            request: Request = _grpc_call(head, message, await _whole(body), span)
        elif head.refusal is not None:
            raise RpcError(INTERNAL, _REJECTED + str(head.refusal)) from head.refusal
        else:
            request = self._request(head, body, span)
        try:
            response = await channel.invoke(request)
        except AppUnhealthyError as error:
            raise RpcError(INTERNAL, _REJECTED + str(RpcError(INTERNAL, str(error)))) from error
        except (AppChannelError, UrlError) as failure:
            raise RpcError(INTERNAL, _REJECTED + str(failure)) from failure
        if not channel.speaks_grpc:
            response.headers = rules.answer_headers(response.headers)
        if self._record is not None:
            self._record.response_sent(head.source, status_code(response))
        return response

    def _request(self, head: _Head, body: Body, span: SpanContext | None) -> Request:
        if span is None:
            headers: Headers = head.headers
        elif span is NO_SPAN or (head.has_context and not self._spans):
            headers = head.plain
        else:
            headers = _in_context(head.headers, span)
        length: int | None = None
        declared = head.declared
        if not isinstance(body, bytes):
            if declared is not None and declared.isdigit():
                length = int(declared)
        elif declared is None and body:
            # Without a declared length the caller's own body came in chunks, and so the application gets it.
            body = Whole(body)
        else:
            length = len(body)
        return Request(head.verb, head.target, headers, body, length=length)


def _came_by_grpc(entries: list[Entry]) -> bool:
    """Whether the caller's client spoke gRPC: sidecars tell it by a ``content-type`` in lower case."""
    return any(key == b"content-type" and values[:1] and values[0].startswith(_GRPC) for _, values, key in entries)


def _http_metadata(entries: list[Entry]) -> Headers:
    """The metadata of a call that came by HTTP, its declared length included."""
    headers, declared = _headers(entries)
    if declared is not None:
        headers.append((b"content-length", declared))
    return metadata.from_http(headers, answer=False)


async def _whole(body: Body) -> bytes:
    return body if isinstance(body, bytes) else await body.read()


def _grpc_call(head: _Head, message: RequestMessage, body: bytes, span: SpanContext | None) -> GrpcCall:
    method = head.method.encode()
    invoke = codec.encode_invoke(
        method,
        message.verb,
        data=body,
        type_url=message.type_url,
        query=message.query,
        content_type=message.content_type,
        extension=message.has_extension,
    )
    fields = head.without_span() if span is NO_SPAN else head.metadata + metadata.context_fields(span)
    return GrpcCall(head.verb, b"/" + method, fields, invoke)


def _in_context(headers: Headers, span: SpanContext) -> Headers:
    """The headers with a call's span in them."""
    kept = [pair for pair in headers if pair[0] not in _CONTEXT]
    kept.append((b"traceparent", span.traceparent))
    if span.tracestate:
        kept.append((b"tracestate", span.tracestate.encode("latin-1")))
    return kept


def _headers(entries: list[Entry]) -> tuple[Headers, bytes | None]:
    """Metadata as headers, and the declared length.

    Identities count only under the lower-case names that sidecars write; a caller's client can only have put other
    spellings there.
    """
    headers: Headers = []
    declared: bytes | None = None
    for name, values, key in entries:
        if name == b"content-length" and values:
            declared = values[0]
        elif name not in rules.IDENTITY or key == name:
            headers.extend([(name, value) for value in values])
    return headers, declared


def proven(entries: list[Entry], identity: str) -> list[Entry]:
    """Metadata in which the caller is who it has proved to be by mutual TLS, whatever it says of itself: nobody, where
    its id is none of a workload."""
    truth = caller_of(identity)
    kept = [
        (name, (truth.pop(name),) if name in truth else (), key) if name in rules.CALLER and key == name
        else (name, values, key)
        for name, values, key in entries
    ]  # fmt: skip
    return [*kept, *[(name, (value,), name) for name, value in truth.items()]]


def caller_of(identity: str) -> dict[bytes, bytes]:
    """The fields that tell an application who calls it, of a proved id; none for an id that is none of a workload."""
    try:
        caller = workload_of(parse_spiffe_id(identity))
    except InvalidSpiffeIdError:
        return {}
    return {rules.CALLER_APP_ID: caller.app_id.encode(), rules.CALLER_NAMESPACE: caller.namespace.encode()}


def _caller(entries: list[Entry]) -> str:
    for name, values, key in entries:
        if key == name == rules.CALLER_APP_ID and values:
            return values[0].decode("utf-8", "replace")
    return ""


def _refusal(message: RequestMessage, verb: str) -> RpcError | None:
    if message.version != _VERSION:
        return RpcError(UNIMPLEMENTED, f"Unsupported spec version: {message.version}")
    if not message.has_extension:
        return RpcError(INVALID_ARGUMENT, "missing HTTP extension field")
    if verb in REFUSED_VERBS:
        return RpcError(INVALID_ARGUMENT, "invalid HTTP verb")
    return None


def parent_of(traceparent: bytes | None, binary: bytes | None) -> SpanContext | None:
    """The parent that gRPC metadata names: the binary form first, then the text form."""
    if binary is not None:
        span = tracecontext.decode_binary(binary)
        if span is not None:
            return span
    return None if traceparent is None else tracecontext.parse_traceparent(traceparent)
