"""Rows that more than one block raises: bodies, unimplemented APIs, health, and the catch-all (api.md §2.1)."""

from __future__ import annotations

from dapr_core.errors import ErrorRow

BAD_REQUEST = ErrorRow(http_status=400, grpc_code=3, tag="ERR_BAD_REQUEST", message="invalid request: {error}")
"""Parameters: ``error``."""

BODY_READ = ErrorRow(http_status=400, grpc_code=3, tag="ERR_BODY_READ", message="failed to read request body: {error}")
"""The body broke off or is over the limit. Parameters: ``error``."""

MALFORMED_REQUEST = ErrorRow(
    http_status=400, grpc_code=3, tag="ERR_MALFORMED_REQUEST", message="failed deserializing HTTP body: {error}"
)
"""The body is not what the endpoint takes. Parameters: ``error``."""

MALFORMED_REQUEST_PLAIN = ErrorRow(http_status=400, grpc_code=3, tag="ERR_MALFORMED_REQUEST", message="{error}")
"""The same code where the original gives the decoder's text alone. Parameters: ``error``."""

API_UNIMPLEMENTED = ErrorRow(
    http_status=501, grpc_code=12, tag="ERR_API_UNIMPLEMENTED", message="this API is currently not implemented"
)

APP_CHANNEL_NIL = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_APP_CHANNEL_NIL",
    message="app channel is not initialized. cannot subscribe to configuration updates",
    category="configuration",
)

HEALTH_NOT_READY = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_HEALTH_NOT_READY",
    message="dapr is not ready: {targets}",
    category="health",
)
"""Parameters: ``targets``, the names of what is not ready as ``[a b]``."""

OUTBOUND_HEALTH_NOT_READY = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_OUTBOUND_HEALTH_NOT_READY",
    message="dapr outbound is not ready",
    category="health",
)

HEALTH_APPID_NOT_MATCH = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_HEALTH_APPID_NOT_MATCH",
    message="dapr app-id does not match",
    category="health",
)

INTERNAL = ErrorRow(http_status=500, grpc_code=2, tag="ERROR", message="{error}")
"""What no block foresaw. Parameters: ``error``, a text without a secret."""
