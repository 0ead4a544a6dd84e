"""What the sidecar makes of a component's status (building-blocks.md §6.8, §3.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_components.contract import ComponentError
from dapr_components.pluggable.errors import bulk_delete_error, plain_error, state_error
from dapr_components.state.contract import ETagError
from dapr_core.errors import DaprError
from dapr_core.proto.gen.google.protobuf.any_pb2 import Any as AnyMessage
from dapr_core.proto.gen.google.rpc.error_details_pb2 import BadRequest, ErrorInfo, ResourceInfo
from dapr_core.proto.gen.google.rpc.status_pb2 import Status
from dapr_core.rpc.grpc.status import Code, GrpcError


def failed(code: Code, *details: BadRequest | ErrorInfo | ResourceInfo, text: str = "text") -> GrpcError:
    packed = [
        AnyMessage(type_url="type.googleapis.com/" + detail.DESCRIPTOR.full_name, value=detail.SerializeToString())
        for detail in details
    ]
    status = Status(code=int(code), message=text, details=packed)
    return GrpcError(code, text, details=status.SerializeToString())


def violation(field: str = "etag", *more: str) -> BadRequest:
    return BadRequest(
        field_violations=[BadRequest.FieldViolation(field=each, description="why") for each in (field, *more)]
    )


@pytest.mark.parametrize(
    ("code", "mismatch", "text"),
    [
        (Code.FAILED_PRECONDITION, True, "possible etag mismatch. error from state store: why"),
        (Code.INVALID_ARGUMENT, False, "invalid etag value: why"),
    ],
    ids=["mismatch", "invalid"],
)
def test_a_violation_of_the_etag_is_an_etag_error(code: Code, mismatch: bool, text: str) -> None:
    for convert in (state_error, bulk_delete_error):
        error = convert(failed(code, violation()))
        assert isinstance(error, ETagError)
        assert (error.mismatch, str(error)) == (mismatch, text)


@pytest.mark.parametrize(
    "error",
    [
        failed(Code.ABORTED, violation()),
        failed(Code.FAILED_PRECONDITION, violation("key")),
        failed(Code.FAILED_PRECONDITION, violation("etag", "key")),
        failed(Code.FAILED_PRECONDITION, violation(), violation()),
        failed(Code.FAILED_PRECONDITION, ResourceInfo(resource_name="etag")),
        failed(Code.FAILED_PRECONDITION),
        GrpcError(Code.FAILED_PRECONDITION, "text", details=b"\xff\xff"),
        GrpcError(Code.FAILED_PRECONDITION, "text"),
    ],
    ids=["other code", "other field", "two fields", "two details", "other detail", "no detail", "no status", "bare"],
)
def test_anything_else_reads_as_go_prints_a_status(error: GrpcError) -> None:
    converted = state_error(error)
    assert type(converted).__name__ == "RemoteError"
    name = {Code.ABORTED: "Aborted", Code.FAILED_PRECONDITION: "FailedPrecondition"}[error.code]
    assert str(converted) == f"rpc error: code = {name} desc = text"


def test_details_mean_nothing_outside_state_stores() -> None:
    assert str(plain_error(failed(Code.CANCELLED, violation()))) == "rpc error: code = Canceled desc = text"


def test_rows_missing_from_a_bulk_delete_are_counted() -> None:
    error = failed(Code.INTERNAL, ErrorInfo(metadata={"affected": "1", "expected": "3"}))
    assert str(bulk_delete_error(error)) == "delete affected only 1 rows, expected 3"
    assert str(state_error(error)) == "rpc error: code = Internal desc = text"


@pytest.mark.parametrize("counts", [{}, {"affected": "1"}, {"affected": "x", "expected": "3"}], ids=repr)
def test_a_bulk_delete_without_both_counts_is_a_plain_failure(counts: dict[str, str]) -> None:
    error = bulk_delete_error(failed(Code.INTERNAL, ErrorInfo(metadata=counts)))
    assert str(error) == "rpc error: code = Internal desc = text"


def test_a_structured_error_decides_what_the_client_sees() -> None:
    info = ErrorInfo(
        reason="FULL", domain="d.example", metadata={"kit_error": "true", "http_code": "507", "tag": "ERR_FULL"}
    )
    error = state_error(failed(Code.RESOURCE_EXHAUSTED, info, text="no room {on} it"))
    assert isinstance(error, DaprError)
    assert (error.row.http_status, error.row.grpc_code, error.row.tag, error.row.reason) == (507, 8, "ERR_FULL", "FULL")
    assert error.message("http") == error.message("grpc") == "no room {on} it"
    assert error.details("http") == [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "FULL", "domain": "d.example"}
    ]


@pytest.mark.parametrize("code", ["", "abc", "200", "99999", "-1"])
def test_a_structured_error_without_an_error_status_is_a_plain_failure(code: str) -> None:
    info = ErrorInfo(metadata={"kit_error": "true", "http_code": code})
    assert isinstance(state_error(failed(Code.UNKNOWN, info)), ComponentError)


@given(st.sampled_from([code for code in Code if code]), st.text(), st.none() | st.binary(max_size=64))
def test_every_status_has_an_error_of_the_contract(code: Code, text: str, details: bytes | None) -> None:
    error = bulk_delete_error(GrpcError(code, text, details=details))
    assert isinstance(error, (ComponentError, DaprError))
