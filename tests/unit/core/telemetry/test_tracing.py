"""Trace context on the wire, and which context a call gets."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.telemetry.tracecontext import (
    NO_SPAN,
    SpanContext,
    decode_binary,
    encode_binary,
    parse_traceparent,
    parse_tracestate,
)
from dapr_core.telemetry.tracing import TraceMode, Tracer, mode_for, sampler_description

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01".encode()


def test_a_traceparent_reads_and_prints() -> None:
    context = parse_traceparent(PARENT, b"a=b")
    assert context == SpanContext(TRACE, SPAN, 1, "a=b")
    assert context.sampled
    assert context.traceparent == PARENT


def test_no_span_prints_as_zeros() -> None:
    assert NO_SPAN.traceparent == b"00-00000000000000000000000000000000-0000000000000000-00"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00",
        f"00-{TRACE}-{SPAN}".encode(),
        f"00-{TRACE}-{SPAN}-01-more".encode(),
        f"ff-{TRACE}-{SPAN}-01".encode(),
        f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE[:-1]}g-{SPAN}-01".encode(),
        f"0-{TRACE}-{SPAN}-01".encode(),
        f"00-{TRACE}-{SPAN}-1".encode(),
        f" 00-{TRACE}-{SPAN}-01".encode(),
    ],
)
def test_what_is_no_traceparent_means_no_parent(value: bytes) -> None:
    assert parse_traceparent(value, b"a=b") is None


def test_a_later_version_may_carry_more() -> None:
    context = parse_traceparent(f"cc-{TRACE}-{SPAN}-03-what-the-future".encode())
    assert context == SpanContext(TRACE, SPAN, 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"a=b", "a=b"),
        (b" a=b , c=d ,, ", "a=b,c=d"),
        (b"tenant@vendor=x", "tenant@vendor=x"),
        (b"a=b,a=c", ""),
        (b"A=b", ""),
        (b"a", ""),
        (b"a=", ""),
        (b"a=b=c", ""),
        (b",".join(b"k%d=v" % n for n in range(33)), ""),
        (b"a=" + b"x" * 250 + b",b=" + b"x" * 250 + b",c=" + b"x" * 50, ""),
    ],
)
def test_a_tracestate_reads_whole_or_not_at_all(value: bytes, text: str) -> None:
    assert parse_tracestate(value) == text


CONTEXTS = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1).map(lambda value: f"{value:032x}"),
    st.integers(1, 2**64 - 1).map(lambda value: f"{value:016x}"),
    st.integers(0, 255),
)


@given(CONTEXTS)
def test_every_context_survives_both_forms(context: SpanContext) -> None:
    assert parse_traceparent(context.traceparent) == context
    assert len(encode_binary(context)) == 29
    assert decode_binary(encode_binary(context)) == context


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_are_a_context_or_none(first: bytes, second: bytes) -> None:
    for context in (parse_traceparent(first, second), decode_binary(first), decode_binary(b"\0\0" + first)):
        assert context is None or len(context.traceparent) == 55


def test_a_binary_context_may_lack_its_span_and_flags() -> None:
    whole = encode_binary(SpanContext(TRACE, SPAN, 1))
    assert decode_binary(whole[:18]) == SpanContext(TRACE, "0" * 16)
    assert decode_binary(whole[:27]) == SpanContext(TRACE, SPAN)
    assert decode_binary(b"\x01" + whole[1:]) is None


@pytest.mark.parametrize(
    ("section", "rate", "exports", "mode"),
    [
        (False, "", False, TraceMode.PASS_ON),
        (True, "", False, TraceMode.PASS_ON),
        (True, "", True, TraceMode.SPANS),
        (True, "0", True, TraceMode.OFF),
        (True, "0.0", False, TraceMode.OFF),
        (True, "1", False, TraceMode.SPANS),
        (True, "often", False, TraceMode.SPANS),
    ],
)
def test_the_section_chooses_the_mode(section: bool, rate: str, exports: bool, mode: TraceMode) -> None:
    assert mode_for(has_section=section, sampling_rate=rate, exports=exports) is mode


def test_without_spans_a_parent_is_passed_on_and_nothing_is_all_zeros() -> None:
    tracer = Tracer(TraceMode.PASS_ON)
    assert tracer.start(None) is NO_SPAN
    assert tracer.start(b"nonsense") is NO_SPAN
    assert tracer.start(PARENT, b"a=b") == SpanContext(TRACE, SPAN, 1, "a=b")


def test_a_span_stays_in_its_parents_trace_with_its_decision_and_state() -> None:
    tracer = Tracer(TraceMode.SPANS, 1.0, random.Random(1))
    child = tracer.start(PARENT[:-2] + b"00", b"a=b")
    assert (child.trace_id, child.flags, child.tracestate) == (TRACE, 0, "a=b")
    assert child.span_id != SPAN
    assert re.fullmatch("[0-9a-f]{16}", child.span_id)


@pytest.mark.parametrize(("rate", "low", "high"), [(0.0, 0, 0), (0.25, 400, 600), (1.0, 2000, 2000)])
def test_new_traces_are_sampled_at_their_rate(rate: float, low: int, high: int) -> None:
    tracer = Tracer(TraceMode.SPANS, rate, random.Random(7))
    spans = [tracer.start(None) for _ in range(2000)]
    assert low <= sum(span.sampled for span in spans) <= high
    assert len({span.trace_id for span in spans}) == 2000


def test_the_sampler_is_described_as_in_the_original() -> None:
    assert sampler_description(0.0001).startswith("ParentBased{root:TraceIDRatioBased{0.0001},remoteParentSampled:")
    assert sampler_description(1.0).startswith("ParentBased{root:AlwaysOnSampler,")
