"""Rows of state (api.md §2.2 and §2.3).

Failures of a store are flat on HTTP; on gRPC they carry an ErrorInfo whose reason is the error code. What a request got
wrong before a store was asked is rich on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dapr_core.errors import DETAIL_PREFIX, Details, ErrorRow, Transport, error_info, resource_info

_CATEGORY: Final = "state"
_HELP_URL: Final = "https://docs.dapr.io/reference/components-reference/supported-state-stores/"
_HELP_TEXT: Final = "Check the list of state stores and the features they support"


def _grpc_info(reason: str) -> Details:
    """ErrorInfo on gRPC, nothing on HTTP."""

    def build(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        return [error_info(reason, None)] if transport == "grpc" else []

    return build


def _store(tag: str, http_status: int, grpc_code: int, message: str) -> ErrorRow:
    return ErrorRow(
        http_status=http_status,
        grpc_code=grpc_code,
        tag=tag,
        message=message,
        details=_grpc_info(tag),
        category=_CATEGORY,
    )


# -- a store failed or refused

GET = _store("ERR_STATE_GET", 500, 13, "fail to get {key} from state store {name}: {error}")
"""Parameters: ``key``, ``name``, ``error``."""

BULK_GET = ErrorRow(http_status=500, grpc_code=2, tag="ERR_STATE_BULK_GET", message="{error}", category=_CATEGORY)
"""The whole bulk read failed. Parameters: ``error``."""

_SAVE: Final = "failed saving state in state store {name}: {error}"
SAVE = _store("ERR_STATE_SAVE", 500, 13, _SAVE)
"""Parameters: ``name``, ``error``."""
SAVE_ETAG_MISMATCH = _store("ERR_STATE_SAVE", 409, 10, _SAVE)
SAVE_ETAG_INVALID = _store("ERR_STATE_SAVE", 400, 3, _SAVE)

_DELETE: Final = "failed deleting state with key {key}: {error}"
DELETE = _store("ERR_STATE_DELETE", 500, 13, _DELETE)
"""Parameters: ``key``, ``error``."""
DELETE_ETAG_MISMATCH = _store("ERR_STATE_DELETE", 409, 10, _DELETE)
DELETE_ETAG_INVALID = _store("ERR_STATE_DELETE", 400, 3, _DELETE)

_BULK_DELETE: Final = "failed deleting state in state store {name}: {error}"
BULK_DELETE = _store("ERR_STATE_BULK_DELETE", 500, 13, _BULK_DELETE)
"""Parameters: ``name``, ``error``."""
BULK_DELETE_ETAG_MISMATCH = _store("ERR_STATE_BULK_DELETE", 409, 10, _BULK_DELETE)
BULK_DELETE_ETAG_INVALID = _store("ERR_STATE_BULK_DELETE", 400, 3, _BULK_DELETE)

TRANSACTION = _store("ERR_STATE_TRANSACTION", 500, 13, "error while executing state transaction: {error}")
"""Parameters: ``error``."""

# -- a request is wrong

EMPTY_KEY = ErrorRow(
    http_status=400,
    grpc_code=3,
    tag="ERR_MALFORMED_REQUEST",
    message='"key" is a required field',
    grpc_message="state key cannot be empty",
    details=_grpc_info("ERR_STATE_SAVE"),
    category=_CATEGORY,
)

UNKNOWN_OPERATION = _store("ERR_NOT_SUPPORTED_STATE_OPERATION", 400, 12, "operation type {operation} not supported")
"""Parameters: ``operation``."""

_ILLEGAL: Final = "input key/keyPrefix '{key}' can't contain '||'"
_ILLEGAL_HTTP: Final = "api error: code = InvalidArgument desc = " + _ILLEGAL


def _illegal_key(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
    violation = {} if params.get("in_transaction") and transport == "http" else {"field": params["key"]}
    violation["description"] = (_ILLEGAL_HTTP if transport == "http" else _ILLEGAL).format_map(params)
    return [
        {"@type": DETAIL_PREFIX + "BadRequest", "field_violations": [violation]},
        resource_info("state", params["name"]),
        error_info("DAPR_STATE_ILLEGAL_KEY", None),
    ]


ILLEGAL_KEY = ErrorRow(
    http_status=400,
    grpc_code=3,
    tag="ERR_MALFORMED_REQUEST",
    reason="DAPR_STATE_ILLEGAL_KEY",
    message=_ILLEGAL_HTTP,
    grpc_message=_ILLEGAL,
    details=_illegal_key,
    category=_CATEGORY,
)
"""Parameters: ``key``, ``name``, and ``in_transaction`` where the violation names no field over HTTP."""

# -- the store is not there, or cannot do it


def _lookup(reason: str) -> Details:
    """ErrorInfo; on HTTP it tells the app id, except where a query asks (``no_app_id``)."""

    def build(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        tells = transport == "http" and not params.get("no_app_id")
        return [error_info(reason, {"appID": params["app_id"]} if tells else None)]

    return build


NOT_CONFIGURED = ErrorRow(
    http_status=500,
    grpc_code=9,
    tag="ERR_STATE_STORE_NOT_CONFIGURED",
    reason="DAPR_STATE_NOT_CONFIGURED",
    message="state store {name} is not configured",
    details=_lookup("DAPR_STATE_NOT_CONFIGURED"),
    category=_CATEGORY,
)
"""There is no state store at all. Parameters: ``name``, ``app_id``."""

NOT_FOUND = ErrorRow(
    http_status=400,
    grpc_code=3,
    tag="ERR_STATE_STORE_NOT_FOUND",
    reason="DAPR_STATE_NOT_FOUND",
    message="state store {name} is not found",
    details=_lookup("DAPR_STATE_NOT_FOUND"),
    category=_CATEGORY,
)
"""Parameters: ``name``, ``app_id``."""


def _no_transactions(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
    return [
        {"@type": DETAIL_PREFIX + "Help", "links": [{"url": _HELP_URL, "description": _HELP_TEXT}]},
        resource_info("state", params["name"]),
        error_info("DAPR_STATE_TRANSACTIONS_NOT_SUPPORTED", None),
    ]


TRANSACTIONS_NOT_SUPPORTED = ErrorRow(
    http_status=500,
    grpc_code=12,
    tag="ERR_STATE_STORE_NOT_SUPPORTED",
    reason="DAPR_STATE_TRANSACTIONS_NOT_SUPPORTED",
    message="state store {name} doesn't support transactions",
    details=_no_transactions,
    category=_CATEGORY,
)
"""Parameters: ``name``."""


def _too_many(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
    counts = {"currentOpsTransaction": str(params["count"]), "maxOpsPerTransaction": str(params["limit"])}
    return [resource_info("state", params["name"]), error_info("DAPR_STATE_TOO_MANY_TRANSACTIONS", counts)]


TOO_MANY_OPERATIONS = ErrorRow(
    http_status=400,
    grpc_code=3,
    tag="ERR_STATE_STORE_TOO_MANY_TRANSACTIONS",
    reason="DAPR_STATE_TOO_MANY_TRANSACTIONS",
    message="the transaction contains {count} operations, which is more than what the state store supports: {limit}",
    details=_too_many,
    category=_CATEGORY,
)
"""Parameters: ``name``, ``count``, ``limit``."""


def _query(reason: str) -> Details:
    def build(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        return [resource_info("state", params["name"]), error_info(reason, None)]

    return build


QUERY_NOT_SUPPORTED = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_STATE_STORE_NOT_SUPPORTED",
    reason="DAPR_STATE_QUERYING_NOT_SUPPORTED",
    message="state store does not support querying",
    details=_query("DAPR_STATE_QUERYING_NOT_SUPPORTED"),
    category=_CATEGORY,
)
"""Parameters: ``name``."""

QUERY_FAILED = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_STATE_QUERY",
    reason="DAPR_STATE_QUERY_FAILED",
    message="state store {name} query failed: {error}",
    details=_query("DAPR_STATE_QUERY_FAILED"),
    category=_CATEGORY,
)
"""Parameters: ``name``, ``error``."""
