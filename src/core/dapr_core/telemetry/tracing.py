"""Starts spans: which trace a call belongs to, and whether anybody keeps it (observability.md §15, corrections.md).

Three modes, by the Configuration's ``tracing`` section:

- no section, or one that neither samples nor exports: no span is made; a valid parent is passed on as it is, and
  without one the context is all zeros;
- ``samplingRate`` exactly 0: tracing is off and nobody sees a context (``Tracer.enabled`` is False);
- else: every call gets a span of its own, in its parent's trace or a new one. A parent's decision to sample is
  followed; a new trace is sampled by its id, so that every process decides alike.

Exporting spans is not done here.
"""

from __future__ import annotations

import random
from enum import Enum
from typing import Final

from dapr_core.telemetry.tracecontext import NO_SPAN, SAMPLED, SpanContext, parse_traceparent

_RANGE: Final = 1 << 63


class TraceMode(Enum):
    """See the module."""

    PASS_ON = "pass on"
    OFF = "off"
    SPANS = "spans"


class Tracer:
    """Makes the context of each call.

    Args:
        mode: what to do.
        rate: share of new traces to sample, 0 to 1.
        source: where ids come from; unpredictable ids are not needed, unique ones are.
    """

    def __init__(self, mode: TraceMode, rate: float = 0.0, source: random.Random | None = None) -> None:
        self.mode = mode
        self.enabled = mode is not TraceMode.OFF
        self._spans = mode is TraceMode.SPANS
        self._bound = _RANGE if rate >= 1 else int(rate * _RANGE)
        self._bits = (source or random.Random()).getrandbits

    def start(self, traceparent: bytes | None, tracestate: bytes | None = None) -> SpanContext:
        """The context of one call, from the headers it came with."""
        if traceparent is None:
            return self._root() if self._spans else NO_SPAN
        return self.child(parse_traceparent(traceparent, tracestate))

    def child(self, parent: SpanContext | None) -> SpanContext:
        """The context of a call with this parent."""
        if not self._spans:
            return NO_SPAN if parent is None else parent
        if parent is None:
            return self._root()
        return SpanContext(parent.trace_id, self._id(64), parent.flags, parent.tracestate)

    def _root(self) -> SpanContext:
        trace_id = self._id(128)
        # As OpenTelemetry's ratio sampler: the last eight bytes without their lowest bit against the bound.
        sampled = int(trace_id[16:], 16) >> 1 < self._bound
        return SpanContext(trace_id, self._id(64), SAMPLED if sampled else 0)

    def _id(self, bits: int) -> str:
        value = 0
        while not value:  # all zeros means "no id"
            value = self._bits(bits)
        return f"{value:0{bits // 4}x}"


def mode_for(*, has_section: bool, sampling_rate: str, exports: bool) -> TraceMode:
    """The mode that a ``tracing`` section asks for.

    Args:
        has_section: whether there is one.
        sampling_rate: its text; empty when absent.
        exports: whether it names an exporter.
    """
    if not has_section or (not sampling_rate and not exports):
        return TraceMode.PASS_ON
    try:
        off = float(sampling_rate) == 0
    except ValueError:
        off = False
    return TraceMode.OFF if off else TraceMode.SPANS


def sampler_description(rate: float) -> str:
    """How the log names the sampler in force."""
    root = "AlwaysOnSampler" if rate >= 1 else f"TraceIDRatioBased{{{rate:g}}}"
    return (
        f"ParentBased{{root:{root},remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
        "localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}"
    )
