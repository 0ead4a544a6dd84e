"""The callee's side of a call between sidecars: check it, call the application, hand its answer back (api.md §3.4).

What may be called is for an access policy to say: ``authorize`` is asked before anything reaches the application.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from dapr_core.rpc.messages import Body, Headers, Peer, Response
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.app.contract import AppChannel, AppChannelError, AppUnhealthyError
from daprd.app.urls import UrlError
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.method import MethodError, normalise
from daprd.blocks.invoke.remote import InvocationRecord
from daprd.blocks.invoke.service import app_request
from daprd.mesh.bodies import Whole
from daprd.mesh.codec import VERB_NAMES, Entry, RequestMessage
from daprd.mesh.errors import INTERNAL, INVALID_ARGUMENT, UNIMPLEMENTED, RpcError

_VERSION: Final = 1
_REJECTED: Final = "error invoking app channel: "
_CONTEXT: Final = frozenset({b"traceparent", b"tracestate"})


class Authorize(Protocol):
    """Decides who may call what.

    Raises:
        RpcError: PERMISSION_DENIED with the documented text.
    """

    def __call__(self, operation: str, verb: str, peer: Peer | None) -> None: ...


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
        source = _caller(message.entries)
        if self._record is not None:
            self._record.request_received(source)
        response = await self._deliver(message, body, span, peer)
        response.headers = rules.answer_headers(response.headers)
        if self._record is not None:
            self._record.response_sent(source, response.status)
        return response

    async def _deliver(
        self, message: RequestMessage, body: Body, span: SpanContext | None, peer: Peer | None
    ) -> Response:
        channel = self._channel()
        if channel is None:
            raise RpcError(INTERNAL, "app channel is not initialized")
        call = self._call(message, body, span)
        try:
            call.method = normalise(call.method)
        except MethodError as error:
            raise RpcError(INVALID_ARGUMENT, str(error)) from error
        if self._authorize is not None:
            self._authorize(call.method, call.verb, peer)
        try:
            _check(message)
            return await channel.invoke(app_request(call, [], tracing=span is not None))
        except AppUnhealthyError as error:
            raise RpcError(INTERNAL, _REJECTED + str(RpcError(INTERNAL, str(error)))) from error
        except (AppChannelError, UrlError, RpcError) as error:
            raise RpcError(INTERNAL, _REJECTED + str(error)) from error

    def _call(self, message: RequestMessage, body: Body, span: SpanContext | None) -> Invocation:
        headers, declared = _headers(message.entries)
        # Without a declared length the caller's own body came in chunks, and so the application gets it.
        length: int | None = None
        if isinstance(body, bytes):
            if declared is None and body:
                body = Whole(body)
            else:
                length = len(body)
        elif declared is not None and declared.isdigit():
            length = int(declared)
        if span is not None and span is not NO_SPAN:
            headers = self._in_context(headers, span)
        return Invocation(
            message.method,
            VERB_NAMES[message.verb] if message.verb < len(VERB_NAMES) else "POST",
            headers,
            query=message.query,
            body=body,
            length=length,
            content_type=message.content_type,
        )

    def _in_context(self, headers: Headers, span: SpanContext) -> Headers:
        """The headers with the call's span in them, unless they already say as much."""
        given = any(name == b"traceparent" for name, _ in headers)
        if given and self._tracer.mode is not TraceMode.SPANS:
            return headers
        kept = [pair for pair in headers if pair[0] not in _CONTEXT] if given else headers
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
            if len(values) == 1:
                headers.append((name, values[0]))
            else:
                headers.extend((name, value) for value in values)
    return headers, declared


def _caller(entries: list[Entry]) -> str:
    for name, values, key in entries:
        if key == name == rules.CALLER_APP_ID and values:
            return values[0].decode("utf-8", "replace")
    return ""


def _check(message: RequestMessage) -> None:
    if message.version != _VERSION:
        raise RpcError(UNIMPLEMENTED, f"Unsupported spec version: {message.version}")
    if not message.has_extension:
        raise RpcError(INVALID_ARGUMENT, "missing HTTP extension field")


def parent_of(traceparent: bytes | None, binary: bytes | None) -> SpanContext | None:
    """The parent that gRPC metadata names: the binary form first, then the text form."""
    if binary is not None:
        span = tracecontext.decode_binary(binary)
        if span is not None:
            return span
    return None if traceparent is None else tracecontext.parse_traceparent(traceparent)
