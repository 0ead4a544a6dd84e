"""Headers become metadata, and a gRPC application's answer becomes one of HTTP, by the documented rules."""

from __future__ import annotations

import json

import pytest

from dapr_core.proto.gen.google.protobuf import any_pb2
from dapr_core.proto.gen.google.rpc import error_details_pb2
from daprd.blocks.invoke import metadata
from daprd.grpcapp import GrpcAnswer, StatusFormError


def test_fields_of_http_itself_come_behind_dapr() -> None:
    given = [(b"content-type", b"a/b"), (b"accept", b"*/*"), (b"x-mine", b"1"), (b"content-length", b"7")]
    assert metadata.from_http(given, answer=False) == [
        (b"dapr-content-type", b"a/b"), (b"dapr-accept", b"*/*"), (b"x-mine", b"1"), (b"dapr-content-length", b"7"),
    ]  # fmt: skip
    assert (b"dapr-content-length", b"7") not in metadata.from_http(given, answer=True)


@pytest.mark.parametrize(
    "name",
    [b"user-agent", b"te", b"grpc-status", b"grpc-timeout", b"connection", b"traceparent", b"grpc-trace-bin", b":path"],
)
def test_what_belongs_to_one_connection_or_call_is_dropped(name: bytes) -> None:
    assert metadata.from_http([(name, b"x")], answer=False) == []
    assert metadata.from_grpc([(name, b"x")]) == []


def test_binary_values_are_in_base64_once() -> None:
    assert metadata.from_http([(b"x-data-bin", b"AAEC")], answer=True) == [(b"x-data-bin", b"QUFFQw")]
    assert metadata.from_grpc([(b"x-data-bin", b"AAE=")]) == [(b"x-data-bin", b"AAE")]
    assert metadata.padded([(b"x-data-bin", b"AAE"), (b"x", b"AAE")]) == [(b"x-data-bin", b"AAE="), (b"x", b"AAE")]


def test_text_that_no_metadata_may_hold_is_left_out() -> None:
    assert metadata.from_http([(b"x", "é".encode())], answer=False) == []


def test_a_success_is_an_http_answer_with_its_own_type() -> None:
    answer = GrpcAnswer(0, [(b"content-type", b"application/grpc"), (b"x", b"1")], b"body", content_type=b"text/plain")
    shown = answer.as_http()
    assert (shown.status, shown.body) == (200, b"body")
    assert shown.headers == [(b"x", b"1"), (b"content-type", b"text/plain")]


def test_a_failure_tells_code_message_and_details_as_json() -> None:
    packed = any_pb2.Any()
    packed.Pack(error_details_pb2.ErrorInfo(reason="WHY", domain="d"))
    answer = GrpcAnswer(5, [], message="no such thing", details=[packed.SerializeToString()])
    shown = answer.as_http()
    assert shown.status == 404
    assert isinstance(shown.body, bytes)
    assert json.loads(shown.body) == {
        "code": 5,
        "message": "no such thing",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "WHY", "domain": "d"}],
    }


def test_a_detail_that_nobody_knows_cannot_be_shown() -> None:
    unknown = any_pb2.Any(type_url="type.googleapis.com/some.Unknown", value=b"x").SerializeToString()
    with pytest.raises(StatusFormError):
        GrpcAnswer(5, [], details=[unknown]).as_http()
