"""Rows of service invocation, and the tables between gRPC codes and HTTP statuses (api.md §2.1, §3.5)."""

from __future__ import annotations

from typing import Final

from dapr_core.errors import ErrorRow

_CATEGORY: Final = "service-invocation"

DIRECT_INVOKE = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_DIRECT_INVOKE",
    message="failed to invoke, id: {id}, err: {error}",
    category=_CATEGORY,
)
"""The call did not reach the application, or no answer came back. Parameters: ``id``, ``error``."""

DIRECT_INVOKE_DENIED = ErrorRow(
    http_status=403,
    grpc_code=7,
    tag="ERR_DIRECT_INVOKE",
    message="failed to invoke, id: {id}, err: {error}",
    category=_CATEGORY,
)
"""The callee's access policy refused. Parameters: ``id``, ``error``."""

NO_APP_ID = ErrorRow(
    http_status=404,
    grpc_code=5,
    tag="ERR_DIRECT_INVOKE",
    message="failed getting app id either from the URL path or the header dapr-app-id",
    category=_CATEGORY,
)

NOT_READY = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_DIRECT_INVOKE",
    message="invoke API is not ready",
    category=_CATEGORY,
)

MALFORMED_RESPONSE = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_MALFORMED_RESPONSE",
    message="failed to serialize the application's status: {error}",
    category=_CATEGORY,
)
"""A gRPC application's status could not be turned into JSON. Parameters: ``error``."""

GRPC_NAMES: Final[tuple[str, ...]] = (
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
)
"""Names of google.rpc.Code by number, as Go's ``codes.Code`` prints them."""

_HTTP_FROM_GRPC: Final[tuple[int, ...]] = (
    200,
    408,
    500,
    400,
    504,
    404,
    409,
    403,
    429,
    400,
    409,
    400,
    501,
    500,
    503,
    500,
    401,
)

_GRPC_FROM_HTTP: Final[dict[int, int]] = {
    400: 13,
    401: 16,
    403: 7,
    404: 5,
    408: 1,
    409: 6,
    429: 8,
    500: 2,
    501: 12,
    503: 14,
    504: 4,
}


def grpc_name(code: int) -> str:
    """The name of a gRPC code; unknown numbers print as ``Code(n)``."""
    return GRPC_NAMES[code] if 0 <= code < len(GRPC_NAMES) else f"Code({code})"


def http_from_grpc(code: int) -> int:
    """The HTTP status for a gRPC code (api.md §3.5, left table)."""
    return _HTTP_FROM_GRPC[code] if 0 <= code < len(_HTTP_FROM_GRPC) else 500


def grpc_from_http(status: int) -> int:
    """The gRPC code for an HTTP status (api.md §3.5, right table)."""
    if 200 <= status < 300:
        return 0
    return _GRPC_FROM_HTTP.get(status, 2)
