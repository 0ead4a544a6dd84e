"""Rows of secrets (api.md §2.1); flat on both transports."""

from __future__ import annotations

from typing import Final

from dapr_core.errors import ErrorRow

_CATEGORY: Final = "secret"

NOT_CONFIGURED = ErrorRow(
    http_status=500,
    grpc_code=9,
    tag="ERR_SECRET_STORES_NOT_CONFIGURED",
    message="secret store is not configured",
    category=_CATEGORY,
)
"""There is no secret store at all."""

NOT_FOUND = ErrorRow(
    http_status=401,
    grpc_code=3,
    tag="ERR_SECRET_STORE_NOT_FOUND",
    message="failed finding secret store with key {name}",
    category=_CATEGORY,
)
"""Parameters: ``name``."""

PERMISSION_DENIED = ErrorRow(
    http_status=403,
    grpc_code=7,
    tag="ERR_PERMISSION_DENIED",
    message="access denied by policy to get {key} from {name}",
    category=_CATEGORY,
)
"""Parameters: ``key`` and ``name``, both quoted as Go's ``%q`` does."""

GET = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_SECRET_GET",
    message="failed getting secret with key {key} from secret store {name}: {error}",
    category=_CATEGORY,
)
"""Parameters: ``key``, ``name``, ``error``."""

BULK_GET = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_SECRET_GET",
    message="failed getting secrets from secret store {name}: {error}",
    category=_CATEGORY,
)
"""Parameters: ``name``, ``error``."""
