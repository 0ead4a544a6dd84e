"""Headers as gRPC metadata: what a gRPC application gets, and what a gRPC client gets back (api.md §3.4, §4).

Fields that HTTP defines for its own messages come behind ``dapr-``; what gRPC keeps for itself is dropped; binary
fields are in base64, as the wire has them. The trace context is never copied: whoever calls adds the one in force.
"""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.fields import HOP_BY_HOP
from dapr_core.rpc.grpc.status import encode_binary
from dapr_core.rpc.messages import Headers
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from daprd.blocks.invoke.headers import APP_ID, DESTINATION_APP_ID

TRACE: Final = b"grpc-trace-bin"
CONTEXT: Final = frozenset({b"traceparent", b"tracestate", TRACE})

_RESERVED: Final = frozenset(
    {
        b"content-type",
        b"user-agent",
        b"te",
        b"grpc-message-type",
        b"grpc-encoding",
        b"grpc-accept-encoding",
        b"grpc-message",
        b"grpc-status",
        b"grpc-status-details-bin",
        b"grpc-timeout",
    }
)
"""Fields of one gRPC connection or call, which are no metadata."""

_PERMANENT: Final = frozenset(
    {
        b"accept",
        b"accept-charset",
        b"accept-language",
        b"accept-ranges",
        b"cache-control",
        b"content-type",
        b"content-length",
        b"cookie",
        b"date",
        b"expect",
        b"from",
        b"host",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-schedule-tag-match",
        b"if-unmodified-since",
        b"max-forwards",
        b"origin",
        b"pragma",
        b"referer",
        b"via",
        b"warning",
    }
)
"""Header fields of HTTP itself, as the original lists them."""

_DROPPED: Final = _RESERVED | CONTEXT | HOP_BY_HOP | {APP_ID, DESTINATION_APP_ID}
_REMEMBERED: Final = 2048
_http_names: dict[bytes, bytes | None] = {}


def from_http(headers: Headers, *, answer: bool) -> Headers:
    """Headers of an HTTP message as metadata. An ``answer`` tells nothing of its own framing."""
    kept: Headers = []
    for name, value in headers:
        if name not in _http_names:
            _learn(name)
        shown = _http_names[name]
        if shown is None or not value.isascii() or (answer and name == b"content-length"):
            continue
        kept.append((shown, encode_binary(value) if shown.endswith(b"-bin") else value))
    return kept


def _learn(name: bytes) -> None:
    if len(_http_names) >= _REMEMBERED:
        _http_names.clear()
    if name in _PERMANENT:
        _http_names[name] = b"dapr-" + name
    else:
        _http_names[name] = None if name in _DROPPED or name[:1] == b":" else name


def from_grpc(fields: Headers) -> Headers:
    """Metadata of one call as metadata of the next."""
    return [
        (name, value.rstrip(b"=") if name.endswith(b"-bin") else value)
        for name, value in fields
        if name not in _DROPPED and name[:1] != b":"
    ]


def padded(fields: Headers) -> Headers:
    """Metadata as the messages between sidecars hold them: base64 with its padding."""
    return [
        (name, value + b"=" * (-len(value) % 4)) if name.endswith(b"-bin") else (name, value) for name, value in fields
    ]


_NO_SPAN: Final[Headers] = [
    (b"traceparent", NO_SPAN.traceparent),
    (TRACE, encode_binary(tracecontext.encode_binary(NO_SPAN))),
]


def context_fields(span: SpanContext | None, *, answer: bool = False) -> Headers:
    """A trace context in both of its gRPC forms; nothing with tracing off (None). Answers tell no ``tracestate``."""
    if span is None:
        return []
    if span is NO_SPAN:
        return _NO_SPAN
    fields = [(b"traceparent", span.traceparent), (TRACE, encode_binary(tracecontext.encode_binary(span)))]
    if span.tracestate and not answer:
        fields.append((b"tracestate", span.tracestate.encode("latin-1")))
    return fields
