"""Where a call stands in a trace, and the headers that say so: W3C ``traceparent``, ``tracestate``, ``grpc-trace-bin``.

Pure functions (W3C Trace Context; observability.md §10). Text that does not parse means "no parent", never an error:
a caller's broken header must not cost its call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

SAMPLED: Final = 1
MAX_TRACESTATE: Final = 512
"""Characters of a tracestate that is still passed on."""

_ZERO_TRACE: Final = "0" * 32
_ZERO_SPAN: Final = "0" * 16
_MAX_MEMBERS: Final = 32

_PARENT: Final = re.compile(rb"([0-9a-fA-F]{2})-([0-9a-fA-F]{32})-([0-9a-fA-F]{16})-([0-9a-fA-F]{2})(-.*)?\Z", re.S)
_KEY: Final = re.compile(r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})\Z")
_VALUE: Final = re.compile(r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]\Z")


@dataclass(slots=True)
class SpanContext:
    """One span as others see it: ids in lower-case hex, one byte of flags, the vendors' list, and the header's value.

    Nobody changes one; it is not frozen because making a frozen value takes about twice as long.

    ``tracestate`` is the header's value as text, empty when there is none. ``traceparent`` is made once, since every
    call that has a context tells it at least twice.
    """

    trace_id: str
    span_id: str
    flags: int = 0
    tracestate: str = ""
    traceparent: bytes = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.traceparent = f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}".encode()

    @property
    def sampled(self) -> bool:
        """Whether somebody keeps this trace."""
        return bool(self.flags & SAMPLED)


NO_SPAN: Final = SpanContext(_ZERO_TRACE, _ZERO_SPAN)
"""What stands where tracing is on and there is no span; its ``traceparent`` is all zeros."""


def parse_traceparent(value: bytes, tracestate: bytes | None = None) -> SpanContext | None:
    """Read a ``traceparent`` and the ``tracestate`` beside it; None when there is no valid parent in it.

    A version above 00 may carry more fields, which are dropped; version ff is invalid. A tracestate that does not
    parse is dropped alone.
    """
    found = _PARENT.match(value)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    number = int(version, 16)
    if number > 254 or (number == 0 and more is not None):
        return None
    context = _valid(trace_id.decode().lower(), span_id.decode().lower(), int(flags, 16))
    if context is None or not tracestate:
        return context
    return SpanContext(context.trace_id, context.span_id, context.flags, parse_tracestate(tracestate))


def parse_tracestate(value: bytes) -> str:
    """Read a ``tracestate``: its members joined by commas, or empty when any of them is invalid or it is too long."""
    members: dict[str, str] = {}
    for member in value.decode("latin-1").split(","):
        text = member.strip(" \t")
        if not text:
            continue
        key, equals, content = text.partition("=")
        if not equals or not _KEY.match(key) or not _VALUE.match(content) or key in members:
            return ""
        members[key] = content
    if len(members) > _MAX_MEMBERS:
        return ""
    text = ",".join(f"{key}={content}" for key, content in members.items())
    return text if len(text) <= MAX_TRACESTATE else ""


def encode_binary(context: SpanContext) -> bytes:
    """The ``grpc-trace-bin`` form: version, then trace id, span id and flags, each behind its field number."""
    return b"\x00\x00%b\x01%b\x02%c" % (bytes.fromhex(context.trace_id), bytes.fromhex(context.span_id), context.flags)


def decode_binary(value: bytes) -> SpanContext | None:
    """Read a ``grpc-trace-bin``; None without a valid trace id. Span id and flags may be missing."""
    if len(value) < 18 or value[0] != 0 or value[1] != 0:
        return None
    trace_id, rest = value[2:18].hex(), value[18:]
    if trace_id == _ZERO_TRACE:
        return None
    span_id, flags = _ZERO_SPAN, 0
    if len(rest) >= 9 and rest[0] == 1:
        span_id, rest = rest[1:9].hex(), rest[9:]
    if len(rest) >= 2 and rest[0] == 2:
        flags = rest[1]
    return SpanContext(trace_id, span_id, flags)


def _valid(trace_id: str, span_id: str, flags: int) -> SpanContext | None:
    if trace_id == _ZERO_TRACE or span_id == _ZERO_SPAN:
        return None
    return SpanContext(trace_id, span_id, flags)
