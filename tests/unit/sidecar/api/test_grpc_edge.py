"""What stands before every call of the gRPC API: the token, the lists, the trace context."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from dapr_core.proto.gen.google.rpc import error_details_pb2, status_pb2
from dapr_core.rpc.grpc.status import Code, GrpcError, encode_binary
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.api.grpc.edge import AccessList, Edge, context_fields
from daprd.api.http.access import ApiRule

PARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def call(*fields: tuple[bytes, bytes]) -> Any:
    return SimpleNamespace(head=SimpleNamespace(fields=list(fields), path=b"/x/Y"))


def edge(mode: TraceMode = TraceMode.PASS_ON, token: str = "") -> Edge:
    return Edge(Tracer(mode, 1.0, random.Random(1)), token=token)


def said(error: GrpcError) -> str:
    assert error.details is not None
    status = status_pb2.Status.FromString(error.details)
    info = error_details_pb2.ErrorInfo.FromString(status.details[0].value)
    return info.metadata["http.error_message"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([], "missing api token in request metadata"),
        ([(b"dapr-api-token", b"wrong")], "authentication error: api token mismatch"),
    ],
    ids=["none", "another"],
)
def test_a_call_without_the_token_is_refused(fields: list[tuple[bytes, bytes]], text: str) -> None:
    with pytest.raises(GrpcError) as refusal:
        edge(token="tok").admit(call(*fields))
    assert (refusal.value.code, refusal.value.message) == (Code.UNAUTHENTICATED, "Unauthorized")
    assert said(refusal.value) == text


def test_the_token_is_taken_away_from_what_is_passed_on() -> None:
    fields = [(b"dapr-api-token", b"tok"), (b"x", b"1")]
    guarded = edge(token="tok")
    guarded.admit(call(*fields))
    assert guarded.passed_on(fields) == [(b"x", b"1")]
    assert edge().passed_on(fields) is fields


def test_without_a_parent_the_context_is_all_zeros_and_told_as_such() -> None:
    span = edge().admit(call()).span
    assert span is NO_SPAN
    assert dict(context_fields(span, None)) == {b"grpc-trace-bin": b"AAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAgA"}


def test_the_binary_context_counts_before_the_text() -> None:
    other = tracecontext.parse_traceparent(PARENT)
    assert other is not None
    binary = encode_binary(tracecontext.encode_binary(other))
    text = PARENT.replace(b"0af7651916cd43dd8448eb211c80319c", b"a" * 32)
    span = edge().admit(call((b"traceparent", text), (b"grpc-trace-bin", binary))).span
    assert span is not None
    assert span.trace_id == other.trace_id


def test_with_tracing_a_call_gets_a_span_in_its_parents_trace() -> None:
    span = edge(TraceMode.SPANS).admit(call((b"traceparent", PARENT))).span
    assert span is not None
    assert span.traceparent != PARENT
    assert span.trace_id == "0af7651916cd43dd8448eb211c80319c"


def test_with_tracing_off_nobody_sees_a_context() -> None:
    admission = edge(TraceMode.OFF).admit(call((b"traceparent", PARENT), (b"baggage", b"===")))
    assert (admission.span, admission.baggage) == (None, None)
    assert context_fields(admission.span, admission.baggage) == []


def test_bad_baggage_is_refused() -> None:
    with pytest.raises(GrpcError) as refusal:
        edge().admit(call((b"baggage", b"===")))
    assert refusal.value.code is Code.INVALID_ARGUMENT
    assert refusal.value.message.startswith("invalid baggage header: ")


def rule(name: str, version: str = "v1", protocol: str = "grpc") -> ApiRule:
    return ApiRule(name, version, protocol)


@pytest.mark.parametrize(
    ("allowed", "denied", "group", "permitted"),
    [
        ([], [], "state.v1", True),
        ([rule("state")], [], "state.v1", True),
        ([rule("state")], [], "publish.v1", False),
        ([rule("state")], [], "", False),
        ([], [rule("state")], "state.v1", False),
        ([], [rule("state")], "state.v1alpha1", True),
        ([rule("state")], [rule("state")], "state.v1", False),
        ([], [rule("state", protocol="http")], "state.v1", True),
    ],
    ids=["no lists", "allowed", "not allowed", "unknown method", "denied", "other version", "both", "http's rule"],
)
def test_lists_rule_groups_of_methods(
    allowed: list[ApiRule], denied: list[ApiRule], group: str, permitted: bool
) -> None:
    assert AccessList(allowed, denied).permits(group) is permitted
