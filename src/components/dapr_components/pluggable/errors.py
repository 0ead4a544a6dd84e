"""From a component's gRPC status to the error of the contract.

A status may carry one detail that says more than its code (building-blocks.md §6.8, §3.4): a violation of the field
``etag``, the row counts of a bulk delete, or a structured error that names the HTTP status, the tag and the reason the
client is to see. All other failures read as Go clients print them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import DecodeError

from dapr_components.contract import ComponentError
from dapr_components.state.contract import ETagError
from dapr_core.errors import DETAIL_PREFIX, DaprError, ErrorRow
from dapr_core.proto.gen.google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from dapr_core.proto.gen.google.rpc.status_pb2 import Status
from dapr_core.rpc.grpc.status import Code, GrpcError

Convert = Callable[[GrpcError], Exception]

_ETAG_CODES = {Code.FAILED_PRECONDITION: True, Code.INVALID_ARGUMENT: False}


class RemoteError(ComponentError):
    """A component's process refused, failed or is not there. ``code`` is the status of its answer."""

    def __init__(self, error: GrpcError, text: str = "") -> None:
        self.code = error.code
        super().__init__(text or f"rpc error: code = {_go_name(error.code)} desc = {error.message}")


def plain_error(error: GrpcError) -> Exception:
    """The error of a call whose details mean nothing."""
    return RemoteError(error)


def state_error(error: GrpcError) -> Exception:
    """The error of a call of a state store: structured, about an ETag, or plain."""
    detail = _only_detail(error)
    if isinstance(detail, ErrorInfo):
        return _structured(error, detail) or RemoteError(error)
    if isinstance(detail, BadRequest) and error.code in _ETAG_CODES and len(detail.field_violations) == 1:
        violation = detail.field_violations[0]
        if violation.field == "etag":
            return ETagError(mismatch=_ETAG_CODES[error.code], cause=violation.description)
    return RemoteError(error)


def bulk_delete_error(error: GrpcError) -> Exception:
    """The error of a bulk delete: as ``state_error``, or rows that were not there."""
    detail = _only_detail(error)
    if isinstance(detail, ErrorInfo) and error.code is Code.INTERNAL:
        affected, expected = (_number(detail.metadata, key) for key in ("affected", "expected"))
        if affected is not None and expected is not None:
            return RemoteError(error, f"delete affected only {affected} rows, expected {expected}")
    return state_error(error)


def _structured(error: GrpcError, info: ErrorInfo) -> DaprError | None:
    """What a component wants the client to see (§3.4); None when the detail does not say."""
    status = _number(info.metadata, "http_code")
    if info.metadata.get("kit_error") != "true" or status is None or not 400 <= status <= 599:
        return None
    shown = {"@type": DETAIL_PREFIX + "ErrorInfo", "reason": info.reason, "domain": info.domain}

    def details(_params: Mapping[str, Any], _transport: str) -> list[dict[str, Any]]:
        return [dict(shown)]

    row = ErrorRow(
        http_status=status, grpc_code=int(error.code), message="{text}", tag=info.metadata.get("tag", ""),
        reason=info.reason, details=details, category="pluggable-component",
    )  # fmt: skip
    return DaprError(row, text=error.message)


def _only_detail(error: GrpcError) -> BadRequest | ErrorInfo | None:
    """The detail of a status that has exactly one, of a type that means something here."""
    if error.details is None:
        return None
    try:
        details = Status.FromString(error.details).details
        if len(details) != 1:
            return None
        name = details[0].type_url.rpartition("/")[2]
        if name == "google.rpc.BadRequest":
            return BadRequest.FromString(details[0].value)
        return ErrorInfo.FromString(details[0].value) if name == "google.rpc.ErrorInfo" else None
    except DecodeError:
        return None  # the code and the text still stand


def _number(metadata: Mapping[str, str], key: str) -> int | None:
    text = metadata.get(key, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else None


def _go_name(code: Code) -> str:
    return "Canceled" if code is Code.CANCELLED else code.name.title().replace("_", "")
